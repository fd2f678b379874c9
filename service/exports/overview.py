"""The core's own export: the cohort overview.

A coach gets one row per manager with what the plugins that are on contribute. The training department gets counts
alone, withheld by the same rule as on its page.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from service.access import Role
from service.cohorts import counting, people, programme
from service.cohorts.models import Cohort, Member
from service.cohorts.programme import Said
from service.cohorts.suppression import DEFAULT_MINIMUM
from service.contract.records import CohortReport, Column, Export, ExportScope
from service.exports.writers import Value
from service.host import Part, Plugin, Unavailable

CORE = "core"
KEY = "overview"
WITHHELD = "–"  # noqa: RUF001 - the dash that stands for a withheld number on every page


class PartMissing(Exception):
    """A plugin could not give its part: an incomplete overview must not look complete."""


@dataclass
class Overview:
    """The overview of one cohort as one person may see it, asked of the plugins once."""

    cohort: Cohort
    part: Part
    role: Role
    viewer: uuid.UUID

    @cached_property
    def members(self) -> Sequence[Member]:
        """The managers, by name."""
        return people.managers(self.cohort)

    @cached_property
    def reports(self) -> Sequence[tuple[Plugin, CohortReport]]:
        """What each plugin contributes. Raises PartMissing when one failed."""
        found = []
        for plugin, report in self.part.cohort_report(self.cohort, self.members, self.role, self.viewer):
            if isinstance(report, Unavailable):
                raise PartMissing(plugin.key)
            found.append((plugin, report))
        return found

    @cached_property
    def said(self) -> Said:
        """What the training department's numbers are called. Raises PartMissing when a plugin failed."""
        found, failed = programme.said(self.part, self.cohort)
        if failed:
            raise PartMissing(failed[0].plugin.key)
        return found

    @cached_property
    def columns(self) -> Sequence[tuple[Plugin, CohortReport, Column]]:
        """Every column with the plugin and the report it belongs to."""
        return [(plugin, report, column) for plugin, report in self.reports for column in report.columns]

    def headers(self) -> list[str]:
        """The headings. A title that two plugins use is followed by the plugin's."""
        if self.role is Role.TRAINING:
            return [_("What"), _("Number"), _("Note")]
        titles = [str(column.title) for _plugin, _report, column in self.columns]
        return [_("Name")] + [
            f"{title} ({plugin.manifest.title})" if titles.count(title) > 1 else title
            for title, (plugin, _report, _column) in zip(titles, self.columns, strict=True)
        ]

    def kinds(self) -> list[str]:
        """The columns' kinds, for the writer."""
        if self.role is Role.TRAINING:
            return ["text", "number", "text"]
        return ["text", *(column.kind for _plugin, _report, column in self.columns)]

    def count(self) -> int:
        """How many rows there will be."""
        if self.role is Role.TRAINING:
            return 1 + len(self.said.counts)
        return len(self.members)

    def rows(self) -> Iterator[list[Value]]:
        """The rows, in the order of the names, or of the plugins."""
        if self.role is Role.TRAINING:
            published = counting.of_cohort(self.cohort)
            yield [_("Managers in the cohort"), published.figures.total, ""]
            for key, counted in self.said.counts.items():
                yield _counted(str(counted.title), published.figures.counts.get(key))
            return
        for member in self.members:
            yield [member.person.display_name, *(_cell(report, member, column) for _p, report, column in self.columns)]


def _counted(title: str, shown: int | None) -> list[Value]:
    """A number as the page shows it: counted in the same week, withheld by the same rule."""
    if shown is None:
        return [title, WITHHELD, _("Not shown. Fewer than %(k)s.", k=DEFAULT_MINIMUM)]
    return [title, shown, _("at least")]


def _cell(report: CohortReport, member: Member, column: Column) -> Value:
    cell = report.cells.get(member.id, {}).get(column.key)
    if cell is None:
        return None
    # What is not shared or not there has no value, but the words that say so.
    return cell.value if cell.value is not None else str(cell.text)


def export(cohort: Cohort, part: Part) -> tuple[Export, Callable[[ExportScope], Sequence[str]]]:
    """Returns the overview as an export like any plugin's, and the kinds of its columns."""
    made: dict[ExportScope, Overview] = {}

    def of(scope: ExportScope) -> Overview:
        if scope not in made:
            made[scope] = Overview(cohort, part, scope.role, scope.person_id)
        return made[scope]

    def headers(scope: ExportScope) -> Sequence[Any]:
        return of(scope).headers()

    def rows(scope: ExportScope) -> Iterable[Sequence[Value]]:
        return of(scope).rows()

    offered = Export(
        key=KEY, title=_l("Cohort overview"), contains=_l("what each part shows on the cohort page"),
        readers=_l("Whoever you give the file to. Only you can fetch it here."),
        roles=frozenset({Role.COACH, Role.TRAINING}), headers=headers, count=lambda scope: of(scope).count(), rows=rows,
    )  # fmt: skip
    return offered, lambda scope: of(scope).kinds()
