"""A member's own page: what the plugins that are on have for her today, and the thread of what she has done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from service.access import Role, requires
from service.clock import local_date
from service.cohorts import completion_pages, zone_pages
from service.cohorts.current import InCohort, Stay, stay
from service.cohorts.thread import Thread, thread
from service.contract.records import Card, Place
from service.errors import Denial, NoRole
from service.formats import day
from service.host import Plugin, Unavailable, guarded
from service.mail import endings
from service.unit import now
from service.web import page

Answer = Response | tuple[str, int]


@requires("core.any")
def home() -> Answer:
    """The first page after a launch: her own for a manager, the cohort for a coach, the switches for training."""
    here = stay()
    if here.role is Role.CANDIDATE:
        return page("cohorts/claim.html", error="", onward=request.args.get("next", ""))
    if not isinstance(here, InCohort):
        return page("cohorts/no_course.html")
    if here.role is Role.NONE:
        raise NoRole("no_role", denial=Denial("authz", "role", "endpoint", "l.home"))
    if here.role is not Role.MANAGER:
        return redirect(url_for("l.cohort" if here.role is Role.COACH else "l.switches"), 303)
    return _own_page(here)


@dataclass(frozen=True)
class Shown:
    """A card as drawn, or the slot of one that could not be."""

    place: Place
    order: int
    html: str
    failed: Unavailable | None = None
    heading: str = ""


def _own_page(here: InCohort) -> Answer:
    cards = draw(here)
    headings = [card.heading for card in cards if card.heading]
    return page(
        "cohorts/home.html", when=today_line(here), heading=headings[0] if headings else _("Today"),
        main=_at(cards, Place.MAIN), side=_at(cards, Place.SIDE), below=_at(cards, Place.BELOW), thread=_thread(here),
        ways=list(_ways(here)), news=completion_pages.news(here), zone_question=zone_pages.question(here),
        came_back=endings.came_back(here), ends_on=_ends_on(here),
    )  # fmt: skip


def _ends_on(here: InCohort) -> str:
    """From which day on what she has in a course that was put away is deleted; "" while there is no hurry."""
    at = endings.ends_on(here)
    return "" if at is None else day(at, year=True)


@dataclass(frozen=True)
class Way:
    """A page that shows how something of hers goes."""

    title: Any
    url: str


def _ways(here: InCohort) -> Iterator[Way]:
    """What there is to see of how it goes, from all plugins; declared by them, so that it takes no look-up."""
    declared = [(item, plugin.key) for plugin in here.plugins for item in plugin.manifest.shortcuts]
    for item, key in sorted(declared, key=lambda pair: pair[0].order):
        if here.role in item.roles:
            yield Way(item.title, url_for(f"l.{key}.{item.endpoint}"))


def today_line(here: Stay) -> str:
    """Writes the person's own day: `Tisdag 24 november, vecka 48` (ISO 8601 week)."""
    today = local_date(now(), here.zone)
    text = _("%(day)s, week %(week)s", day=day(today, weekday=True), week=today.isocalendar().week)
    return str(text[:1].upper() + text[1:])


def draw(here: InCohort) -> list[Shown]:
    """Asks every plugin that is on for its cards and draws each on its own: one that fails costs its slot alone."""
    shown: list[Shown] = []
    for plugin, answered in here.plugins.home_cards(here.cohort, here.member):
        shown += _cards_of(plugin, answered)
    return sorted(shown, key=lambda card: (list(Place).index(card.place), card.order))


def _cards_of(plugin: Plugin, answered: Sequence[Card] | Unavailable) -> list[Shown]:
    cards = answered if isinstance(answered, Unavailable) else guarded(plugin, lambda: list(answered))
    if isinstance(cards, Unavailable):
        return [Shown(Place.MAIN, 50, "", cards)]
    return [_draw_one(plugin, card) for card in cards]


def _draw_one(plugin: Plugin, card: Card) -> Shown:
    drawn = guarded(plugin, lambda: _render(card))
    if isinstance(drawn, Unavailable):
        return Shown(getattr(card, "place", Place.MAIN), getattr(card, "order", 50), "", drawn)
    return drawn


def _render(card: Card) -> Shown:
    html = Markup(render_template(card.template, **card.context))  # noqa: S704 - a template's own output, already escaped
    return Shown(Place(card.place), card.order, html, heading=str(card.context.get("heading", "")))


def _at(cards: Sequence[Shown], place: Place) -> list[Shown]:
    return [card for card in cards if card.place is place]


def _thread(here: InCohort) -> Thread:
    return thread(here.plugins, here.cohort, here.member)


def where_to(here: Stay, plugin: Plugin) -> Any:
    """Returns the address of a plugin's first page for this role, her own first page where it has none for her."""
    fitting = [item for item in plugin.manifest.nav if here.role in item.roles]
    if not fitting:
        return url_for("l.home")
    return url_for(f"l.{plugin.key}.{min(fitting, key=lambda item: item.order).endpoint}")
