"""Asking for a copy of one's own data: with it begins what somebody has to look at first."""

from collections.abc import Sequence

from service.cohorts.current import InCohort
from service.cohorts.models import Person
from service.contract.records import LeftOut
from service.core import core
from service.exports import operations
from service.exports.models import ExportFile, ExportFormat
from service.exports.own import writing
from service.exports.own.names import OWN, SUPPLEMENT


def ask(stay: InCohort, *, late: bool = False) -> ExportFile:
    """Asks for her copy, or with `late` for what was given out afterwards alone. Asked again, the same is on its way."""
    if not late:
        writing.left_out(stay.person, asked=True)
    return operations.request(stay, f"core.{SUPPLEMENT if late else OWN}", ExportFormat.ZIP)


def left_out(person: Person) -> Sequence[LeftOut]:
    """Returns what a copy would not hold now."""
    return writing.left_out(person)


def has_late(person: Person) -> bool:
    """Tells whether something was given out to her that somebody had to look at first."""
    found = core().host.everyone().personal_data(person)
    return any(kind.late and len(kind.rows) for _plugin, kinds in found for kind in kinds)
