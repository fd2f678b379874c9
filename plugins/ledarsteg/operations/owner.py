"""Whose habits: one person in one cohort. Every operation on her own things is scoped by it."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import sqlalchemy as sa

from plugins.ledarsteg.models import Habit
from service.contract import Actor, Cohort, Member, NotFound, Role, audit, local_date, now, session


@dataclass(frozen=True)
class Owner:
    """One person in one cohort, and her time zone."""

    organisation_id: uuid.UUID
    cohort_id: uuid.UUID
    person_id: uuid.UUID
    zone: str

    @classmethod
    def of(cls, cohort: Cohort, member: Member, zone: str = "") -> Self:
        """Returns the owner that a member is. Without `zone` her days are the cohort's."""
        return cls(cohort.organisation_id, cohort.id, member.person_id, zone or cohort.zone)

    @property
    def actor(self) -> Actor:
        """Who the audit trail says it was."""
        return Actor(self.organisation_id, self.person_id, Role.MANAGER.value, self.cohort_id)

    def today(self) -> date:
        """Returns the calendar day where the person is."""
        return local_date(now(), self.zone)


def owned(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    """Returns the condition that holds for the owner's habits and nobody else's."""
    return (Habit.cohort_id == owner.cohort_id, Habit.person_id == owner.person_id)


def get(owner: Owner, habit_id: uuid.UUID, *, lock: bool = False) -> Habit:
    """Returns one habit of the owner, locked for a change where asked. Raises NotFound: absent, or not hers here."""
    query = sa.select(Habit).where(Habit.id == habit_id, *owned(owner))
    habit = session().scalar(query.with_for_update() if lock else query)
    if habit is None:
        raise NotFound("habit")
    return habit


def alone(owner: Owner) -> None:
    """Lets no other request of hers in this cohort change anything until this one has ended.

    For what counts over several rows, such as the minutes of a day. Others wait for nothing.
    """
    mine = sa.select(Member.id).where(Member.cohort_id == owner.cohort_id, Member.person_id == owner.person_id)
    session().execute(mine.with_for_update(key_share=True))


def once(owner: Owner, key: str, what: object) -> uuid.UUID:
    """Returns the id of what a form makes: the same form sent twice with the same in it makes one thing.

    `key` is the form's own random word, which is kept nowhere; without one the id is new each time.
    """
    if not key:
        return uuid.uuid4()
    return uuid.uuid5(owner.person_id, f"{owner.cohort_id} {key} {what!r}")


def tell(owner: Owner, habit: Habit, action: str) -> None:
    """Leaves a trace of what she decided about a habit, without a word of it."""
    session().flush()
    audit(owner.actor, action, object_type="ledarsteg_habit", object_ref=str(habit.id))


def show(owner: Owner, row: Any, what: str, *, on: bool) -> None:
    """Shows a thing of hers that has a `shared` to the cohort's coaches, or to nobody again. What stands so is left."""
    if row.shared != on:
        row.shared = on
        session().flush()
        action = f"ledarsteg.share_{what}" if on else f"ledarsteg.unshare_{what}"
        audit(owner.actor, action, object_type=row.__tablename__, object_ref=str(row.id))
