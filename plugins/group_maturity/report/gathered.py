"""Every ended measurement that somebody has files of: a manager's own, and to a coach those that are shared with her."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import measurements, sharing
from plugins.group_maturity.report import source, view, words
from plugins.group_maturity.report.source import Reader, Unread
from plugins.group_maturity.report.view import Report
from service.contract import Actor, Cohort, ExportScope, Role, audit_views, session, unit
from service.contract import gettext as _


@dataclass(frozen=True)
class Gathered:
    """An ended measurement as its reader may have it. `report` is None where the result is not shown.

    `manager` is whose it is, empty for the manager herself. `label` is what the group is called, or that it does not open.
    """

    measurement: Measurement
    instrument: Instrument
    language: str
    report: Report | None
    label: str
    unread: tuple[Unread, ...]
    manager: str = ""

    @property
    def title(self) -> str:
        """What it is called: the instrument and the group, for a coach whose group it is too."""
        named = f"{self.instrument.title[self.language]}. {self.label}"
        return f"{self.manager}: {named}" if self.manager else named

    @property
    def notice(self) -> str:
        """What must stand wherever the instrument is shown."""
        return (self.instrument.validation.notice or {}).get(self.language, "")

    @property
    def why(self) -> str:
        """Why the result is not shown: the same sentence whether nobody answered or one too few did."""
        return _("Not shown. Fewer than %(k)s.", k=self.measurement.minimum) if self.report is None else ""

    @property
    def not_read(self) -> str:
        """That something of it could not be opened, in a sentence; empty where all could."""
        return words.not_read(self.unread)


def gathered(scope: ExportScope, *, noted: bool = False) -> Sequence[Gathered]:
    """Returns the ended measurements that a person has files of: her own, the first first; a coach's by name and day.

    `noted` writes down that a coach opens them, for each manager to read. Count without it. As many statements as for one.
    """
    cohort = session().get_one(Cohort, scope.cohort_id)
    actor = Actor(cohort.organisation_id, scope.person_id, scope.role.value, cohort.id)
    if scope.role is Role.COACH:
        return _shared(cohort, scope, actor, noted=noted)
    every = measurements.of_manager(cohort, scope.person_id)
    ended = [(one, True) for one in reversed(every) if one.state in measurements.ENDED]
    return _all(ended, Reader.MANAGER, scope.locale, cohort.zone, actor)


def _shared(cohort: Cohort, scope: ExportScope, actor: Actor, *, noted: bool) -> Sequence[Gathered]:
    found = [(one, share.with_own) for one, share in reversed(sharing.all_shared_with(cohort, scope.person_id))]
    persons = sharing.managers_of([one for one, _own in found])
    if noted:
        seen = [(str(one.id), one.manager_id) for one, _own in found]
        audit_views("group_maturity.view_report", "measurement", seen, actor)
    made = _all(found, Reader.COACH, scope.locale, cohort.zone, actor)
    named = [replace(one, manager=persons[one.measurement.id].display_name) for one in made]
    return sorted(named, key=lambda one: one.manager)


def _all(
    some: Sequence[tuple[Measurement, bool]], reader: Reader, locale: str, zone: str, actor: Actor
) -> Sequence[Gathered]:
    whole, instruments = (
        source.of_all(some, reader, zone, actor=actor),
        measurements.instruments_of([m for m, _o in some]),
    )
    unit().vault.fetch({one.manager_id for one, _own in some if one.manager_id})
    made = []
    for one, _own in some:
        report = view.build(whole[one.id], locale) if one.id in whole else None
        label, unread = (report.source.label, report.source.unread) if report else source.label_of(one, actor)
        instrument = instruments[one.id]
        made.append(Gathered(one, instrument, instrument.language(locale), report, label, unread))
    return made
