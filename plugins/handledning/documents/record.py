"""A session's record, as data for its template."""

from collections.abc import Sequence
from typing import Any

from plugins.handledning.documents.words import OUTCOMES, Readers, headings, name_of, pairs, who_may_read, word
from plugins.handledning.forms.fields import FOCUSES, MODES
from plugins.handledning.models import CoachingSession, Homework, State
from plugins.handledning.operations import Sheet
from plugins.handledning.terms import term_words
from service.contract import current_launch, day, day_and_time, local_date, minutes, pdf
from service.contract import gettext as _


def record_file(found: Sheet, coming: CoachingSession | None, zone: str) -> bytes:
    """Returns a session's record as a tagged PDF in the reader's language."""
    return pdf(
        "handledning/record.typ", record_data(found, coming, zone), locale=current_launch().locale,
        title=str(_("Coaching session %(number)d", number=found.session.number)),
    )  # fmt: skip


def record_data(found: Sheet, coming: CoachingSession | None, zone: str) -> dict[str, Any]:
    """Returns all that the record's template shows, in words."""
    its, row = found.engagement, found.session
    return {
        "readers": who_may_read(found.access, Readers.TWO),
        "mark": None if row.state is State.CLOSED else str(_("Draft: the session is not closed")),
        "lead": f"{term_words(local_date(row.planned_start, zone), found.access.party.cohort)}. {_when(row, zone)}.",
        "about": pairs((_("Manager"), name_of(its.manager)), (_("Coach"), name_of(its.coach)), *_frame(row)),
        "headings": {**headings(), "follow_up": str(_("Following up homework")), "decisions": str(_("Decisions")),
                     "new": str(_("Commitments") if row.final else _("New homework")), "next": str(_("Next session"))},
        "none": str(_("Nothing written.")),
        "follow_up": [[item.text, str(OUTCOMES[item.state]()), item.outcome_note] for item in found.follow_up],
        "decisions": _decisions(found),
        "homework": [_new(item) for item in found.new],
        "next": _when(coming, zone) if coming and coming.id != row.id else str(_("No next session is booked.")),
    }  # fmt: skip


def _when(row: CoachingSession, zone: str) -> str:
    return f"{day_and_time(row.planned_start, zone)}, {minutes(row.minutes or row.planned_minutes)}"


def _frame(row: CoachingSession) -> Sequence[tuple[str, str | None]]:
    spent = _(
        "Process %(process)d minutes, result %(result)d minutes.",
        process=row.process_minutes or 0,
        result=row.result_minutes or 0,
    )
    return (
        (_("How"), word(MODES, row.mode.value) if row.mode else None),
        (_("About"), word(FOCUSES, row.focus.value) if row.focus else None),
        (_("Time"), str(spent) if row.minutes else None),
    )


def _decisions(found: Sheet) -> list[list[str]]:
    row = found.decision
    return pairs((_("Decided"), row.text), (_("Expected to lead to"), row.expected)) if row else []


def _new(item: Homework) -> list[str]:
    return [item.text, day(item.due_on, year=True) if item.due_on else str(_("No date")), item.criterion]
