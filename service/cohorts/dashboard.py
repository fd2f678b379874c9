"""The cohort: as its coach sees it, on `coach_page`, and as the training department does, counts alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from service.access import Role, requires
from service.cohorts import coach_page, people
from service.cohorts.current import InCohort, stay
from service.cohorts.suppression import DEFAULT_MINIMUM, publishable
from service.contract.records import CohortReport
from service.errors import NotFound
from service.host import Plugin, Unavailable, guarded
from service.lti import roster_pages
from service.web import page

T = TypeVar("T")


@requires("core.cohort_report")
def cohort() -> tuple[str, int]:
    """The cohort dashboard. A launch without a course has none."""
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    return _for_training(here) if here.role is Role.TRAINING else coach_page.show(here)


def _take(
    plugin: Plugin, answered: CohortReport | Unavailable, failed: list[Unavailable],
    work: Callable[[CohortReport], T], use: Callable[[T], None],
) -> None:  # fmt: skip
    """Uses what a plugin answered once all of it proves usable: a broken answer leaves no half of itself."""
    part = answered if isinstance(answered, Unavailable) else guarded(plugin, lambda: work(answered))
    if isinstance(part, Unavailable):
        failed.append(part)
    else:
        use(part)


@dataclass(frozen=True)
class Step:
    """A count as the training department sees it: `number` is None when it is withheld; then `percent` is nothing."""

    title: str
    number: int | None
    percent: int = 0


def _for_training(here: InCohort) -> tuple[str, int]:
    seen = roster_pages.look(here)
    managers = people.managers(here.cohort)
    steps: list[Step] = []
    failed: list[Unavailable] = []
    for plugin, answered in here.plugins.cohort_report(here.cohort, managers, Role.TRAINING, here.person.id):
        _take(plugin, answered, failed, lambda report: _steps(report, len(managers)), steps.extend)
    return page(
        "cohorts/training.html",
        course=here.cohort.title,
        steps=steps,
        total=len(managers),
        minimum=DEFAULT_MINIMUM,
        failed=failed,
        roster=seen,
    )


def _steps(report: CohortReport, total: int) -> list[Step]:
    steps = []
    for count in report.counts:
        shown = publishable(count.number, total)
        steps.append(Step(str(count.title), shown, round(100 * shown / total) if shown else 0))
    return steps
