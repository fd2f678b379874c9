"""The plugin's parts of a member's own page: today's steps, the last two weeks, and her events for the thread."""

from collections.abc import Sequence

from plugins.ledarsteg import operations
from plugins.ledarsteg.cards import today as today_page
from plugins.ledarsteg.cards import words
from plugins.ledarsteg.cards.strip import url_of
from plugins.ledarsteg.models import Status
from plugins.ledarsteg.operations import HabitLog, Owner
from service.contract import Card, Cohort, Member, Place, TimelineEvent, current_launch
from service.contract import gettext as _


def cards(cohort: Cohort, member: Member) -> Sequence[Card]:
    """Returns today's steps, and below them the last two weeks once there is a habit."""
    shown = today_page.home(Owner.of(cohort, member, current_launch().zone))
    today = Card("ledarsteg/_today.html", shown, Place.MAIN, order=10)
    if not shown["has_habits"]:
        return [today]
    # Only one card may say the heading of the page.
    below = {name: shown[name] for name in ("rows", "days", "plugin_url")}
    return [today, Card("ledarsteg/_strip.html", below, Place.BELOW, order=10)]


def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    """Returns the first habit, and those that came from another plugin's result."""
    logs = operations.list_habits(Owner.of(cohort, member, current_launch().zone))
    by_age = sorted(logs, key=lambda log: (log.habit.created_at, log.habit.id))
    return [_event(log) for index, log in enumerate(by_age) if index == 0 or log.habit.source]


def _event(log: HabitLog) -> TimelineEvent:
    active = log.habit.status is Status.ACTIVE
    return TimelineEvent(
        at=log.habit.starts_on,
        kind=_("Habit"),
        title=f"{log.habit.title}: {words.strength_text(log.strength)}" if active else log.habit.title,
        state="part" if active else "done",
        url=url_of(log),
        ref=log.habit.id,
    )
