"""What the pages of leader contributions show."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from plugins.ledarsteg.calculations import ContributionWeek
from plugins.ledarsteg.cards import balance
from plugins.ledarsteg.cards.numbers import day_title, decimal, rounded, week_from
from plugins.ledarsteg.cards.words import NO_NUMBER
from plugins.ledarsteg.forms.contributions import EFFECT_TITLES, SIDE_TITLES, TARGET_TITLES, ContributionForm, named
from plugins.ledarsteg.models import Contribution, Habit
from plugins.ledarsteg.operations import Owner, get
from plugins.ledarsteg.operations import contributions as operations
from service.contract import gettext as _
from service.contract import ngettext

HOME = "home"
# So many of what was noted last stand on the first page; the others on a page of their own.
SHOWN = 10


def new_form(owner: Owner, habits: Sequence[Habit], habit_id: UUID | None, day: date | None) -> ContributionForm:
    """Returns the form for contributions; with a habit it comes from the day's steps and leads back there.

    Raises NotFound for a habit that is not hers.
    """
    if habit_id is None:
        return ContributionForm(habits=habits, day=day or owner.today())
    known = habits if any(one.id == habit_id for one in habits) else [*habits, get(owner, habit_id)]
    return ContributionForm(habits=known, day=day or owner.today(), habit=str(habit_id), origin=HOME)


def edit_form(owner: Owner, found: Contribution, **values: Any) -> ContributionForm:
    """Returns the form of contributions that were noted, with their habit even if it is finished."""
    habits = operations.habits_to_name(owner)
    if found.habit_id is not None and all(one.id != found.habit_id for one in habits):
        habits.append(get(owner, found.habit_id))
    return ContributionForm(habits=habits, **values)


def overview(owner: Owner, form: ContributionForm) -> dict[str, Any]:
    """Returns what the page shows: the form, the two pictures, and what was noted for eight weeks."""
    found = operations.recent(owner)
    weeks = operations.weekly(found, owner.today())
    return {
        "form": form,
        "rows": [line(row) for row in found[:SHOWN]],
        "count_picture": count_picture(weeks) if found else None,
        "quality_picture": quality_picture(weeks) if any(week.rated for week in weeks) else None,
        "balance": balance.words(weeks),
    }


def everything(owner: Owner) -> dict[str, Any]:
    """Returns what the page with all that was ever noted shows."""
    return {"rows": [line(row) for row in operations.everything(owner)]}


def tags(row: Contribution) -> list[str]:
    """Returns what it helped to build and which sides it was, in words."""
    sides = (title.partition(":")[0] for title in named(row.sides, SIDE_TITLES))
    return list(dict.fromkeys([*named(row.effects, EFFECT_TITLES), *sides]))


def line(row: Contribution) -> dict[str, Any]:
    """Returns one row of the list."""
    return {
        "row": row,
        "whom": TARGET_TITLES[row.target],
        "quality": str(row.quality) if row.quality else NO_NUMBER,
        "tags": ", ".join(tags(row)),
    }


def words(row: Contribution) -> str:
    """Says what was noted in one line."""
    shown = line(row)
    parts = [
        ngettext("%(num)d contribution", "%(num)d contributions", row.number), str(shown["whom"]),
        _("rating %(quality)s", quality=row.quality) if row.quality else "", shown["tags"], row.note,
    ]  # fmt: skip
    return f"{day_title(row.local_date)}: {', '.join(part for part in parts if part)}"


def count_picture(weeks: Sequence[ContributionWeek]) -> dict[str, Any]:
    """Returns the picture of how many each week."""
    total = sum(week.count for week in weeks)
    return {
        "summary": ngettext(
            "%(num)d contribution in eight weeks. The last week is not over.",
            "%(num)d contributions in eight weeks. The last week is not over.", total,
        ),
        "chart": {
            "kind": "bar", "x": {"labels": [week_from(week.monday) for week in weeks]}, "y": {"min": 0},
            "series": [{"name": _("Contributions"), "data": [week.count for week in weeks]}],
        },
        "headers": [_("Week from"), _("Contributions")],
        "rows": [[week_from(week.monday), str(week.count)] for week in weeks],
    }  # fmt: skip


def quality_picture(weeks: Sequence[ContributionWeek]) -> dict[str, Any]:
    """Returns the picture of how good they were, by her own rating, with how many were rated."""
    rated = sum(week.rated for week in weeks)
    return {
        "summary": ngettext(
            "Your own rating, from 1 to 5. %(num)d contribution is rated.",
            "Your own rating, from 1 to 5. %(num)d contributions are rated.", rated,
        ),
        "chart": {
            "kind": "line", "x": {"labels": [week_from(week.monday) for week in weeks]},
            "y": {"min": 1, "max": 5, "ticks": [1, 2, 3, 4, 5]},
            "series": [{
                "name": _("Mean rating"),
                "data": [None if week.quality is None else rounded(week.quality) for week in weeks],
            }],
        },
        "headers": [_("Week from"), _("Mean rating"), _("Rated")],
        "rows": [
            [week_from(week.monday), NO_NUMBER if week.quality is None else decimal(week.quality), str(week.rated)]
            for week in weeks
        ],
    }  # fmt: skip
