"""The browser's secret and what hangs on it: the one cookie, and the token of forms.

One cookie with the `__Host-` prefix, partitioned by the site that frames us (CHIPS), holds a random secret. A launch
row keeps its hash. The form token is an HMAC of secret and launch, so that another tab's or another site's form fails.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, g, request

from service.access import is_public
from service.audit import Actor
from service.core import core
from service.errors import CsrfRefused, Denial

COOKIE = "__Host-stegvis"
SECRET_BYTES = 32
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def secret() -> bytes | None:
    """Returns this browser's secret, or None when the cookie is missing or not ours in shape."""
    value = request.cookies.get(COOKIE, "")
    try:
        raw = bytes.fromhex(value)
    except ValueError:
        return None
    return raw if len(raw) == SECRET_BYTES else None


def new_secret() -> bytes:
    """Returns a fresh browser secret."""
    return secrets.token_bytes(SECRET_BYTES)


def digest(value: bytes) -> bytes:
    """Returns the hash of a secret, which is all that the database keeps."""
    return hashlib.sha256(value).digest()


def set_cookie(response: Response, value: bytes) -> None:
    """Puts the secret in the browser. Partitioned, because a frame in another site gets no other cookie."""
    response.set_cookie(COOKIE, value.hex(), path="/", secure=True, httponly=True, samesite="None", partitioned=True)


def clear_cookie(response: Response) -> None:
    """Takes the secret out of the browser."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="None", partitioned=True)


def form_token(value: bytes, launch_id: uuid.UUID) -> str:
    """Returns the token that every unsafe form and htmx header of this launch carries."""
    key = core().form_key
    return hmac.new(key, value + launch_id.bytes, hashlib.sha256).hexdigest()


def check_form_token(value: bytes | None, launch_id: uuid.UUID, actor: Actor) -> None:
    """Raises CsrfRefused for an unsafe request that did not come from a page of this launch."""
    if request.method in SAFE:
        return
    g.denied_actor = actor
    try:
        check_origin()
    except CsrfRefused as refused:
        raise CsrfRefused(refused.reason, denial=Denial("csrf", refused.reason)) from None
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if value is None or not hmac.compare_digest(given.encode(), form_token(value, launch_id).encode()):
        raise CsrfRefused("token", denial=Denial("csrf", "token"))


def check_origin() -> None:
    """Raises CsrfRefused unless the browser says that one of our own pages sent this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        raise CsrfRefused("sec_fetch_site")
    origin = request.headers.get("Origin")
    if origin is not None and origin != core().settings.public_url:
        raise CsrfRefused("origin")


def is_exempt(endpoint: str, view: Callable[..., Any]) -> bool:
    """Tells whether an endpoint needs no permission: static files, and views declared public with a reason."""
    return endpoint == "static" or endpoint.endswith(".static") or is_public(view)
