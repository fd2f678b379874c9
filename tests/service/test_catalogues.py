"""What one part says it says in its own words, whatever another part means by the same English."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale, gettext

from service.catalogues import speaking
from service.host import Unavailable, guarded
from tests.support import World, parts

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
HOMES = {
    "core": ROOT / "service",
    **{path.parent.name: path.parent for path in (ROOT / "plugins").glob("*/__init__.py")},
}


def own(home: str, locale: str) -> dict[str, str]:
    """The single messages of a catalogue."""
    with (HOMES[home] / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(row.id): str(row.string) for row in read_po(file) if row.id and isinstance(row.id, str)}


@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_each_part_has_the_last_word_on_what_it_says(app: Flask, locale: str) -> None:
    with app.app_context(), force_locale(locale):
        for home in HOMES:
            with speaking(home):
                assert {text: gettext(text) for text in own(home, locale)} == own(home, locale)
        assert {text: gettext(text) for text in own("core", locale)} == own("core", locale)


def test_what_a_part_lacks_it_finds_with_the_others(app: Flask) -> None:
    only_in_core = next(text for text in own("core", "sv") if text not in own("ledarsteg", "sv"))
    with app.app_context(), force_locale("sv"), speaking("ledarsteg"):
        assert gettext(only_in_core) == own("core", "sv")[only_in_core]


def test_a_plugins_answers_and_cards_are_in_its_words_and_what_follows_is_not(app: Flask, world: World) -> None:
    """By a word that two of the parts translate differently, whichever they are."""
    sides = [(home, own(home, "sv")) for home in HOMES if home != "core"]
    text, plugin = next(
        (text, home)
        for home, mine in sides for text in mine
        if any(text in others and others[text] != mine[text] for _name, others in sides)
    )  # fmt: skip
    host = world.core.host
    with app.app_context(), force_locale("sv"), parts(app).units.reading():
        before = gettext(text)
        assert guarded(host[plugin], lambda: gettext(text)) == own(plugin, "sv")[text]
        assert isinstance(guarded(host[plugin], lambda: 1 / 0), Unavailable)
        assert gettext(text) == before


def test_outside_an_application_nothing_is_translated() -> None:
    with speaking("ledarsteg"):
        assert gettext("Habits") == "Habits"
