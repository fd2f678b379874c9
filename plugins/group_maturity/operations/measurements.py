"""A measurement from draft to open: planning it, what stands in its way, opening and giving it up."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Inbox, Measurement, Mode, SelfRating, State
from plugins.group_maturity.operations import box as boxes
from plugins.group_maturity.operations import instruments
from plugins.group_maturity.operations.plans import LABEL_LENGTH as LABEL_LENGTH
from plugins.group_maturity.operations.plans import MAX_SIZE as MAX_SIZE
from plugins.group_maturity.operations.plans import Plan as Plan
from plugins.group_maturity.operations.plans import short, wrong_in
from plugins.group_maturity.operations.plans import today as today
from plugins.group_maturity.settings import GroupSettings
from service.contract import (
    Cohort,
    Conflict,
    Invalid,
    NotFound,
    forget_passes,
    gettext,
    issue_passes,
    leave_no_history,
    now,
    session,
)

KEY = "group_maturity"
# How long the group may read the report on its links.
READABLE_DAYS = 90
# Fewest answers before anybody reads what people wrote themselves (domain.md §5.4).
WORDS_FROM = 10
# What one person may write, in characters, and how many bytes that is at most in UTF-8.
WORDS_LENGTH = 250
WORDS_BYTES = 4 * WORDS_LENGTH
ENDED = frozenset({State.REPORTED, State.SUPPRESSED})


@dataclass(frozen=True)
class Obstacle:
    """Why a measurement cannot open. `kind`: few (a paper talk is offered), early, late or draft_language."""

    kind: str
    why: str


def of_manager(cohort: Cohort, person_id: uuid.UUID) -> Sequence[Measurement]:
    """Returns a manager's measurements in a cohort, the latest first."""
    return session().scalars(_own(cohort, person_id).order_by(Measurement.created_at.desc(), Measurement.id)).all()


def get(cohort: Cohort, person_id: uuid.UUID, measurement_id: uuid.UUID, *, lock: bool = False) -> Measurement:
    """Returns one of the manager's own measurements in this cohort. Raises NotFound for any other."""
    query = _own(cohort, person_id).where(Measurement.id == measurement_id)
    query = query.with_for_update().execution_options(populate_existing=True) if lock else query
    found = session().scalars(query).one_or_none()
    if found is None:
        raise NotFound("measurement")
    return found


def _own(cohort: Cohort, person_id: uuid.UUID) -> sa.Select[Measurement]:
    return sa.select(Measurement).where(Measurement.cohort_id == cohort.id, Measurement.manager_id == person_id)


def instrument_of(measurement: Measurement) -> Instrument:
    """Returns the very version that a measurement was made with."""
    organisation = session().get_one(Cohort, measurement.cohort_id).organisation_id
    return instruments.find(organisation, measurement.instrument_key, measurement.instrument_version)


def instruments_of(some: Sequence[Measurement]) -> dict[uuid.UUID, Instrument]:
    """Returns the instruments of some measurements by their ids, each version looked up once."""
    first = {(one.cohort_id, one.instrument_key, one.instrument_version): one for one in some}
    found = {key: instrument_of(one) for key, one in first.items()}
    return {one.id: found[one.cohort_id, one.instrument_key, one.instrument_version] for one in some}


def asked(measurement: Measurement, instrument: Instrument) -> tuple[str, ...]:
    """Returns the statements that the group is asked, in the order of its form."""
    about = instrument.forms.get("group_about_manager", ()) if measurement.about_manager else ()
    return (*instrument.forms["group"], *about)


def room_for(measurement: Measurement, instrument: Instrument) -> boxes.Room:
    """Returns how much the box of a measurement must hold."""
    return boxes.Room(measurement.size, len(asked(measurement, instrument)), WORDS_BYTES if measurement.comments else 0)


def create(cohort: Cohort, person_id: uuid.UUID, plan: Plan, settings: GroupSettings) -> Measurement:
    """Begins a draft. Raises Invalid naming the fields; a group that was measured before is measured again from there."""
    same = [one for one in of_manager(cohort, person_id) if one.label.casefold() == short(plan.label).casefold()]
    if any(one.state is not State.DISCARDED for one in same):
        raise Invalid(label=gettext("There is a measurement of this group already. Go on from that one."))
    measurement = _new(cohort, person_id)
    _take(cohort, measurement, plan, settings, None)
    return measurement


def again(previous: Measurement, cohort: Cohort, plan: Plan, settings: GroupSettings) -> Measurement:
    """Begins the next wave of a group. Raises Conflict unless the wave before has ended and nothing followed it."""
    follower = sa.select(Measurement.id).where(Measurement.previous_id == previous.id)
    if previous.state not in ENDED or session().scalar(follower) is not None or previous.manager_id is None:
        raise Conflict("measurement_not_ended")
    measurement = _new(cohort, previous.manager_id)
    measurement.previous_id, measurement.wave = previous.id, previous.wave + 1
    _take(cohort, measurement, plan, settings, previous)
    return measurement


def _new(cohort: Cohort, person_id: uuid.UUID) -> Measurement:
    return Measurement(
        cohort_id=cohort.id, manager_id=person_id, state=State.DRAFT, version=0, created_at=now(), wave=1, enough=False
    )


def edit(measurement: Measurement, cohort: Cohort, plan: Plan, settings: GroupSettings, version: int) -> None:
    """Changes a draft. Raises Conflict when it was opened or changed since `version` was shown, Invalid naming fields."""
    if measurement.state is not State.DRAFT or measurement.version != version:
        raise Conflict("measurement_changed")
    _take(cohort, measurement, plan, settings, before(measurement))


def before(measurement: Measurement) -> Measurement | None:
    """Returns the wave before, if there is one."""
    return None if measurement.previous_id is None else session().get(Measurement, measurement.previous_id)


def _take(
    cohort: Cohort, measurement: Measurement, plan: Plan, settings: GroupSettings, previous: Measurement | None
) -> None:
    instrument = _chosen(cohort, plan)
    wrong = dict(wrong_in(cohort, plan, instrument, previous))
    if wrong:
        raise Invalid(**wrong)
    measurement.instrument_key, measurement.instrument_version = instrument.key, instrument.version
    measurement.instrument_sha256 = instrument.sha256
    measurement.size, measurement.mode, measurement.languages = plan.size, plan.mode, list(plan.languages)
    measurement.opens_on, measurement.closes_on = plan.opens_on, plan.closes_on
    measurement.changed = plan.joined + plan.left
    measurement.version += 1
    _promise(measurement, instrument, settings)
    measurement.label = short(plan.label)
    session().add(measurement)
    session().flush()


@dataclass(frozen=True)
class Promise:
    """What a group is promised: how many must answer, who reads, what is asked besides. Frozen when it opens."""

    minimum: int
    group_reads: bool
    about_manager: bool
    comments: bool


def promised(instrument: Instrument, size: int, settings: GroupSettings) -> Promise:
    """Returns what a group of `size` would be promised by a cohort's settings today."""
    reporting = instrument.reporting
    return Promise(
        minimum=max(settings.min_respondents, reporting.min_respondents_floor),
        group_reads=settings.group_reads_report,
        about_manager=settings.ask_group_about_manager and "group_about_manager" in instrument.forms,
        # A group in which too few can answer is not asked for words that nobody would ever read.
        comments=settings.ask_for_words and size >= max(WORDS_FROM, reporting.min_comment_respondents),
    )


def _promise(measurement: Measurement, instrument: Instrument, settings: GroupSettings) -> None:
    """What the group is promised: taken from the cohort's settings, for the last time when it opens."""
    promise = promised(instrument, measurement.size, settings)
    measurement.minimum, measurement.group_reads = promise.minimum, promise.group_reads
    measurement.about_manager, measurement.comments = promise.about_manager, promise.comments


def _chosen(cohort: Cohort, plan: Plan) -> Instrument:
    for instrument in instruments.usable(cohort.organisation_id):
        if (instrument.key, instrument.version) == tuple(plan.instrument):
            return instrument
    raise Invalid(instrument=gettext("Choose one of the instruments shown."))


def retest_from(previous: Measurement, settings: GroupSettings) -> date | None:
    """Returns the first day on which the next wave may open; None while the wave before is not closed."""
    return None if previous.closed_on is None else previous.closed_on + timedelta(days=settings.retest_after_days)


def obstacles(
    measurement: Measurement, cohort: Cohort, settings: GroupSettings, *, draft_languages: bool = False
) -> list[Obstacle]:
    """Returns why a draft cannot open, in the order in which to tell it; empty when it can.

    `draft_languages`: the manager has said that she opens it in a language whose wording nobody has reviewed.
    """
    instrument, day = instrument_of(measurement), today(cohort)
    least = promised(instrument, measurement.size, settings).minimum
    found = []
    if measurement.size < least:
        why = gettext(
            "You are %(size)d and at least %(least)d must answer before anything is shown: in so small a group everybody "
            "would know who had said what.", size=measurement.size, least=least,
        )  # fmt: skip
        found.append(Obstacle("few", why))
    previous = before(measurement)
    earliest = None if previous is None else retest_from(previous, settings)
    if earliest is not None and max(measurement.opens_on, day) < earliest:
        found.append(
            Obstacle("early", gettext("The group was asked lately. What has changed shows after some months."))
        )
    if measurement.closes_on <= day:
        found.append(Obstacle("late", gettext("The day on which it closes has passed. Choose another.")))
    unreviewed = [one for one in measurement.languages if instrument.translation_status[one] == "draft"]
    if unreviewed and not draft_languages:
        found.append(Obstacle("draft_language", gettext("The wording in one of the languages has not been reviewed.")))
    return found


def open_up(
    measurement: Measurement, cohort: Cohort, settings: GroupSettings, *, draft_languages: bool = False
) -> list[str]:
    """Opens a draft, freezes what is promised, and returns the words of its links: one each, or one for all.

    Raises Conflict when it is no draft any more, Invalid with the first obstacle.
    """
    if measurement.state is not State.DRAFT:
        raise Conflict("measurement_not_draft")
    standing = obstacles(measurement, cohort, settings, draft_languages=draft_languages)
    if standing:
        raise Invalid(**{standing[0].kind: standing[0].why})
    instrument = instrument_of(measurement)
    _promise(measurement, instrument, settings)
    measurement.state, measurement.opened_at = State.OPEN, now()
    number = measurement.size if measurement.mode is Mode.CODES else 1
    words = issue_passes(
        cohort, KEY, number, expires_at=_readable_until(measurement, cohort), subject_id=measurement.id
    )
    key = boxes.new_key()
    measurement.box_key, measurement.codes = key.hex(), json.dumps(words)
    sealed = boxes.seal(key, measurement.id, boxes.Box(), room_for(measurement, instrument))
    session().add(Inbox(measurement_id=measurement.id, sealed=sealed))
    session().flush()
    return words


def _readable_until(measurement: Measurement, cohort: Cohort) -> datetime:
    days = READABLE_DAYS if measurement.group_reads else 0
    return datetime.combine(measurement.closes_on + timedelta(days=days + 1), time(), tzinfo=ZoneInfo(cohort.zone))


def words_of(measurement: Measurement) -> list[str]:
    """Returns the words of the links of an open measurement, sorted, which says nothing; none once it has closed."""
    return list(json.loads(measurement.codes or "[]"))


def give_up(measurement: Measurement) -> None:
    """Discards a measurement before it has closed; what was answered is gone and nobody has read it.

    A draft is deleted. Raises Conflict for one that has closed.
    """
    if measurement.state is State.DRAFT:
        session().execute(
            sa.update(SelfRating).where(SelfRating.measurement_id == measurement.id).values(measurement_id=None)
        )
        session().delete(measurement)
    elif measurement.state is State.OPEN:
        measurement.state, measurement.previous_id = State.DISCARDED, None
        empty(measurement)
        forget_passes(KEY, measurement.id)
    else:
        raise Conflict("measurement_closed")
    session().flush()


def empty(measurement: Measurement) -> None:
    """Destroys the box, its key and the words of the links, and what the database's log still tells of them."""
    session().execute(sa.delete(Inbox).where(Inbox.measurement_id == measurement.id))
    measurement.box_key, measurement.codes = "", ""
    leave_no_history()
