"""Which completions are due, when they are tried again, and deciding on a job that tells them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from service.cohorts.models import Cohort, CohortPlugin, Member, Person
from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.lti import scores
from service.lti.models import Platform, PlatformState
from service.lti.scores import Means, Verdict
from service.lti.service_models import Delivery, DeliveryState, LineItem, PlatformHealth
from service.unit import Units, current

KIND = "completion.deliver"
OPEN = (JobState.QUEUED, JobState.RUNNING)
# Rows are read so many at a time.
TAKEN = 500
log = structlog.get_logger("stegvis.deliveries")


@dataclass(frozen=True)
class Due:
    """One completion that is due."""

    id: uuid.UUID
    line_item_id: uuid.UUID
    plugin: str
    user_id: str
    tries: int
    score_at: datetime | None
    wanted: bool


def due_rows(session: Session, platform_id: uuid.UUID, now: datetime) -> Sequence[Due]:
    """What is due at a platform, in the order in which it was decided, and whether it is still to be told."""
    order = (Delivery.due_at, Delivery.decided_at, Delivery.id)
    waiting = sa.and_(
        Delivery.platform_id == platform_id, Delivery.state == DeliveryState.WAITING, Delivery.due_at <= now
    )
    picked = sa.select(Delivery.id).where(waiting).order_by(*order).limit(TAKEN).subquery()
    wanted = sa.and_(
        CohortPlugin.enabled, CohortPlugin.completion, Cohort.archived_at.is_(None), Member.active, ~Person.is_test
    )
    query = (
        sa.select(
            Delivery.id, Delivery.line_item_id, LineItem.plugin, Person.sub, Delivery.tries, Delivery.score_at,
            sa.func.coalesce(wanted, sa.false()),
        )
        .join(picked, picked.c.id == Delivery.id)
        .join(LineItem, LineItem.id == Delivery.line_item_id)
        .join(Cohort, Cohort.id == LineItem.cohort_id)
        .join(Person, Person.id == Delivery.person_id)
        .outerjoin(Member, (Member.cohort_id == Cohort.id) & (Member.person_id == Person.id))
        .outerjoin(CohortPlugin, (CohortPlugin.cohort_id == Cohort.id) & (CohortPlugin.plugin == LineItem.plugin))
        .order_by(*order)
    )  # fmt: skip
    return [Due(*row) for row in session.execute(query)]


def decide(platform_id: uuid.UUID) -> bool:
    """Decides, in the current writing unit, on telling a platform what is due there; one job at a time. Tells whether."""
    session = current().session
    # The lock puts two who decide at once in order.
    session.execute(sa.select(Platform.id).where(Platform.id == platform_id).with_for_update(key_share=True))
    if session.scalars(_ready(current().now()).where(Platform.id == platform_id)).first() is None:
        return False
    outbox.decide(KIND, platform_id)
    return True


def decide_due(units: Units) -> int:
    """Decides on it for every platform where something is due, that may be called and has no job yet. Returns how many."""
    with units.reading() as unit:
        platforms = unit.session.scalars(_ready(unit.now())).all()
    decided = 0
    for platform_id in platforms:
        with units.writing():
            decided += decide(platform_id)
    return decided


def _ready(now: datetime) -> sa.Select[uuid.UUID]:
    due = sa.exists().where(
        Delivery.platform_id == Platform.id, Delivery.state == DeliveryState.WAITING, Delivery.due_at <= now
    )
    away = sa.exists().where(PlatformHealth.platform_id == Platform.id, PlatformHealth.closed_until > now)
    job = sa.exists().where(Job.kind == KIND, Job.subject_id == Platform.id, Job.state.in_(OPEN))
    return sa.select(Platform.id).where(Platform.state == PlatformState.ACTIVE, due, ~away, ~job)


def not_before(platform_id: uuid.UUID) -> datetime:
    """Returns when something new is due at a platform: now, or with what waits there already while it is away."""
    ill = sa.exists().where(PlatformHealth.platform_id == platform_id, PlatformHealth.failures > 0)
    waiting = sa.and_(Delivery.platform_id == platform_id, Delivery.state == DeliveryState.WAITING)
    now = current().now()
    earliest = current().session.scalar(sa.select(sa.func.min(Delivery.due_at)).where(waiting, ill))
    return max(earliest or now, now)


def put_off(platform_id: uuid.UUID, row: Due, found: Verdict, now: datetime, *, whole: bool) -> None:
    """Lets a row wait longer each time, and with it what cannot work either: its column's rows, its platform's."""
    mine = Delivery.id == row.id
    scope = Delivery.platform_id == platform_id if whole else mine
    if not whole and found.means in (Means.COLUMN, Means.GONE):
        scope = Delivery.line_item_id == row.line_item_id
    # While somebody else asks for the column nothing has failed.
    tries = row.tries + (found.reason != "held")
    session = current().session
    session.execute(
        sa.update(Delivery)
        .where(mine, Delivery.state == DeliveryState.WAITING)
        .values(tries=tries, reason=found.reason)
    )
    postpone(scope, now + scores.wait(row.tries, found.retry_after))
    overdue = sa.and_(scope, Delivery.state == DeliveryState.WAITING, Delivery.decided_at <= now - scores.ENOUGH)
    given_up = sa.update(Delivery).where(overdue).values(state=DeliveryState.NEEDS_ATTENTION, reason=found.reason)
    done: Any = session.execute(given_up)
    if done.rowcount:
        log.warning("completions_need_attention", platform=str(platform_id), number=done.rowcount, reason=found.reason)


def postpone(scope: sa.ColumnElement[bool], until: datetime) -> None:
    """Lets the waiting rows of `scope` be due at `until` at the earliest, in the current writing unit."""
    earlier = sa.and_(scope, Delivery.state == DeliveryState.WAITING, Delivery.due_at < until)
    current().session.execute(sa.update(Delivery).where(earlier).values(due_at=until))
