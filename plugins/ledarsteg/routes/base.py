"""What the modules of pages share: the blueprint, whose pages they are, and how a page is answered."""

from flask import Blueprint
from werkzeug.wrappers import Response
from wtforms import Form

from plugins.ledarsteg.operations import Owner
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import Invalid, current_launch

bp = Blueprint("ledarsteg", "plugins.ledarsteg", template_folder="templates")
Answer = tuple[str, int] | Response


def owner() -> Owner:
    """Returns the person whose pages these are."""
    here = current_launch()
    return Owner.of(here.cohort, here.member, here.zone)


def settings() -> LedarstegSettings:
    """Returns what the training department has set for the cohort."""
    found = current_launch().plugins.settings("ledarsteg")
    return found if isinstance(found, LedarstegSettings) else LedarstegSettings()


def refused(form: Form, error: Invalid) -> None:
    """Puts the sentences of a refusal beside their fields; one that has no field of its own beside the first."""
    for name, sentence in error.fields.items():
        field = form[name] if name in form else next(iter(form))
        field.errors = [*field.errors, sentence]
