"""The core's own exports: the overview of a cohort, the programme's figures, and the audit trail."""

from service.cohorts.models import Cohort
from service.contract.records import Export
from service.exports import overview, programme, trail
from service.host import Part

CORE = "core"


def exports(cohort: Cohort, part: Part) -> list[Export]:
    """Returns those about the course; who may ask for which stands in each."""
    return [overview.export(cohort, part), programme.export()]


def trails() -> list[Export]:
    """Returns those of the audit trail."""
    return list(trail.exports())
