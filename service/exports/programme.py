"""The training department's file: counts of every cohort of the deployment, a row for each, and no person in it.

Every number passes the one function that says what may be shown (`cohorts/suppression.py`), cohort by cohort; nothing is
added up over cohorts, so that nothing can be subtracted.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from service.access import Role
from service.cohorts import people
from service.cohorts.models import Cohort, CohortPlugin
from service.cohorts.suppression import DEFAULT_MINIMUM, publishable
from service.contract.records import CohortReport, Export, ExportScope
from service.core import core
from service.exports.cells import Value
from service.exports.overview import PartMissing
from service.host import Part, Unavailable
from service.unit import current

WITHHELD = "–"  # noqa: RUF001 - the dash that stands for a withheld number on every page
# How many managers a cohort has, said no more closely than this.
BANDS = ((5, 9), (10, 19), (20, 49), (50, 99))


def export() -> Export:
    """Returns the declaration."""
    return Export(
        key="programme", title=lazy_gettext("Cohorts, counts"),
        contains=lazy_gettext("A row for each cohort and count, with what is withheld and why. No names."),
        readers=lazy_gettext(
            "Whoever you give the file to. No manager's name is in it, and numbers that fewer than %(k)s stand behind are "
            "withheld.", k=DEFAULT_MINIMUM,
        ),
        roles=frozenset({Role.TRAINING}), headers=_headers, count=_count, rows=_rows,
        kinds=lambda _scope: ["text", "text", "text", "number", "text", "text"],
    )  # fmt: skip


def _headers(_scope: ExportScope) -> Sequence[str]:
    return [_("Cohort"), _("Part"), _("Metric"), _("Value"), _("Managers in the cohort, band"), _("Why withheld")]


def _cohorts(scope: ExportScope) -> Sequence[Cohort]:
    """The cohorts beside the one she asks in: of its deployment, and not put away."""
    here = current().session.get_one(Cohort, scope.cohort_id)
    query = (
        sa.select(Cohort)
        .where(
            Cohort.deployment_id == here.deployment_id, Cohort.organisation_id == here.organisation_id,
            sa.or_(Cohort.archived_at.is_(None), Cohort.id == here.id),
        )
        .order_by(Cohort.title, Cohort.id)
    )  # fmt: skip
    return current().session.scalars(query).all()


def _parts(cohorts: Sequence[Cohort]) -> dict[Cohort, Part]:
    """Which plugins are on in each, in one statement."""
    query = sa.select(CohortPlugin).where(CohortPlugin.cohort_id.in_([one.id for one in cohorts]), CohortPlugin.enabled)
    switches = list(current().session.scalars(query))
    return {
        one: core().host.for_cohort({row.plugin: row.settings for row in switches if row.cohort_id == one.id})
        for one in cohorts
    }


def _reports(scope: ExportScope, cohort: Cohort, part: Part) -> Iterator[tuple[str, CohortReport, int]]:
    """Yields each plugin's counts with its title and how many managers there are. Raises PartMissing when one failed."""
    members = people.managers(cohort)
    yield "", CohortReport(), len(members)
    for plugin, report in part.cohort_report(cohort, members, scope.role, scope.person_id):
        if isinstance(report, Unavailable):
            raise PartMissing(plugin.key)
        yield str(plugin.manifest.title), report, len(members)


def _count(scope: ExportScope) -> int:
    """At least so many rows: one for each cohort. The others are counted as they are written."""
    return len(_cohorts(scope))


def _rows(scope: ExportScope) -> Iterator[Sequence[Value]]:
    for cohort, part in _parts(_cohorts(scope)).items():
        for plugin, report, total in _reports(scope, cohort, part):
            if not plugin:
                yield [cohort.title, "", _("Managers in the cohort"), *_shown(total, total)]
            for counted in report.counts:
                yield [cohort.title, plugin, str(counted.title), *_shown(counted.number, total)]


def _shown(number: int, total: int) -> list[Value]:
    """The value or a dash, the band, and why it is withheld."""
    shown = publishable(number, total)
    if shown is None:
        return [WITHHELD, band(total), _("Not shown. Fewer than %(k)s.", k=DEFAULT_MINIMUM)]
    return [shown, band(total), ""]


def band(total: int) -> str:
    """Returns a number of people as a band."""
    if total < BANDS[0][0]:
        return f"<{BANDS[0][0]}"
    return next((f"{low}-{high}" for low, high in BANDS if total <= high), f"{BANDS[-1][1] + 1}+")
