"""What managers are asked of the programme at the end of a term: the product's five statements, or a course's own.

A change is a new version. Answers stay with the words they were given to, and each version is counted by itself.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.handledning.models import Evaluation
from plugins.handledning.operations.bank import LANGUAGES
from plugins.handledning.operations.scope import Party, check_version
from service.contract import Cohort, Denial, Forbidden, Invalid, Role, audit, now, session

# The statements by their keys, in the order of the kept digits.
STATEMENTS = ("helped", "changed", "frame", "free", "again")

# A statement's words by language; one that is empty is shown in another.
Words = Mapping[str, str]


@dataclass(frozen=True)
class Statements:
    """One version of the statements, in their order. Version 0 is the product's own, whose words are the page's."""

    version: int
    words: Sequence[Words] = ()


PRODUCT = Statements(0)


def versions(cohort_id: uuid.UUID) -> Sequence[Statements]:
    """Returns every version that there has been in a cohort, the newest first; the product's own is the last."""
    query = sa.select(Evaluation).where(Evaluation.cohort_id == cohort_id).order_by(Evaluation.version.desc())
    return [*(Statements(row.version, row.questions) for row in session().scalars(query)), PRODUCT]


def asked(cohort_id: uuid.UUID) -> Statements:
    """Returns what is asked now."""
    return versions(cohort_id)[0]


def write_statements(party: Party, seen: int, words: Sequence[Words]) -> None:
    """Keeps the statements as typed, as a new version. The training department alone may. The same again changes nothing.

    Raises Invalid for anything but five statements with words in a language each, by the statement's key, and Conflict when
    somebody saved after `seen`.
    """
    if party.role is not Role.TRAINING:
        denial = Denial("handledning.write_statements", "training_only", "cohort", str(party.cohort.id))
        raise Forbidden("training_only", denial=denial)
    # Two who change them at once wait for each other here.
    session().execute(sa.select(Cohort.id).where(Cohort.id == party.cohort.id).with_for_update())
    there = asked(party.cohort.id)
    new = [{language: one.get(language, "") for language in LANGUAGES} for one in words]
    if list(there.words) == new:
        return
    check_version(there.version, seen)
    empty = [key for key, one in zip(STATEMENTS, new, strict=True) if not any(one.values())]
    if empty:
        raise Invalid(**dict.fromkeys(empty, "empty"))
    row = Evaluation(cohort_id=party.cohort.id, version=there.version + 1, questions=new, written_at=now())
    session().add(row)
    session().flush()
    audit(party.actor, "handledning.write_statements", object_type="evaluation", object_ref=str(row.id))
