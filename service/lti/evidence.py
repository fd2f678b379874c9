"""What may be kept of a launch: header, times, parties and the names of claims, so that it can be judged again.

Nothing that names or describes a person is kept, whoever signed it: of most claims no more than their JSON type, of the
rest identifiers of courses and tools. The digest of what was signed is kept with the signature, which is all that a
verification needs (RFC 8017 §8.2.2 signs a digest); it leads back to nobody, because the nonce under it is random.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from service.lti import claims as spoken
from service.lti.acceptance import DOTS, MAX_TOKEN
from service.lti.claims import CLAIM
from service.lti.registrations import origin_of
from service.lti.state import LoginState
from service.lti.strict import NotStrict, decode_part, is_whole_text, read_object

TEXT = 255
MAX_NAMES = 120
MAX_ROLES = 20
MAX_MOMENT = 10**12
HASHES = {"RS256": "sha256", "RS384": "sha384", "RS512": "sha512", "ES256": "sha256"}
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
_JSON = {str: "text", bool: "flag", int: "number", float: "number", list: "list", dict: "object", type(None): "null"}
# What stands in a role or a name of a claim that is one: anything else is not repeated.
_WORD = re.compile(r"[A-Za-z0-9_.:/#$-]{1,200}")
_OTHER = "(other)"


def evidence_of(token: str, login: LoginState | None, public_url: str, *, accepted: bool = False) -> dict[str, Any]:
    """Returns what is kept of an id_token, which may be anything at all. `login` is what it claims to answer.

    What was accepted has passed the schema, which is not asked once more.
    """
    found: dict[str, Any] = {"length": len(token)}
    if len(token) > MAX_TOKEN or token.count(".") != DOTS:
        return {**found, "broken": "format"}
    header_part, payload_part, signature_part = token.split(".")
    header, payload = _object(header_part), _object(payload_part)
    broken = _broken(header_part, payload_part) or (
        "header" if header is None else "payload" if payload is None else ""
    )
    found |= {"broken": broken, "header": _header(header or {}), "claims": _claims(payload or {}, login, public_url)}
    if payload:
        found["claims"]["problems"] = [] if accepted else _problems(payload)
    return found | _signed(token, found["header"].get("alg"), header_part, payload_part, signature_part)


def _broken(*parts: str) -> str:
    try:
        for part in parts:
            decode_part(part)
    except NotStrict:
        return "format"
    return ""


def _object(part: str) -> dict[str, Any] | None:
    try:
        return read_object(decode_part(part))
    except NotStrict:
        return None


def _header(header: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: _text(header[name]) for name in ("alg", "kid", "typ") if name in header}
    return kept | {"names": _names(header)}


def _text(value: Any) -> str | None:
    """An identifier as it was sent, cut; None for anything that is no text."""
    if not isinstance(value, str):
        return None
    return value[: TEXT + 1] if is_whole_text(value) else _OTHER


def _names(value: Mapping[str, Any]) -> list[str]:
    return [name if _WORD.fullmatch(name) else _OTHER for name in list(value)[:MAX_NAMES]]


def _signed(token: str, algorithm: Any, header: str, payload: str, signature: str) -> dict[str, str]:
    """The digest under the signature, in the signature's own hash, and the signature."""
    name = HASHES.get(algorithm, "sha256")
    digest = hashlib.new(name, token[: len(header) + 1 + len(payload)].encode("utf-8", "surrogatepass")).digest()
    try:
        raw = decode_part(signature)
    except NotStrict:
        return {"digest": _b64(digest), "signature": ""}
    return {"digest": _b64(digest), "signature": _b64(raw[:2048])}


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _claims(payload: Mapping[str, Any], login: LoginState | None, public_url: str) -> dict[str, Any]:
    if not payload:
        return {}
    target = payload.get(CLAIM + "target_link_uri")
    return {
        **{name: _moment(payload[name]) for name in ("iat", "exp", "nbf") if name in payload},
        **{name: _text(payload[name]) for name in ("iss", "azp") if name in payload},
        "aud": _audience(payload.get("aud")),
        **{name: _text(payload.get(CLAIM + name)) for name in ("version", "message_type", "deployment_id")},
        "roles": _roles(payload.get(CLAIM + "roles")),
        "target": _path(target, public_url), "target_named_twice": login is None or target == login.target_link_uri,
        "nonce_answers": login is not None and payload.get("nonce") == login.nonce,
        "present": _present(payload), "unresolved": _unresolved(payload), "missing": missing(payload),
    }  # fmt: skip


def _moment(value: Any) -> Any:
    return value if type(value) is int and abs(value) < MAX_MOMENT else _JSON.get(type(value), "object")


def _audience(value: Any) -> Any:
    return [_text(one) for one in value[:10]] if isinstance(value, list) else _text(value)


def _roles(value: Any) -> list[str]:
    listed = value[:MAX_ROLES] if isinstance(value, list) else []
    return [one if isinstance(one, str) and _WORD.fullmatch(one) else _OTHER for one in listed]


def _path(target: Any, public_url: str) -> str:
    """The path of a target of ours; whose else it is is said without repeating it."""
    if not isinstance(target, str):
        return ""
    return urlsplit(target).path[:TEXT] if origin_of(target) == origin_of(public_url) else "(another host)"


def _present(payload: Mapping[str, Any]) -> dict[str, str]:
    """The names of claims, and of the members of those that are objects, each with its JSON type."""
    found: dict[str, str] = {}
    for name, value in payload.items():
        short = name.removeprefix(CLAIM)
        found[short] = _JSON.get(type(value), "object")
        if isinstance(value, dict):
            found |= {f"{short} . {inner}": _JSON.get(type(one), "object") for inner, one in value.items()}
    whole = {name: kind for name, kind in found.items() if all(_WORD.fullmatch(part) for part in name.split(" . "))}
    return dict(list(whole.items())[:MAX_NAMES])


def _unresolved(payload: Mapping[str, Any]) -> list[str]:
    """Custom parameters whose variable the platform left as it was: it does not know it, or may not tell."""
    custom = _member(payload, CLAIM + "custom")
    return _names({name: 1 for name, value in custom.items() if isinstance(value, str) and value.startswith("$")})


def _problems(payload: dict[str, Any] | Mapping[str, Any]) -> list[str]:
    """Every claim that the message's schema refuses, and why, in the schema's words; never the value."""
    named = payload.get(CLAIM + "message_type")
    kind = spoken.MESSAGES.get(named) if isinstance(named, str) else None
    if kind is None:
        return []
    try:
        kind.model_validate(payload)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        return [f"{_place(one['loc'])}: {one['type']}" for one in wrong][:MAX_NAMES]
    return []


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part).removeprefix(CLAIM) for part in location)


def _member(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def _presentation(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return _member(payload, CLAIM + "launch_presentation")


def _scores(payload: Mapping[str, Any]) -> bool:
    service = _member(payload, spoken.AGS)
    scopes = service.get("scope")
    granted = isinstance(scopes, list) and SCORE in scopes
    return granted and bool(service.get("lineitems") or service.get("lineitem"))


# What each function of ours needs of a message, by the word that the pages have a sentence for.
NEEDS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "person": lambda payload: payload.get("sub"),
    "course": lambda payload: _member(payload, CLAIM + "context").get("id"),
    "names": lambda payload: payload.get("name") or payload.get("given_name") or payload.get("family_name"),
    "locale": lambda payload: payload.get("locale") or _presentation(payload).get("locale"),
    "return": lambda payload: _presentation(payload).get("return_url"),
    "roster": lambda payload: _member(payload, spoken.NRPS).get("context_memberships_url"),
    "completion": _scores,
}


def missing(payload: Mapping[str, Any]) -> list[str]:
    """Returns which functions lack what they need, in a fixed order."""
    return [function for function, needed in NEEDS.items() if not needed(payload)]


def skew_of(evidence: Mapping[str, Any], at: datetime) -> float | None:
    """Returns the seconds that the platform's clock was ahead of ours when the launch came; None without a time.

    The way from the platform to us counts as being behind: a second or two.
    """
    issued = evidence.get("claims", {}).get("iat")
    return round(issued - at.timestamp(), 3) if type(issued) is int else None
