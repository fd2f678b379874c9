"""What the modules of pages share: the blueprint, whose pages they are, and how a page is answered."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, request
from werkzeug.wrappers import Response
from wtforms import Form

from plugins.ledarsteg.cards import sections, slots
from plugins.ledarsteg.models import Slot
from plugins.ledarsteg.operations import Owner
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import Invalid, current_launch
from service.contract import gettext as _

bp = Blueprint("ledarsteg", "plugins.ledarsteg", template_folder="templates")
Answer = tuple[str, int] | Response
T = TypeVar("T")


def owner() -> Owner:
    """Returns the person whose pages these are."""
    here = current_launch()
    return Owner.of(here.cohort, here.member, here.zone)


def settings() -> LedarstegSettings:
    """Returns what the training department has set for the cohort."""
    found = current_launch().plugins.settings("ledarsteg")
    return found if isinstance(found, LedarstegSettings) else LedarstegSettings()


@bp.context_processor
def around() -> dict[str, Any]:
    """Gives every page the row of the plugin's parts (`_sections.html`), what a coach sees, and the organisation's texts."""
    here = (request.endpoint or "").rsplit(".", 1)[-1]
    return {"sections": sections.links(here), "private": private_words, "own_text": own_text}


def own_text(name: str) -> slots.SlotView | None:
    """Returns the organisation's own text for a place (`_slot.html` shows it); None while nobody has written it."""
    return slots.views(owner(), Slot(name)).get(name)


def private_words() -> str:
    """Says who sees what is not shared, as it is set for the cohort."""
    if settings().coach_sees_activity:
        return str(_("Only you. Your coach sees that you have a step and on how many days you note something."))
    return str(_("Only you. Your coach sees nothing of it."))


def refused(form: Form, error: Invalid) -> None:
    """Puts the sentences of a refusal beside their fields; one that has no field of its own beside the first."""
    for name, sentence in error.fields.items():
        field = form[name] if name in form else next(iter(form))
        field.errors = [*field.errors, sentence]


def asked(name: str, read: Callable[[str], T]) -> T | None:
    """Returns what the address says under a name, or nothing where it says nothing that can be read."""
    try:
        return read(request.args.get(name, ""))
    except ValueError:
        return None
