"""The course's roster: when it is read, and reading it page by page.

It is read when somebody looks and it is old, every night, and when it is asked for. A run that broke off within the hour
goes on where it was. Persons and members change only after the last page: half a roster removes nobody.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from service import audit
from service.cohorts.models import Cohort, Member
from service.core import core
from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.jobs.outbox import Fate, Held, Refused
from service.lti import roster_store, services
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.lti.roster_reading import MEDIA_TYPE, SCOPE, Page, digest, first_url, read_page
from service.lti.service_models import RosterEntry, RosterState, RosterSync
from service.lti.services import ServiceFailed, ServiceRefused, Services
from service.unit import Units, current

KIND = "roster.sync"
# How old a complete roster may be when somebody looks, and how long a platform that refused is not asked unasked.
OLD = timedelta(minutes=15)
REFUSED_RESTS = timedelta(hours=24)
# At most one reading a minute, however often the button is pressed.
PRESSED_AGAIN = timedelta(minutes=1)
RESUMABLE = timedelta(hours=1)
NIGHT = range(1, 5)
# Nobody has opened a course for so long: its roster is not read unasked.
ASLEEP = timedelta(days=60)
MOST_PAGES, MOST_MEMBERS = 200, 50_000
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
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


@dataclass
class _Run:
    """A run under way, as far as reading needs it."""

    held: Held
    platform_id: uuid.UUID
    run: uuid.UUID
    url: str
    pages: int
    members: int = 0
    skipped: int = 0
    visited: list[str] = field(default_factory=list)
    # The pages that were there when this attempt took the run up.
    begun_with: int = 0


def read(held: Held) -> None:
    """Reads a cohort's roster and merges it; the job of that kind.

    Raises Refused for what needs somebody to look, ServiceFailed for what may go better next time.
    """
    run = _begin(held)
    called = services.of_app()
    if called.health.closed_until(run.platform_id) is not None:
        _note(held, "platform_resting")
        raise ServiceFailed("platform_resting")
    try:
        with called.line() as line:
            while run.url:
                _keep(run, _asked(line, run))
        _merge(run)
    except ServiceFailed as failure:
        called.health.failed(run.platform_id, failure.reason)
        _note(held, failure.reason)
        raise
    except ServiceRefused as refusal:
        if 0 < run.begun_with == run.pages:
            # The address that the last attempt left off at has grown stale: the next attempt begins with the first page.
            _note(held, "stale_page", anew=True)
            raise ServiceFailed("stale_page") from refusal
        raise Refused(refusal.reason) from refusal
    called.health.ok(run.platform_id)


def tell(cohort_id: uuid.UUID, fate: Fate, reason: str) -> None:
    """Tells the cohort's row, in the current unit, what becomes of a job that was not done.

    Why a platform failed has been written down by then; "failed" says less.
    """
    sync = current().session.get(RosterSync, cohort_id)
    if sync is not None:
        sync.state = _FATES[fate]
        if fate is Fate.CANCELLED:
            sync.reason, sync.run = reason, None
        elif not sync.reason:
            sync.reason = reason
        current().session.flush()


def _note(held: Held, reason: str, *, anew: bool = False) -> None:
    """Writes down why a platform failed, and whether the run is given up."""
    values: dict[str, str | None] = {"reason": reason}
    if anew:
        values["run"] = None
    with core().units.writing() as unit:
        outbox.renew(held)
        unit.session.execute(sa.update(RosterSync).where(RosterSync.cohort_id == held.subject_id).values(values))


def _begin(held: Held) -> _Run:
    """Takes up the run that broke off, or begins a new one. Raises Refused where nothing may be read."""
    with core().units.writing() as unit:
        outbox.renew(held)
        now = unit.now()
        cohort = unit.session.get_one(Cohort, held.subject_id)
        deployment = unit.session.get_one(Deployment, cohort.deployment_id)
        platform = unit.session.get_one(Platform, deployment.platform_id)
        if not cohort.memberships_url or cohort.archived_at is not None:
            raise Refused("not_wanted")
        if platform.state is not PlatformState.ACTIVE or deployment.state is not DeploymentState.ACTIVE:
            raise Refused("platform_not_active")
        sync = unit.session.get_one(RosterSync, cohort.id)
        if _must_begin_anew(sync, now):
            sync.run, sync.begun_at, sync.next_url = uuid.uuid4(), now, first_url(cohort.memberships_url)
            sync.pages = sync.members = sync.skipped = 0
            sync.visited = []
        sync.state, sync.reason = RosterState.RUNNING, ""
        run = _Run(held, platform.id, sync.run or uuid.uuid4(), sync.next_url, sync.pages)
        run.members, run.skipped, run.visited, run.begun_with = (
            sync.members,
            sync.skipped,
            list(sync.visited),
            sync.pages,
        )
        return run


def _must_begin_anew(sync: RosterSync, now: datetime) -> bool:
    if sync.run is None or sync.begun_at is None or now - sync.begun_at > RESUMABLE:
        return True
    return not sync.next_url and not sync.members


def _asked(line: Services, run: _Run) -> Page:
    """Asks the platform for the run's next page. No transaction is open meanwhile."""
    answer = line.call(run.platform_id, [SCOPE], "GET", run.url, accept=MEDIA_TYPE)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _LATER:
        raise ServiceFailed(f"status_{answer.status}")
    if answer.status != HTTPStatus.OK:
        raise ServiceRefused(f"status_{answer.status}")
    try:
        return read_page(answer, run.url)
    except ServiceRefused as refusal:
        if refusal.reason == "next_origin":
            line.deny(run.platform_id, refusal.reason)
        raise


def _keep(run: _Run, page: Page) -> None:
    """Writes a page and how far the run is, in one transaction that only the job's holder can commit."""
    run.visited.append(digest(run.url))
    run.url, run.pages = page.next_url, run.pages + 1
    run.members, run.skipped = run.members + len(page.lines), run.skipped + page.skipped
    if run.url and digest(run.url) in run.visited:
        raise ServiceRefused("next_loop")
    if run.members > MOST_MEMBERS:
        raise ServiceRefused("too_many_members")
    if run.url and run.pages >= MOST_PAGES:
        raise ServiceRefused("too_many_pages")
    with core().units.writing() as unit:
        outbox.renew(run.held)
        roster_store.keep(run.held.subject_id, run.run, page.lines)
        progress = {
            "next_url": run.url, "pages": run.pages, "members": run.members, "skipped": run.skipped,
            "visited": run.visited,
        }  # fmt: skip
        unit.connection.execute(
            sa.update(RosterSync).where(RosterSync.cohort_id == run.held.subject_id).values(progress)
        )


def _merge(run: _Run) -> None:
    """Makes the complete roster persons and members, and finishes the job, in one transaction."""
    if not run.members:
        # A course that somebody looks at has people: an empty roster is a platform's mistake, and would remove them.
        raise ServiceFailed("empty")
    with core().units.writing() as unit:
        outbox.finish(run.held)
        cohort = unit.session.get_one(Cohort, run.held.subject_id)
        sync = unit.session.get_one(RosterSync, cohort.id)
        sync.found, sync.gone = roster_store.merge(cohort, run.platform_id, sync)
        sync.state, sync.reason, sync.done_at = RosterState.DONE, "", unit.now()
        sync.run, sync.visited = None, []
        audit.append(
            audit.Actor(cohort.organisation_id, cohort_id=cohort.id), "roster.read", object_type="cohort",
            object_ref=str(cohort.id),
        )  # fmt: skip
