"""Planning, holding and closing a coaching session."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from plugins.handledning.calculations import Earlier, Missing, New, SessionFacts, what_is_missing
from plugins.handledning.models import CoachingSession, Decision, Homework, HomeworkKind, Outcome, State
from plugins.handledning.operations.scope import Party, reach
from plugins.handledning.operations.sheet import Sheet, sheet
from service.contract import Invalid, audit, now, progress_changed, session

# A day and night: more than that is a slip of the pen.
MINUTES_MAX = 1440


class NotYet(Invalid):
    """The session cannot be closed yet; `missing` says what for. Everything saved stays saved."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(**{item.kind.value: "" for item in missing})
        self.missing = missing


@dataclass(frozen=True)
class Meeting:
    """When a session is, how long it is planned for, and how the minutes were spent (None: not noted yet)."""

    start: datetime
    minutes: int
    process: int | None = None
    result: int | None = None


@dataclass(frozen=True)
class OutcomeDraft:
    """What became of one earlier homework. `state` is open as long as she has not chosen."""

    homework_id: uuid.UUID
    state: Outcome
    note: str = ""


@dataclass(frozen=True)
class HomeworkDraft:
    """One new homework as typed. `id` is kept from the first time its row was shown, so that saving twice makes one."""

    id: uuid.UUID
    text: str
    criterion: str = ""
    due_on: date | None = None
    comfort: int | None = None

    @property
    def empty(self) -> bool:
        """True when nothing was written."""
        return not (self.text or self.criterion or self.due_on or self.comfort)


@dataclass(frozen=True)
class Draft:
    """Everything on a session's page, as the manager typed it."""

    meeting: Meeting
    final: bool = False
    decision: str = ""
    expected: str = ""
    outcomes: Sequence[OutcomeDraft] = ()
    homework: Sequence[HomeworkDraft] = ()


def plan_session(party: Party, engagement_id: uuid.UUID, meeting: Meeting) -> CoachingSession:
    """Books the next session of an engagement; either of the two may. Numbers are consecutive.

    The first may be booked before there is a contract: that is often what it is about. Closing it waits for one.
    """
    its = reach(party, engagement_id, lock=True).going_on().engagement
    last = session().scalar(
        sa.select(sa.func.max(CoachingSession.number)).where(CoachingSession.engagement_id == its.id)
    )
    planned = CoachingSession(
        engagement_id=its.id,
        number=(last or 0) + 1,
        planned_start=meeting.start,
        planned_minutes=meeting.minutes,
        state=State.PLANNED,
        final=False,
        version=1,
    )
    session().add(planned)
    session().flush()
    return planned


def save_frame(party: Party, session_id: uuid.UUID, version: int, meeting: Meeting) -> Sheet:
    """Saves when it is and how the minutes were spent; either of the two may. Raises Conflict on a lost race."""
    found = sheet(party, session_id, lock=True)
    found.changeable(version)
    _set_frame(found, meeting)
    _grow(found)
    return found


def save_session(party: Party, session_id: uuid.UUID, version: int, draft: Draft) -> Sheet:
    """Saves the manager's page of a session and returns it as it now is. Raises Conflict on a lost race."""
    found = sheet(party, session_id, lock=True)
    found.only_manager("save_session")
    found.changeable(version)
    found.session.final = draft.final
    _set_frame(found, draft.meeting)
    for outcome in draft.outcomes:
        set_homework_outcome(found, outcome)
    write_decision(found, draft.decision, draft.expected)
    set_homework(found, draft.homework)
    _grow(found)
    return sheet(party, session_id)


def _set_frame(found: Sheet, meeting: Meeting) -> None:
    row = found.session
    row.planned_start, row.planned_minutes = meeting.start, meeting.minutes
    row.process_minutes, row.result_minutes = meeting.process, meeting.result
    before = State.PREPARED if row.prepared_at else State.PLANNED
    row.state = State.HELD if row.minutes else before


def _grow(found: Sheet) -> None:
    found.session.version += 1
    session().flush()


def set_homework_outcome(found: Sheet, outcome: OutcomeDraft) -> None:
    """Notes what became of earlier homework. The manager alone may; a coach asks about it but never marks it."""
    found.only_manager("set_outcome")
    homework = found.earlier(outcome.homework_id)
    homework.state, homework.outcome_note = outcome.state, outcome.note
    homework.closed_in_session_id = None if outcome.state is Outcome.OPEN else found.session.id
    session().flush()


def write_decision(found: Sheet, text: str, expected: str) -> None:
    """Writes the manager's decision and what she expects of it. She alone may."""
    found.only_manager("write_decision")
    row = found.decision
    if row is None:
        if not (text or expected):
            return
        row = Decision(
            session_id=found.session.id,
            engagement_id=found.engagement.id,
            manager_id=found.access.manager_id,
            shared=True,
            decided_at=now(),
            version=1,
        )
        session().add(row)
    row.text, row.expected = text, expected
    session().flush()


def set_homework(found: Sheet, drafts: Sequence[HomeworkDraft]) -> None:
    """Saves the session's new homework as typed; a row that was emptied is taken away, one not shown is left alone."""
    found.only_manager("set_homework")
    there = {row.id: row for row in found.new}
    for place, draft in enumerate(drafts):
        row = there.get(draft.id)
        if draft.empty:
            if row is not None:
                session().delete(row)
            continue
        row = row or add_homework(found, draft.id)
        row.position, row.due_on, row.comfort = place, draft.due_on, draft.comfort
        row.text, row.criterion = draft.text, draft.criterion
    session().flush()


def add_homework(found: Sheet, homework_id: uuid.UUID) -> Homework:
    """Adds an empty homework to the session; the manager alone may."""
    found.only_manager("set_homework")
    row = Homework(
        id=homework_id,
        session_id=found.session.id,
        engagement_id=found.engagement.id,
        manager_id=found.access.manager_id,
        position=0,
        kind=HomeworkKind.TASK,
        state=Outcome.OPEN,
    )
    session().add(row)
    return row


def facts(found: Sheet) -> SessionFacts:
    """Returns what the closing rule needs to know of a session as it is saved."""
    return SessionFacts(
        final=found.session.final,
        minutes=found.session.minutes,
        agreed=found.access.agreed,
        earlier=[Earlier(item.id, item.state is not Outcome.OPEN) for item in found.follow_up],
        new=[
            New(item.id, bool(item.text_sealed), item.due_on is not None, bool(item.criterion_sealed))
            for item in found.new
        ],
    )


def close_session(party: Party, session_id: uuid.UUID) -> Sheet:
    """Closes a session for good; the manager alone may. Raises NotYet with everything the rule still misses."""
    found = sheet(party, session_id, lock=True)
    found.only_manager("close_session")
    found.changeable()
    missing = what_is_missing(facts(found))
    if missing:
        raise NotYet(missing)
    found.session.state, found.session.closed_at = State.CLOSED, now()
    _grow(found)
    progress_changed(party.cohort, "handledning")
    audit(party.actor, "handledning.close_session", object_type="coaching_session", object_ref=str(session_id))
    return found
