"""The page of a person's time zone, and the question whether the one in force is right."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from service.access import requires
from service.clock import known_zones
from service.cohorts import zones
from service.cohorts.current import Stay, stay
from service.errors import Invalid
from service.unit import now
from service.web import language, page, partial, wants_partial

Answer = Response | tuple[str, int]
LONGEST = 60


@dataclass(frozen=True)
class Shown:
    """A place, and what time it is there."""

    place: zones.Place
    time: str


@requires("core.any")
def zone() -> Answer:
    """Shows which time zone her days follow and who said so, and all the others to choose from."""
    if wants_partial():
        return partial("cohorts/_zones.html", **_list(stay()))
    return _show(stay(), saved="saved" in request.args)


@requires("core.any")
def choose() -> Answer:
    """Sets her time zone: one of the list, or the one in force, which she says is right."""
    here = stay()
    confirms = "confirms" in request.form
    reason = zones.CONFIRMED if confirms else zones.CHOSEN
    try:
        zones.choose(here.person, request.form.get("zone", ""), reason, here.actor)
    except Invalid:
        return _show(here, wrong=True, status=422)
    return redirect(url_for("l.home") if confirms else url_for("l.zone", saved=1), 303)


def question(here: Stay) -> Shown | None:
    """Returns the zone in force while she has not said that it is right; None once she has."""
    return None if zones.is_confirmed(here.person) else _shown(zones.place(here.zone, language()))


def _show(here: Stay, *, saved: bool = False, wrong: bool = False, status: int = 200) -> tuple[str, int]:
    person, cohort = here.person, here.cohort
    others = {person.zone: "platform", cohort.zone if cohort else "": "course"}
    return page(
        "cohorts/zone.html", status=status, now=_shown(zones.place(here.zone, language())), own=zones.is_confirmed(person),
        said=person.zone in known_zones(), saved=saved and zones.is_confirmed(person), wrong=wrong,
        offered=[(who, _shown(zones.place(name, language()))) for name, who in others.items()
                 if name in known_zones() and name != here.zone],
        **_list(here),
    )  # fmt: skip


def _list(here: Stay) -> dict[str, Any]:
    """What the list of zones needs: those that fit the words, all where none does."""
    words = request.values.get("q", "")[:LONGEST]
    found = zones.search(words, language())
    listed = found or zones.search("", language())
    return {
        "words": words, "nothing": not found, "chosen": request.form.get("zone", here.zone),
        "regions": [(zones.REGIONS[region], [_shown(place) for place in places]) for region, places in listed],
        "number": sum(len(places) for _region, places in found),
    }  # fmt: skip


def _shown(place: zones.Place) -> Shown:
    there = now().astimezone(zones.rules(place.zone))
    return Shown(place, there.strftime("%H.%M" if language() == "sv" else "%H:%M"))
