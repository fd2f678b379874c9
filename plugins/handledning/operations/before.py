"""Before the contract: readiness, the ego at the door, the value of it all, and how open to be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from plugins.handledning.calculations import ask_again, readiness
from plugins.handledning.models import EgoCheck, Engagement, Moment, Openness, ReadinessCheck, ValueCheck
from plugins.handledning.operations.reading import visible
from plugins.handledning.operations.scope import Access, check_version, rows
from plugins.handledning.operations.steps import settle
from service.contract import Invalid, local_date, now, session, unit

# The three jobs of the ego, as a person may tick them.
EGO_JOBS = ("stay", "version", "identity")
VALUE_STATEMENTS = 4
_ANSWERS = range(1, 6)


def zone_of(its: Engagement, fallback: str) -> str:
    """Returns the manager's time zone, by which her days are counted."""
    return (its.manager.zone if its.manager else "") or fallback


def answer_readiness(access: Access, answers: Sequence[int]) -> ReadinessCheck:
    """Keeps the manager's answers to the three statements. She may answer again whenever she wants.

    Raises ValueError unless there are exactly three answers from 1 to 5.
    """
    access.only_manager("answer_readiness")
    access.open()
    outcome = readiness(answers)
    today = local_date(now(), zone_of(access.engagement, access.party.cohort.zone))
    check = ReadinessCheck(
        engagement_id=access.engagement.id,
        manager_id=access.manager_id,
        answered_at=now(),
        outcome=outcome,
        ask_again_on=ask_again(outcome, today),
        answers="".join(map(str, answers)),
    )
    session().add(check)
    session().flush()
    settle(access)
    return check


def readiness_checks(access: Access) -> Sequence[ReadinessCheck]:
    """Returns what she answered, newest first; both read it."""
    return rows(access, ReadinessCheck, order_by=(ReadinessCheck.answered_at.desc(), ReadinessCheck.id))


def write_ego_check(access: Access, jobs: Collection[str], text: str) -> EgoCheck:
    """Keeps what one of the two notices of her own ego, for herself. Raises Invalid for nothing and for unknown jobs."""
    access.open()
    if not jobs and not text:
        raise Invalid(text="empty")
    if not set(jobs) <= set(EGO_JOBS):
        raise Invalid(jobs="unknown")
    check = EgoCheck(
        engagement_id=access.engagement.id,
        person_id=access.party.person_id,
        written_at=now(),
        jobs=" ".join(job for job in EGO_JOBS if job in jobs),
        text=text,
    )
    session().add(check)
    session().flush()
    return check


def ego_checks(access: Access) -> Sequence[EgoCheck]:
    """Returns one's own, newest first."""
    return rows(access, EgoCheck, visible(access, EgoCheck), order_by=(EgoCheck.written_at.desc(), EgoCheck.id))


def answer_value(access: Access, moment: Moment, answers: Sequence[int], text: str = "") -> ValueCheck:
    """Keeps the manager's answers to the four statements of value, for herself; a later answer takes the place.

    Raises ValueError unless there are exactly four answers from 1 to 5.
    """
    access.only_manager("answer_value")
    access.open()
    if len(answers) != VALUE_STATEMENTS or any(answer not in _ANSWERS for answer in answers):
        raise ValueError("value is four answers from 1 to 5")
    check = next((one for one in value_checks(access) if one.moment is moment), None)
    if check is None:
        check = ValueCheck(
            engagement_id=access.engagement.id, person_id=access.party.person_id, moment=moment, answered_at=now()
        )
        session().add(check)
    check.answered_at, check.answers, check.text = now(), "".join(map(str, answers)), text
    session().flush()
    return check


def value_checks(access: Access) -> Sequence[ValueCheck]:
    """Returns her own."""
    return rows(access, ValueCheck, visible(access, ValueCheck), order_by=ValueCheck.answered_at)


@dataclass(frozen=True)
class OpennessDraft:
    """How open the manager wants the talks to be: how much challenge (1 to 5), what is in bounds and what is out."""

    challenge: int | None = None
    inside: str = ""
    outside: str = ""


def openness(access: Access) -> Sequence[Openness]:
    """Returns every version, newest first; both read them."""
    found = rows(access, Openness, order_by=Openness.version.desc())
    unit().vault.fetch({one.manager_id for one in found})
    return found


def write_openness(access: Access, seen: int, draft: OpennessDraft) -> Openness:
    """Keeps how open she wants the talks to be as the next version. The manager alone may, at any time.

    The same again makes no version. Raises Conflict when there is a newer one than `seen` (0: none).
    """
    access.only_manager("write_openness")
    access.open()
    if draft.challenge is not None and draft.challenge not in _ANSWERS:
        raise ValueError("challenge is from 1 to 5")
    newest = next(iter(openness(access)), None)
    if newest is not None and OpennessDraft(newest.challenge, newest.inside, newest.outside) == draft:
        return newest
    check_version(newest.version if newest else 0, seen)
    written = Openness(
        engagement_id=access.engagement.id,
        manager_id=access.manager_id,
        version=seen + 1,
        challenge=draft.challenge,
        written_at=now(),
        inside=draft.inside,
        outside=draft.outside,
    )
    session().add(written)
    session().flush()
    return written
