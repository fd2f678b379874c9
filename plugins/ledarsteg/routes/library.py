"""The steps of the training department's library, for a manager to begin from."""

from plugins.ledarsteg.cards import slots
from plugins.ledarsteg.operations import texts
from plugins.ledarsteg.routes.base import Answer, bp, owner
from service.contract import current_launch, markdown, page, requires


@bp.get("/steps")
@requires("ledarsteg.own")
def steps() -> Answer:
    """The steps that are offered."""
    locale = current_launch().locale
    found = texts.steps(owner(), locale)
    return page("ledarsteg/steps.html", found=found, page_locale=locale, markdown=markdown, note=slots.note)
