"""The training department's pages about connections: what is connected, what works, and the latest launches."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from flask import current_app, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from service.access import requires
from service.cohorts.current import Stay, stay
from service.cohorts.switches import cohort_in
from service.core import close_unit, core, open_unit
from service.errors import Conflict, Invalid
from service.jobs import hold
from service.lti import connection_words as words
from service.lti import connections, invites, notes, revalidation, selftest
from service.lti.models import DeploymentState, PlatformState
from service.outbound import Outbound
from service.unit import current, now
from service.web import page

Answer = Response | tuple[str, int]
STATES = {"enable": PlatformState.ACTIVE, "disable": PlatformState.DISABLED}
DEPLOYED = {"activate": DeploymentState.ACTIVE, "disable": DeploymentState.DISABLED}


@requires("core.connections")
def overview() -> Answer:
    """Shows the organisation's platforms, courses and invites, what needs somebody first."""
    return _show(stay())


def _show(here: Stay, *, status: int = 200, **more: Any) -> tuple[str, int]:
    with _seeing():
        found = connections.connections(here.launch, core().settings.leeway_seconds)
        values: dict[str, Any] = {
            "connections": found, "cohorts": connections.cohort_lines(here.launch),
            "invites": invites.listing(here.launch.organisation_id), "words": words, "now": now(), "zone": here.zone,
            "organisation": here.organisation_name, "changed": _changed(here), "base": core().settings.public_url,
            "held": hold.held(),
        }  # fmt: skip
        return page("lti/connections.html", status=status, **{**values, **more})


def _seeing() -> AbstractContextManager[Any]:
    """A unit that sees the notes of this very second; within a writing one, what that has written so far."""
    if current().writing:
        return nullcontext()
    waiting: notes.Notes = current_app.extensions["stegvis.lti"].notes
    waiting.flush()
    return core().units.reading()


def _changed(here: Stay) -> Any:
    """The cohort that the address says was put away or taken back, as it stands now."""
    wanted = request.args.get("cohort", type=uuid.UUID)
    return cohort_in(here.launch.organisation_id, wanted) if wanted is not None else None


@requires("core.connections")
def platform_state(platform: uuid.UUID) -> Answer:
    """Approves, enables or disables a platform."""
    return _set(STATES.get(request.form.get("state", "")), lambda here, state: connections.set_platform(
        here.launch, platform, state, here.actor
    ))  # fmt: skip


@requires("core.connections")
def deployment_state(deployment: uuid.UUID) -> Answer:
    """Activates a deployment whose number somebody has compared, or disables one."""
    state = DEPLOYED.get(request.form.get("state", ""))
    if state is DeploymentState.ACTIVE and request.form.get("compared") != "yes":
        problem = _("Compare the number with the platform's administrator first, and say that you have.")
        return _show(stay(), status=422, problem=problem)
    return _set(state, lambda here, state: connections.set_deployment(here.launch, deployment, state, here.actor))


def _set(state: Any, change: Callable[[Stay, Any], object]) -> Answer:
    here = stay()
    if state is None:
        return _show(here, status=422, problem=_("That could not be read. Nothing was changed."))
    try:
        change(here, state)
    except Conflict:
        problem = _(
            "You came in through this connection. If it were disabled you could not take that back: "
            "do it from another course, or ask whoever runs the service."
        )
        return _show(here, status=409, problem=problem)
    current().after_commit.append(current_app.extensions["stegvis.lti"].registrations.forget)
    return redirect(url_for("l.connections"), 303)


@requires("core.connections")
def archive(cohort: uuid.UUID) -> Answer:
    """Puts a course away, or takes it back."""
    here = stay()
    found = cohort_in(here.launch.organisation_id, cohort)
    connections.put_away(found, here.actor, away=request.form.get("state") == "away")
    return redirect(url_for("l.connections", cohort=found.id), 303)


@requires("core.connections")
def invite() -> Answer:
    """Makes an invite and shows its address, this once."""
    here = stay()
    name, activates = request.form.get("name", ""), request.form.get("activates") == "yes"
    try:
        made = invites.make(here.launch.organisation_id, name, here.actor, activates=activates)
    except Invalid:
        return _show(here, status=422, invite_error=_("Write 1 to 200 characters on one line."), invite_name=name)
    return _show(here, made=made, address=made.address(core().settings.public_url))


@requires("core.connections")
def revoke_invite(invite: uuid.UUID) -> Answer:
    """Takes an invite back."""
    here = stay()
    invites.revoke(here.launch.organisation_id, invite, here.actor)
    return redirect(url_for("l.connections"), 303)


@requires("core.connections")
def test_ourselves() -> Answer:
    """Runs the self-test: what a platform does with our keys, over our public address."""
    here, settings = stay(), core().settings
    # The network is asked without a transaction.
    close_unit()
    steps = selftest.run(core().units, Outbound(settings), settings.public_url)
    open_unit(writing=False)
    return _show(here, steps=steps, passed=selftest.passed(steps))


@requires("core.connections")
def launches() -> Answer:
    """Shows the latest launches of the organisation's platforms, those that were refused too."""
    here = stay()
    organisation_id = here.launch.organisation_id
    with _seeing():
        known = connections.platforms_of(organisation_id)
        found = connections.own_notes(organisation_id, list(known))
        refused = request.args.get("show") == "refused"
        shown = [note for note in found if note.outcome != revalidation.ACCEPTED] if refused else found
        return page(
            "lti/connections_launches.html", notes=shown, total=len(found), refused=refused, platforms=known, words=words,
            zone=here.zone, warns=notes.SKEW_WARNING_SECONDS,
            number=sum(note.outcome != revalidation.ACCEPTED for note in found),
        )  # fmt: skip


@requires("core.connections")
def one_launch(note: uuid.UUID) -> Answer:
    """Shows one launch: each check as it was then, and as it would be now."""
    here = stay()
    found, platform = connections.own_note(here.launch.organisation_id, note)
    lines = revalidation.revalidate(
        found, revalidation.present(platform), timedelta(seconds=core().settings.leeway_seconds)
    )
    failing = [line for line in lines if line.now is revalidation.Verdict.FAIL]
    return page(
        "lti/connections_launch.html", note=found, platform=platform, lines=lines, words=words, zone=here.zone,
        now_refused=next((line for line in failing if line.reason), None), of_then=any(not line.reason for line in failing),
        claims=found.evidence.get("claims", {}), header=found.evidence.get("header", {}),
        accepted=found.outcome == revalidation.ACCEPTED,
    )  # fmt: skip
