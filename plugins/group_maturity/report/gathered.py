"""Every ended measurement that somebody has files of: a manager's own, and to a coach those that are shared with her."""

from collections.abc import Sequence
from dataclasses import dataclass

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import measurements, sharing
from plugins.group_maturity.report import source, view
from plugins.group_maturity.report.source import Reader
from plugins.group_maturity.report.view import Report
from service.contract import Actor, Cohort, ExportScope, Role, audit_view, session
from service.contract import gettext as _


@dataclass(frozen=True)
class Gathered:
    """An ended measurement as its reader may have it. `report` is None where the result is not shown.

    `manager` is whose it is, empty for the manager herself.
    """

    measurement: Measurement
    instrument: Instrument
    language: str
    report: Report | None
    manager: str = ""

    @property
    def title(self) -> str:
        """What it is called: the instrument and the group, for a coach whose group it is too."""
        named = f"{self.instrument.title[self.language]}. {self.measurement.label}"
        return f"{self.manager}: {named}" if self.manager else named

    @property
    def notice(self) -> str:
        """What must stand wherever the instrument is shown."""
        return (self.instrument.validation.notice or {}).get(self.language, "")

    @property
    def why(self) -> str:
        """Why the result is not shown: the same sentence whether nobody answered or one too few did."""
        return _("Not shown. Fewer than %(k)s.", k=self.measurement.minimum) if self.report is None else ""


def gathered(scope: ExportScope, *, noted: bool = False) -> Sequence[Gathered]:
    """Returns the ended measurements that a person has files of: her own, the first first; a coach's by name and day.

    `noted` writes down that a coach opens them, for each manager to read. Count without it.
    """
    cohort = session().get_one(Cohort, scope.cohort_id)
    if scope.role is Role.COACH:
        return _shared(cohort, scope, noted=noted)
    every = measurements.of_manager(cohort, scope.person_id)
    ended = [one for one in reversed(every) if one.state in measurements.ENDED]
    return [_one(one, source.of(one, Reader.MANAGER, cohort.zone), scope.locale) for one in ended]


def _shared(cohort: Cohort, scope: ExportScope, *, noted: bool) -> Sequence[Gathered]:
    found = sharing.all_shared_with(cohort, scope.person_id)
    names = {key: one.display_name for key, one in sharing.managers_of([one for one, _share in found]).items()}
    actor = Actor(cohort.organisation_id, scope.person_id, scope.role.value, cohort.id)
    made = []
    for one, share in reversed(found):
        if noted:
            audit_view("group_maturity.view_report", "measurement", str(one.id), one.manager_id, actor=actor)
        whole = source.of(one, Reader.COACH, cohort.zone, with_own=share.with_own)
        made.append(_one(one, whole, scope.locale, names[one.id]))
    return sorted(made, key=lambda one: one.manager)


def _one(found: Measurement, whole: source.Source | None, locale: str, manager: str = "") -> Gathered:
    instrument = measurements.instrument_of(found)
    report = None if whole is None else view.build(whole, locale)
    return Gathered(found, instrument, instrument.language(locale), report, manager)
