"""The organisation's own texts as pages show them: in her language, or in one that there is, and then it says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask_babel import get_locale
from markupsafe import Markup

from plugins.ledarsteg.models import Slot
from plugins.ledarsteg.operations import Owner, texts
from plugins.ledarsteg.operations.texts import SlotShown
from service.contract import current_launch, lazy, markdown
from service.contract import gettext as _

SLOT_TITLES: Mapping[Slot, Any] = {
    Slot.CORE_MODEL: lazy("The core model"),
    Slot.CHALLENGES: lazy("What our organisation faces"),
    Slot.FIRST_WEEK: lazy("Your first week"),
    Slot.TOUGH_CARE: lazy("Tough care"),
}


@dataclass(frozen=True)
class SlotView:
    """A text ready to be shown. `lang` is its language where that is not the page's, and `note` then says so."""

    name: str
    title: str
    html: Markup
    lang: str
    note: str


def views(owner: Owner, *wanted: Slot) -> dict[str, SlotView]:
    """Returns the texts for some places, by the place's name; an empty place is left out. One statement."""
    locale = current_launch().locale
    return {slot.value: _view(slot, text) for slot, text in texts.slots(owner, wanted, locale).items()}


def _view(slot: Slot, text: SlotShown) -> SlotView:
    other = "" if text.locale == current_launch().locale else text.locale
    return SlotView(slot.value, str(SLOT_TITLES[slot]), markdown(text.body), other, note(text.locale))


def note(locale: str) -> str:
    """Says that a text is in another language than the page's; nothing when it is not."""
    if locale == current_launch().locale:
        return ""
    return str(_("This text is not there in your language. It is shown in %(language)s.", language=language(locale)))


def language(locale: str) -> str:
    """Returns the name of a language in the language of the page."""
    return str(Locale.parse(locale).get_display_name(get_locale()) or locale)
