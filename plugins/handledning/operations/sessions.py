"""A coaching session's page: when it is, outcomes, the decision, new homework."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from plugins.handledning.models import (
    CoachingSession,
    Decision,
    Focus,
    Homework,
    HomeworkKind,
    Mode,
    Outcome,
    SessionPart,
    State,
)
from plugins.handledning.operations.scope import Party
from plugins.handledning.operations.sheet import Sheet, sheet, text_of
from service.contract import now, session

# A day and night: more than that is a slip of the pen.
MINUTES_MAX = 1440


@dataclass(frozen=True)
class Meeting:
    """When a session is, how long it is planned for, and how the minutes were spent (None: not noted yet).

    Where its parts are noted, what they come to counts and not what is said here.
    """

    start: datetime
    minutes: int
    process: int | None = None
    result: int | None = None
    mode: Mode | None = None
    focus: Focus | None = None


@dataclass(frozen=True)
class OutcomeDraft:
    """What became of one earlier homework. `state` is open as long as she has not chosen."""

    homework_id: uuid.UUID
    state: Outcome
    note: str = ""


@dataclass(frozen=True)
class HomeworkDraft:
    """One new homework as typed. `id` is kept from the first time its row was shown, so that saving twice makes one.

    Repetitions, and the wish to make a habit of it, are for what is practised.
    """

    id: uuid.UUID
    text: str
    criterion: str = ""
    due_on: date | None = None
    comfort: int | None = None
    kind: HomeworkKind = HomeworkKind.TASK
    repetitions: int | None = None
    habit_wanted: bool = False

    @property
    def empty(self) -> bool:
        """True when nothing was written."""
        return not (self.text or self.criterion or self.due_on or self.comfort)


@dataclass(frozen=True)
class Draft:
    """Everything on a session's page, as the manager typed it. `keeps_decision`: it is not for her coach to read."""

    meeting: Meeting
    final: bool = False
    decision: str = ""
    expected: str = ""
    keeps_decision: bool = False
    outcomes: Sequence[OutcomeDraft] = ()
    homework: Sequence[HomeworkDraft] = ()


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
    before = _outcomes(found)
    for outcome in draft.outcomes:
        set_homework_outcome(found, outcome)
    if _outcomes(found) != before:
        # Outcomes are on the page for preparing too: one that was opened before is told.
        text_of(found).version += 1
    write_decision(found, draft.decision, draft.expected, shared=not draft.keeps_decision)
    set_homework(found, draft.homework)
    _grow(found)
    return sheet(party, session_id)


def _outcomes(found: Sheet) -> list[tuple[Outcome, str]]:
    return [(item.state, item.outcome_note) for item in found.follow_up]


def _set_frame(found: Sheet, meeting: Meeting) -> None:
    row = found.session
    if (row.planned_start, row.planned_minutes) != (meeting.start, meeting.minutes):
        row.sequence += 1
    row.planned_start, row.planned_minutes = meeting.start, meeting.minutes
    row.mode, row.focus = meeting.mode, meeting.focus
    if parts_noted(found):
        return
    row.process_minutes, row.result_minutes = meeting.process, meeting.result
    row.state = State.HELD if row.minutes else before_held(row)


def parts_noted(found: Sheet) -> bool:
    """Tells whether a session's minutes come from its parts."""
    noted = sa.select(SessionPart.id).where(SessionPart.session_id == found.session.id, SessionPart.minutes > 0)
    return session().scalar(noted.limit(1)) is not None


def before_held(row: CoachingSession) -> State:
    """Returns the state of a session that no minutes are noted for."""
    return State.PREPARED if row.prepared_at else State.PLANNED


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


def write_decision(found: Sheet, text: str, expected: str, *, shared: bool = True) -> None:
    """Writes the manager's decision and what she expects of it. She alone may, and keeps it to herself if she likes."""
    found.only_manager("write_decision")
    row = found.decision
    if row is None:
        if not (text or expected):
            return
        row = Decision(
            session_id=found.session.id,
            engagement_id=found.engagement.id,
            manager_id=found.access.manager_id,
            shared=shared,
            decided_at=now(),
            version=0,
        )
        session().add(row)
    elif (row.text, row.expected, row.shared) == (text, expected, shared):
        return
    row.shared, row.version = shared, row.version + 1
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
        practice = draft.kind is HomeworkKind.PRACTICE
        row.kind, row.repetitions = draft.kind, draft.repetitions if practice else None
        row.habit_wanted = practice and draft.habit_wanted
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
