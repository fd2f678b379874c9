"""What the training department's pages show: the places for texts, the library of steps, and where each is shown."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugins.ledarsteg.cards.slots import SLOT_TITLES, language
from plugins.ledarsteg.models import Slot
from plugins.ledarsteg.operations import library
from plugins.ledarsteg.operations.library import Kept
from plugins.ledarsteg.operations.texts import best
from service.contract import SERVICE_LOCALES, current_launch, lazy

SLOT_PLACES: Mapping[Slot, Any] = {
    Slot.CORE_MODEL: lazy("Shown in the Aha exercise, and where a manager makes a new habit."),
    Slot.CHALLENGES: lazy("Shown first in the Aha exercise: why leading matters here."),
    Slot.FIRST_WEEK: lazy(
        "Shown on her own page before the first habit, and first in the Aha exercise: what the first week is for."
    ),
    Slot.TOUGH_CARE: lazy("Shown on the page about both, and."),
}


@dataclass(frozen=True)
class Place:
    """A place for a text: which languages it is written in, each with whether it is."""

    slot: Slot
    title: str
    where: str
    written: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True)
class Offered:
    """A step as the list of the library shows it."""

    kept: Kept
    title: str
    lang: str
    written: Sequence[tuple[str, str, bool]]


def organisation_id() -> uuid.UUID:
    """Returns whose texts these are."""
    return current_launch().cohort.organisation_id


def overview() -> dict[str, Any]:
    """Returns what the first page shows."""
    here = organisation_id()
    texts = library.slot_texts(here)
    written = {key for key, text in texts.items() if text.body}
    places = [
        Place(
            slot,
            str(SLOT_TITLES[slot]),
            str(SLOT_PLACES[slot]),
            languages({code for one, code in written if one is slot}),
        )
        for slot in Slot
    ]
    steps = [_offered(kept) for kept in library.library(here)]
    return {
        "places": places,
        "steps": [step for step in steps if step.kept.step.withdrawn_at is None],
        "withdrawn": [step for step in steps if step.kept.step.withdrawn_at is not None],
    }


def languages(written: set[str]) -> list[tuple[str, str, bool]]:
    """Returns code and name of each language of the service, and whether something is written in it."""
    return [(code, language(code), code in written) for code in SERVICE_LOCALES]


def _offered(kept: Kept) -> Offered:
    locale = current_launch().locale
    code = best(kept.texts, locale)
    title = kept.texts[code].title if code else "\N{EN DASH}"
    return Offered(kept, title, code if code and code != locale else "", languages(set(kept.texts)))


def place(slot: Slot, locale: str) -> dict[str, Any]:
    """Returns what the page of one text shows beside its form."""
    return {
        "slot": slot, "locale": locale, "title": SLOT_TITLES[slot], "where": SLOT_PLACES[slot], "language": language(locale),
    }  # fmt: skip
