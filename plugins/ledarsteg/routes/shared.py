"""The coach's page of what managers of the course share beside their habits."""

from plugins.ledarsteg.cards import shared as cards
from plugins.ledarsteg.operations.shared import shared_with_coaches
from plugins.ledarsteg.routes.base import Answer, bp
from service.contract import audit_view, current_launch, page, requires


@bp.get("/shared-with-coaches")
@requires("ledarsteg.coach")
def shared() -> Answer:
    """What managers share, by manager. Looking leaves a trace before anything is opened."""
    cohort = current_launch().cohort
    people = shared_with_coaches(cohort)
    for one in people:
        audit_view("ledarsteg.view_insights", "cohort", str(cohort.id), one.person)
    return page("ledarsteg/shared.html", **cards.page(cohort, people))
