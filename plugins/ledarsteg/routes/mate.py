"""The page about the step-mate: asking, answering, ending it, and the one thing that can be sent."""

from collections.abc import Callable
from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import mate as cards
from plugins.ledarsteg.forms.others import MateForm
from plugins.ledarsteg.operations import mates
from plugins.ledarsteg.operations.mates import Standing
from plugins.ledarsteg.routes.base import Answer, bp, owner, refused
from service.contract import (
    Invalid,
    Member,
    Role,
    audit_view,
    current_launch,
    members_as,
    page,
    plugin_url,
    requires,
    unit,
    wants_partial,
)


@bp.get("/mate")
@requires("ledarsteg.own")
def mate() -> Answer:
    """How it stands with the step-mate, and what she shares."""
    return _mate_page()


def _peers() -> list[Member]:
    here = current_launch()
    return [member for member in members_as(here.cohort, Role.MANAGER) if member.person_id != here.person.id]


def _mate_page(status: int = 200, form: MateForm | None = None, problem: str = "") -> Answer:
    mine = owner()
    standing = mates.pairing(mine)
    if standing.standing is Standing.ACTIVE and standing.mate is not None:
        logs = mates.shared_with_mate(mine, standing.mate, current_launch().cohort.zone)
        if logs:
            # Looking at another person's habits leaves a trace before anything of hers is opened.
            audit_view("ledarsteg.view_mate", "person", str(standing.mate.id), standing.mate)
            unit().vault.fetch([standing.mate.id])
        shown = cards.shared(mine, standing.mate, logs)
        return page("ledarsteg/mate.html", status=status, standing=standing, problem=problem, **shown)
    shown = cards.page(standing, _peers(), form)
    return page("ledarsteg/mate_none.html", status=status, problem=problem, **shown)


@bp.post("/mate/ask")
@requires("ledarsteg.own")
def ask_mate() -> Answer:
    """Asks one of the other managers."""
    peers = _peers()
    form = MateForm(request.form)
    form.offer(peers)
    if not form.validate():
        return _mate_page(422, form)
    try:
        mates.ask(owner(), UUID(form.mate.data), [peer.person_id for peer in peers])
    except Invalid as error:
        refused(form, error)
        return _mate_page(422, form, next(iter(error.fields.values())))
    return redirect(url_for(".mate"), 303)


@bp.post("/mate/<uuid:row_id>/accept")
@requires("ledarsteg.own")
def accept_mate(row_id: UUID) -> Answer:
    """Becomes the step-mate of who asked."""
    return _answered(lambda: mates.accept(owner(), row_id))


@bp.post("/mate/<uuid:row_id>/end")
@requires("ledarsteg.own")
def end_mate(row_id: UUID) -> Answer:
    """Takes a question back, declines one, or ends being step-mates."""
    return _answered(lambda: mates.end(owner(), row_id))


def _answered(work: Callable[[], None]) -> Answer:
    try:
        work()
    except Invalid as error:
        return _mate_page(422, problem=next(iter(error.fields.values())))
    return redirect(url_for(".mate"), 303)


@bp.post("/mate/nudge/<uuid:habit_id>")
@requires("ledarsteg.own")
def nudge_mate(habit_id: UUID) -> Answer:
    """Nudges the step-mate about one of her shared habits."""
    mates.nudge(owner(), habit_id)
    return redirect(url_for(".mate"), 303)


@bp.post("/nudges/seen")
@requires("ledarsteg.own")
def nudges_seen() -> Answer:
    """Notes that she has seen the nudges she got."""
    mates.see_nudges(owner())
    if wants_partial():
        return "", 200
    return redirect(plugin_url("home"), 303)
