"""A coach's pages: the reports that managers share with her, and nothing else. Each time she opens one is noted."""

import uuid

from plugins.group_maturity.models import Measurement, Share
from plugins.group_maturity.operations import measurements, sharing
from plugins.group_maturity.report import shown as report_shown
from plugins.group_maturity.report import source, view
from plugins.group_maturity.report.source import Reader
from plugins.group_maturity.report.view import Report
from plugins.group_maturity.routes.blueprint import Answer, bp
from service.contract import audit_view, current_launch, page, requires


@bp.get("/shared")
@requires("group_maturity.shared")
def shared() -> Answer:
    """Lists what is shared with her now: whose, and when it closed."""
    launch = current_launch()
    found = sharing.all_shared_with(launch.cohort, launch.person.id)
    names = sharing.managers_of([one for one, _share in found])
    lines = [(one, names[one.id].display_name, share) for one, share in found]
    return page("group_maturity/shared.html", lines=lines)


@bp.get("/shared/<uuid:measurement_id>")
@requires("group_maturity.shared")
def shared_report(measurement_id: uuid.UUID) -> Answer:
    """Shows a report that is shared with her, with the manager's own picture if that is."""
    found, share = opened(measurement_id)
    instrument = measurements.instrument_of(found)
    manager, language = manager_name(found), instrument.language(current_launch().locale)
    report = coach_report(found, share)
    if report is None:
        return page(
            "group_maturity/shared_hidden.html", measurement=found, instrument=instrument, language=language, manager=manager
        )  # fmt: skip
    return page("group_maturity/shared_report.html", measurement=found, manager=manager, share=share,
                **report_shown.parts(report, manager))  # fmt: skip


def manager_name(found: Measurement) -> str:
    """Returns what the manager is called whose report a coach reads."""
    return sharing.managers_of([found])[found.id].display_name


def opened(measurement_id: uuid.UUID) -> tuple[Measurement, Share]:
    """Returns what is shared with the coach, and notes that she looks at it. Raises NotFound for anything else."""
    launch = current_launch()
    found, share = sharing.shared_with(launch.cohort, launch.person.id, measurement_id)
    audit_view("group_maturity.view_report", "measurement", str(measurement_id), found.manager_id)
    return found, share


def coach_report(found: Measurement, share: Share, *, file: bool = False) -> Report | None:
    """Returns a shared report as a coach reads it; None when its result is not shown. `file` as for the manager's."""
    launch = current_launch()
    actor = launch.actor if file else None
    whole = source.of(found, Reader.COACH, launch.zone, with_own=share.with_own, actor=actor)
    return None if whole is None else view.build(whole, launch.locale)
