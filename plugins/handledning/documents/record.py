"""A session's record, as data for its template."""

from collections.abc import Sequence
from typing import Any

from plugins.handledning.documents.words import OUTCOMES, Readers, headings, name_of, pairs, text_of, who_may_read, word
from plugins.handledning.forms.fields import FOCUSES, MODES
from plugins.handledning.models import CoachingSession, Homework, State
from plugins.handledning.operations import Sheet
from plugins.handledning.terms import term_words
from service.contract import Terms, current_launch, day, day_and_time, local_date, minutes, pdf
from service.contract import gettext as _


def record_file(found: Sheet, coming: CoachingSession | None, zone: str) -> bytes:
    """Returns a session's record as a tagged PDF in the reader's language."""
    return pdf(
        "handledning/record.typ", record_data(found, coming, zone), locale=current_launch().locale,
        title=str(_("Coaching session %(number)d", number=found.session.number)),
    )  # fmt: skip


def record_data(found: Sheet, coming: CoachingSession | None, zone: str, terms: Terms | None = None) -> dict[str, Any]:
    """Returns all that the record's template shows, in words. `terms` as `term_words` takes them."""
    its, row = found.engagement, found.session
    term = term_words(local_date(row.planned_start, zone), found.access.party.cohort, terms)
    return {
        "readers": who_may_read(found.access, Readers.TWO),
        "mark": None if row.state is State.CLOSED else str(_("Draft: the session is not closed")),
        "lead": f"{term}. {_when(row, zone)}.",
        "about": pairs((_("Manager"), name_of(its.manager)), (_("Coach"), name_of(its.coach)), *_frame(row)),
        "headings": {**headings(), "follow_up": str(_("Following up homework")), "decisions": str(_("Decisions")),
                     "new": str(_("Commitments") if row.final else _("New homework")), "next": str(_("Next session"))},
        "none": str(_("Nothing written.")),
        "follow_up": [_followed(found, item) for item in found.follow_up],
        "decisions": _decisions(found),
        "homework": [_new(found, item) for item in found.new],
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
    if row is None:
        return []
    decided, expected = (text_of(found.access, row, name) for name in ("text", "expected"))
    return pairs((_("Decided"), decided), (_("Expected to lead to"), expected))


def _followed(found: Sheet, item: Homework) -> list[str]:
    what, happened = (text_of(found.access, item, name) for name in ("text", "outcome_note"))
    return [what, str(OUTCOMES[item.state]()), happened]


def _new(found: Sheet, item: Homework) -> list[str]:
    what, shown_by = (text_of(found.access, item, name) for name in ("text", "criterion"))
    return [what, day(item.due_on, year=True) if item.due_on else str(_("No date")), shown_by]
