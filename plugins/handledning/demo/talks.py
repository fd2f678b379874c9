"""A made-up session from its preparing to what is said afterwards, and what happens in between."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from plugins.handledning import operations
from plugins.handledning.demo.words import CALLS, COACH_NOTES, LESSONS, OWN_NOTES, SHARED_NOTES, TALKS, TOPICS
from plugins.handledning.models import Channel, Driver, Focus, Mode, Outcome, Side, SuggestionKind
from plugins.handledning.operations import Draft, HomeworkDraft, Meeting, OutcomeDraft, Party, suggestions
from plugins.handledning.operations.after import give_feedback, give_pulse
from plugins.handledning.operations.decisions import decisions, drafted_decision, keep_decision
from plugins.handledning.operations.elsewhere import ContactDraft, note_contact
from plugins.handledning.operations.holding import drafted_parts, save_parts
from plugins.handledning.operations.notes import NoteDraft, write_note
from plugins.handledning.operations.preparing import (
    PreparationDraft,
    add_to_agenda,
    pick_questions,
    preparation,
    save_preparation,
)


@dataclass(frozen=True)
class Two:
    """The two of one made-up engagement."""

    manager: Party
    coach: Party
    engagement_id: uuid.UUID


def talk(two: Two, start: datetime, due: date, which: int, *, busy: bool) -> uuid.UUID:
    """Lets the two prepare, hold and close a session. `busy` managers write more than the least."""
    planned = operations.plan_session(
        two.manager, two.engagement_id, Meeting(start, 150, mode=Mode.IN_PERSON, focus=Focus.BOTH)
    )
    if busy:
        _prepare(two, planned.id, which)
        _hold(two, planned.id, which)
    _save(two, planned.id, start, due, which)
    operations.close_session(two.manager, planned.id)
    for who, value in ((two.manager, 4), (two.coach, 4 + which % 2)):
        give_pulse(who, planned.id, value)
    if busy:
        give_feedback(two.manager, planned.id, (4, 5, 3 + which % 3), "Mer tystnad mellan frågorna, tack.")
    return planned.id


def _prepare(two: Two, session_id: uuid.UUID, which: int) -> None:
    topic, answer = TOPICS[which % len(TOPICS)]
    pick_questions(two.coach, session_id, ["goal-2", "responsibility-1"])
    found = preparation(two.manager, session_id)
    draft = PreparationDraft(
        topic=topic,
        quick_win="Ett morgonmöte utan schemafrågor." if found.sheet.session.number == 1 else "",
        answers={found.answers[0].id: answer},
        outcomes=_outcomes(found.sheet, which),
    )
    save_preparation(two.manager, session_id, found.version, draft)
    add_to_agenda(two.manager, session_id, uuid.uuid4(), "Omorganisationen, om vi hinner", Driver.MANAGER)
    add_to_agenda(two.coach, session_id, uuid.uuid4(), "Hur vi arbetar tillsammans", Driver.BOTH)


def _outcomes(found: operations.Sheet, which: int) -> list[OutcomeDraft]:
    return [
        OutcomeDraft(item.id, Outcome.PARTLY if (which + n) % 3 else Outcome.DONE, "Det gick bättre än jag trodde.")
        for n, item in enumerate(found.follow_up)
    ]


def _hold(two: Two, session_id: uuid.UUID, which: int) -> None:
    """Their time shared among the parts as the made-up minutes of process and result say."""
    found = operations.sheet(two.coach, session_id)
    there = drafted_parts(found.access, found.session)
    process, result = TALKS[which % len(TALKS)][:2]
    amounts = {Side.PROCESS: process, Side.RESULT: result}
    planned = {side: sum(part.planned_minutes for part in there if part.side is side) for side in Side}
    spent = []
    for side in Side:
        left = amounts[side]
        ours = [part for part in there if part.side is side]
        for part in ours[:-1]:
            share = part.planned_minutes * amounts[side] // planned[side]
            spent.append((part.key, share))
            left -= share
        spent.append((ours[-1].key, left))
    minutes = dict(spent)
    technique = {"topic": "open_questions", "closing": "scaling"}
    drafts = [
        type(part)(part.key, part.planned_minutes, minutes[part.key], part.side, technique.get(part.key, ""))
        for part in there
    ]
    save_parts(two.coach, session_id, found.session.version, drafts)


def _save(two: Two, session_id: uuid.UUID, start: datetime, due: date, which: int) -> None:
    process, result, decision, expected, homework, criterion, kind = TALKS[which % len(TALKS)]
    found = operations.sheet(two.manager, session_id)
    draft = Draft(
        meeting=Meeting(start, 150, process, result, Mode.IN_PERSON, Focus.BOTH),
        decision=decision,
        expected=expected,
        outcomes=_outcomes(found, which),
        homework=[HomeworkDraft(uuid.uuid4(), homework, criterion, due, 3, kind)],
    )
    operations.save_session(two.manager, session_id, found.session.version, draft)


def in_between(two: Two, day: date, which: int) -> None:
    """A call some days after a session, what a decision came to, and a note or two."""
    hers, coachs = operations.reach(two.manager, two.engagement_id), operations.reach(two.coach, two.engagement_id)
    note_contact(coachs, uuid.uuid4(), ContactDraft(day, Channel.PHONE, 15, CALLS[which % len(CALLS)]))
    actual, lesson = LESSONS[which % len(LESSONS)]
    newest = decisions(hers)[0]
    draft = drafted_decision(newest)
    learned = type(draft)(draft.text, draft.expected, actual, lesson, draft.shared)
    keep_decision(hers, newest.id, newest.version, learned)
    place = which % len(OWN_NOTES)
    write_note(hers, uuid.uuid4(), NoteDraft(OWN_NOTES[place]))
    write_note(coachs, uuid.uuid4(), NoteDraft(SHARED_NOTES[place], shared=True))
    write_note(coachs, uuid.uuid4(), NoteDraft(COACH_NOTES[place]))


def coming(two: Two, start: datetime) -> None:
    """The next session, booked, with what the coach has put there for it."""
    planned = operations.plan_session(two.manager, two.engagement_id, Meeting(start, 150, mode=Mode.VIDEO))
    pick_questions(two.coach, planned.id, ["group-1", "self-1"])
    add_to_agenda(two.coach, planned.id, uuid.uuid4(), "Halva vägen: vad är målen värda nu?", Driver.MANAGER)
    suggestions.suggest(
        operations.reach(two.coach, two.engagement_id),
        uuid.uuid4(),
        SuggestionKind.DECISION,
        "Bestäm också när du och teamet tittar på hur det går.",
        session_id=planned.id,
    )


def some_days_later(day: date) -> tuple[date, time]:
    """When the two talk on the telephone after a session."""
    return day + timedelta(days=3), time(8, 15)
