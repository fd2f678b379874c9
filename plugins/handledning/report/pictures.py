"""Pictures of the coach's own managers on a page of her dashboard, each with its table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugins.handledning.forms.goals import signed
from plugins.handledning.models import Theme
from plugins.handledning.operations import CoachRow
from plugins.handledning.operations.cohort import GoalLevel
from service.contract import Member, Picture, lazy
from service.contract import gettext as _

if TYPE_CHECKING:
    from plugins.handledning.report.coach import Words


THEMES = {
    Theme.EMOTIONS: lazy("emotions"), Theme.MOTIVATION: lazy("motivation"), Theme.SELF_MANAGEMENT: lazy("leading myself"),
    Theme.PEOPLE: lazy("leading others"),
}  # fmt: skip


def balances(rows: Sequence[tuple[Member, CoachRow]], say: "Words") -> list[Picture]:
    """Returns how the minutes of the term lie between process and result, of those who have met."""
    if not rows:
        return []
    names = [member.person.display_name for member, _row in rows]
    parts = [[round(100 * row.process / row.minutes) for _member, row in rows]]
    parts.append([100 - number for number in parts[0]])
    titles = [_("Process"), _("Result")]
    return [Picture(
        "handledning-balance", _("Process and result this term"),
        _("Per cent of the minutes. Half of each is the idea, and a single session may well be one-sided."),
        {"kind": "bar", "horizontal": True, "stacked": True, "x": {"labels": names}, "y": {"min": 0, "max": 100},
         "series": [{"name": title, "data": part} for title, part in zip(titles, parts, strict=True)]},
        [_("Manager"), *titles, _("Balance")],
        [[name, say.time(row.process), say.time(row.result), str(say.numbers(row)["balance"].text)]
         for name, (_member, row) in zip(names, rows, strict=True)],
    )]  # fmt: skip


def levels_of(rows: Sequence[tuple[Member, CoachRow]], goals: Sequence[GoalLevel]) -> list[Picture]:
    """Returns where each goal that the coach reads began and where it is now, the managers in their order.

    A goal goes by its number: what it is called is the manager's own text, and stands on her page.
    """
    names = {row.engagement_id: member.person.display_name for member, row in rows}
    told = [(names[key], one) for key in names for one in goals if one.engagement_id == key]
    if not told:
        return []
    titles = [_("At the beginning"), _("Now")]
    levels = [[one.baseline for _name, one in told], [one.level for _name, one in told]]
    series = [
        {"name": title, "mark": mark, "data": data, "words": [signed(number) for number in data]}
        for title, mark, data in zip(titles, ("diamond", "disc"), levels, strict=True)
    ]
    return [Picture(
        "handledning-levels", _("Goals, from where she began to now"),
        _("Each goal that you read, by its place on her page, from -2 to +2; 0 is what the two of you expect. Goals differ: "
          "it is not a ranking."),
        # A mark at either end stands clear of the names.
        {"kind": "dots", "x": {"min": -2.4, "max": 2.4, "ticks": [-2, -1, 0, 1, 2]},
         "y": {"labels": [f"{name}, {one.number}" for name, one in told]},
         "series": series, "height": 40 + 44 * len(told)},
        [_("Manager"), _("Goal"), _("Theme"), *titles],
        [[name, str(one.number), str(THEMES[one.theme]) if one.theme else "\N{EN DASH}", signed(one.baseline), signed(one.level)]
         for name, one in told],
    )]  # fmt: skip
