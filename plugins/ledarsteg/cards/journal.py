"""What the pages of the journal show: insights, Friday reviews, and the way to the rest."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import is_offered, last_day_for, most_within, reviewed_week
from plugins.ledarsteg.cards import progress
from plugins.ledarsteg.forms.contributions import SIDE_TITLES, named
from plugins.ledarsteg.forms.journal import KIND_TITLES, InsightForm
from plugins.ledarsteg.models import Habit, Review
from plugins.ledarsteg.operations import Owner, insights
from plugins.ledarsteg.operations import reviews as reading
from plugins.ledarsteg.operations.reviews import Look
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import day, now, plugin_url
from service.contract import gettext as _

NEWEST = 5
SUNDAY = timedelta(6)


def week_words(monday: date) -> str:
    """Names a week: `week 48`, with the year where it is another than this one (ISO 8601)."""
    year, week, _weekday = monday.isocalendar()
    if year == now().isocalendar().year:
        return str(_("week %(week)s", week=week))
    return str(_("week %(week)s, %(year)s", week=week, year=year))


def week_days(monday: date) -> str:
    """Names the days of a week: `November 23 to November 29`."""
    return str(_("%(first)s to %(last)s", first=day(monday), last=day(monday + SUNDAY)))


def review_url(monday: date) -> str:
    """Returns the address of a week's review."""
    year, week, _weekday = monday.isocalendar()
    return plugin_url("ledarsteg.review", year=year, week=week)


def open_review_url(today: date) -> str:
    """Returns the address of the review that is offered today; nothing from Monday to Thursday."""
    return review_url(reviewed_week(today)) if is_offered(today) else ""


def journal(owner: Owner, settings: LedarstegSettings, form: InsightForm | None = None) -> dict[str, Any]:
    """Returns what the first page of the journal shows."""
    written = reading.reviews(owner)
    return {
        **_reviews(owner, settings, written),
        **insight_list(owner, form, most=NEWEST),
        "written": written[:NEWEST],
        "more_reviews": len(written) > NEWEST,
    }


def reviews(owner: Owner, settings: LedarstegSettings) -> dict[str, Any]:
    """Returns what the list of all reviews shows."""
    written = reading.reviews(owner)
    return {**_reviews(owner, settings, written), "written": written}


def how_far(owner: Owner, settings: LedarstegSettings) -> dict[str, Any]:
    """Returns what the page of one week's review says of all of them."""
    mondays = [review.monday for review in reading.reviews(owner)]
    so_far = progress.so_far(most_within(mondays, settings.review_weeks), settings)
    return {"so_far": so_far, "rule": progress.rule(settings), **WORDS}


def _reviews(owner: Owner, settings: LedarstegSettings, written: Sequence[Review]) -> dict[str, Any]:
    today = owner.today()
    monday = reviewed_week(today)
    return {
        "open_week": monday,
        "is_offered": is_offered(today),
        "is_written": any(review.monday == monday for review in written),
        "last_day": last_day_for(monday),
        "imbalance": reading.long_imbalance(written),
        "so_far": progress.so_far(most_within((review.monday for review in written), settings.review_weeks), settings),
        "rule": progress.rule(settings),
        **WORDS,
    }


def room(points: int | None) -> str:
    """Says how much room something had, in points."""
    return str(_("%(points)s of 5", points=points)) if points else "\N{EN DASH}"


# Functions that templates call.
WORDS = {"week_words": week_words, "week_days": week_days, "review_url": review_url, "room": room}


def insight_list(owner: Owner, form: InsightForm | None = None, *, most: int | None = None) -> dict[str, Any]:
    """Returns what a list of insights shows, with the form for another one."""
    found = insights.insights(owner, most + 1 if most else None)
    return {
        "form": form or InsightForm(habits=choosable(owner)),
        "noted": found[:most],
        "more_insights": most is not None and len(found) > most,
        "kinds": KIND_TITLES,
    }


def choosable(owner: Owner) -> Sequence[Habit]:
    """Returns the habits that an insight can be about: those that go on."""
    return [log.habit for log in operations.today(owner)]


def said(look: Look) -> list[tuple[str, str]]:
    """Returns what stands in a review, each with what it answers; what was left out is left out."""
    lines = [
        (_("Leader contribution"), look.contribution),
        (_("Tough care"), ", ".join(named(look.sides, SIDE_TITLES))),
        (_("Room for being"), _room_and(look.being, look.being_text)),
        (_("Room for doing"), _room_and(look.doing, look.doing_text)),
        (_("Next week"), look.next_week),
    ]
    return [(str(title), str(text)) for title, text in lines if text]


def _room_and(points: int | None, text: str) -> str:
    return ". ".join(part for part in (room(points) if points else "", text) if part)
