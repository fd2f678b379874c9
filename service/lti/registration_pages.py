"""The pages of a registration: what is asked, in plain words; then how it ended. Open to whoever holds an invite."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, request
from flask.blueprints import BlueprintSetupState

from service import browser
from service.access import public
from service.cohorts.models import Organisation
from service.core import core
from service.errors import Conflict, Malformed
from service.lti import asking, invites, offers, registering
from service.lti.asking_words import CLAIMS, PLACEMENTS, SCOPES, told
from service.lti.claims import DEEP_LINKING
from service.lti.limits import Limit
from service.lti.models import Invite, PlatformState
from service.lti.offers import Offer, Refused
from service.lti.registration_words import explain
from service.lti.registrations import origin_of
from service.outbound import Outbound
from service.unit import current
from service.web import page

EXTENSION = "stegvis.registration"
PER_MINUTE = "REGISTRATION_PER_MINUTE"


@dataclass(frozen=True)
class Parts:
    """What registering keeps in this process: the client for calls to platforms, and how often an address may try."""

    outbound: Outbound
    limit: Limit


def add_pages(blueprint: Blueprint) -> None:
    """Adds the registration address to the blueprint of everything that speaks LTI."""
    blueprint.record(_make_parts)
    blueprint.add_url_rule("/register/<secret>", "register", show, methods=["GET"])
    blueprint.add_url_rule("/register/<secret>", "register_now", register, methods=["POST"])


def _make_parts(state: BlueprintSetupState) -> None:
    settings = state.app.extensions["stegvis"].settings
    state.app.config.setdefault(PER_MINUTE, 30)
    state.app.extensions[EXTENSION] = Parts(Outbound(settings), Limit("register", settings.rate_limit_storage))


def _parts() -> Parts:
    parts: Parts = current_app.extensions[EXTENSION]
    parts.limit.take(request.remote_addr or "", current_app.config[PER_MINUTE])
    return parts


@public("whoever holds an invite may see what registering asks for; without one nothing is asked of anybody")
def show(secret: str) -> Response:
    """Asks the platform for its configuration and shows what registering would ask of it."""
    outbound, (invite, organisation) = _parts().outbound, _invited(secret)
    address = _only("openid_configuration")
    if not address:
        return _page("register_paste", invite, organisation, address=f"{core().settings.public_url}{request.path}")
    try:
        offer = offers.ask(
            outbound,
            address,
            _only("registration_token"),
            request.headers.get("Referer", ""),
            demo=core().settings.demo,
        )
    except Refused as refused:
        g.frame_origins = _framable(address)
        with core().units.writing():
            registering.note_failure(invite, refused.reason)
        return _trouble(refused, invite, organisation)
    return _consent(offer, invite, organisation)


@public("whoever holds an invite registers with the platform whose offer this service signed into the form")
def register(secret: str) -> Response:
    """Registers with the platform, and says how it ended."""
    outbound, (invite, organisation) = _parts().outbound, _invited(secret)
    browser.check_origin()
    form = request.form.get("offer", "")
    try:
        offer = offers.unsign(form, core().state_key, invite.id, core().units.clock.now())
    except Refused as refused:
        return _trouble(refused, invite, organisation)
    g.frame_origins = offers.frame_origins(offer)
    try:
        done = registering.register(core(), outbound, secret, form)
    except (Refused, Conflict) as refused:
        return _trouble(refused, invite, organisation, form)
    return _page(
        "register_done", invite, organisation, done=done, told=told(done.differences),
        waits=done.platform.state is PlatformState.PENDING, may=done.platform.state is PlatformState.ACTIVE,
        close_to=offer.shown_by, at_once=not done.differences,
    )  # fmt: skip


def _only(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) > 1:
        raise Malformed("duplicate_parameter")
    return values[0] if values else ""


def _invited(secret: str) -> tuple[Invite, str]:
    """The invite and its organisation's name. Raises NotFound, the same for every invite that is not open."""
    try:
        with core().units.reading():
            invite = invites.find(secret)
            organisation = current().session.get_one(Organisation, invite.organisation_id)
            return invite, organisation.name
    except invites.Closed as closed:
        g.denied_actor = closed.actor
        raise


def _framable(address: str) -> str:
    origin = origin_of(address)
    return origin if origin.startswith("https://") or core().settings.demo else ""


def _consent(offer: Offer, invite: Invite, organisation: str) -> Response:
    g.frame_origins = offers.frame_origins(offer)
    asked = asking.wanted(offer.configuration)
    scopes, placements = asked.scopes or [], asked.placements or []
    lacking = [asking.Difference("scopes", one) for one in (asking.ROSTER, asking.SCORE) if one not in scopes]
    return _page(
        "register", invite, organisation, offer=offer, configuration=offer.configuration,
        scopes=[SCOPES[one] for one in scopes], claims=list(CLAIMS.values()), lacking=told(lacking),
        placements=[PLACEMENTS[one] for one in placements], chooses=DEEP_LINKING in (asked.messages or []),
        form=offers.sign(offer, core().state_key, invite.id, core().units.clock.now()),
    )  # fmt: skip


def _trouble(refused: Refused | Conflict, invite: Invite, organisation: str, form: str = "") -> Response:
    trouble = explain(refused.reason, getattr(refused, "detail", ""))
    again = form if trouble.again else ""
    return _page(
        "register_trouble", invite, organisation, status=422, trouble=trouble, reason=refused.reason, form=again
    )


def _page(name: str, invite: Invite, organisation: str, *, status: int = 200, **context: Any) -> Response:
    return make_response(page(f"lti/{name}.html", status=status, invite=invite, organisation=organisation, **context))
