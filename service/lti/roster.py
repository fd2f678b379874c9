"""When a course's roster is read: when somebody looks and it is old, every night, and when it is asked for."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from service.cohorts.models import Cohort, Member
from service.core import core
from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.jobs.outbox import Fate
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.lti.service_models import RosterEntry, RosterState, RosterSync
from service.unit import Units, current

KIND = "roster.sync"
# How old a complete roster may be when somebody looks, and how long a platform that refused is not asked unasked.
OLD = timedelta(minutes=15)
REFUSED_RESTS = timedelta(hours=24)
# At most one reading a minute, however often the button is pressed.
PRESSED_AGAIN = timedelta(minutes=1)
NIGHT = range(1, 5)
# Nobody has opened a course for so long: its roster is not read unasked.
ASLEEP = timedelta(days=60)
_FATES = {Fate.AGAIN: RosterState.WAITING, Fate.DEAD: RosterState.FAILED, Fate.CANCELLED: RosterState.REFUSED}
log = structlog.get_logger("stegvis.roster")


class By(StrEnum):
    """Why a roster is wanted."""

    LOOK = "look"
    NIGHT = "night"
    ASKED = "asked"


def want(cohort: Cohort, by: By = By.LOOK) -> bool:
    """Decides on reading a roster if it is due, in a writing unit of its own. Tells whether it was decided just now.

    Never keeps a page waiting: when the database is busy it is for next time.
    """
    known = current().session.get(RosterSync, cohort.id)
    if not _is_due(cohort, known, by, current().now()):
        return False
    try:
        with core().units.writing():
            return decide(cohort, by)
    except SQLAlchemyError as error:
        log.warning("roster_not_decided", cohort=str(cohort.id), error=type(error).__name__)
        return False


def decide(cohort: Cohort, by: By, run_after: datetime | None = None) -> bool:
    """Decides on reading a roster, in the current writing unit, unless it is not due or is being read already."""
    unit = current()
    dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
    blank = dialect.insert(RosterSync).values(cohort_id=cohort.id, state=RosterState.NEVER, visited=[])
    unit.session.execute(blank.on_conflict_do_nothing())
    # Of two who decide at once the second one waits here, and then finds the job of the first.
    sync = unit.session.get_one(RosterSync, cohort.id, with_for_update=True, populate_existing=True)
    if not _is_due(cohort, sync, by, unit.now()) or _open_jobs(cohort.id):
        return False
    sync.state, sync.asked_at = RosterState.WAITING, unit.now()
    outbox.decide(KIND, cohort.id, cohort.organisation_id, cohort.id, run_after)
    return True


def _open_jobs(cohort_id: uuid.UUID) -> bool:
    state = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    query = sa.select(Job.id).where(Job.kind == KIND, Job.subject_id == cohort_id, state)
    return current().session.execute(query.limit(1)).first() is not None


def _is_due(cohort: Cohort, sync: RosterSync | None, by: By, now: datetime) -> bool:
    if not cohort.memberships_url or cohort.archived_at is not None:
        return False
    if sync is None or sync.asked_at is None:
        return True
    if by is By.ASKED:
        return now - sync.asked_at >= PRESSED_AGAIN
    if by is By.NIGHT:
        return sync.asked_at < _begin_of_night(now, cohort.zone)
    rests = REFUSED_RESTS if sync.state is RosterState.REFUSED else OLD
    return now - max(sync.asked_at, sync.done_at or sync.asked_at) > rests


def _begin_of_night(now: datetime, zone: str) -> datetime:
    return now.astimezone(ZoneInfo(zone)).replace(hour=NIGHT.start, minute=0, second=0, microsecond=0)


def decide_nightly(units: Units) -> int:
    """Decides on the rosters of courses where it is night and somebody has been lately. Returns how many.

    They are spread over the hour, so that a platform with many courses is not asked for all of them at once.
    """
    decided = 0
    with units.reading() as unit:
        now = unit.now()
        cohorts = [one for one in unit.session.scalars(_awake(now)) if _is_night(one, now)]
    for cohort in cohorts:
        with units.writing() as unit:
            later = timedelta(seconds=cohort.id.int % 3000)
            decided += decide(cohort, By.NIGHT, outbox.lease_now() + later)
    return decided


def _is_night(cohort: Cohort, now: datetime) -> bool:
    return now.astimezone(ZoneInfo(cohort.zone)).hour in NIGHT


def _awake(now: datetime) -> sa.Select[Cohort]:
    visited = sa.exists().where(
        Member.cohort_id == Cohort.id, Member.from_roster.is_(False), Member.last_seen_at >= now - ASLEEP
    )
    return (
        sa.select(Cohort)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(Cohort.memberships_url != "", Cohort.archived_at.is_(None), visited)
        .where(Deployment.state == DeploymentState.ACTIVE, Platform.state == PlatformState.ACTIVE)
    )


def forget_left_over(units: Units) -> int:
    """Removes the lines of runs that broke off a day ago and were never taken up again. Returns how many."""
    with units.writing() as unit:
        begun_lately = sa.select(RosterSync.cohort_id).where(
            RosterSync.run.is_not(None), RosterSync.begun_at > unit.now() - timedelta(days=1)
        )
        gone = unit.connection.execute(sa.delete(RosterEntry).where(RosterEntry.cohort_id.not_in(begun_lately)))
        return gone.rowcount


def tell(cohort_id: uuid.UUID, fate: Fate, reason: str) -> None:
    """Tells the cohort's row, in the current unit, what becomes of a job that was not done.

    Why a platform failed has been written down by then; "failed" says less.
    """
    sync = current().session.get_one(RosterSync, cohort_id)
    sync.state = _FATES[fate]
    if fate is Fate.CANCELLED:
        sync.reason, sync.run = reason, None
    elif not sync.reason:
        sync.reason = reason
    current().session.flush()
