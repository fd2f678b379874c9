"""What the page of one manager's shared habits shows a coach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from plugins.ledarsteg.calculations import WEEK, Kind
from plugins.ledarsteg.cards import comments, words
from plugins.ledarsteg.cards.comments import Thread
from plugins.ledarsteg.forms.others import CommentForm
from plugins.ledarsteg.models import HabitWeek, Status
from plugins.ledarsteg.operations.coach import SharedWithCoach
from service.contract import Person, Picture, short_day
from service.contract import gettext as _
from service.contract import share as percent

# The table of counts has as many weeks; the curve has them all.
COUNTED_WEEKS = 8


@dataclass(frozen=True)
class ShownHabit:
    """One shared habit: its curve once there is one, its latest weeks, and the thread about it."""

    title: str
    strength: str
    finished: Any
    picture: Picture | None
    weeks: Sequence[Sequence[str]]
    headers: Sequence[str]
    thread: Thread


def page(
    member_id: UUID, person: Person, shared: Sequence[SharedWithCoach], coach_id: UUID, zone: str,
    typed: tuple[UUID, CommentForm] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Returns what the page shows. `typed` is a comment that was refused, and on which habit."""
    threads = comments.of_coach(member_id, [each.habit for each in shared], coach_id, zone, typed)
    return {
        "name": person.display_name,
        "habits": [_shown(each, index, threads[each.habit.id]) for index, each in enumerate(shared)],
    }


def _shown(each: SharedWithCoach, index: int, thread: Thread) -> ShownHabit:
    habit, weeks = each.habit, each.weeks
    latest = weeks[-1].strength if weeks else 0.0
    finished = habit.retired_on if habit.status is not Status.ACTIVE else None
    headers = [_("Week from"), _("Done"), *([_("Partly")] if habit.kind is not Kind.BOOLEAN else []), _("Not done"),
               _("Skipped"), *([_amount_header(habit.kind)] if habit.kind is not Kind.BOOLEAN else [])]  # fmt: skip
    rows = [_row(habit.kind, week) for week in reversed(weeks[-COUNTED_WEEKS:])]
    return ShownHabit(
        habit.title, words.strength_text(latest), finished, _picture(weeks, index, latest), rows, headers, thread
    )


def _amount_header(kind: Kind) -> str:
    return str(_("Minutes") if kind is Kind.MINUTES else _("Times"))


def _row(kind: Kind, week: HabitWeek) -> list[str]:
    counted = [str(week.partly)] if kind is not Kind.BOOLEAN else []
    amount = [str(week.value)] if kind is not Kind.BOOLEAN else []
    return [short_day(week.monday), str(week.done), *counted, str(week.missed), str(week.skipped), *amount]


def _picture(weeks: Sequence[HabitWeek], index: int, latest: float) -> Picture | None:
    """Returns the curve of strength, a point for each week; nothing before there are two."""
    if len(weeks) < 2:  # noqa: PLR2004 - one point is no line
        return None
    # Each point is what strength was at the end of its week; the last one is as far as was counted.
    labels = [short_day(min(week.until, week.monday + timedelta(WEEK - 1))) for week in weeks]
    return Picture(
        key=f"strength-{index}",
        title=_("Habit strength %(strength)s", strength=words.strength_text(latest)),
        summary=_("Week by week. The curve rises slowly and falls slowly."),
        chart={
            "kind": "line", "x": {"labels": labels}, "y": {"min": 0, "max": 100, "unit": " %", "ticks": [0, 30, 70, 100]},
            "series": [{"name": _("Habit strength"), "data": [round(week.strength * 100) for week in weeks]}],
        },
        headers=(_("Up to"), _("Habit strength")),
        rows=[(label, percent(week.strength)) for label, week in zip(labels, weeks, strict=True)],
    )  # fmt: skip
