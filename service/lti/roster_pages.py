"""What pages say of the course's roster: when it was read, how far a reading is, and why one did not work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import make_response, redirect, request, url_for

from service import audit
from service.access import Role, requires
from service.clock import local_date
from service.cohorts.current import InCohort, stay
from service.cohorts.models import Cohort, Member, Person
from service.core import core
from service.errors import NotFound
from service.formats import clock_time, day_and_time
from service.jobs import bell
from service.lti import roster
from service.lti.roster import By
from service.lti.roster_words import AGAIN, WHY
from service.lti.service_models import RosterState, RosterSync
from service.unit import current
from service.web import partial, wants_partial

PERMISSION = "core.roster"
OPEN = frozenset({RosterState.WAITING, RosterState.RUNNING})


@dataclass(frozen=True)
class Shown:
    """The roster as a page shows it. Without `offered` the platform has told no address for it."""

    offered: bool
    state: RosterState = RosterState.NEVER
    members: int = 0
    done_at: datetime | None = None
    when: str = ""
    found: int = 0
    gone: int = 0
    skipped: int = 0
    reason: str = ""
    nameless: bool = False
    silent: bool = False

    @property
    def is_open(self) -> bool:
        """True while it waits or is read."""
        return self.state in OPEN

    @property
    def why(self) -> str:
        """Why the last reading did not work, in a sentence; empty when it did."""
        return _why(self.reason) if self.state in {RosterState.FAILED, RosterState.REFUSED} else ""


def look(here: InCohort) -> Shown:
    """Returns what there is to say of the roster to somebody who looks, and has it read when it is old."""
    decided = roster.want(here.cohort)
    return shown(here, decided=decided)


def shown(here: InCohort, *, decided: bool = False) -> Shown:
    """Returns what there is to say. `decided`: a reading was decided on just now, which this unit may not see yet."""
    if not here.cohort.memberships_url:
        return Shown(offered=False)
    sync = current().session.get(RosterSync, here.cohort.id) or RosterSync(
        cohort_id=here.cohort.id, state=RosterState.NEVER, members=0, found=0, gone=0, skipped=0, reason=""
    )
    found = bell.here()
    return Shown(
        offered=True, state=RosterState.WAITING if decided else sync.state, members=0 if decided else sync.members,
        done_at=sync.done_at, when=_when(sync.done_at, here), found=sync.found, gone=sync.gone, skipped=sync.skipped,
        reason=sync.reason, nameless=sync.done_at is not None and _is_nameless(here.cohort),
        silent=found is not None and found.is_silent,
    )  # fmt: skip


def _when(at: datetime | None, here: InCohort) -> str:
    if at is None:
        return ""
    today = local_date(at, here.zone) == local_date(current().now(), here.zone)
    return clock_time(at, here.zone) if today else day_and_time(at, here.zone)


def _is_nameless(cohort: Cohort) -> bool:
    named = sa.select(Member.id).join(Person, Person.id == Member.person_id)
    query = named.where(Member.cohort_id == cohort.id, Member.active, Person.name != "").limit(1)
    return current().session.execute(query).first() is None


@requires(PERMISSION)
def progress() -> Any:
    """Shows how far a reading is, for the page to fetch every other second. When it has ended the page is to reload."""
    here = _here()
    if not wants_partial():
        return redirect(url_for("l.cohort", _anchor="roster"), 303)
    now = shown(here)
    response = make_response(partial("lti/_roster.html", roster=now))
    if not now.is_open:
        response.headers["HX-Refresh"] = "true"
    return response


@requires(PERMISSION)
def ask() -> Any:
    """Has the roster read now, unless it is being read."""
    here = _here()
    if roster.decide(here.cohort, By.ASKED):
        audit.append(here.actor, "roster.ask", object_type="cohort", object_ref=str(here.cohort.id))
    to_people = request.form.get("to") == "members" and here.role is Role.TRAINING
    return redirect(url_for("l.members" if to_people else "l.cohort", _anchor="roster"), 303)


def _here() -> InCohort:
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    return here


def _why(reason: str) -> str:
    sentence = str(WHY.get(reason, AGAIN))
    return sentence.replace("%(address)s", f"{core().settings.public_url}/lti/jwks")
