"""Who acts, and what she may reach. Every operation goes through here.

Three kinds of people come to this plugin. The manager reaches her own engagements, going on and ended. Her coach reaches
an engagement as long as it lasts and as long as she is a coach in this cohort and the manager takes part in it: somebody
who has left cannot end what she shares. The training department reaches no
engagement at all: it is told what each contract says, by `operations.told`. Everything is loaded through the engagement in
the cohort of the launch; what is anybody else's is NotFound, as if it were not there.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from plugins.handledning.calculations import OPEN
from plugins.handledning.models import Engagement, Status
from plugins.handledning.models.columns import OfEngagement
from service.contract import Actor, Cohort, Conflict, Denial, Forbidden, Member, NotFound, Role, session

Row = TypeVar("Row", bound=OfEngagement)


@dataclass(frozen=True)
class Party:
    """The person who acts, in the cohort she is in, in the role in force. `actor` is what the audit trail says of her."""

    cohort: Cohort
    person_id: uuid.UUID
    actor: Actor
    role: Role

    @classmethod
    def of(cls, cohort: Cohort, person_id: uuid.UUID, role: Role) -> Party:
        """Makes one where there is no launch."""
        return cls(cohort, person_id, Actor(cohort.organisation_id, person_id, role.value, cohort.id), role)


class Seat(StrEnum):
    """Which of the two somebody is in an engagement."""

    MANAGER = "manager"
    COACH = "coach"


@dataclass(frozen=True)
class Access:
    """An engagement as one of its two people reaches it. Ask it before doing anything."""

    engagement: Engagement
    party: Party
    seat: Seat

    @property
    def is_managers(self) -> bool:
        """True for the manager."""
        return self.seat is Seat.MANAGER

    @property
    def manager_id(self) -> uuid.UUID:
        """The manager, with whose key shared texts are sealed. Raises Conflict when she was erased."""
        if self.engagement.manager_id is None:
            raise Conflict("erased")
        return self.engagement.manager_id

    def only_manager(self, action: str, object_type: str = "engagement", ref: uuid.UUID | None = None) -> None:
        """Raises Forbidden for the coach: decisions, status and outcomes are the manager's alone."""
        self._only(Seat.MANAGER, action, object_type, ref)

    def only_coach(self, action: str, object_type: str = "engagement", ref: uuid.UUID | None = None) -> None:
        """Raises Forbidden for the manager."""
        self._only(Seat.COACH, action, object_type, ref)

    def _only(self, seat: Seat, action: str, object_type: str, ref: uuid.UUID | None) -> None:
        if self.seat is not seat:
            reason = f"{seat.value}_only"
            raise Forbidden(reason, denial=self.denial(action, reason, object_type, ref))

    def denial(self, action: str, reason: str, object_type: str = "engagement", ref: uuid.UUID | None = None) -> Denial:
        """What the trail keeps of something refused here; without a `ref` it is about the engagement."""
        return Denial(f"handledning.{action}", reason, object_type, str(ref or self.engagement.id))

    def open(self) -> Access:
        """Raises Conflict when the engagement has ended: it is there to read."""
        if self.engagement.status not in OPEN:
            raise Conflict("closed")
        return self

    def going_on(self) -> Access:
        """Raises Conflict unless the two may meet: not while it is paused, and not when it has ended."""
        if self.open().engagement.status is Status.PAUSED:
            raise Conflict("paused")
        return self

    @property
    def agreed(self) -> bool:
        """True when both have accepted what it rests on."""
        return self.engagement.status is Status.ACTIVE


def manager_is_here() -> sa.ColumnElement[bool]:
    """Says of an engagement that its manager takes part in the course now."""
    here = sa.and_(Member.cohort_id == Engagement.cohort_id, Member.person_id == Engagement.manager_id, Member.active)
    return sa.select(Member.id).where(here).correlate(Engagement).exists()


def mine(party: Party) -> sa.ColumnElement[bool]:
    """Which engagements a person reaches: a manager keeps what was hers, a coach reads while it lasts."""
    as_coach = sa.and_(
        Engagement.coach_id == party.person_id,
        Engagement.status.in_(OPEN),
        sa.literal(party.role is Role.COACH),
        manager_is_here(),
    )
    return sa.and_(Engagement.cohort_id == party.cohort.id, sa.or_(Engagement.manager_id == party.person_id, as_coach))


_NAMES = (joinedload(Engagement.manager), joinedload(Engagement.coach))


def _absent(what: str, ref: uuid.UUID) -> NotFound:
    return NotFound(what, denial=Denial("handledning.view", "not_hers", what, str(ref)))


def _access(party: Party, engagement: Engagement) -> Access:
    return Access(engagement, party, Seat.MANAGER if engagement.manager_id == party.person_id else Seat.COACH)


def reach(party: Party, engagement_id: uuid.UUID, *, lock: bool = False) -> Access:
    """Returns one of the party's engagements, both names loaded. Raises NotFound for any other.

    `lock` holds it until the commit: take it before deciding anything by its status.
    """
    query = sa.select(Engagement).where(Engagement.id == engagement_id, mine(party)).options(*_NAMES)
    if lock:
        query = query.with_for_update(of=Engagement).execution_options(populate_existing=True)
    found = session().scalar(query)
    if found is None:
        raise _absent("engagement", engagement_id)
    return _access(party, found)


def reach_all(party: Party) -> Sequence[Access]:
    """Returns every engagement that a person reaches, both names loaded, in one statement.

    A manager's: the one that goes on first, then the latest ended. A coach's: by her managers' names.
    """
    found = [
        _access(party, its) for its in session().scalars(sa.select(Engagement).where(mine(party)).options(*_NAMES))
    ]
    if party.role is Role.COACH:
        return sorted(found, key=lambda one: (_name_of(one.engagement), one.engagement.id))
    latest = sorted(found, key=lambda one: one.engagement.started_at, reverse=True)
    return sorted(latest, key=lambda one: one.engagement.status not in OPEN)


def _name_of(its: Engagement) -> str:
    return its.manager.display_name if its.manager else ""


def reach_row(party: Party, model: type[Row], row_id: uuid.UUID, *, lock: bool = False) -> tuple[Row, Access]:
    """Returns one row of one of the party's engagements. Raises NotFound for any other.

    `lock` holds first the engagement and then the row, in the order that everybody takes them. That somebody reaches
    the engagement does not mean that she may read this row: ask `reading` for what is private.
    """
    table: Any = model
    query = (
        sa.select(table, Engagement)
        .join(Engagement, Engagement.id == table.engagement_id)
        .where(table.id == row_id, mine(party))
        .options(*_NAMES)
    )
    found = session().execute(query).one_or_none()
    if found is None:
        raise _absent(table.__tablename__.removeprefix("handledning_"), row_id)
    if not lock:
        return found[0], _access(party, found[1])
    access = reach(party, found[1].id, lock=True)
    held = sa.select(table).where(table.id == row_id).with_for_update().execution_options(populate_existing=True)
    row = session().scalar(held)
    if row is None:  # pragma: no cover - taken away while this waited: only two requests at once get here
        raise _absent(table.__tablename__.removeprefix("handledning_"), row_id)
    return row, access


def rows(access: Access, model: type[Row], *where: sa.ColumnElement[bool], order_by: Any = None) -> Sequence[Row]:
    """Returns an engagement's rows of one kind that fit, in the order asked for."""
    table: Any = model
    query = sa.select(table).where(table.engagement_id == access.engagement.id, *where)
    if order_by is not None:
        query = query.order_by(*order_by) if isinstance(order_by, tuple) else query.order_by(order_by)
    return session().scalars(query).all()


def find(access: Access, model: type[Row], row_id: uuid.UUID) -> Row | None:
    """Returns the engagement's row of that id, if there is one."""
    table: Any = model
    return next(iter(rows(access, model, table.id == row_id)), None)


def check_version(there: int, seen: int) -> None:
    """Raises Conflict when somebody saved after `seen` was read."""
    if there != seen:
        raise Conflict("changed")


def former(party: Party) -> Sequence[Engagement]:
    """Returns the manager's engagements in this cohort that have ended, the latest first, both names loaded."""
    query = sa.select(Engagement).where(
        Engagement.cohort_id == party.cohort.id,
        Engagement.manager_id == party.person_id,
        Engagement.status.not_in(OPEN),
    )
    return session().scalars(query.options(*_NAMES).order_by(Engagement.ended_at.desc(), Engagement.id)).all()


def open_engagement(party: Party) -> Engagement | None:
    """Returns the manager's own engagement that has not ended, if there is one."""
    query = sa.select(Engagement).where(
        Engagement.cohort_id == party.cohort.id, Engagement.manager_id == party.person_id, Engagement.status.in_(OPEN)
    )
    return session().scalar(query.options(*_NAMES))
