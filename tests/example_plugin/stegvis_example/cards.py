"""What the plugin shows on the core's pages."""

import uuid
from collections.abc import Mapping, Sequence

from service.contract import (
    Card,
    Cell,
    Cohort,
    CohortReport,
    Column,
    Count,
    Member,
    Picture,
    Place,
    ProgrammeReport,
    Progress,
    Role,
    TimelineEvent,
    gettext,
    lazy,
)
from stegvis_example import operations


def home_cards(member: Member) -> Sequence[Card]:
    """Returns a card with the newest note; nothing before the first."""
    notes = operations.of_member(member)
    return [Card("example/card.html", {"note": notes[-1], "number": len(notes)}, Place.SIDE)] if notes else []


def timeline(member: Member) -> Sequence[TimelineEvent]:
    """Returns one event per note, without its text."""
    return [
        TimelineEvent(note.written_on, lazy("Note"), gettext("A note was written"), "done", ref=note.id)
        for note in operations.of_member(member)
    ]


def cohort_report(members: Sequence[Member], audience: Role) -> CohortReport:
    """Returns a column of numbers for a coach; for the training department how many have written."""
    counts = operations.counts(members)
    if audience is Role.TRAINING:
        return CohortReport(counts=(Count("writers", lazy("Have written a note"), len(counts)),))
    cells = {member.id: {"notes": _cell(counts.get(member.id, 0))} for member in members}
    return CohortReport(columns=(Column("notes", lazy("Notes"), "number"),), cells=cells)


def programme_report(cohorts: Sequence[Cohort]) -> ProgrammeReport:
    """Returns a picture of nobody: in how many courses notes are on."""
    courses = gettext("Courses")
    chart = {"kind": "bar", "x": {"labels": [courses]}, "series": [{"name": courses, "data": [len(cohorts)]}]}
    headers, rows = [gettext("What"), gettext("Number")], [[courses, str(len(cohorts))]]
    return ProgrammeReport([Picture("courses", lazy("Notes"), gettext("Where they are on."), chart, headers, rows)])


def _cell(number: int) -> Cell:
    return Cell(number, str(number))


def progress(members: Sequence[Member], *, asked: int) -> Mapping[uuid.UUID, Progress]:
    """Returns how many of the notes asked for each member has written."""
    counts = operations.counts(members)
    return {member.id: Progress(min(counts.get(member.id, 0), asked), asked) for member in members}
