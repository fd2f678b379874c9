"""What comes next in her small steps: at most three quiet lines on her own page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plugins.ledarsteg.calculations import friday_of, is_offered, monday_of, reviewed_week
from plugins.ledarsteg.cards import journal, progress
from plugins.ledarsteg.forms.journal import InsightForm
from plugins.ledarsteg.models import Offer
from plugins.ledarsteg.operations.journal import Standing
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import Card, Place, day, ngettext, plugin_url
from service.contract import gettext as _

MOST = 3


@dataclass(frozen=True)
class Line:
    """Something that is offered. `offer` can be put away with "not now"."""

    when: str
    what: str
    sub: str = ""
    url: str = ""
    link: str = ""
    offer: Offer | None = None


def cards(stands: Standing, settings: LedarstegSettings) -> Sequence[Card]:
    """Returns one card beside the day's steps; none before anything is written here, unless there is something to offer."""
    lines = list(_lines(stands, settings))[:MOST]
    if not lines and stands.begun is None:
        return []
    context = {"lines": lines, "plugin_url": plugin_url, "form": InsightForm() if stands.begun else None}
    return [Card("ledarsteg/_next_up.html", context, Place.SIDE, order=10)]


def _lines(stands: Standing, settings: LedarstegSettings) -> Iterator[Line]:
    """What can be done now, and then the Friday that is to come."""
    begun = stands.begun is not None
    if begun and is_offered(stands.today) and reviewed_week(stands.today) not in stands.reviewed:
        yield _friday(stands, settings)
    if settings.term_ends_on and stands.undecided:
        sub = ngettext("%(num)d habit to decide about", "%(num)d habits to decide about", stands.undecided)
        yield Line(
            _("Until %(day)s", day=day(settings.term_ends_on)), _("The term ends: keep, raise or finish"), sub,
            plugin_url("ledarsteg.term"), _("Decide"),
        )  # fmt: skip
    # Before her first habit her page leads to it anyway.
    if stands.habits and stands.offers_aha:
        what = _("What is the core of leading?")
        yield Line(
            _("In your first week"), what, _("The Aha exercise, ten minutes"), plugin_url("ledarsteg.aha"), _("Begin"),
            Offer.AHA,
        )  # fmt: skip
    if stands.offers_carry_over:
        sub = ngettext("%(num)d habit to choose from", "%(num)d habits to choose from", stands.portable)
        yield Line(
            _("From an earlier course"), _("Take habits along"), sub, plugin_url("ledarsteg.archive"), _("Choose"),
            Offer.CARRY_OVER,
        )  # fmt: skip
    if begun and not is_offered(stands.today):
        yield _friday(stands, settings)


def _friday(stands: Standing, settings: LedarstegSettings) -> Line:
    monday = monday_of(stands.today)
    text = day(friday_of(monday), weekday=True)
    when = text[:1].upper() + text[1:]
    sub = progress.so_far(stands.reviews_done(settings.review_weeks), settings)
    what = _("Friday review, five minutes")
    if not is_offered(stands.today):
        return Line(when, what, sub)
    return Line(_("Until Sunday"), what, sub, journal.review_url(monday), _("Look back on the week"))
