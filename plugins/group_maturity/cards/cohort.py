"""The plugin's part of a coach's dashboard: who has rated and when, how far a measurement is, and what is shared with her.

Never what was answered, nor who answered. That a report is shared is told to the coach it is shared with, and to no other.
"""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache

from plugins.group_maturity.calculations.suppression import WITHHELD
from plugins.group_maturity.cards.together import panels
from plugins.group_maturity.models import State
from plugins.group_maturity.operations import cohort as reading
from plugins.group_maturity.operations import measurements
from plugins.group_maturity.operations.cohort import Asked, Overview
from plugins.group_maturity.report import source, view, words
from plugins.group_maturity.report.source import Reader
from service.contract import (
    Cell,
    Cohort,
    CohortReport,
    Column,
    Filter,
    Later,
    Member,
    Picture,
    TermMark,
    current_launch,
    lazy,
    local_date,
    short_day,
)
from service.contract import gettext as _

COLUMNS = (
    Column("group_asked", lazy("Group asked"), order=30),
    Column("group_rated", lazy("Own picture of the group"), "date", minor=True, order=61),
)
# So many shared reports are drawn on the dashboard; each has a page of its own.
MOST = 3
ENDED = measurements.ENDED | {State.CLOSED}


def coach_report(cohort: Cohort, members: Sequence[Member], viewer: uuid.UUID) -> CohortReport:
    """Returns what a coach may see of these managers."""
    seen = reading.overview(cohort, viewer)
    persons = {member.id: member.person_id for member in members}
    said = cache(short_day)
    words = {key: Cell(None if key == "none" else text, text, mark=mark) for key, text, mark in (
        ("none", _("not yet"), ""), ("open", _("answering"), "part"), ("ended", _("closed"), ""),
    )}  # fmt: skip
    rated_on = cache(lambda at: local_date(at, cohort.zone))

    def cells(member_id: uuid.UUID) -> Mapping[str, Cell]:
        person_id = persons[member_id]
        at = seen.rated(person_id)
        made = None if at is None else rated_on(at)
        return {
            "group_rated": Cell(made, said(made)) if made else words["none"],
            "group_asked": _asked(seen.asked(person_id), seen.shared.get(person_id), words),
        }

    return CohortReport(
        columns=COLUMNS,
        cells=Later(persons, cells),
        filters=[Filter("open", lazy("Group test open"), seen.open)],
        begun=seen.begun,
        details=lambda these: _details(cohort, these, viewer, seen, set(persons.values())),
    )


def _asked(every: Sequence[Asked], shared: uuid.UUID | None, words: Mapping[str, Cell]) -> Cell:
    states = {one.state for one in every}
    if shared is not None:
        return Cell(_("shared with you"), _("shared with you"), mark="done", path=f"shared/{shared}")
    if State.OPEN in states:
        return words["open"]
    return words["ended"] if states & ENDED else words["none"]


def _details(
    cohort: Cohort, shown: Sequence[Member], viewer: uuid.UUID, seen: Overview, everybody: AbstractSet[uuid.UUID]
) -> CohortReport:
    """Returns what is told of those on the page: days on which measurements closed or are to close, and shared reports.

    How groups have moved is told of everybody's together.
    """
    kinds = {True: _("group test closed"), False: _("group test closes")}
    marks = [
        TermMark(member.id, one.at, kinds[one.state in ENDED], "diamond")
        for member in shown
        for one in seen.asked(member.person_id)
        if one.state is not State.DRAFT
    ]
    names = {seen.shared[one.person_id]: one.person.display_name for one in shown if one.person_id in seen.shared}
    pairs = reading.shared_reports(cohort, viewer, list(names))[:MOST]
    launch = current_launch()
    found = source.of_all(
        [(one, share.with_own) for one, share in pairs], Reader.COACH, launch.zone, actor=launch.actor
    )  # fmt: skip
    drawn = (_profile(one.id, names[one.id], found.get(one.id)) for one, _share in pairs)
    moved = [one for one in reading.moved(cohort, viewer) if one.manager_id in everybody]
    return CohortReport(
        marks=marks, pictures=[picture for picture in drawn if picture is not None], panels=panels(cohort, moved)
    )  # fmt: skip


def _profile(measurement_id: uuid.UUID, name: str, found: source.Source | None) -> Picture | None:
    """The four sides as the group sees them, beside the manager's own picture where she shares that too."""
    if found is None:
        return None
    report = view.build(found, current_launch().locale)
    if not report.numbered:
        return None
    names = {"group": _("the group"), "you": name}
    notice = (report.instrument.validation.notice or {}).get(report.language, "")
    return Picture(
        f"group-{measurement_id.hex[:8]}", _("%(name)s and the group", name=name),
        " ".join(filter(None, [_("Shared with you. From 0 to 100, rounded."), words.not_read(found.unread), notice])),
        view.chart(report, names, report.sides), [_("Side"), _("the group"), name],
        [[side.title, words.number(side.group), words.number(side.own or WITHHELD)] for side in report.sides],
    )  # fmt: skip
