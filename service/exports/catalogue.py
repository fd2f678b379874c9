"""Which exports there are for a cohort and a role: the core's own, and those of the plugins that are on."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.access import Role
from service.cohorts.models import Cohort
from service.contract.records import Export, ExportScope
from service.exports import core_files
from service.exports.models import ExportFormat
from service.exports.own import offer as own
from service.host import Part, Unavailable

ORDER = (ExportFormat.XLSX, ExportFormat.CSV, ExportFormat.PDF, ExportFormat.JSON)


@dataclass(frozen=True)
class Offer:
    """An export somebody may ask for, and whose it is (`core` or the plugin's key)."""

    plugin: str
    export: Export

    @property
    def formats(self) -> list[ExportFormat]:
        """The formats it comes in, in the order of the page."""
        return [format_ for format_ in ORDER if format_.value in self.export.formats]

    def kinds(self, scope: ExportScope) -> Sequence[str]:
        """The kinds of its columns, where they are known beforehand; else each value's own type decides."""
        return self.export.kinds(scope) if self.export.kinds is not None else ()

    @property
    def file(self) -> str:
        """What its files are called, without an ending."""
        return self.export.file or f"{self.plugin}-{self.export.key}"

    @property
    def code(self) -> str:
        """The offer's name in forms: plugin and export key."""
        return f"{self.plugin}.{self.export.key}"


def offers(cohort: Cohort, part: Part, role: Role) -> list[Offer]:
    """Returns what a person in this role may ask for: of the course, of the plugins, then the audit trail.

    A failing plugin's are left out.
    """
    found = [Offer(core_files.CORE, export) for export in core_files.exports(cohort, part)]
    for plugin, exports in part.exports(cohort):
        if not isinstance(exports, Unavailable):
            found += [Offer(plugin.key, export) for export in exports]
    found += [Offer(core_files.CORE, export) for export in core_files.trails()]
    return [offer for offer in found if role in offer.export.roles]


def find(cohort: Cohort, part: Part, role: Role, code: str) -> Offer | None:
    """Returns the offer of that name, None when this person may not have it."""
    if code in own.CODES:
        return Offer(core_files.CORE, own.export(code))
    return next((offer for offer in offers(cohort, part, role) if offer.code == code), None)
