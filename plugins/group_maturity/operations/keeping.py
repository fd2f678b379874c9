"""How long what is kept is kept: links until the report need not be readable, reports for five years."""

import uuid
from collections.abc import Collection
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from plugins.group_maturity.models import Measurement, Report, ReportedScale, SelfRating, Share, State
from plugins.group_maturity.operations import words
from plugins.group_maturity.operations.measurements import ENDED, KEY, READABLE_DAYS
from service.contract import forget_passes, now, session

REPORT_DAYS = 1826
WORDS_DAYS = words.DAYS
DISCARDED_DAYS = 180
BATCH = 100


def forget_links() -> int:
    """Deletes the links of measurements whose report the group could read long enough. Returns of how many."""
    limit = now().date() - timedelta(days=READABLE_DAYS + 2)
    ended = sa.and_(
        Measurement.state.in_(ENDED), Measurement.closed_on < limit, Measurement.closed_on >= limit - timedelta(days=7)
    )
    ids = session().scalars(sa.select(Measurement.id).where(ended)).all()
    for measurement_id in ids:
        forget_passes(KEY, measurement_id)
    return len(ids)


def forget_old() -> int:
    """Deletes what is due: reports after five years, whole releases at a time, and sooner what was given up.

    A mean over teams that lost one of them would tell what that one had, so a release goes when all of it is due.
    """
    today = now().date()
    due = [*_old_ended(today - timedelta(days=REPORT_DAYS)), *_given_up(today - timedelta(days=DISCARDED_DAYS))]
    _delete(due)
    return len(due)


def _old_ended(limit: date) -> list[uuid.UUID]:
    younger = aliased(Report)
    same = sa.and_(younger.cohort_id == Report.cohort_id, younger.release == Report.release, younger.frozen_on >= limit)
    query = (
        sa.select(Measurement.id)
        .outerjoin(Report, Report.measurement_id == Measurement.id)
        .where(Measurement.state.in_(ENDED), Measurement.closed_on < limit)
        .where(~sa.exists(sa.select(younger.id).where(same).correlate(Report)))
        .order_by(Measurement.closed_on)
    )
    return list(session().scalars(query))


def _given_up(limit: date) -> list[uuid.UUID]:
    query = sa.select(Measurement.id).where(Measurement.state == State.DISCARDED, Measurement.closes_on < limit)
    return list(session().scalars(query.limit(BATCH)))


def _delete(ids: Collection[uuid.UUID]) -> None:
    reports = sa.select(Report.id).where(Report.measurement_id.in_(ids))
    session().execute(sa.update(SelfRating).where(SelfRating.measurement_id.in_(ids)).values(measurement_id=None))
    session().execute(sa.update(Measurement).where(Measurement.previous_id.in_(ids)).values(previous_id=None))
    session().execute(sa.delete(Share).where(Share.measurement_id.in_(ids)))
    session().execute(sa.delete(ReportedScale).where(ReportedScale.report_id.in_(reports)))
    session().execute(sa.delete(Report).where(Report.measurement_id.in_(ids)))
    session().execute(sa.delete(Measurement).where(Measurement.id.in_(ids)))
