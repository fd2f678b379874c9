"""A person's own copy of what is kept about her here."""

from collections.abc import Mapping, Sequence
from typing import Any

from plugins.group_maturity import operations
from plugins.group_maturity.models import SelfRating
from service.contract import Person, lazy

TITLE = lazy("Ratings of the own group")


def everything(person: Person) -> Sequence[Mapping[str, Any]]:
    """Returns all ratings of a person with each statement beside her answer."""
    return [_row(rating) for rating in operations.everything_of(person)]


def _row(rating: SelfRating) -> Mapping[str, Any]:
    instrument = operations.instrument_of(rating)
    answers = operations.answers_of(rating)
    return {
        "id": str(rating.id),
        "cohort_id": str(rating.cohort_id),
        "instrument": f"{rating.instrument_key} {rating.instrument_version}",
        "instrument_sha256": rating.instrument_sha256,
        "status": rating.status.value,
        "started_at": rating.started_at.isoformat(),
        "submitted_at": rating.submitted_at.isoformat() if rating.submitted_at else None,
        "answers": {
            name: {"statement": instrument.items[name].text[instrument.source_language], "answer": answer}
            for name, answer in answers.items()
        },
        "contribution": rating.contribution,
    }
