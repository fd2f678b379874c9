"""The core's own export for a coach: the overview of her cohort, one row per manager.

What stands in it comes from the cohort reports of the plugins that are on: of each manager what she shared, and of
coaching only what is the coach's own. A sheet beside it says what it is and who may read it.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from service.access import Role
from service.clock import local_date
from service.cohorts import people
from service.cohorts.models import Cohort, Member
from service.contract.records import Export, ExportScope, Sheet
from service.contract.reports import CohortReport, Column
from service.exports.cells import Value
from service.host import Part, Plugin, Unavailable
from service.unit import now

KEY = "overview"


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
    def columns(self) -> Sequence[tuple[Plugin, CohortReport, Column]]:
        """Every column with the plugin and the report it belongs to."""
        return [(plugin, report, column) for plugin, report in self.reports for column in report.columns]

    def headers(self) -> list[str]:
        """The headings. A title that two plugins use is followed by the plugin's."""
        titles = [str(column.title) for _plugin, _report, column in self.columns]
        return [_("Name")] + [
            f"{title} ({plugin.manifest.title})" if titles.count(title) > 1 else title
            for title, (plugin, _report, _column) in zip(titles, self.columns, strict=True)
        ]

    def kinds(self) -> list[str]:
        """The columns' kinds, for the writer."""
        return ["text", *(column.kind for _plugin, _report, column in self.columns)]

    def count(self) -> int:
        """How many rows there will be."""
        return len(self.members)

    def rows(self) -> Iterator[list[Value]]:
        """The rows, in the order of the names."""
        for member in self.members:
            yield [member.person.display_name, *(_cell(report, member, column) for _p, report, column in self.columns)]


def _cell(report: CohortReport, member: Member, column: Column) -> Value:
    cell = report.cells.get(member.id, {}).get(column.key)
    if cell is None:
        return None
    # What is not shared or not there has no value, but the words that say so.
    return cell.value if cell.value is not None else str(cell.text)


def _notice(cohort: Cohort) -> Iterator[list[Value]]:
    yield [_("Cohort"), cohort.title]
    yield [_("Made"), local_date(now(), cohort.zone)]
    yield [
        _("What it is"),
        _("What each manager has shared with her coach, and the coaching that is yours. Nothing else is in it."),
    ]
    yield [_("Who may read it"), _("You, as coach. Give it to nobody who is not coach of the same managers.")]


def export(cohort: Cohort, part: Part) -> Export:
    """Returns the overview as an export like any plugin's."""
    made: dict[ExportScope, Overview] = {}

    def of(scope: ExportScope) -> Overview:
        if scope not in made:
            made[scope] = Overview(cohort, part, scope.role, scope.person_id)
        return made[scope]

    def sheets(_scope: ExportScope) -> Sequence[Sheet]:
        return [Sheet(_("About this file"), [_("What"), _("Answer")], lambda: _notice(cohort))]

    return Export(
        key=KEY, file="kohort-oversikt", title=lazy_gettext("Cohort overview"),
        contains=lazy_gettext("what each part shows on the cohort page"),
        readers=lazy_gettext("Whoever you give the file to. Only you can fetch it here."),
        roles=frozenset({Role.COACH}), headers=lambda scope: of(scope).headers(), count=lambda scope: of(scope).count(),
        rows=lambda scope: of(scope).rows(), kinds=lambda scope: of(scope).kinds(), sheets=sheets,
    )  # fmt: skip
