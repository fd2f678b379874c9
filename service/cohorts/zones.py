"""A person's time zone: her choice, else what the platform says, else the cohort's. Her days begin and end by it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_timezone_location
from flask_babel import lazy_gettext as _

from service import audit
from service.audit import Actor
from service.clock import known_zones
from service.cohorts.models import Cohort, Person
from service.errors import Invalid
from service.unit import current

DEFAULT = "Europe/Stockholm"
# Why a change stands in the trail: she chose from the list, or said that the one in force is right.
CHOSEN, CONFIRMED = "chosen", "confirmed"
# The parts of the world that the names of zones begin with.
REGIONS = {
    "Africa": _("Africa"), "America": _("America"), "Antarctica": _("Antarctica"), "Arctic": _("The Arctic"), "Asia": _("Asia"),
    "Atlantic": _("The Atlantic"), "Australia": _("Australia"), "Europe": _("Europe"), "Indian": _("The Indian Ocean"),
    "Pacific": _("The Pacific"),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A zone by a city in it, in the reader's language."""

    zone: str
    city: str
    country: str

    @property
    def region(self) -> str:
        """The part of the world, as in `REGIONS`."""
        return self.zone.partition("/")[0]


def zone_of(person: Person, cohort: Cohort | None = None) -> str:
    """Returns the time zone of a person's days: her own choice, else the platform's word, else the cohort's.

    The same for pages, workers and feeds. A name that nobody knows any more is passed over.
    """
    named = (person.own_zone, person.zone, cohort.zone if cohort is not None else "")
    return next((zone for zone in named if zone in known_zones()), DEFAULT)


def is_confirmed(person: Person) -> bool:
    """Tells whether she has said herself which zone her days follow."""
    return person.own_zone in known_zones()


def choose(person: Person, zone: str, reason: str, actor: Actor) -> bool:
    """Sets a person's own zone. Returns whether that changed anything. Raises Invalid for one that is no zone."""
    if zone not in known_zones():
        raise Invalid(zone="unknown")
    if person.own_zone == zone:
        return False
    person.own_zone = zone
    current().session.flush()
    audit.append(actor, "zone.choose", reason=reason, object_type="person", object_ref=str(person.id))
    return True


def search(words: str, locale: str) -> list[tuple[str, Sequence[Place]]]:
    """Returns the places whose city, country or zone holds the words, by part of the world; all for no words."""
    wanted = _plain(words).split()
    found = [place for place, text in _places(locale) if all(word in text for word in wanted)]
    return [(region, list(places)) for region, places in groupby(found, key=lambda place: place.region)]


def place(zone: str, locale: str) -> Place:
    """Returns a zone as a place, whatever name of it is used."""
    city = get_timezone_location(zone, locale=locale, return_city=True)
    return Place(zone, str(city), _countries(locale).get(zone, ""))


@cache
def _places(locale: str) -> Sequence[tuple[Place, str]]:
    """Every zone that is somewhere, and the text it is found by; by part of the world and city."""
    places = [place(zone, locale) for zone in _countries(locale) if zone.partition("/")[0] in REGIONS]
    return [
        (one, _plain(f"{one.city} {one.country} {one.zone}"))
        for one in sorted(places, key=lambda one: (one.region, _plain(one.city)))
    ]


@cache
def _countries(locale: str) -> dict[str, str]:
    """The zones of the IANA table of places, each with the name of its country."""
    names = Locale.parse(locale).territories
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {row[2]: str(names.get(row[0], row[0])) for row in rows}


@cache
def rules(zone: str) -> ZoneInfo:
    """Returns the rules of a zone, kept: a page with all of them reads no file twice."""
    return ZoneInfo(zone)


def _plain(text: str) -> str:
    """Text for searching: without accents, case and underscores."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("_", " "))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
