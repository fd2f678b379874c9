"""The end of a term: what it gave, how she goes on by herself, what the programme hears back, and closing.

The manager alone writes all of it. Her coach reads what the term gave; what she tells the programme, neither the coach nor
anybody else reads as hers: `programme` counts it for the training department.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from plugins.handledning.calculations import EndReason
from plugins.handledning.models import CoachingSession, ProgrammeFeedback, State, TermOutcomes
from plugins.handledning.operations.engagements import end
from plugins.handledning.operations.evaluation import STATEMENTS, versions
from plugins.handledning.operations.scope import Access, check_version, rows
from service.contract import Conflict, Invalid, now, session, unit

RATINGS = range(1, 6)


@dataclass(frozen=True)
class OutcomesDraft:
    """What a term gave: herself, her role in the group's process, the operations; and how she goes on without a coach."""

    own: str = ""
    role: str = ""
    operations: str = ""
    self_run: str = ""

    @classmethod
    def of(cls, row: TermOutcomes | None) -> "OutcomesDraft":
        """Returns what is saved; nothing where she has not written yet."""
        return cls(row.own, row.role, row.operations, row.self_run) if row else cls()


class NotFinished(Invalid):
    """The term cannot be closed yet; `missing` names what is lacking. Everything saved stays saved."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(**dict.fromkeys(missing, "missing"))
        self.missing = missing


def outcomes(access: Access) -> TermOutcomes | None:
    """Returns what the term gave, where she has written of it."""
    row = next(iter(rows(access, TermOutcomes)), None)
    if row is not None:
        unit().vault.fetch({row.manager_id})
    return row


def write_outcomes(access: Access, seen: int, draft: OutcomesDraft) -> TermOutcomes:
    """Keeps what the term gave; she alone may. The same again changes nothing. Raises Conflict on a lost race."""
    access.only_manager("write_outcomes")
    access.open()
    row = outcomes(access)
    if row is not None and OutcomesDraft.of(row) == draft:
        return row
    check_version(row.version if row else 0, seen)
    if row is None:
        row = TermOutcomes(
            engagement_id=access.engagement.id, manager_id=access.manager_id, version=0, changed_at=now()
        )  # fmt: skip
        session().add(row)
    row.own, row.role, row.operations, row.self_run = astuple(draft)
    row.changed_at, row.version = now(), row.version + 1
    session().flush()
    return row


def feedback(access: Access) -> ProgrammeFeedback | None:
    """Returns what she told the programme. Her coach never reads it."""
    access.only_manager("read_feedback")
    return next(iter(rows(access, ProgrammeFeedback)), None)


def give_feedback(access: Access, answers: Sequence[int], text: str, version: int = 0) -> ProgrammeFeedback:
    """Keeps what she tells the programme, once: what could be changed could be told from what was there before.

    `version` is that of the statements she answered. The same again changes nothing. Raises Invalid for anything but five
    ratings of statements that there are, and Conflict when she has told already.
    """
    access.only_manager("give_feedback")
    access.open()
    if len(answers) != len(STATEMENTS) or any(one not in RATINGS for one in answers):
        raise Invalid(answers="unknown")
    if version not in {one.version for one in versions(access.engagement.cohort_id)}:
        raise Invalid(version="unknown")
    digits = "".join(map(str, answers))
    there = feedback(access)
    if there is not None:
        if (there.answers, there.text) == (digits, text):
            return there
        raise Conflict("given")
    row = ProgrammeFeedback(
        engagement_id=access.engagement.id, manager_id=access.manager_id, evaluation=version, given_at=now()
    )  # fmt: skip
    session().add(row)
    row.answers, row.text = digits, text
    session().flush()
    return row


def missing_to_finish(access: Access) -> Sequence[str]:
    """Returns what a term lacks before it is closed: its three outcomes, and sessions that were held and not closed."""
    draft = OutcomesDraft.of(outcomes(access))
    lacks = [name for name in ("own", "role", "operations") if not getattr(draft, name)]
    return [*lacks, *(["sessions"] if rows(access, CoachingSession, CoachingSession.state == State.HELD) else [])]


def finish(access: Access) -> None:
    """Closes the term: the engagement ends as finished; she alone may. Raises NotFinished with what is lacking."""
    access.only_manager("finish")
    access.open()
    lacks = missing_to_finish(access)
    if lacks:
        raise NotFinished(lacks)
    end(access, EndReason.FINISHED)
