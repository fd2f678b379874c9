"""When reports become part of what the training department sees: always at least five teams at once.

Whoever reads a mean today and with one team more later could take one from the other and have that team's report. So
figures are added in releases, and a release is made only when every remainder between two means is at least five teams.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from plugins.group_maturity.calculations import suppression
from plugins.group_maturity.models import Report, ReportedScale
from plugins.group_maturity.operations.figures import Figures
from service.contract import session

TEAMS = 5


def keep(report: Report, figures: Figures, sides: Sequence[str]) -> None:
    """Keeps a report's sides for means over teams, when it shows all of them; releases those that may be by now.

    A report that withholds one side would make that side's mean rest on other teams than the rest.
    """
    values = [(side, figures.scales[side].value) for side in sides]
    if any(value is None for _side, value in values):
        return
    session().add_all(ReportedScale(report_id=report.id, scale=side, value=value) for side, value in values)
    session().flush()
    _release(report)


def _release(report: Report) -> None:
    counted = sa.select(ReportedScale.report_id).where(ReportedScale.report_id == Report.id).exists()
    series = (
        Report.cohort_id == report.cohort_id, Report.instrument_key == report.instrument_key,
        Report.instrument_major == report.instrument_major, Report.wave == report.wave, counted,
    )  # fmt: skip
    rows = session().execute(sa.select(Report.id, Report.release).where(*series).with_for_update()).all()
    number = max((release for _id, release in rows if release is not None), default=0)
    published = [
        frozenset(id_ for id_, release in rows if release is not None and release <= upto)
        for upto in range(1, number + 1)
    ]
    if not suppression.complement_holds(frozenset(id_ for id_, _release in rows), published, TEAMS):
        return
    waiting = [id_ for id_, release in rows if release is None]
    session().execute(sa.update(Report).where(Report.id.in_(waiting)).values(release=number + 1))
