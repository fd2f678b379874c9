"""The cohort: as its coach sees it, on `coach_page`, and as the training department does, counts alone."""

from service.access import Role, requires
from service.cohorts import coach_page, counting, people, programme
from service.cohorts.current import InCohort, stay
from service.cohorts.suppression import DEFAULT_MINIMUM
from service.errors import NotFound
from service.lti import roster_pages
from service.web import page


@requires("core.cohort_report")
def cohort() -> tuple[str, int]:
    """The cohort dashboard. A launch without a course has none."""
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    return _for_training(here) if here.role is Role.TRAINING else coach_page.show(here)


def _for_training(here: InCohort) -> tuple[str, int]:
    seen = roster_pages.look(here)
    said, failed = programme.said(here.plugins, here.cohort)
    published = counting.of_cohort(here.cohort)
    return page(
        "cohorts/training.html",
        course=here.cohort.title,
        steps=[programme.line(count.title, [(published.figures, key)]) for key, count in said.counts.items()],
        total=len(people.managers(here.cohort)),
        published=published,
        minimum=DEFAULT_MINIMUM,
        failed=failed,
        roster=seen,
    )
