"""Reading a course's roster, page by page: the job.

No transaction is open while the network is. Pages are kept aside as they come, and a run that broke off within the hour
goes on where it was. Persons and members change only after the last page: half a roster removes nobody.
"""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

import sqlalchemy as sa

from service import audit
from service.cohorts.models import Cohort
from service.core import core
from service.jobs import outbox
from service.jobs.outbox import Held, Refused
from service.lti import roster_store, services
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.lti.roster_reading import MEDIA_TYPE, SCOPE, Line, Page, digest, first_url, next_url, read_page
from service.lti.service_models import RosterState, RosterSync
from service.lti.services import ServiceFailed, ServiceRefused, Services
from service.outbound import Answer

RESUMABLE = timedelta(hours=1)
MOST_PAGES, MOST_MEMBERS = 200, 50_000
# Pages are written together, one statement each: after so many seconds, or with so many people. A commit costs more than
# a page, and a page that was read is lost only when the worker itself dies.
WRITTEN_EVERY = 0.5
MOST_WAITING = 2500
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


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
    # Pages read and not written yet.
    waiting: list[list[Line]] = field(default_factory=list)


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
            _read_pages(line, run)
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


def _read_pages(line: Services, run: _Run) -> None:
    """Reads what is left; what was read before a failure is kept as well.

    The next page is asked for, by a thread beside this one, while the one that came is taken in.
    """
    written = time.monotonic()
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(_asked, line, run.platform_id, run.url) if run.url else None
        try:
            while coming is not None:
                answer = coming.result()
                following = _following(line, run, answer)
                coming = ahead.submit(_asked, line, run.platform_id, following) if following else None
                _take(run, read_page(answer), following)
                if time.monotonic() - written >= WRITTEN_EVERY or sum(map(len, run.waiting)) >= MOST_WAITING:
                    _write(run)
                    written = time.monotonic()
        finally:
            if run.waiting:
                _write(run)


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


def _asked(line: Services, platform_id: uuid.UUID, url: str) -> Answer:
    """Asks the platform for a page. No transaction is open meanwhile."""
    answer = line.call(platform_id, [SCOPE], "GET", url, accept=MEDIA_TYPE)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _LATER:
        raise ServiceFailed(f"status_{answer.status}")
    if answer.status != HTTPStatus.OK:
        raise ServiceRefused(f"status_{answer.status}")
    return answer


def _following(line: Services, run: _Run, answer: Answer) -> str:
    """Returns the address of the next page, empty at the end. Raises ServiceRefused for a roster that does not end."""
    try:
        found = next_url(answer.headers.get("link", ""), run.url)
    except ServiceRefused as refusal:
        if refusal.reason == "next_origin":
            line.deny(run.platform_id, refusal.reason)
        raise
    run.visited.append(digest(run.url))
    if found and digest(found) in run.visited:
        raise ServiceRefused("next_loop")
    if found and len(run.visited) >= MOST_PAGES:
        raise ServiceRefused("too_many_pages")
    return found


def _take(run: _Run, page: Page, following: str) -> None:
    """Takes a page in, to be written."""
    if run.members + len(page.lines) > MOST_MEMBERS:
        raise ServiceRefused("too_many_members")
    run.url, run.pages = following, run.pages + 1
    run.members, run.skipped = run.members + len(page.lines), run.skipped + page.skipped
    run.waiting.append(page.lines)


def _write(run: _Run) -> None:
    """Writes the pages read and how far the run is, in one transaction that only the job's holder can commit."""
    waiting, run.waiting = run.waiting, []
    with core().units.writing() as unit:
        outbox.renew(run.held)
        for lines in waiting:
            roster_store.keep(run.held.subject_id, run.run, lines)
        progress = {
            "next_url": run.url, "pages": run.pages, "members": run.members, "skipped": run.skipped,
            "visited": run.visited[: run.pages],
        }  # fmt: skip
        mine = RosterSync.cohort_id == run.held.subject_id
        unit.connection.execute(sa.update(RosterSync).where(mine).values(progress))


def _merge(run: _Run) -> None:
    """Makes the complete roster persons and members, and finishes the job, in one transaction."""
    if not run.members:
        # A course that somebody looks at has people: an empty roster is a platform's mistake, and would remove them.
        raise ServiceFailed("empty")
    with core().units.writing() as unit:
        cohort = unit.session.get_one(Cohort, run.held.subject_id)
        sync = unit.session.get_one(RosterSync, cohort.id)
        sync.found, sync.gone = roster_store.merge(cohort, run.platform_id, sync)
        sync.state, sync.reason, sync.done_at = RosterState.DONE, "", unit.now()
        sync.run, sync.visited = None, []
        audit.append(
            audit.Actor(cohort.organisation_id, cohort_id=cohort.id), "roster.read", object_type="cohort",
            object_ref=str(cohort.id),
        )  # fmt: skip
        # Last, so that the job's row is free for its signs of life while a large roster is merged.
        outbox.finish(run.held)
