"""Answering: what a pass opens, and putting one answer into the box. Nothing here knows who it is.

No person, address, browser or time is kept with an answer: what was sent is packed, mixed into the box of all answers,
and the database's log is emptied. See `box.py` for what the box gives away.
"""

import unicodedata
import uuid
from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Inbox, Measurement, Mode, State
from plugins.group_maturity.operations import box as boxes
from plugins.group_maturity.operations import measurements
from plugins.group_maturity.operations.measurements import asked, instrument_of
from service.contract import Cohort, Invalid, NotFound, Person, gettext, leave_no_history, session

Answers = Mapping[str, int | None]


class Kept(StrEnum):
    """What became of a submission: kept, or it was this very form that was kept before (sent twice)."""

    NOW = "now"
    BEFORE = "before"


def open_to(cohort: Cohort, measurement_id: uuid.UUID | None, pass_id: uuid.UUID) -> Measurement:
    """Returns the measurement that a pass may answer today. Raises NotFound when it is not open, full, or the pass used."""
    measurement = _measurement(cohort, measurement_id)
    inbox = session().get(Inbox, measurement.id)
    if inbox is None or not _open_today(measurement, cohort):
        raise NotFound("guest_pass")
    if _spent(measurement, _box(measurement, inbox, instrument_of(measurement)), pass_id):
        raise NotFound("guest_pass")
    return measurement


def readable_by_group(cohort: Cohort, measurement_id: uuid.UUID | None) -> Measurement:
    """Returns a measurement that has ended and whose report its group may read. Raises NotFound for any other."""
    measurement = _measurement(cohort, measurement_id)
    if measurement.state not in measurements.ENDED or not measurement.group_reads or measurement.manager_id is None:
        raise NotFound("guest_pass")
    return measurement


def waiting(cohort: Cohort, measurement_id: uuid.UUID | None) -> Measurement | None:
    """Returns a measurement whose links are given out and whose first day has not come; None for any other."""
    found = _measurement(cohort, measurement_id)
    return found if found.state is State.OPEN and measurements.today(cohort) < found.opens_on else None


def answered(cohort: Cohort, measurement_id: uuid.UUID | None) -> Measurement:
    """Returns the measurement that somebody has just answered. Raises NotFound when there is none."""
    return _measurement(cohort, measurement_id)


def languages(cohort: Cohort, measurement_id: uuid.UUID | None) -> list[str]:
    """Returns the languages in which a measurement may be answered, at least one. Raises NotFound when there is none."""
    return [str(code) for code in _measurement(cohort, measurement_id).languages]


def asker(measurement: Measurement) -> str:
    """Returns the name of the manager who asks; empty where the platform keeps it to itself, and once she was erased."""
    person = None if measurement.manager_id is None else session().get(Person, measurement.manager_id)
    return "" if person is None else person.name


def _measurement(cohort: Cohort, measurement_id: uuid.UUID | None) -> Measurement:
    query = sa.select(Measurement).where(Measurement.id == measurement_id, Measurement.cohort_id == cohort.id)
    found = session().scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("guest_pass")
    return found


def _open_today(measurement: Measurement, cohort: Cohort) -> bool:
    today = measurements.today(cohort)
    return measurement.state is State.OPEN and measurement.opens_on <= today <= measurement.closes_on


def _spent(measurement: Measurement, box: boxes.Box, pass_id: uuid.UUID) -> bool:
    if measurement.mode is Mode.LINK:
        return len(box.ballots) >= measurement.size
    return boxes.mark("pass", pass_id.bytes) in box.marks


def submit(
    cohort: Cohort, measurement_id: uuid.UUID | None, pass_id: uuid.UUID, form: str, answers: Answers, words: str = ""
) -> Kept:
    """Puts one answer into the box. `form` is what the shown form was marked with, so that sending twice counts once.

    `words` is what somebody wrote besides, where the measurement takes that; it is mixed among the others' by itself.

    Raises NotFound when the measurement is not open any more, is full, or the pass is used; Invalid naming statements.
    """
    measurement = _measurement(cohort, measurement_id)
    # Whoever holds the box is alone with it: nobody answers or closes at the same time.
    inbox = (
        session()
        .scalars(sa.select(Inbox).where(Inbox.measurement_id == measurement.id).with_for_update())
        .one_or_none()
    )
    measurement = _measurement(cohort, measurement_id)
    if inbox is None or not _open_today(measurement, cohort):
        raise NotFound("guest_pass")
    instrument = instrument_of(measurement)
    box = _box(measurement, inbox, instrument)
    shown = boxes.mark("form", form.encode())
    if shown in box.marks:
        return Kept.BEFORE
    if _spent(measurement, box, pass_id):
        raise NotFound("guest_pass")
    check(asked(measurement, instrument), instrument, answers)
    words = _plain(measurement, words)
    marks = {shown, boxes.mark("pass", pass_id.bytes)} if measurement.mode is Mode.CODES else {shown}
    _put(measurement, inbox, instrument, box.with_ballot(packed(measurement, instrument, answers), marks, words))
    return Kept.NOW


def _plain(measurement: Measurement, words: str) -> str:
    """Returns a text on one line, without characters that nobody sees and by which it could be known again."""
    seen = "".join(one if not unicodedata.category(one).startswith("C") else " " for one in words)
    text = " ".join(unicodedata.normalize("NFC", seen).split())
    if text and not measurement.comments:
        raise Invalid(words=gettext("No words of your own are asked for here."))
    if len(text) > measurements.WORDS_LENGTH:
        raise Invalid(words=gettext("Write at most %(max)d characters.", max=measurements.WORDS_LENGTH))
    return text


def check(names: tuple[str, ...], instrument: Instrument, answers: Answers) -> None:
    """Raises Invalid for an answer that was not offered, and for a form on which nothing was judged."""
    scale = instrument.response_scale
    wrong = {name: gettext("There is no such statement.") for name in answers if name not in names}
    for name, answer in answers.items():
        if answer is not None and not (type(answer) is int and scale.min <= answer <= scale.max):
            wrong.setdefault(name, gettext("Choose one of the answers shown."))
    if not wrong and all(answer is None for answer in answers.values()):
        wrong["form"] = gettext("Answer at least one statement. If you would rather not, just close the page.")
    if wrong:
        raise Invalid(**wrong)


def packed(measurement: Measurement, instrument: Instrument, answers: Answers) -> bytes:
    """Returns an answer as it lies in the box: one byte per statement. "Cannot judge" and skipped are the same."""
    low = instrument.response_scale.min
    given = (answers.get(name) for name in asked(measurement, instrument))
    return bytes(boxes.NOT_ANSWERED if answer is None else answer - low + 1 for answer in given)


def unpacked(measurement: Measurement, instrument: Instrument, ballot: bytes) -> dict[str, int | None]:
    """Returns what `packed` was given."""
    low, names = instrument.response_scale.min, asked(measurement, instrument)
    return {
        name: None if byte == boxes.NOT_ANSWERED else byte + low - 1 for name, byte in zip(names, ballot, strict=True)
    }


def _put(measurement: Measurement, inbox: Inbox, instrument: Instrument, box: boxes.Box) -> None:
    key = bytes.fromhex(measurement.box_key)
    inbox.sealed = boxes.seal(key, measurement.id, box, measurements.room_for(measurement, instrument))
    if not measurement.enough and len(box.ballots) >= measurement.minimum:
        measurement.enough = True
    session().flush()
    leave_no_history()


def _box(measurement: Measurement, inbox: Inbox, instrument: Instrument) -> boxes.Box:
    key = bytes.fromhex(measurement.box_key)
    return boxes.unseal(key, measurement.id, inbox.sealed, measurements.room_for(measurement, instrument))


def box_of(measurement: Measurement) -> boxes.Box:
    """Returns what lies in the box of a measurement that is being closed, alone with it; empty when there is none."""
    query = sa.select(Inbox).where(Inbox.measurement_id == measurement.id).with_for_update()
    inbox = session().scalars(query.execution_options(populate_existing=True)).one_or_none()
    return boxes.Box() if inbox is None else _box(measurement, inbox, instrument_of(measurement))
