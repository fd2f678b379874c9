"""The plugin's parts of a member's own page: what is new, today's steps, the last two weeks, and her events for the thread."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from plugins.ledarsteg.cards import first_week, next_up, words
from plugins.ledarsteg.cards import today as today_page
from plugins.ledarsteg.models import Habit, Status
from plugins.ledarsteg.operations import Owner
from plugins.ledarsteg.operations.journal import Standing, standing
from plugins.ledarsteg.operations.others import News, news
from plugins.ledarsteg.operations.thread import habits_so_far
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import Card, Cohort, Member, Place, TimelineEvent, current_launch, ngettext, plugin_url
from service.contract import gettext as _


def cards(cohort: Cohort, member: Member, settings: LedarstegSettings) -> Sequence[Card]:
    """Returns what others have done, today's steps, beside them what comes next, and below them the last two weeks.

    Before her first habit the first week stands where the steps will be.
    """
    owner = Owner.of(cohort, member, current_launch().zone)
    stands, found = standing(owner, settings.term_ends_on), news(owner)
    new = [Card("ledarsteg/_news.html", told(found), Place.MAIN, order=5)] if found else []
    steps = _steps(owner) if stands.habits else [_first_week(owner, stands, settings)]
    return [*new, *steps, *next_up.cards(stands, settings)]


def _first_week(owner: Owner, stands: Standing, settings: LedarstegSettings) -> Card:
    return Card("ledarsteg/_first_week.html", first_week.shown(owner, stands, settings), Place.MAIN, order=10)


def _steps(owner: Owner) -> Sequence[Card]:
    shown = today_page.home(owner)
    today = Card("ledarsteg/_today.html", shown, Place.MAIN, order=10)
    if not shown["has_habits"]:
        return [today]
    # Only one card may say the heading of the page.
    below = {name: shown[name] for name in ("rows", "days", "plugin_url")}
    return [today, Card("ledarsteg/_strip.html", below, Place.BELOW, order=10)]


@dataclass(frozen=True)
class NewLine:
    """Something that is new, and where it stands."""

    text: str
    url: str
    link: str


def told(found: News) -> dict[str, Any]:
    """Returns the lines of what is new. Nudges are seen with one button, the rest where it stands."""
    return {"lines": list(_lines(found)), "nudged": bool(found.nudges), "seen_url": plugin_url("ledarsteg.nudges_seen")}


def _lines(found: News) -> Iterator[NewLine]:
    if found.asked:
        text = ngettext(
            "Somebody asks you to be a step-mate.", "%(num)d people ask you to be a step-mate.", found.asked
        )
        yield NewLine(str(text), plugin_url("ledarsteg.mate"), str(_("Answer")))
    for habit_id, number in found.comments.items():
        text = ngettext("A new comment on a habit.", "%(num)d new comments on a habit.", number)
        yield NewLine(str(text), plugin_url("ledarsteg.thread", habit_id=habit_id), str(_("Read it")))
    for habit_id in found.nudges:
        yield NewLine(
            str(_("Your step-mate nudges you about a habit.")),
            plugin_url("ledarsteg.habit", habit_id=habit_id),
            str(_("To the habit")),
        )


def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    """Returns the first habit, and those that came from another plugin's result."""
    habits = habits_so_far(Owner.of(cohort, member, current_launch().zone))
    return [_event(habit, strength) for index, (habit, strength) in enumerate(habits) if index == 0 or habit.source]


def _event(habit: Habit, strength: float) -> TimelineEvent:
    active = habit.status is Status.ACTIVE
    return TimelineEvent(
        at=habit.starts_on,
        kind=_("Habit"),
        title=f"{habit.title}: {words.strength_text(strength)}" if active else habit.title,
        state="part" if active else "done",
        url=plugin_url("ledarsteg.habit", habit_id=habit.id),
        ref=habit.id,
    )
