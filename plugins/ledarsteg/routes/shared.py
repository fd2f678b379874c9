"""The coach's page of the insights that managers of the course share."""

from plugins.ledarsteg.forms.journal import KIND_TITLES
from plugins.ledarsteg.operations.insights import shared_insights
from plugins.ledarsteg.routes.base import Answer, bp
from service.contract import audit_view, current_launch, page, requires


@bp.get("/shared-insights")
@requires("ledarsteg.coach")
def shared() -> Answer:
    """What managers share, by manager. Looking leaves a trace before anything is opened."""
    cohort = current_launch().cohort
    people = shared_insights(cohort)
    for one in people:
        audit_view("ledarsteg.view_insights", "cohort", str(cohort.id), one.person)
    return page("ledarsteg/shared_insights.html", people=people, kinds=KIND_TITLES)
