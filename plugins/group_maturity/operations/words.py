"""What people wrote in their own words: kept where it may be read, mixed, for 90 days; read by the manager and nobody else."""

import json
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from plugins.group_maturity.calculations import suppression
from plugins.group_maturity.calculations.suppression import Rules
from plugins.group_maturity.models import Measurement, Report
from plugins.group_maturity.operations.box import Box, mixed
from service.contract import session

# As long as raw answers may be kept after closing (domain.md §5.5).
DAYS = 90


@dataclass(frozen=True)
class Words:
    """What a report holds of that. `texts` is empty alike where nobody wrote and where too few did; `until` is the last day."""

    texts: tuple[str, ...]
    until: date
    gone: bool


def keep(box: Box, rules: Rules) -> str:
    """Returns what is kept of a closed box's texts, as JSON, mixed once more; nothing where they may not be read."""
    if not suppression.comments_shown(len(box.ballots), len(box.comments), rules):
        return ""
    return json.dumps(mixed(box.comments), ensure_ascii=False)


def of(measurement: Measurement, today: date) -> Words | None:
    """Returns what people wrote in a measurement; None where they were not asked to, or there is no report."""
    query = sa.select(Report).where(Report.measurement_id == measurement.id)
    report = session().scalars(query).one_or_none() if measurement.comments else None
    if report is None:
        return None
    until = report.frozen_on + timedelta(days=DAYS)
    gone = today > until
    return Words(() if gone else texts_in(report), until, gone)


def texts_in(report: Report) -> tuple[str, ...]:
    """Returns the texts of a report, in an order that says nothing."""
    return tuple(json.loads(report.comments or "[]"))


def old(cohorts: sa.Select[uuid.UUID], before: date) -> sa.ColumnElement[bool]:
    """Returns which reports of those cohorts hold words and were frozen before the day before a day."""
    return sa.and_(
        Report.cohort_id.in_(cohorts),
        Report.frozen_on < before - timedelta(days=1),
        Report.comments_sealed.is_not(None),
    )


def forget(cohorts: sa.Select[uuid.UUID], before: date) -> int:
    """Deletes what was kept long enough. Returns of how many reports."""
    gone = sa.update(Report).where(old(cohorts, before)).values(comments_sealed=None)
    done = session().execute(gone, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
