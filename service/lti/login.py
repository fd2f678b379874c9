"""Login: which platform calls, whether the browser keeps our cookie, and the way back to the platform.

The hint in a login may be good for one use, so cookies are tried before anything is spent: a browser without ours gets
it and is sent to the same login once more. Where it did not stay (a frame whose cookies are blocked) a button opens the
login, its parameters unspent, in a window of its own; where it does not stay there either, the page says so and ends.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from service.errors import LaunchRefused, Malformed, PlatformPending
from service.lti import adapter, state
from service.lti.models import PlatformState
from service.lti.registrations import Registration, Registrations
from service.lti.strict import is_whole_text

MAX_PARAMETERS = 16 * 1024
# Longer addresses than this are refused by web servers on the way; such a login is not bounced but shown the button.
MAX_BOUNCE = 3500
MAX_TARGET = 2000
TRIED, WINDOW = "stegvis_tried", "stegvis_window"


def merged(query: Mapping[str, list[str]], form: Mapping[str, list[str]]) -> dict[str, str]:
    """Returns the parameters of query and form together. Raises Malformed where one is given twice and differs."""
    parameters: dict[str, str] = {}
    for source in (query, form):
        for name, values in source.items():
            for value in values:
                if parameters.setdefault(name, value) != value:
                    raise Malformed("duplicate_parameter")
    if sum(len(name) + len(value) for name, value in parameters.items()) > MAX_PARAMETERS:
        raise Malformed("too_long")
    if not all(is_whole_text(value) for value in parameters.values()):
        raise Malformed("characters")
    return parameters


def registration_for(known: Registrations, parameters: Mapping[str, str], public_id: str) -> Registration:
    """Returns the platform that calls.

    Raises LaunchRefused when there is none, more than one, or a disabled one, PlatformPending for one not yet approved.
    """
    issuer, client_id = parameters.get("iss", ""), parameters.get("client_id", "")
    if not issuer or not parameters.get("login_hint"):
        raise LaunchRefused("login_parameters")
    if public_id:
        found = known.by_public_id(public_id)
        candidates = [found] if found is not None and found.issuer == issuer else []
    else:
        candidates = known.by_issuer(issuer)
    if not candidates:
        raise LaunchRefused("unknown_issuer")
    candidates = [one for one in candidates if client_id in ("", one.client_id)]
    if not candidates:
        raise LaunchRefused("unknown_client")
    if len(candidates) > 1:
        raise LaunchRefused("several_clients")
    if candidates[0].state is PlatformState.PENDING:
        raise PlatformPending("platform_pending")
    if not candidates[0].is_active:
        raise LaunchRefused("platform_disabled")
    return candidates[0]


@dataclass(frozen=True)
class Step:
    """What a browser without our cookie is told: to come again, to open a window (a button), or that it ends here."""

    bounce: str = ""
    button: bool = False


def without_cookie(path: str, parameters: Mapping[str, str]) -> Step:
    """Returns the next step of the ladder for a browser that sent no cookie."""
    if TRIED not in parameters:
        address = f"{path}?{urlencode({**parameters, TRIED: '1'})}"
        if len(address) <= MAX_BOUNCE:
            return Step(bounce=address)
    return Step(button=WINDOW not in parameters)


def unspent(parameters: Mapping[str, str]) -> dict[str, str]:
    """Returns the parameters as the platform sent them, marked to be opened in a window of its own."""
    return {**{name: value for name, value in parameters.items() if name != TRIED}, WINDOW: "1"}


def way_back(
    registration: Registration, parameters: Mapping[str, str], proof: state.Proof, base: str, key: bytes, now: datetime
) -> str:
    """Returns the address of the platform's authorization endpoint with our request. Raises LaunchRefused: `target`."""
    target = parameters.get("target_link_uri", "")
    if not target or len(target) > MAX_TARGET:
        raise LaunchRefused("target")
    nonce = secrets.token_urlsafe(24)
    signed = state.write(key, registration.id, nonce, proof, target, now)
    return adapter.authentication_url(
        registration.auth_login_url, registration.client_id, f"{base}/lti/launch", parameters, state=signed, nonce=nonce
    )
