"""The training department's file: what may be shown of every cohort of the deployment, a row for each, and no person in it.

The numbers are those of the pages: counted in the same week and withheld by the one rule (`cohorts/counting.py`,
`cohorts/suppression.py`), cohort by cohort. Nothing is counted for the file, so that no two of them can be subtracted.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from service.access import Role
from service.cohorts import counting, programme
from service.cohorts.counting import Figures, Published, Shown
from service.cohorts.models import Cohort
from service.cohorts.programme import Said
from service.cohorts.suppression import DEFAULT_MINIMUM
from service.contract.records import Export, ExportScope
from service.core import core
from service.exports.cells import Value
from service.exports.overview import PartMissing
from service.unit import current

WITHHELD = "–"  # noqa: RUF001 - the dash that stands for a withheld number on every page
# How many managers a cohort has, said no more closely than this.
BANDS = ((5, 9), (10, 19), (20, 49), (50, 99))


def export() -> Export:
    """Returns the declaration."""
    return Export(
        key="programme", file="kohort-utbildning", title=lazy_gettext("Cohorts, counts"),
        contains=lazy_gettext("A row for each cohort and count, with what is withheld and why. No names."),
        readers=lazy_gettext(
            "Whoever you give the file to. No manager's name is in it, and numbers that fewer than %(k)s stand behind are "
            "withheld.", k=DEFAULT_MINIMUM,
        ),
        roles=frozenset({Role.TRAINING}), headers=_headers, count=_count, rows=_rows,
        kinds=lambda _scope: ["text", "text", "text", "number", "text", "text"],
    )  # fmt: skip


def _headers(_scope: ExportScope) -> Sequence[str]:
    return [_("Cohort"), _("Part"), _("Metric"), _("At least"), _("Managers in the cohort, band"), _("Why withheld")]


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


def _count(scope: ExportScope) -> int:
    """At least so many rows: one for each cohort. The others are counted as they are written."""
    return len(_cohorts(scope))


def _rows(scope: ExportScope) -> Iterator[Sequence[Value]]:
    cohorts = _cohorts(scope)
    published = counting.published(one.id for one in cohorts)
    words, failed = programme.said(core().host.everyone(), cohorts[0])
    if failed:
        raise PartMissing(failed[0].plugin.key)
    for cohort in cohorts:
        figures = published.get(cohort.id, Published(cohort.id)).figures
        for part, metric, number in _metrics(words, figures):
            yield [cohort.title, part, metric, *_shown(number, figures.total)]


def _metrics(words: Said, figures: Figures) -> Iterator[tuple[str, str, Shown]]:
    """Yields part, metric and what may be shown of everything that a cohort was counted by."""
    yield "", _("Managers in the cohort"), figures.total or None
    for key, count in words.counts.items():
        if key in figures.counts:
            yield _part(key), str(count.title), figures.counts[key]
    for key, spread in words.spreads.items():
        for label, number in zip(spread.labels, figures.spreads.get(key, ()), strict=False):
            yield _part(key), f"{spread.title}: {label}", number
    for key, amount in words.amounts.items():
        if key in figures.amounts:
            yield _part(key), f"{amount.title} ({amount.unit})", figures.amounts[key]


def _part(key: str) -> Any:
    plugin = key.partition("/")[0]
    return str(core().host[plugin].manifest.title) if plugin in core().host else ""


def _shown(number: Shown, total: int) -> list[Value]:
    """The value or a dash, the band, and why it is withheld."""
    if number is None:
        return [WITHHELD, band(total), _("Not shown. Fewer than %(k)s.", k=DEFAULT_MINIMUM)]
    return [number, band(total), ""]


def band(total: int) -> str:
    """Returns a number of people as a band. With a dash: a program for tables takes 10-19 for a day in October."""
    if total < BANDS[0][0]:
        return f"<{BANDS[0][0]}"
    return next((f"{low}\N{EN DASH}{high}" for low, high in BANDS if total <= high), f"{BANDS[-1][1] + 1}+")
