"""A manager's own page before her first habit: one way to begin, what the first week holds, and what the course is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plugins.ledarsteg.cards import journal, progress, slots
from plugins.ledarsteg.models import Slot
from plugins.ledarsteg.operations import Owner
from plugins.ledarsteg.operations.journal import FirstWeek, Standing, first_week
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import gettext as _
from service.contract import ngettext, plugin_url


@dataclass(frozen=True)
class Way:
    """The one thing to do now: what the page is headed, why, and where its button leads."""

    heading: str
    lead: str
    url: str
    link: str


@dataclass(frozen=True)
class Thing:
    """One thing of the first week. `url` is empty while it cannot be done."""

    title: str
    text: str
    url: str
    done: bool
    now: bool


def shown(owner: Owner, stands: Standing, settings: LedarstegSettings) -> dict[str, Any]:
    """Returns what the page shows. One statement, for the organisation's own text."""
    week = first_week(stands)
    way = _way(week)
    return {
        "heading": way.heading,
        "way": way,
        "things": _things(week, stands, way.url),
        "other_url": "" if way.url == _new() else _new(),
        "rule": progress.rule(settings),
        "slot": slots.views(owner, Slot.FIRST_WEEK).get(Slot.FIRST_WEEK.value),
    }


def _new() -> str:
    return plugin_url("ledarsteg.new")


def _way(week: FirstWeek) -> Way:
    """Insight comes first, then a step; whoever has had her Aha, or put it away, is not asked for a time audit any more."""
    if week.aha or week.aha_put_away:
        lead = _(
            "A small step takes at most 15 minutes and is done again and again."
            " You decide when, and what you choose away for it."
        )
        return Way(_("Begin with one small step"), lead, _new(), _("Make your first step"))
    if week.audit:
        lead = _("You have seen where your time goes. Ten minutes with your own week say what of it is leading.")
        return Way(_("What is the core of leading?"), lead, plugin_url("ledarsteg.aha"), _("Begin the Aha exercise"))
    if week.audit_begun:
        lead = ngettext(
            "%(num)d day is noted. Three days are enough.", "%(num)d days are noted. Three are enough.", week.audit_days
        )
        heading, link = _("The time audit is under way"), _("Go on with the time audit")
    else:
        lead = _(
            "Note your working time on three to five days. It takes a few minutes a day and shows what you can choose"
            " away to get time for leading."
        )
        heading, link = _("Begin by seeing where your time goes"), _("Begin the time audit")
    return Way(heading, str(lead), plugin_url("ledarsteg.time"), link)


def _things(week: FirstWeek, stands: Standing, now: str) -> Sequence[Thing]:
    review = journal.open_review_url(stands.today)
    lines = [
        (_("Time audit"), _("Fire-fighting, meetings, routines. What stands up to a challenge?"),
         plugin_url("ledarsteg.time"), week.audit),
        (_("The Aha exercise"), _("Ten minutes with your own week. It says most after three noted days."),
         plugin_url("ledarsteg.aha"), week.aha),
        (_("One single step"), _("At most 15 minutes, with a plan for when and where."), _new(), week.habit),
        (_("The Friday review"), _("What came of it? What do you try next week?"), review, week.review),
    ]  # fmt: skip
    return [Thing(str(title), str(text), url, done, not done and url == now) for title, text, url, done in lines]
