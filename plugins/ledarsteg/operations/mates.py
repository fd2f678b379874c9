"""Step-mates: two managers of one cohort who have agreed to follow some of each other's habits.

One asks, the other accepts; either ends it at any time. A person has one step-mate at a time and one open question.
Whether somebody has a step-mate already is nobody else's business: who asks her is told nothing but that she has not
answered. When it ends, nothing stays shared between the two. A step-mate who leaves the cohort ends it too.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from plugins.ledarsteg.models import Habit, Mate, Nudge, Status
from plugins.ledarsteg.operations.owner import Owner, owned, tell
from plugins.ledarsteg.operations.reading import HabitLog, load
from service.contract import (
    Invalid,
    Member,
    NotFound,
    Person,
    audit,
    insert_into,
    lazy,
    local_date,
    now,
    session,
)


class Standing(StrEnum):
    """How it stands between a person and another."""

    NONE = "none"
    ASKED = "asked"
    ACTIVE = "active"
    # They were step-mates, and the other one is no longer in the cohort.
    LEFT = "left"


@dataclass(frozen=True)
class Pairing:
    """How it stands with a person's step-mate: who it is or may become, and who has asked her."""

    standing: Standing
    mate: Person | None = None
    row: Mate | None = None
    asked_by: Sequence[tuple[Mate, Person]] = ()


def pairing(owner: Owner) -> Pairing:
    """Returns how it stands. One statement."""
    other = sa.case((Mate.person_id == owner.person_id, Mate.mate_id), else_=Mate.person_id)
    rows = session().execute(
        sa.select(Mate, Person, Member.active)
        .join(Person, Person.id == other)
        .outerjoin(Member, sa.and_(Member.person_id == other, Member.cohort_id == owner.cohort_id))
        .where(*_open(owner))
        .order_by(Mate.asked_at, Mate.id),
        # What was read before a lock was waited for may have changed meanwhile.
        execution_options={"populate_existing": True},
    )
    found = [(row, person, bool(here)) for row, person, here in rows]
    asked_by = [
        (row, person)
        for row, person, here in found
        if here and row.accepted_at is None and row.mate_id == owner.person_id
    ]
    for row, person, here in found:
        if row.accepted_at is not None:
            return Pairing(Standing.ACTIVE if here else Standing.LEFT, person, row, asked_by)
    for row, person, here in found:
        if here and row.person_id == owner.person_id:
            return Pairing(Standing.ASKED, person, row, asked_by)
    return Pairing(Standing.NONE, asked_by=asked_by)


def _open(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    hers = sa.or_(Mate.person_id == owner.person_id, Mate.mate_id == owner.person_id)
    return (Mate.cohort_id == owner.cohort_id, hers, Mate.ended_at.is_(None))


def ask(owner: Owner, mate_id: uuid.UUID, peers: Sequence[uuid.UUID]) -> None:
    """Asks one of the cohort's managers, `peers`, to be the owner's step-mate.

    Asked twice it is asked once; who asks somebody that has asked her has accepted. Raises NotFound for anybody who is
    not among the peers, Invalid while she has a step-mate or has asked somebody else.
    """
    if mate_id == owner.person_id or mate_id not in peers:
        raise NotFound("mate")
    _lock(owner, mate_id)
    end_departed(owner)
    standing = pairing(owner)
    if standing.mate is not None and standing.mate.id == mate_id:
        return
    if standing.standing is Standing.ACTIVE:
        raise Invalid(mate=lazy("You have a step-mate already. End that first."))
    asked = next((row for row, person in standing.asked_by if person.id == mate_id), None)
    if asked is not None:
        _accept(owner, standing, asked)
        return
    if standing.standing is Standing.ASKED:
        raise Invalid(mate=lazy("You have asked somebody already. Take that back first."))
    row = Mate(cohort_id=owner.cohort_id, person_id=owner.person_id, mate_id=mate_id, asked_at=now())
    session().add(row)
    _tell(owner, row, "ledarsteg.mate_ask")


def accept(owner: Owner, row_id: uuid.UUID) -> None:
    """Becomes the step-mate of who asked. Accepted twice it is accepted once.

    Raises NotFound for a question that was not asked of her or that is open no more, Invalid while she has another.
    """
    row = _get(owner, row_id)
    _lock(owner, row.person_id)
    end_departed(owner)
    standing = pairing(owner)
    if standing.row is not None and standing.row.id == row_id and standing.standing is Standing.ACTIVE:
        return
    asked = next((row for row, _person in standing.asked_by if row.id == row_id), None)
    if asked is None:
        raise NotFound("mate")
    _accept(owner, standing, asked)


def _accept(owner: Owner, standing: Pairing, asked: Mate) -> None:
    """Accepts a question. Her own to somebody else is taken back with it: she has one step-mate at a time."""
    if standing.standing is Standing.ACTIVE:
        raise Invalid(mate=lazy("You have a step-mate already. End that first."))
    asked.accepted_at = now()
    if standing.row is not None:
        standing.row.ended_at = now()
    _tell(owner, asked, "ledarsteg.mate_accept")


def end(owner: Owner, row_id: uuid.UUID) -> None:
    """Ends it: takes a question back, declines one, or ends being step-mates, without a reason.

    Nothing stays shared between the two. Ended twice it is ended once. Raises NotFound for what is not hers.
    """
    row = _get(owner, row_id)
    _lock(owner, row.mate_id if row.person_id == owner.person_id else row.person_id)
    session().refresh(row)
    if row.ended_at is None:
        _end(owner, row, "ledarsteg.mate_end")


def _get(owner: Owner, row_id: uuid.UUID) -> Mate:
    hers = sa.or_(Mate.person_id == owner.person_id, Mate.mate_id == owner.person_id)
    query = sa.select(Mate).where(Mate.id == row_id, Mate.cohort_id == owner.cohort_id, hers)
    row = session().scalar(query)
    if row is None:
        raise NotFound("mate")
    return row


def end_departed(owner: Owner) -> None:
    """Ends what was open with people who are no longer in the cohort."""
    here = sa.select(Member.person_id).where(Member.cohort_id == owner.cohort_id, Member.active)
    gone = sa.or_(Mate.person_id.not_in(here), Mate.mate_id.not_in(here))
    for row in session().scalars(sa.select(Mate).where(*_open(owner), gone)).all():
        _end(owner, row, "ledarsteg.mate_left")


def _end(owner: Owner, row: Mate, action: str) -> None:
    row.ended_at = now()
    _tell(owner, row, action)
    if row.accepted_at is None:
        return
    both = (row.person_id, row.mate_id)
    shared = sa.select(Habit).where(Habit.cohort_id == owner.cohort_id, Habit.person_id.in_(both), Habit.shared_mate)
    for habit in session().scalars(shared).all():
        habit.shared_mate = False
        tell(owner, habit, "ledarsteg.unshare_mate")


def _lock(owner: Owner, other_id: uuid.UUID) -> None:
    """Puts what two people do at once in order: both places in the cohort are locked, always in one order."""
    both = Member.person_id.in_((owner.person_id, other_id))
    query = sa.select(Member.id).where(Member.cohort_id == owner.cohort_id, both).order_by(Member.id)
    session().execute(query.with_for_update(key_share=True))


def _tell(owner: Owner, row: Mate, action: str) -> None:
    session().flush()
    audit(owner.actor, action, object_type="ledarsteg_mate", object_ref=str(row.id))


# ---- what a step-mate sees, and the one thing that she can send ----


def shared_with_mate(owner: Owner, mate: Person, zone: str) -> list[HabitLog]:
    """Returns the habits that a step-mate shares, on her day: in her own zone, else in the cohort's, `zone`."""
    wanted = sa.select(Habit.id).where(
        Habit.cohort_id == owner.cohort_id, Habit.person_id == mate.id, Habit.shared_mate, Habit.status == Status.ACTIVE
    )
    return load(wanted, local_date(now(), mate.zone or zone), (Habit.created_at, Habit.id))


def nudge(owner: Owner, habit_id: uuid.UUID) -> None:
    """Nudges the step-mate about one of her shared habits; at most once for each habit and day, however often asked.

    Raises NotFound for a habit that is not shared with the owner as a step-mate.
    """
    standing = pairing(owner)
    if standing.standing is not Standing.ACTIVE or standing.mate is None:
        raise NotFound("habit")
    query = sa.select(Habit).where(
        Habit.id == habit_id, Habit.cohort_id == owner.cohort_id, Habit.person_id == standing.mate.id,
        Habit.shared_mate, Habit.status == Status.ACTIVE,
    )  # fmt: skip
    habit = session().scalar(query)
    if habit is None:
        raise NotFound("habit")
    row = {
        "id": nudge_id(owner, habit_id), "habit_id": habit.id, "person_id": habit.person_id, "from_id": owner.person_id,
        "sent_at": now(), "seen_at": None,
    }  # fmt: skip
    session().execute(insert_into(Nudge).values(row).on_conflict_do_nothing(index_elements=["id"]))


def nudge_id(owner: Owner, habit_id: uuid.UUID) -> uuid.UUID:
    """Returns the id of today's nudge about a habit: a second one would be the same."""
    return uuid.uuid5(habit_id, f"nudge {owner.person_id} {owner.today().isoformat()}")


def nudged_today(owner: Owner, habit_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Returns which of the habits the owner has nudged about today."""
    ids = {nudge_id(owner, habit_id): habit_id for habit_id in habit_ids}
    return {ids[found] for found in session().scalars(sa.select(Nudge.id).where(Nudge.id.in_(ids)))}


def see_nudges(owner: Owner) -> None:
    """Notes that the owner has seen the nudges she got in this cohort."""
    here = sa.select(Habit.id).where(*owned(owner))
    session().execute(
        sa.update(Nudge).where(Nudge.habit_id.in_(here), Nudge.seen_at.is_(None)).values(seen_at=now()),
        execution_options={"synchronize_session": False},
    )
