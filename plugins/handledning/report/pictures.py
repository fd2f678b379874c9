"""Pictures of the coach's own managers on a page of her dashboard, each with its table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugins.handledning.operations import CoachRow
from service.contract import Member, Picture
from service.contract import gettext as _

if TYPE_CHECKING:
    from plugins.handledning.report.coach import Words


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


def levels_of(rows: Sequence[tuple[Member, tuple[float, float]]]) -> list[Picture]:
    """Returns where goals began and where they are now, of those whose goals the coach reads."""
    if not rows:
        return []
    names = [member.person.display_name for member, _levels in rows]
    told = [[round(number, 1) for number in levels] for _member, levels in rows]
    series = [
        {"name": title, "mark": mark, "data": [levels[place] for levels in told]}
        for place, (title, mark) in enumerate(((_("At the beginning"), "diamond"), (_("Now"), "disc")))
    ]
    return [Picture(
        "handledning-levels", _("Goals, from where she began to now"),
        _("The mean level of her goals that you read, from -2 to +2; 0 is what the two of you expect. It is a summary of "
          "goals that differ, not a ranking."),
        {"kind": "dots", "x": {"min": -2, "max": 2}, "y": {"labels": names}, "series": series,
         "height": 40 + 44 * len(names)},
        [_("Manager"), *(one["name"] for one in series)],
        [[name, *(f"{number:+.1f}" for number in levels)] for name, levels in zip(names, told, strict=True)],
    )]  # fmt: skip
