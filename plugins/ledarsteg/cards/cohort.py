"""The plugin's part of the cohort: participation and shared habits for a coach, counts for the training department."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, partial
from itertools import chain
from uuid import UUID

from plugins.ledarsteg.cards import words
from plugins.ledarsteg.cards.cohort_year import panel
from plugins.ledarsteg.operations import cohort as reading
from plugins.ledarsteg.operations.cohort import SharedHabit
from plugins.ledarsteg.operations.participation import WEEKS, Participation, participation, today_of
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import (
    Attention,
    Card,
    Cell,
    Cohort,
    CohortReport,
    Column,
    Count,
    Later,
    Member,
    Picture,
    Role,
    day,
    lazy,
    ngettext,
    plugin_url,
    short_day,
)
from service.contract import gettext as _

SHARED = Column("shared", lazy("Shared habits"), "number", order=20)
# So many titles stand in a cell; the manager's page has them all.
TITLES = 3
# The way to the insights that managers share. What is there is counted by nobody: the page says it.
INSIGHTS = Card("ledarsteg/_insights_panel.html", {"plugin_url": plugin_url})
NOTED = Column("noted", lazy("Days noted in two weeks"), "number", minor=True, order=60)
# Below every reason of coaching (1 to 5): a word waits for an answer, and quiet may be as it should.
WEIGHT_WRITTEN, WEIGHT_QUIET = 0.75, 0.5


def report(cohort: Cohort, members: Sequence[Member], audience: Role, settings: LedarstegSettings) -> CohortReport:
    """Returns what `audience` may see of the cohort; nothing for anybody but coach and training department."""
    if audience is Role.COACH:
        return _for_coach(cohort, members, settings)
    if audience is Role.TRAINING:
        return CohortReport(counts=_counts(participation(cohort), members))
    return CohortReport()


def _counts(seen: Participation, members: Sequence[Member]) -> Sequence[Count]:
    """Returns the counts for the training department. Who is quiet is none: with the others it would tell of a few."""
    going, resting, _quiet = _how_it_goes(seen, members)
    noted = sum(seen.noted_lately(member.person_id) > 0 for member in members)
    return (
        Count("active", _("Managers with a habit going on"), going, step=2),
        Count("noted", _("Managers who noted something in two weeks"), noted),
        Count("paused", _("Managers whose habits all rest"), resting),
    )


def _how_it_goes(seen: Participation, members: Sequence[Member]) -> tuple[int, int, int]:
    """Returns how many have a habit going on, how many of them rest, and how many are quiet."""
    persons = {member.person_id for member in members}
    going = persons & set(seen.going)
    return len(going), sum(seen.going[one].rests for one in going), len(persons & seen.quiet)


def _for_coach(cohort: Cohort, members: Sequence[Member], settings: LedarstegSettings) -> CohortReport:
    open_to_coach = settings.coach_sees_activity
    seen = participation(cohort, shared_only=not open_to_coach)
    shared = reading.shared_counts(cohort.id)
    say = _Words(seen.today)
    by_id = {member.id: member for member in members}

    def cells(member_id: UUID) -> Mapping[str, Cell]:
        member = by_id[member_id]
        found = {"shared": _shared_cell(member, shared.get(member.person_id, 0), say)}
        return found | ({"noted": _noted_cell(seen, member.person_id, say)} if open_to_coach else {})

    return CohortReport(
        columns=(SHARED, NOTED) if open_to_coach else (SHARED,),
        cells=Later(by_id, cells),
        attention=_attention(cohort, members, seen, shared, say),
        pictures=[_going_on(seen, members), _weeks(seen, members)] if open_to_coach else (),
        panels=(INSIGHTS, *(_year(cohort, members, seen.today) if open_to_coach else ())),
        begun=seen.begun | seen.going.keys() | shared.keys(),
        details=lambda shown: _details(cohort, shown, shared, say),
    )


def _details(cohort: Cohort, shown: Sequence[Member], shared: Mapping[UUID, int], say: "_Words") -> CohortReport:
    """The cells of those shown with what they share, and how strong it has been week by week."""
    sharing = [member for member in shown if member.person_id in shared]
    persons = [member.person_id for member in sharing]
    habits = reading.shared_habits(cohort.id, persons) if persons else {}
    lines = reading.strengths(today_of(cohort), chain(*habits.values())) if habits else {}
    return CohortReport(cells={
        member.id: {"shared": replace(
            _shared_cell(member, shared[member.person_id], say),
            detail=_titles(habits.get(member.person_id, ()), say), line=lines.get(member.person_id, ()),
        )}
        for member in sharing
    })  # fmt: skip


def _year(cohort: Cohort, members: Sequence[Member], today: date) -> Sequence[Card]:
    found = panel(cohort, len(members), today)
    return (found,) if found else ()


def _attention(
    cohort: Cohort, members: Sequence[Member], seen: Participation, shared: Mapping[UUID, int], say: "_Words"
) -> list[Attention]:  # fmt: skip
    written = reading.new_words(cohort.id)
    quiet = set(shared) & seen.quiet
    wanted = quiet | set(written)
    told = []
    for member in members:
        person_id = member.person_id
        if person_id not in wanted:
            continue
        if person_id in written:
            news = ngettext("%(num)d new comment", "%(num)d new comments", written[person_id])
            told.append(Attention(member.id, _("Has written to you about a habit"), news, WEIGHT_WRITTEN))
        if person_id in quiet:
            told.append(Attention(member.id, say.quiet, say.last_whole(seen.last(person_id)), WEIGHT_QUIET))
    return told


def _last_words(last: date | None) -> str:
    return str(_("last noted %(day)s", day=day(last)) if last else _("nothing noted yet"))


class _Words:
    """What numbers and days are called. There are thousands of cells and few ways to say them: each is said once."""

    def __init__(self, today: date) -> None:
        self.strength = cache(lambda percent: words.strength_text(percent / 100))
        self.habits = cache(lambda number: str(ngettext("%(num)d habit", "%(num)d habits", number)))
        self.days = cache(lambda number: str(ngettext("%(num)d day", "%(num)d days", number)))
        self.more = cache(lambda number: str(ngettext("and %(num)d more", "and %(num)d more", number)))
        self.last = cache(partial(_last_noted, today=today))
        self.last_whole = cache(_last_words)
        self.quiet = str(_("Quiet for two weeks"))
        self.none, self.nothing_going_on = str(_("shares none")), str(_("No habit going on"))


def _titles(habits: Sequence[SharedHabit], say: _Words) -> str:
    told = [f"{each.title}: {say.strength(round(each.strength * 100))}" for each in habits[:TITLES]]
    if len(habits) > TITLES:
        told.append(say.more(len(habits) - TITLES))
    return "; ".join(told)


def _shared_cell(member: Member, number: int, say: _Words) -> Cell:
    return Cell(number, say.habits(number), path=f"manager/{member.id}") if number else Cell(0, say.none)


def _noted_cell(seen: Participation, person_id: UUID, say: _Words) -> Cell:
    last = say.last(seen.last(person_id))
    going = seen.going.get(person_id)
    if going is None:
        return Cell(None, say.nothing_going_on, last)
    number = seen.noted_lately(person_id)
    return Cell(number, say.days(number), last, "pause" if going.rests else "")


def _last_noted(last: date | None, today: date) -> str:
    if last is None:
        return str(_("nothing noted yet"))
    return str(_("last today") if last >= today else _("last %(day)s", day=short_day(last)))


def _going_on(seen: Participation, members: Sequence[Member]) -> Picture:
    going, resting, quiet = _how_it_goes(seen, members)
    rows = [
        (str(_("With a habit going on")), going),
        (str(_("Of them, all habits rest")), resting),
        (str(_("Of them, quiet for two weeks")), quiet),
    ]
    return Picture(
        key="going",
        title=_("How many take part"),
        summary=ngettext("Of %(num)d manager, today.", "Of %(num)d managers, today.", len(members)),
        chart={
            "kind": "bar", "horizontal": True, "x": {"labels": [text for text, _number in rows]}, "y": {"min": 0},
            "series": [{"name": _("Managers"), "data": [number for _text, number in rows]}],
        },
        headers=(_("Managers"), _("Number")),
        rows=[(text, str(number)) for text, number in rows],
    )  # fmt: skip


def _weeks(seen: Participation, members: Sequence[Member]) -> Picture:
    persons = [member.person_id for member in members]
    mondays = seen.weeks()
    counts = seen.by_week(persons)
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
