"""What the page of one habit and the list of all show."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from plugins.ledarsteg import calculations, operations
from plugins.ledarsteg.calculations import Direction, Kind, Per
from plugins.ledarsteg.cards import comments, words
from plugins.ledarsteg.cards.strip import strip
from plugins.ledarsteg.cards.year import year
from plugins.ledarsteg.forms import REASONS
from plugins.ledarsteg.models import Status
from plugins.ledarsteg.operations import HabitLog, Owner, mates
from service.contract import Picture, ngettext, short_day
from service.contract import gettext as _
from service.contract import share as percent

# A curve of at most this many days has a point for each, a longer one for each week.
DAILY = 60
LONGEST_CURVE = 366


def habit_list(owner: Owner) -> dict[str, Any]:
    """Returns what the list of habits shows."""
    logs = operations.list_habits(owner)
    active = [log for log in logs if log.habit.status is Status.ACTIVE]
    return {
        "active": active,
        "retired": [log for log in logs if log.habit.status is not Status.ACTIVE],
        "often": words.often,
        "strength_text": words.strength_text,
        "freed": calculations.freed(log.drop.minutes_per_week for log in active if log.drop),
    }


def habit(owner: Owner, habit_id: UUID, shown_year: int | None = None) -> dict[str, Any]:
    """Returns what the page of one habit shows. `shown_year` is the year of the table, else the latest with days."""
    log = operations.one(owner, habit_id)
    first, last = log.habit.starts_on.year, log.last_day.year
    return {
        "log": log,
        "habit": log.habit,
        "often": words.often(log.habit.kind, log.rhythm),
        "coming": coming(log),
        "advice": advice(log),
        "facts": facts(log),
        "strength_words": words.strength_text(log.strength),
        "curve": curve(log),
        "pauses": pauses(log),
        "resting": log.is_paused(log.today),
        "open_days": operations.open_days(log),
        "notes": operations.notes(log.habit),
        "chain": operations.seasons(owner, log.habit),
        "has_mate": mates.pairing(owner).standing is mates.Standing.ACTIVE,
        "thread": comments.of_owner(owner, log.habit),
        "reasons": [(reason.value, text) for reason, text in REASONS.items()],
        "is_counted": log.habit.kind is not Kind.BOOLEAN,
        "can_resume": log.habit.retired_on == log.today,
        **strip([log], log.last_day, linked=False),
        **year(log, min(max(shown_year or last, first), last)),
    }


def coming(log: HabitLog) -> list[tuple[date, str]]:
    """Returns the schedules that are still to begin, with their first day."""
    return [
        (rhythm.from_date, words.often(log.habit.kind, rhythm))
        for rhythm in log.rhythms
        if rhythm.from_date > log.today
    ]


def pauses(log: HabitLog) -> list[tuple[UUID, date, date | None, bool]]:
    """Returns the pauses, the latest first, each with whether it can still be ended."""
    found = sorted(log.pauses.items(), key=lambda item: item[1].first, reverse=True)
    open_to_end = log.habit.status is Status.ACTIVE
    return [
        (key, rest.first, rest.last, open_to_end and (rest.last is None or rest.last >= log.today))
        for key, rest in found
    ]


def advice(log: HabitLog) -> list[tuple[bool, str]]:
    """Returns the four pieces of advice on a plan, each with whether it is followed already."""
    if log.plan is None:
        return []
    seen = calculations.plan_advice(log.plan.cue, log.plan.action, log.plan.coping, log.habit.minutes)
    return [
        (seen.concrete_cue, _("A clear situation")),
        (seen.small_action, _("Begins with a verb and fits in 15 minutes")),
        (seen.one_action, _("One thing only")),
        (seen.has_coping, _("A reserve plan for hurried days")),
    ]


def facts(log: HabitLog) -> list[tuple[str, str, str]]:
    """Returns the numbers of a habit: what was done, in a row now and at most, and strength."""
    per = log.rhythm.per
    rate = calculations.completion_rate(log.periods)
    least = _("at least %(amount)s", amount=words.amount(log.habit.kind, log.rhythm.target)) if per is Per.WEEK else ""
    if log.rhythm.direction is Direction.AT_MOST:
        least = ""
    return [
        (_("Done"), words.NO_NUMBER if rate is None else percent(rate), _done(log)),
        (_("In a row now"), words.length(calculations.current_streak(log.periods), per), least),
        (_("Longest row"), words.length(calculations.best_streak(log.periods), per), ""),
        (_("Habit strength"), words.strength_text(log.strength), _("Rises slowly and falls slowly")),
    ]


def _done(log: HabitLog) -> str:
    """Says how much of what was due was done, over what is over."""
    if log.rhythm.direction is Direction.AT_MOST or (log.habit.kind is Kind.BOOLEAN and log.rhythm.per is Per.DAY):
        done, of = calculations.tally(log.periods)
        if not of:
            return ""
        if log.rhythm.per is Per.WEEK:
            return str(ngettext("%(done)s of %(num)d week", "%(done)s of %(num)d weeks", of, done=done))
        return str(ngettext("%(done)s of %(num)d day", "%(done)s of %(num)d days", of, done=done))
    done, of = calculations.totals(log.periods)
    return str(_("%(done)s of %(amount)s", done=done, amount=words.amount(log.habit.kind, of))) if of else ""


def curve(log: HabitLog) -> Picture | None:
    """Returns the picture of habit strength over the last year; nothing before the third day of a habit."""
    points = _points(log)
    if len(points) <= 2:  # noqa: PLR2004 - two points are a line that says nothing
        return None
    labels = [short_day(day) for day, _value in points]
    data = [round(value * 100) for _day, value in points]
    bands = _bands(log, [day for day, _value in points], labels)
    says = _("The curve rises slowly and falls slowly. To miss a day is fine.")
    if bands:
        neither = _("A pause counts neither way.")
        says = f"{says} {neither}"
    return Picture(
        key="strength",
        title=_("Habit strength %(strength)s", strength=words.strength_text(log.strength)),
        summary=says,
        chart={
            "kind": "line", "x": {"labels": labels}, "y": {"min": 0, "max": 100, "unit": " %", "ticks": [0, 30, 70, 100]},
            "series": [{"name": _("Habit strength"), "data": data}], "bands": bands,
        },
        headers=(_("Day"), _("Habit strength")),
        rows=[(label, words.strength_text(value)) for label, (_day, value) in zip(labels, points, strict=True)],
    )  # fmt: skip


def _points(log: HabitLog) -> list[tuple[date, float]]:
    """Returns days and strengths: each day of a young habit, else the last of each week and the latest."""
    last = log.last_day if log.last_day in log.marks or log.last_day < log.today else log.last_day - timedelta(1)
    series = calculations.strength_by_day(log.log, last)
    days = [log.habit.starts_on + timedelta(index) for index in range(len(series))]
    found = list(zip(days, series, strict=True))[-LONGEST_CURVE:]
    if len(found) <= DAILY:
        return found
    return [point for point, after in pairwise(found) if after[0].weekday() == 0] + found[-1:]


def _bands(log: HabitLog, days: list[date], labels: list[str]) -> list[dict[str, str]]:
    found = []
    for rest in log.pauses.values():
        inside = [index for index, day in enumerate(days) if rest.covers(day)]
        if inside:
            found.append({"from": labels[max(inside[0] - 1, 0)], "to": labels[inside[-1]], "label": str(_("pause"))})
    return found
