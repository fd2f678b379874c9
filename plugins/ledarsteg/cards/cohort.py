"""The plugin's part of the cohort: participation and shared habits for a coach, counts for the training department."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from plugins.ledarsteg.calculations import WEEK
from plugins.ledarsteg.cards import words
from plugins.ledarsteg.operations import HabitLog
from plugins.ledarsteg.operations import cohort as reading
from plugins.ledarsteg.operations.cohort import QUIET_DAYS, WEEKS, Participation
from service.contract import (
    Attention,
    Cell,
    Cohort,
    CohortReport,
    Column,
    Count,
    Member,
    Picture,
    Progress,
    Role,
    day,
    lazy,
    ngettext,
    short_day,
)
from service.contract import gettext as _

COLUMNS = (
    Column("shared", lazy("Shared habits")),
    Column("noted", lazy("Days noted in two weeks"), "number"),
)


def report(cohort: Cohort, members: Sequence[Member], audience: Role) -> CohortReport:
    """Returns what `audience` may see of the cohort; nothing for anybody but coach and training department."""
    if audience is Role.COACH:
        return _for_coach(cohort, members)
    if audience is Role.TRAINING:
        return CohortReport(counts=_counts(reading.participation(cohort), members))
    return CohortReport()


def _counts(seen: Participation, members: Sequence[Member]) -> Sequence[Count]:
    active = sum(member.person_id in seen.active_since for member in members)
    noted = sum(seen.noted_lately(member.person_id) > 0 for member in members)
    return (
        Count("active", _("Managers with a habit going on"), active),
        Count("noted", _("Managers who noted something in two weeks"), noted),
    )


def _for_coach(cohort: Cohort, members: Sequence[Member]) -> CohortReport:
    seen = reading.participation(cohort)
    last = reading.last_noted(cohort)
    shared = reading.shared_habits(cohort.id, seen.today)
    cells = {
        member.id: {
            "shared": _shared_cell(shared.get(member.person_id, [])),
            "noted": _noted_cell(seen, member.person_id, last.get(member.person_id)),
        }
        for member in members
    }
    quiet = [
        Attention(member.id, _("Quiet for two weeks"), _last_words(last.get(member.person_id)))
        for member in members
        if member.person_id in shared and _is_quiet(seen, member.person_id)
    ]
    return CohortReport(COLUMNS, cells, quiet, [_picture(seen, members)])


def _last_words(last: date | None) -> str:
    return str(_("Last noted %(day)s", day=day(last)) if last else _("Nothing noted yet"))


def _is_quiet(seen: Participation, person_id: UUID) -> bool:
    return (seen.today - seen.active_since[person_id]).days >= QUIET_DAYS and not seen.noted_lately(person_id)


def _shared_cell(logs: Sequence[HabitLog]) -> Cell:
    if not logs:
        return Cell(0, _("None"))
    detail = "; ".join(f"{log.habit.title}: {words.strength_text(log.strength)}" for log in logs)
    return Cell(len(logs), ngettext("%(num)d habit", "%(num)d habits", len(logs)), detail)


def _noted_cell(seen: Participation, person_id: UUID, last: date | None) -> Cell:
    if person_id not in seen.active_since:
        return Cell(None, _("No habit going on"), _last_noted(last, seen.today))
    number = seen.noted_lately(person_id)
    return Cell(number, ngettext("%(num)d day", "%(num)d days", number), _last_noted(last, seen.today))


def _last_noted(last: date | None, today: date) -> str:
    if last is None:
        return str(_("nothing noted yet"))
    return str(_("last today") if last == today else _("last %(day)s", day=short_day(last)))


def _picture(seen: Participation, members: Sequence[Member]) -> Picture:
    persons = [member.person_id for member in members]
    mondays = seen.weeks()
    counts = [
        sum(0 <= (noted - monday).days < WEEK for person in persons for noted in seen.noted.get(person, ()))
        for monday in mondays
    ]
    labels = [short_day(monday) for monday in mondays]
    return Picture(
        key="noted",
        title=_("Days noted per week"),
        summary=_("All managers together, the last %(weeks)s weeks. The last week is not over.", weeks=WEEKS),
        chart={
            "kind": "bar", "x": {"labels": labels}, "y": {"min": 0},
            "series": [{"name": _("Days noted"), "data": counts}],
        },
        headers=(_("Week from"), _("Days noted")),
        rows=[(label, str(count)) for label, count in zip(labels, counts, strict=True)],
    )  # fmt: skip


def progress(cohort: Cohort, members: Sequence[Member]) -> Mapping[UUID, Progress]:
    """Returns in how many weeks (ISO 8601) each member noted something, of the eight that are asked."""
    noted = reading.noted_days(cohort)
    return {member.id: Progress(min(_week_count(noted.get(member.person_id, ())), WEEKS), WEEKS) for member in members}


def _week_count(days: Iterable[date]) -> int:
    return len({day.isocalendar()[:2] for day in days})
