"""Closing: by its manager when enough have answered, by itself on its day; then the report, once, and the box is gone."""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from plugins.group_maturity.models import Measurement, Report, State
from plugins.group_maturity.operations import answering, measurements, releasing, reports, words
from plugins.group_maturity.operations.box import Box
from plugins.group_maturity.operations.measurements import KEY
from service.contract import (
    Cohort,
    Conflict,
    Invalid,
    decide_job,
    forget_passes,
    gettext,
    leave_no_history,
    notify,
    now,
    progress_changed,
    session,
)

# Fewer at a time keep a writing unit short.
BATCH = 50
# The job that counts a closed measurement's report.
CLOSE = f"{KEY}.close"


def close_now(measurement: Measurement, cohort: Cohort) -> None:
    """Closes an open measurement before its day. Raises Invalid when too few have answered, Conflict when it is not open."""
    if measurement.state is not State.OPEN:
        raise Conflict("measurement_not_open")
    if not measurement.enough:
        why = gettext(
            "Fewer than %(least)d have answered. Wait, or give the measurement up.", least=measurement.minimum
        )
        raise Invalid(close=why)
    _close(measurement, cohort)


def close_due() -> list[uuid.UUID]:
    """Closes what is past its day, at most `BATCH`, in the current writing unit; returns which."""
    query = (
        sa.select(Measurement, Cohort)
        .join(Cohort, Cohort.id == Measurement.cohort_id)
        .where(Measurement.state == State.OPEN, Measurement.closes_on <= now().date() + timedelta(days=1))
        .order_by(Measurement.closes_on)
        .limit(BATCH)
        .with_for_update(of=Measurement, skip_locked=True)
    )
    closed = []
    for measurement, cohort in session().execute(query):
        if measurement.closes_on < measurements.today(cohort):
            _close(measurement, cohort)
            closed.append(measurement.id)
    return closed


def _close(measurement: Measurement, cohort: Cohort) -> None:
    measurement.state, measurement.closed_on = State.CLOSED, measurements.today(cohort)
    session().flush()
    decide_job(CLOSE, measurement.id, cohort)


def tidy_history() -> None:
    """Empties the database's log once more, in case a reader was in the way when somebody answered."""
    if session().scalar(sa.select(sa.select(Measurement.id).where(Measurement.state == State.OPEN).exists())):
        leave_no_history()


def uncounted() -> list[uuid.UUID]:
    """Returns closed measurements whose report should have been counted by now."""
    query = sa.select(Measurement.id).where(Measurement.state == State.CLOSED)
    return list(session().scalars(query.where(Measurement.closed_on < now().date()).limit(BATCH)))


def freeze(measurement_id: uuid.UUID) -> None:
    """Counts the report of a closed measurement, or suppresses it, and destroys the answers. Doing it again does nothing."""
    query = sa.select(Measurement).where(Measurement.id == measurement_id).with_for_update()
    measurement = session().scalars(query.execution_options(populate_existing=True)).one_or_none()
    if measurement is None or measurement.state is not State.CLOSED:
        return
    box = answering.box_of(measurement)
    if len(box.ballots) < measurement.minimum:
        measurement.state = State.SUPPRESSED
    else:
        _report(measurement, box)
        measurement.state = State.REPORTED
    measurements.empty(measurement)
    if not measurement.group_reads:
        forget_passes(KEY, measurement.id)
    session().flush()
    notify(measurement.manager_id, cohort_id=measurement.cohort_id)
    progress_changed(measurement.cohort_id, KEY)


def _report(measurement: Measurement, box: Box) -> None:
    instrument = measurements.instrument_of(measurement)
    answers = [answering.unpacked(measurement, instrument, ballot) for ballot in box.ballots]
    figures, moments = reports.count(measurement, instrument, answers)
    report = Report(
        measurement_id=measurement.id, cohort_id=measurement.cohort_id, manager_id=measurement.manager_id,
        instrument_key=instrument.key, instrument_major=instrument.precedence[0], wave=measurement.wave,
        frozen_on=measurement.closed_on, release=None, figures=figures.as_json(), moments=moments.as_text(),
        comments=words.keep(box, reports.rules_of(measurement, instrument)),
    )  # fmt: skip
    session().add(report)
    session().flush()
    releasing.keep(report, figures, [name for name in instrument.scales if instrument.items_of(name, "group")])
