"""The verbs of an own rating: begin, save, submit, write a contribution, read a profile; always the person's own."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from plugins.group_maturity import calculations
from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from plugins.group_maturity.instruments.schema import Instrument, Stage
from plugins.group_maturity.models import Measurement, SelfRating, Status
from plugins.group_maturity.operations import instruments
from service.contract import (
    Cohort,
    Conflict,
    Invalid,
    Member,
    NotFound,
    Person,
    gettext,
    local_date,
    now,
    progress_changed,
    session,
)

Answers = Mapping[str, int | None]

CONTRIBUTION_LENGTH = 200
# The four sides of the group, in the order in which pages show them; M is the manager's own contribution.
SIDES = ("A", "B", "C", "D")
CONTRIBUTION_SCALE = "M"


@dataclass(frozen=True)
class Profile:
    """What a rating says: POMP per scale (None where too little was judged), maturity index and stage."""

    instrument: Instrument
    pomps: Mapping[str, float | None]
    index: float | None
    stage: Stage | None


def begin(cohort: Cohort, person_id: uuid.UUID, measurement: Measurement | None = None) -> SelfRating:
    """Returns the person's draft in the cohort: the one she has, else a new one with the newest version.

    With a measurement it is her own picture beside that one, with the same version; the one there is is returned, also
    when it is submitted. Raises Conflict when her draft is beside another measurement or with another version.
    """
    if measurement is not None and (there := beside(measurement)) is not None:
        return there
    # The lock puts two browsers that begin at once in order; without it the second would fail on the unique draft.
    lock = sa.select(Member.id).where(Member.cohort_id == cohort.id, Member.person_id == person_id).with_for_update()
    session().execute(lock).all()
    found = draft(cohort, person_id)
    if found is not None:
        return found if measurement is None else _put_beside(found, measurement)
    instrument = newest(LIBRARY, OWN) if measurement is None else _instrument(cohort.id, measurement)
    rating = SelfRating(
        cohort_id=cohort.id, person_id=person_id, status=Status.DRAFT, started_at=now(), saved_at=now(),
        measurement_id=None if measurement is None else measurement.id,
        instrument_key=instrument.key, instrument_version=instrument.version, instrument_sha256=instrument.sha256,
    )  # fmt: skip
    session().add(rating)
    session().flush()
    return rating


def beside(measurement: Measurement) -> SelfRating | None:
    """Returns the manager's own picture beside a measurement, draft or submitted, if there is one."""
    return session().scalars(sa.select(SelfRating).where(SelfRating.measurement_id == measurement.id)).one_or_none()


def beside_all(measurement_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, SelfRating]:
    """Returns the managers' own pictures beside some measurements, by the measurement's id, in one statement."""
    query = sa.select(SelfRating).where(SelfRating.measurement_id.in_(measurement_ids))
    found = session().scalars(query) if measurement_ids else ()
    return {rating.measurement_id: rating for rating in found if rating.measurement_id is not None}


def put_beside(rating: SelfRating, measurement: Measurement) -> None:
    """Takes a rating she has made already as her own picture beside a measurement of hers.

    Raises Conflict when it was made with another version, belongs to another measurement, or there is one already.
    """
    if beside(measurement) not in {None, rating} or rating.person_id != measurement.manager_id:
        raise Conflict("rating_there")
    _put_beside(rating, measurement)


def fits(rating: SelfRating, measurement: Measurement) -> bool:
    """Tells whether a rating can be the own picture beside a measurement: the same version, and beside no other."""
    same = (rating.instrument_key, rating.instrument_version) == (
        measurement.instrument_key,
        measurement.instrument_version,
    )
    return same and rating.measurement_id in {None, measurement.id}


def _put_beside(rating: SelfRating, measurement: Measurement) -> SelfRating:
    if not fits(rating, measurement):
        raise Conflict("rating_elsewhere")
    rating.measurement_id = measurement.id
    session().flush()
    return rating


def draft(cohort: Cohort, person_id: uuid.UUID) -> SelfRating | None:
    """Returns the person's draft in the cohort, if she has one."""
    return session().scalars(_own(cohort, person_id).where(SelfRating.status == Status.DRAFT)).one_or_none()


def submitted(cohort: Cohort, person_id: uuid.UUID) -> Sequence[SelfRating]:
    """Returns the person's submitted ratings in the cohort, the latest first."""
    query = _own(cohort, person_id).where(SelfRating.status == Status.SUBMITTED)
    return session().scalars(query.order_by(SelfRating.submitted_at.desc(), SelfRating.id)).all()


def get(cohort: Cohort, person_id: uuid.UUID, rating_id: uuid.UUID, *, lock: bool = False) -> SelfRating:
    """Returns one of the person's own ratings in this cohort. Raises NotFound for any other."""
    query = _own(cohort, person_id).where(SelfRating.id == rating_id)
    found = session().scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound("rating")
    return found


def _own(cohort: Cohort, person_id: uuid.UUID) -> sa.Select[SelfRating]:
    return sa.select(SelfRating).where(SelfRating.cohort_id == cohort.id, SelfRating.person_id == person_id)


def instrument_of(rating: SelfRating) -> Instrument:
    """Returns the very version that the rating was begun with."""
    return _instrument(rating.cohort_id, rating)


def _instrument(cohort_id: uuid.UUID, made: SelfRating | Measurement) -> Instrument:
    organisation = session().get_one(Cohort, cohort_id).organisation_id
    return instruments.find(organisation, made.instrument_key, made.instrument_version)


def answers_of(rating: SelfRating) -> dict[str, int | None]:
    """Returns what is answered so far: item → number, None for "cannot judge"."""
    return dict(json.loads(rating.answers or "{}"))


def save(rating: SelfRating, answers: Answers) -> None:
    """Keeps the answers of a draft, complete or not. Raises Invalid naming the item, Conflict when it is submitted."""
    if rating.status is not Status.DRAFT:
        raise Conflict("rating_submitted")
    _check(instrument_of(rating), answers)
    rating.answers = json.dumps(dict(answers), sort_keys=True)
    rating.saved_at = now()
    session().flush()


def submit(rating: SelfRating, answers: Answers) -> None:
    """Keeps the answers and closes the rating: every item is answered or marked "cannot judge".

    Raises Invalid naming each item that is missing or out of range, Conflict when it is submitted already.
    """
    missing = [name for name in instrument_of(rating).forms["self"] if name not in answers]
    if missing:
        raise Invalid(**dict.fromkeys(missing, gettext("This one is still unanswered.")))
    save(rating, answers)
    rating.status = Status.SUBMITTED
    rating.submitted_at = now()
    session().flush()
    progress_changed(rating.cohort_id, "group_maturity")


def _check(instrument: Instrument, answers: Answers) -> None:
    scale, known = instrument.response_scale, set(instrument.forms["self"])
    wrong = {name: gettext("There is no such statement.") for name in answers if name not in known}
    for name, answer in answers.items():
        if name in known and answer is not None and not (type(answer) is int and scale.min <= answer <= scale.max):
            wrong[name] = gettext("Choose one of the answers shown.")
    if wrong:
        raise Invalid(**wrong)


def write_contribution(rating: SelfRating, text: str) -> None:
    """Keeps the one leader contribution; empty takes it away. Raises Invalid when it is too long."""
    if len(text) > CONTRIBUTION_LENGTH:
        raise Invalid(contribution=gettext("Write at most %(max)d characters.", max=CONTRIBUTION_LENGTH))
    rating.contribution = text
    session().flush()


def profile(rating: SelfRating) -> Profile:
    """Returns what the rating's answers say, by the rules of its own instrument version."""
    return profile_of(instrument_of(rating), answers_of(rating))


def profile_of(instrument: Instrument, answers: Answers) -> Profile:
    """Returns what answers say by an instrument's rules."""
    low, high = instrument.response_scale.min, instrument.response_scale.max
    pomps: dict[str, float | None] = {}
    for name, scale in instrument.scales.items():
        score = calculations.scale_score(_turned(instrument, name, answers), scale.min_answered)
        pomps[name] = None if score is None else calculations.pomp(score, low, high)
    rules = [(stage.id, {scale: limits.limits for scale, limits in stage.when.items()}) for stage in instrument.stages]
    found = calculations.stage(pomps, rules)
    parts = [(part.scale, part.invert) for part in instrument.indices["MI"].mean_of]
    stage = next((stage for stage in instrument.stages if stage.id == found), None)
    return Profile(instrument, pomps, calculations.index(pomps, parts), stage)


def _turned(instrument: Instrument, scale: str, answers: Answers) -> list[int | None]:
    low, high = instrument.response_scale.min, instrument.response_scale.max
    turned = []
    for name in instrument.items_of(scale):
        answer = answers.get(name)
        turn = answer is not None and instrument.items[name].reverse
        turned.append(calculations.reverse(answer, low, high) if turn and answer is not None else answer)
    return turned


def submitted_on(rating: SelfRating, zone: str) -> date:
    """Returns the day a rating was submitted, else begun, in a time zone."""
    return local_date(rating.submitted_at or rating.started_at, zone)


def retest_on(rating: SelfRating, days: int, zone: str) -> date | None:
    """Returns the day from which rating again says something new; None for a draft."""
    return None if rating.submitted_at is None else local_date(rating.submitted_at, zone) + timedelta(days=days)


def latest_by_person(cohort: Cohort, person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Returns when each of these persons last submitted a rating in the cohort, in one statement; no answers."""
    query = (
        sa.select(SelfRating.person_id, sa.func.max(SelfRating.submitted_at))
        .where(SelfRating.cohort_id == cohort.id, SelfRating.person_id.in_(person_ids))
        .where(SelfRating.status == Status.SUBMITTED)
        .group_by(SelfRating.person_id)
    )
    return {person_id: at for person_id, at in session().execute(query) if at is not None}


def everything_of(person: Person) -> Sequence[SelfRating]:
    """Returns all ratings of a person, in every cohort, oldest first."""
    query = sa.select(SelfRating).where(SelfRating.person_id == person.id)
    return session().scalars(query.order_by(SelfRating.started_at)).all()


def erase_all(person: Person) -> int:
    """Deletes all ratings of a person and returns how many there were."""
    ratings = everything_of(person)
    session().execute(sa.delete(SelfRating).where(SelfRating.person_id == person.id))
    return len(ratings)
