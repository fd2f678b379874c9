"""When reports become part of what the training department sees: always at least five teams at once.

Whoever reads an average today and one team later could take one from the other and have that team's report. So figures
are added in releases of at least five new teams, and every remainder between two averages is at least five teams.
"""

import sqlalchemy as sa

from plugins.group_maturity.models import Report, ReportedScale
from service.contract import session

TEAMS = 5


def release(report: Report) -> None:
    """Releases what waits in the report's cohort, when with this one at least five teams do."""
    numbered = sa.select(ReportedScale.report_id).where(ReportedScale.report_id == Report.id).exists()
    waiting = sa.and_(
        Report.cohort_id == report.cohort_id, Report.instrument_key == report.instrument_key,
        Report.instrument_major == report.instrument_major, Report.release.is_(None), numbered,
    )  # fmt: skip
    ids = session().scalars(sa.select(Report.id).where(waiting).with_for_update()).all()
    if len(ids) < TEAMS:
        return
    query = sa.select(sa.func.coalesce(sa.func.max(Report.release), 0)).where(Report.cohort_id == report.cohort_id)
    number = session().scalar(query) or 0
    session().execute(sa.update(Report).where(Report.id.in_(ids)).values(release=number + 1))
