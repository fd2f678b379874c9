"""Preparing a session: homework first, then what it is about, the coach's questions, and what both want to take up."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from plugins.handledning.models import AgendaItem, Answer, Driver, SessionText, State
from plugins.handledning.operations.bank import bank
from plugins.handledning.operations.goal_sheets import GoalSheet, goals_of
from plugins.handledning.operations.scales import rate
from plugins.handledning.operations.scope import Party, check_version, rows
from plugins.handledning.operations.sessions import OutcomeDraft, set_homework_outcome
from plugins.handledning.operations.sheet import Sheet, sheet, text_of
from service.contract import Forbidden, Invalid, NotFound, now, session, unit

# More questions than this are not prepared for, they are filled in.
QUESTIONS_MAX = 6


@dataclass(frozen=True)
class Preparation:
    """A session with what is prepared for it."""

    sheet: Sheet
    text: SessionText | None
    answers: Sequence[Answer]
    agenda: Sequence[AgendaItem]

    @property
    def version(self) -> int:
        """The version of what the manager has prepared; 0 before she has."""
        return self.text.version if self.text else 0


@dataclass(frozen=True)
class Rated:
    """Where she says she is with a goal, on the levels that she saw."""

    goal_id: uuid.UUID
    scale_id: uuid.UUID
    level: int


@dataclass(frozen=True)
class PreparationDraft:
    """What the manager prepared, as typed. `answers` are by the answer's id."""

    topic: str = ""
    quick_win: str = ""
    answers: Mapping[uuid.UUID, str] = field(default_factory=dict)
    outcomes: Sequence[OutcomeDraft] = ()
    ratings: Sequence[Rated] = ()


def preparation(party: Party, session_id: uuid.UUID, *, lock: bool = False) -> Preparation:
    """Returns what is prepared for one of the party's sessions. Raises NotFound for any other."""
    found = sheet(party, session_id, lock=lock)
    text = next(iter(rows(found.access, SessionText, SessionText.session_id == session_id)), None)
    answers = rows(found.access, Answer, Answer.session_id == session_id, order_by=(Answer.position, Answer.id))
    agenda = rows(
        found.access, AgendaItem, AgendaItem.session_id == session_id, order_by=(AgendaItem.position, AgendaItem.id)
    )
    if text or answers or agenda:
        unit().vault.fetch({found.access.manager_id})
    return Preparation(found, text, answers, agenda)


def save_preparation(party: Party, session_id: uuid.UUID, seen: int, draft: PreparationDraft) -> Preparation:
    """Keeps what the manager prepared; she alone may. The session counts as prepared from then on.

    The same again changes nothing. Raises Conflict when she saved after `seen` in another window: her coach's changes of
    time and agenda are no conflict with it.
    """
    found = preparation(party, session_id, lock=True)
    found.sheet.only_manager("prepare")
    found.sheet.changeable()
    if not _differs(found, draft):
        _rate(found.sheet, draft.ratings)
        return found
    check_version(found.version, seen)
    for outcome in draft.outcomes:
        set_homework_outcome(found.sheet, outcome)
    text = text_of(found.sheet)
    text.topic, text.quick_win = draft.topic, draft.quick_win
    text.version += 1
    for answer in found.answers:
        answer.text = draft.answers.get(answer.id, answer.text)
    row = found.sheet.session
    row.prepared_at = row.prepared_at or now()
    if row.state is State.PLANNED:
        row.state = State.PREPARED
    row.version += 1
    session().flush()
    _rate(found.sheet, draft.ratings)
    return preparation(party, session_id)


def _differs(found: Preparation, draft: PreparationDraft) -> bool:
    if found.text is None or found.sheet.session.prepared_at is None:
        return True
    homework = {item.id: item for item in found.sheet.follow_up}
    answers = {answer.id: answer.text for answer in found.answers}
    return (
        (found.text.topic, found.text.quick_win) != (draft.topic, draft.quick_win)
        or any(answers.get(key) != text for key, text in draft.answers.items())
        or any(
            one.homework_id not in homework
            or (homework[one.homework_id].state, homework[one.homework_id].outcome_note) != (one.state, one.note)
            for one in draft.outcomes
        )
    )


def _rate(found: Sheet, ratings: Sequence[Rated]) -> None:
    if not ratings:
        return
    sheets: Mapping[uuid.UUID, GoalSheet] = {one.goal.id: one for one in goals_of(found.access)}
    for one in ratings:
        if one.goal_id not in sheets:
            raise NotFound("goal")
        # A goal that stays where it was said to be is not rated again.
        if sheets[one.goal_id].level != one.level:
            rate(sheets[one.goal_id], one.scale_id, one.level, session_id=found.session.id)


def pick_questions(party: Party, session_id: uuid.UUID, keys: Collection[str]) -> None:
    """Lets the session have these questions of the bank, as they are worded now. The coach alone picks.

    What is not picked any more goes, unless the manager has answered it. Raises Invalid for too many and for unknown ones.
    """
    found = preparation(party, session_id, lock=True)
    found.sheet.access.only_coach("pick_questions", "coaching_session", session_id)
    found.sheet.changeable()
    there = {answer.question_key: answer for answer in found.answers}
    offered = {one.key: one for one in bank(party.cohort) if not one.draft.retired}
    wanted = [key for key in dict.fromkeys(keys) if key in offered or key in there]
    if len(wanted) != len(set(keys)):
        raise Invalid(questions="unknown")
    if len(wanted) > QUESTIONS_MAX:
        raise Invalid(questions="too_many")
    for key, answer in there.items():
        if key not in wanted and not answer.text_sealed:
            session().delete(answer)
    place = max([answer.position for answer in found.answers], default=-1)
    for number, key in enumerate((key for key in wanted if key not in there), 1):
        session().add(
            Answer(
                session_id=session_id,
                engagement_id=found.sheet.engagement.id,
                manager_id=found.sheet.access.manager_id,
                question_key=key,
                position=place + number,
                **offered[key].words,
            )
        )
    session().flush()


def add_to_agenda(party: Party, session_id: uuid.UUID, item_id: uuid.UUID, text: str, driver: Driver) -> None:
    """Adds something to take up, and who drives it; either of the two may. The same id again changes nothing."""
    found = preparation(party, session_id, lock=True)
    found.sheet.changeable()
    if any(item.id == item_id for item in found.agenda):
        return
    if not text:
        raise Invalid(text="empty")
    session().add(
        AgendaItem(
            id=item_id,
            session_id=session_id,
            engagement_id=found.sheet.engagement.id,
            manager_id=found.sheet.access.manager_id,
            author_id=party.person_id,
            position=max([item.position for item in found.agenda], default=-1) + 1,
            driver=driver,
            text=text,
        )
    )
    session().flush()


def remove_from_agenda(party: Party, session_id: uuid.UUID, item_id: uuid.UUID) -> None:
    """Takes an item off the agenda again. Raises Forbidden for one that the other put there."""
    found = preparation(party, session_id, lock=True)
    found.sheet.changeable()
    item = next((item for item in found.agenda if item.id == item_id), None)
    if item is None:
        raise NotFound("agenda_item")
    if item.author_id != party.person_id:
        denial = found.sheet.access.denial("remove_agenda_item", "author_only", "agenda_item", item_id)
        raise Forbidden("author_only", denial=denial)
    session().delete(item)
    session().flush()
