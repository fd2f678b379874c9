"""A person's own copy of what is kept about her here, and its erasure."""

import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from plugins.group_maturity.models import Inbox, InstrumentVersion, Measurement, Report, Share, State
from plugins.group_maturity.operations import words
from plugins.group_maturity.operations.measurements import KEY
from service.contract import Person, forget_passes, leave_no_history, session


def measurements_of(person: Person) -> Sequence[Measurement]:
    """Returns all measurements of a manager, in every cohort, the first first."""
    query = sa.select(Measurement).where(Measurement.manager_id == person.id)
    return session().scalars(query.order_by(Measurement.created_at, Measurement.id)).all()


def words_about(person: Person) -> dict[uuid.UUID, Sequence[str]]:
    """Returns what groups wrote in their own words in a manager's reports, by measurement, in one statement."""
    query = sa.select(Report).where(Report.manager_id == person.id, Report.comments_sealed.is_not(None))
    return {report.measurement_id: words.texts_in(report) for report in session().scalars(query)}


def shares_about(person: Person) -> Sequence[tuple[Share, Measurement]]:
    """Returns what a person shared as a manager, and what was shared with her as a coach."""
    query = (
        sa.select(Share, Measurement)
        .join(Measurement, Measurement.id == Share.measurement_id)
        .where(sa.or_(Measurement.manager_id == person.id, Share.coach_id == person.id))
        .order_by(Share.shared_at, Share.id)
    )
    return [(row[0], row[1]) for row in session().execute(query)]


def uploads_of(person: Person) -> Sequence[InstrumentVersion]:
    """Returns the instruments that a person uploaded or declared."""
    mine = sa.or_(InstrumentVersion.uploaded_by == person.id, InstrumentVersion.declared_by == person.id)
    return session().scalars(sa.select(InstrumentVersion).where(mine).order_by(InstrumentVersion.uploaded_at)).all()


def erase_shares(person: Person) -> int:
    """Deletes the shares of a person's reports, and those with her as a coach. Returns how many."""
    own = sa.select(Measurement.id).where(Measurement.manager_id == person.id)
    mine = sa.or_(Share.measurement_id.in_(own), Share.coach_id == person.id)
    return _rows(session().execute(sa.delete(Share).where(mine)))


def erase_measurements(person: Person) -> tuple[int, int]:
    """Deletes a manager's measurements; of those with a report only its figures stay, without her and her words.

    Returns how many were deleted and of how many the figures stay: they are part of means that others have seen, and
    counting those again without them would tell what was in them.
    """
    every = measurements_of(person)
    kept = [one.id for one in every if one.state is State.REPORTED]
    gone = [one.id for one in every if one.state is not State.REPORTED]
    for one in every:
        forget_passes(KEY, one.id)
    _forget_words(kept)
    session().execute(sa.update(Measurement).where(Measurement.previous_id.in_(gone)).values(previous_id=None))
    session().execute(sa.delete(Inbox).where(Inbox.measurement_id.in_(gone)))
    session().execute(sa.delete(Measurement).where(Measurement.id.in_(gone)))
    if every:
        leave_no_history()
    return len(gone), len(kept)


def _forget_words(measurement_ids: Iterable[uuid.UUID]) -> None:
    kept = list(measurement_ids)
    nobody = {"manager_id": None, "label_sealed": None, "box_key_sealed": None, "codes_sealed": None}
    session().execute(sa.update(Measurement).where(Measurement.id.in_(kept)).values(**nobody))
    session().execute(
        sa.update(Report)
        .where(Report.measurement_id.in_(kept))
        .values(manager_id=None, moments_sealed=None, comments_sealed=None)
    )


def erase_uploads(person: Person) -> int:
    """Takes a person's name off the instruments she uploaded or declared; the instruments stay. Returns how many."""
    rows = uploads_of(person)
    for row in rows:
        row.uploaded_by = None if row.uploaded_by == person.id else row.uploaded_by
        row.declared_by = None if row.declared_by == person.id else row.declared_by
    session().flush()
    return len(rows)


def _rows(result: object) -> int:
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a cursor result
