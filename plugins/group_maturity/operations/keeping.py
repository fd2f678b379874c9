"""How long what is kept is kept: links until the report need not be readable, reports for five years."""

import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from plugins.group_maturity.models import Measurement, Report, ReportedScale, SelfRating, Share, State
from plugins.group_maturity.operations import words
from plugins.group_maturity.operations.measurements import ENDED, KEY, READABLE_DAYS
from service.contract import Due, Retention, count_rows, delete_rows, forget_passes, lazy, now, session

Some = tuple[type[Any], sa.ColumnElement[bool]]

REPORT_DAYS = 1826
WORDS_DAYS = words.DAYS
DISCARDED_DAYS = 180


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


def count_words(due: Due) -> Mapping[str, int]:
    """Returns how many reports hold people's own words for longer than was promised."""
    return count_rows([(Report, words.old(due.cohorts(), due.before.date()))])


def delete_words(due: Due, _limit: int) -> Mapping[str, int]:
    """Deletes those words; the reports stay."""
    return {Report.__tablename__: words.forget(due.cohorts(), due.before.date())}


def count_reports(due: Due) -> Mapping[str, int]:
    """Returns how many rows of measurements and reports are due, by table."""
    return count_rows(_rows(_old_ended(due)))


def delete_reports(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes measurements and reports that are due, whole releases at a time.

    A mean over teams that lost one of them would tell what that one had, so a release goes when all of it is due, and
    as a whole: as many as there are, whatever the limit.
    """
    del limit
    return _delete(_old_ended(due))


def count_given_up(due: Due) -> Mapping[str, int]:
    """Returns how many rows of measurements that were given up are due."""
    return count_rows(_rows(_given_up(due)))


def delete_given_up(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes some of them."""
    return _delete(_given_up(due)[:limit])


def count_own(due: Due) -> Mapping[str, int]:
    """Returns how many own ratings are due."""
    return count_rows([(SelfRating, SelfRating.cohort_id.in_(due.ended()))])


def raters(due: Due) -> sa.Select[*tuple[Any, ...]]:
    """Selects whose own ratings are due, and the courses."""
    return sa.select(SelfRating.person_id, SelfRating.cohort_id).where(SelfRating.cohort_id.in_(due.ended()))


def delete_own(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes some of them."""
    some = sa.select(SelfRating.id).where(SelfRating.cohort_id.in_(due.ended())).limit(limit)
    return delete_rows([(SelfRating, SelfRating.id.in_(session().scalars(some).all()))])


def _old_ended(due: Due) -> list[uuid.UUID]:
    younger, limit = aliased(Report), due.before.date()
    same = sa.and_(younger.cohort_id == Report.cohort_id, younger.release == Report.release, younger.frozen_on >= limit)
    query = (
        sa.select(Measurement.id)
        .outerjoin(Report, Report.measurement_id == Measurement.id)
        .where(Measurement.cohort_id.in_(due.cohorts()))
        .where(Measurement.state.in_(ENDED), Measurement.closed_on < limit)
        .where(~sa.exists(sa.select(younger.id).where(same).correlate(Report)))
        .order_by(Measurement.closed_on)
    )
    return list(session().scalars(query))


def _given_up(due: Due) -> list[uuid.UUID]:
    query = sa.select(Measurement.id).where(
        Measurement.cohort_id.in_(due.cohorts()), Measurement.state == State.DISCARDED,
        Measurement.closes_on < due.before.date(),
    )  # fmt: skip
    return list(session().scalars(query.order_by(Measurement.closes_on)))


def _rows(ids: Collection[uuid.UUID]) -> list[Some]:
    reports = sa.select(Report.id).where(Report.measurement_id.in_(ids))
    return [
        (Share, Share.measurement_id.in_(ids)),
        (ReportedScale, ReportedScale.report_id.in_(reports)),
        (Report, Report.measurement_id.in_(ids)),
        (Measurement, Measurement.id.in_(ids)),
    ]


def _delete(ids: Collection[uuid.UUID]) -> Mapping[str, int]:
    if not ids:
        return {}
    session().execute(sa.update(SelfRating).where(SelfRating.measurement_id.in_(ids)).values(measurement_id=None))
    session().execute(sa.update(Measurement).where(Measurement.previous_id.in_(ids)).values(previous_id=None))
    return delete_rows(_rows(ids))


_KINDS = {
    Report.__tablename__: lazy("Reports of a group"),
    Measurement.__tablename__: lazy("Measurements"),
    ReportedScale.__tablename__: lazy("Figures of reports"),
    Share.__tablename__: lazy("Shares of reports"),
    SelfRating.__tablename__: lazy("Own ratings"),
}
_CLOSED = lazy("the day the measurement closes")
_YEAR = 365
RULES = (
    Retention("answers", lazy("Answers about a group"), 0, _CLOSED),
    Retention(
        "words", lazy("What a group wrote in its own words"), WORDS_DAYS, _CLOSED, None, None, count_words, delete_words,
        {Report.__tablename__: lazy("Reports that held such words")},
    ),
    Retention(
        "reports", lazy("Reports of a group"), REPORT_DAYS, _CLOSED, _YEAR, 10 * _YEAR, count_reports, delete_reports,
        _KINDS,
    ),
    Retention(
        "given_up", lazy("Measurements that were given up"), DISCARDED_DAYS, lazy("the day it would have closed"), None,
        None, count_given_up, delete_given_up, _KINDS,
    ),
    Retention(
        "own", lazy("Managers' own ratings"), _YEAR, lazy("the end of the cohort"), 90, 5 * _YEAR, count_own, delete_own,
        _KINDS, whose=raters,
    ),
)  # fmt: skip
