"""A person's own copy of what is kept about her here, and what her erasure takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from plugins.group_maturity import operations
from plugins.group_maturity.models import InstrumentVersion, Measurement, SelfRating, Share
from plugins.group_maturity.operations import person as about
from service.contract import Erased, LeftOut, Person, PersonalData, lazy

RATINGS = lazy("Ratings of the own group")
MEASUREMENTS = lazy("Measurements of the own group")
SHARES = lazy("Reports of a group, shared with a coach")
UPLOADS = lazy("Instruments uploaded")
ANSWERS = lazy("Answers about a group")
NOT_FOUND = lazy(
    "Answers to somebody's measurement of a group are kept without name, address or time. Nobody can find whose they are, "
    "so they are neither shown nor erased here."
)
STAYS = lazy(
    "What was shown of whole groups stays, without your name and words: it is part of means that others have seen."
)


def personal_data(person: Person) -> Sequence[PersonalData]:
    """Returns every rating, measurement, share and upload of a person. What cannot be found, `left_out` says."""
    shares = [_share(person, *pair) for pair in about.shares_about(person)]
    written = about.words_about(person)
    measured = [_measurement(one, written.get(one.id, ())) for one in about.measurements_of(person)]
    return (
        PersonalData("group_maturity_self_rating", everything(person), RATINGS),
        PersonalData("group_maturity_measurement", measured, MEASUREMENTS),
        PersonalData("group_maturity_share", shares, SHARES),
        PersonalData("group_maturity_instrument", [_upload(person, row) for row in about.uploads_of(person)], UPLOADS),
        PersonalData("group_maturity_inbox", [], ANSWERS),
    )


def left_out() -> Sequence[LeftOut]:
    """Says what nobody can find."""
    return (LeftOut(ANSWERS, NOT_FOUND),)


def erase(person: Person) -> Sequence[Erased]:
    """Erases what is a person's, and says what stays and why."""
    shares, ratings = about.erase_shares(person), operations.erase_all(person)
    gone, kept = about.erase_measurements(person)
    uploads = about.erase_uploads(person)
    return (
        Erased("group_maturity_self_rating", ratings, title=RATINGS),
        Erased("group_maturity_measurement", gone, STAYS if kept else "", MEASUREMENTS),
        Erased("group_maturity_share", shares, title=SHARES),
        Erased("group_maturity_instrument", uploads, title=UPLOADS),
        Erased("group_maturity_inbox", 0, NOT_FOUND, ANSWERS),
    )


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


def _measurement(one: Measurement, written: Sequence[str]) -> Mapping[str, Any]:
    return {
        "id": str(one.id),
        "cohort_id": str(one.cohort_id),
        "group": one.label,
        "instrument": f"{one.instrument_key} {one.instrument_version}",
        "state": one.state.value,
        "wave": one.wave,
        "size": one.size,
        "created_at": one.created_at.isoformat(),
        "opened_at": one.opened_at.isoformat() if one.opened_at else None,
        "opens_on": one.opens_on.isoformat(),
        "closes_on": one.closes_on.isoformat(),
        "closed_on": one.closed_on.isoformat() if one.closed_on else None,
        "what_the_group_wrote": list(written),
    }


def _share(person: Person, share: Share, measurement: Measurement) -> Mapping[str, Any]:
    return {
        "measurement_id": str(measurement.id),
        "as": "manager" if measurement.manager_id == person.id else "coach",
        "with_own_picture": share.with_own,
        "shared_at": share.shared_at.isoformat(),
        "ended_at": share.ended_at.isoformat() if share.ended_at else None,
    }


def _upload(person: Person, row: InstrumentVersion) -> Mapping[str, Any]:
    return {
        "instrument": f"{row.key} {row.version}",
        "uploaded_at": row.uploaded_at.isoformat() if row.uploaded_by == person.id else None,
        "declared_at": row.declared_at.isoformat() if row.declared_at and row.declared_by == person.id else None,
        "permission": row.licence_ref if row.declared_by == person.id else "",
    }
