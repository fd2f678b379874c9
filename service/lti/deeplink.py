"""Deep Linking 2.0: taking up a request to choose content for a course, and the claims of the answer to it.

The address that the answer goes to comes from the platform's own signed message, but an answer is a message that we
sign: it is sent to an origin that the registration knows and to no other.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from service.errors import Denial, Forbidden, LaunchRefused
from service.lti import copies, notices
from service.lti.arrival import Arrival
from service.lti.claims import CLAIM, DeepLinkingLaunch, Message
from service.lti.item_models import DeepLinkRequest, PlacedItem
from service.lti.models import Platform
from service.lti.people import insert_new
from service.lti.quirks import is_same_house, quirks_of
from service.lti.registrations import origin_of
from service.lti.targets import PARAMETER, item_address
from service.settings import LOOPBACK

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
ITEM_TYPE = "ltiResourceLink"
IFRAME, WINDOW = "iframe", "window"
# Moodle answers 404 to a token from two seconds ahead of its clock (5.0, recorded), so ours is from a minute ago.
BACKDATED = timedelta(seconds=60)
LIFETIME = timedelta(minutes=5)
FRAME_SIZE = {"width": 960, "height": 800}
PICTURE, PICTURE_SIZE = "activity.png", 128
# What no address has unescaped (RFC 3986) and a page could stumble over.
_HOSTILE = re.compile(r"[\s\"<>\\^`]")


def land(arrival: Arrival) -> str:
    """Keeps what the platform asks for and returns the path of the page to choose on. Refuses who may not choose."""
    settings = cast("DeepLinkingLaunch", arrival.message).settings
    if arrival.role not in arrival.core.host.permissions["core.place_items"].roles:
        raise Forbidden("deeplink_role", denial=Denial("deeplink", "role"))
    platform = arrival.unit.session.get_one(Platform, arrival.registration.id)
    if not returns_to(settings.deep_link_return_url, platform, demo=arrival.core.settings.demo):
        raise LaunchRefused("return_url", denial=Denial("deeplink", "return_url"))
    notices.subscribe(arrival)
    if arrival.made_cohort:
        copies.trace(arrival, copies.traces_in(arrival.message), None, arrival.unit.now())
    takes_columns = settings.accept_lineitem
    if takes_columns is None:
        takes_columns = quirks_of(platform.family or _product(arrival.message)).takes_line_items
    insert_new(arrival.unit, DeepLinkRequest, {
        "launch_id": arrival.launch_id, "return_url": settings.deep_link_return_url, "data": settings.data,
        "accept_types": settings.accept_types, "accept_multiple": settings.accept_multiple,
        "accept_line_item": takes_columns, "targets": settings.accept_presentation_document_targets,
    })  # fmt: skip
    return "/place"


def _product(message: Message) -> str:
    named = (message.tool_platform or {}).get("product_family_code")
    return named if isinstance(named, str) else ""


def returns_to(url: str, platform: Platform, *, demo: bool) -> str:
    """Returns the origin that an answer may be sent to, empty when the address is not this platform's.

    https, or http to this computer in a demonstration; no user name; the origin of one of the platform's registered
    addresses, or a host of the same hosted product. That the message itself is signed does not make an origin known.
    """
    origin = origin_of(url)
    if not origin or _HOSTILE.search(url):
        return ""
    parts = urlsplit(url)
    is_local = demo and parts.hostname in LOOPBACK
    if parts.username is not None or (parts.scheme != "https" and not is_local):
        return ""
    registered = (platform.issuer, platform.auth_login_url, platform.token_url, platform.jwks_url)
    hosts = [urlsplit(one).hostname or "" for one in registered]
    is_known = origin in map(origin_of, registered) or is_same_house(str(parts.hostname), hosts)
    return origin if is_known else ""


def opens_in(targets: Iterable[str]) -> str:
    """Returns how a placed item opens, by what the platform offers: in a frame where it can, else in a window."""
    offered = set(targets)
    return IFRAME if offered & {IFRAME, "frame"} else WINDOW if WINDOW in offered else ""


def content_item(item: PlacedItem, text: str, targets: Iterable[str], public_url: str, picture: str) -> dict[str, Any]:
    """Returns a placed item as the platform takes it. `picture` is the path of our picture for activities.

    A column can only ever say that the item is completed: 1 of 1.
    """
    image = {"url": public_url + picture, "width": PICTURE_SIZE, "height": PICTURE_SIZE}
    column = {"label": item.title, "scoreMaximum": 1, "resourceId": str(item.id), "tag": item.plugin}
    opens = opens_in(targets)
    return {
        "type": ITEM_TYPE, "title": item.title, "text": text,
        "url": item_address(public_url, item.plugin, item.path, item.id),
        "custom": {PARAMETER: str(item.id)}, "icon": image, "thumbnail": image,
        **({"lineItem": column} if item.has_line_item else {}),
        **({IFRAME: FRAME_SIZE} if opens == IFRAME else {}),
        **({WINDOW: {"targetName": "_blank"}} if opens == WINDOW else {}),
    }  # fmt: skip


def answer_claims(
    request: DeepLinkRequest, platform: Platform, deployment_id: str, items: Sequence[Mapping[str, Any]], now: datetime,
    *, msg: str = "", errormsg: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Returns the claims of the answer. `data` goes back as it came, and only if it came."""
    said = {"msg": msg, "errormsg": errormsg}
    return {
        "iss": platform.client_id, "aud": platform.issuer, "nonce": secrets.token_urlsafe(24),
        "iat": int((now - BACKDATED).timestamp()), "exp": int((now + LIFETIME).timestamp()),
        CLAIM + "deployment_id": deployment_id, CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": "1.3.0", DL + "content_items": list(items),
        **{DL + name: text for name, text in said.items() if text},
        **({} if request.data is None else {DL + "data": request.data}),
    }  # fmt: skip
