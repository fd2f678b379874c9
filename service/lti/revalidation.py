"""Judging a kept launch again, without the network: what it met then, and what one like it would meet now.

The checks are those of a launch in their order. What was refused stopped at one of them, so the record needs no more
than that word. Anew, each check that can be made from what is kept is made as of the moment the launch came, with the
registration, keys and deployment of today: a difference is what somebody has changed since.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from service.errors import LaunchRefused
from service.lti import acceptance
from service.lti.claims import MESSAGES
from service.lti.keys import KeySetRefused, PlatformKey, read_key_set
from service.lti.models import Deployment, DeploymentState, Platform, PlatformKeys, PlatformState
from service.lti.note_models import LaunchNote
from service.unit import current

ACCEPTED = "accepted"
# In the order in which a launch meets them. A name is the check's own; what it may be refused for is beside it.
CHECKS: Mapping[str, tuple[str, ...]] = {
    "request": ("query", "duplicate_parameter", "platform_error", "confirm_origin"),
    "state": ("state", "state_expired"),
    "binding": ("state_binding",),
    "platform": ("platform_disabled", "platform_pending"),
    "keys": ("keys_unavailable",),
    "format": ("format",),
    "header": ("header", "alg", "kid"),
    "key": ("kid_unknown",),
    "signature": ("signature",),
    "payload": ("payload",),
    "time": ("time", "expired", "early", "old", "lifetime"),
    "issuer": ("iss",),
    "audience": ("aud", "azp"),
    "nonce": ("nonce",),
    "message": ("version", "message_type"),
    "claims": ("claims", "sub"),
    "target": ("target",),
    "deployment": ("deployment_pending", "deployment_disabled"),
    "once": ("nonce_used",),
}
# What depends on the token alone ends today as it ended then; only what was not reached is found out.
_OF_THE_TOKEN = ("format", "payload")
# What is known of the browser and its login alone, which is over.
_OF_THE_MOMENT = ("request", "state", "binding", "once")
_ORDER = list(CHECKS)
_OF_REASON = {reason: check for check, reasons in CHECKS.items() for reason in reasons}
_HASH: Mapping[str, hashes.HashAlgorithm] = {
    "RS256": hashes.SHA256(),
    "RS384": hashes.SHA384(),
    "RS512": hashes.SHA512(),
    "ES256": hashes.SHA256(),
}


class Verdict(StrEnum):
    """How a check ended. Unknown: it cannot be made from what is kept."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    NOT_REACHED = "not_reached"
    UNKNOWN = "unknown"


def check_of(outcome: str) -> str:
    """Returns the check that an outcome stopped at; empty when the launch passed all, or stopped somewhere else."""
    return _OF_REASON.get(outcome, "")


def then(outcome: str) -> dict[str, Verdict]:
    """Returns how each check ended when the launch came."""
    if outcome == ACCEPTED:
        return dict.fromkeys(CHECKS, Verdict.PASS)
    stopped = check_of(outcome)
    if not stopped:
        # Refused by something that is no check of the message: our own failure, or a page that it may not open.
        return dict.fromkeys(CHECKS, Verdict.UNKNOWN)
    at = _ORDER.index(stopped)
    return {
        check: Verdict.PASS if number < at else Verdict.FAIL if number == at else Verdict.NOT_REACHED
        for number, check in enumerate(CHECKS)
    }


def is_proved(outcome: str) -> bool:
    """Tells whether the platform's signature had been verified when the launch was accepted or refused."""
    ended = then(outcome)["signature"]
    return ended is Verdict.PASS


@dataclass(frozen=True)
class Present:
    """A registration as it is today: what its messages must say, its keys, and what may launch."""

    expected: acceptance.Expected
    keys: Sequence[PlatformKey]
    state: PlatformState
    allow_missing_sub: bool
    deployments: Mapping[str, DeploymentState]
    auto_activate: bool = False


@dataclass(frozen=True)
class Line:
    """One check: how it ended then, how it would end now, and the reason it would be refused for."""

    check: str
    then: Verdict
    now: Verdict
    reason: str = ""

    @property
    def changed(self) -> bool:
        """Whether it would end otherwise now; what was not reached then is no change."""
        return {self.then, self.now} == {Verdict.PASS, Verdict.FAIL}


def present(platform: Platform) -> Present:
    """Returns a platform's registration as it is today, from the current unit. No network."""
    session = current().session
    kept = session.get(PlatformKeys, platform.id)
    rows = session.execute(
        sa.select(Deployment.deployment_id, Deployment.state).where(Deployment.platform_id == platform.id)
    )
    return Present(
        acceptance.Expected(platform.issuer, platform.client_id, platform.algorithms, platform.trusted_audiences),
        _keys(kept.jwks if kept else None), platform.state, platform.allow_missing_sub,
        {row.deployment_id: row.state for row in rows}, platform.auto_activate,
    )  # fmt: skip


def _keys(jwks: object) -> Sequence[PlatformKey]:
    try:
        return read_key_set(jwks)
    except KeySetRefused:
        return ()


def revalidate(note: LaunchNote, today: Present, leeway: timedelta) -> list[Line]:
    """Judges a kept launch again as of the moment it came. Each check is made, whichever failed before it."""
    before = then(note.outcome)
    stopped = check_of(note.outcome)
    lines = []
    for check, ended in before.items():
        if check in _OF_THE_TOKEN and ended in (Verdict.PASS, Verdict.FAIL):
            lines.append(Line(check, ended, ended, note.outcome if check == stopped else ""))
        else:
            lines.append(_line(check, ended, _again(check, note, today, leeway)))
    return lines


def _line(check: str, before: Verdict, again: str | None) -> Line:
    if again is None:
        # What hangs on the browser of that moment stands as it was; of the rest nothing can be told.
        stands = check in _OF_THE_MOMENT and before is not Verdict.NOT_REACHED
        return Line(check, before, before if stands else Verdict.UNKNOWN)
    return Line(check, before, Verdict.FAIL if again else Verdict.PASS, again)


def _again(check: str, note: LaunchNote, today: Present, leeway: timedelta) -> str | None:
    """Returns the reason a check refuses for, empty when it passes, None when it cannot be made again."""
    if check == "platform":
        return "" if today.state is PlatformState.ACTIVE else f"platform_{today.state.value}"
    if check == "keys":
        return "" if today.keys else "keys_unavailable"
    if "claims" not in note.evidence or check in _OF_THE_MOMENT:
        return "format" if check == "format" and note.evidence.get("broken") == "format" else None
    if check in ("format", "header", "key", "signature", "payload"):
        return _envelope(check, note.evidence, today)
    return _contents(check, note.evidence["claims"], note.at, today, leeway) if note.evidence["claims"] else None


def _envelope(check: str, evidence: Mapping[str, Any], today: Present) -> str | None:
    header, broken = evidence["header"], evidence["broken"]
    if check == "format":
        return "" if evidence["signature"] and broken != "format" else "format"
    if check == "payload":
        return "" if broken != "payload" else "payload"
    refused = "header" if broken == "header" else _header(header, today)
    if check == "header" or refused:
        return refused if check == "header" else None
    candidates = [key for key in today.keys if key.fits(header["kid"], header["alg"])]
    if check == "key" or not candidates:
        return ("" if candidates else "kid_unknown") if check == "key" else None
    return "" if any(_verifies(evidence, header["alg"], key) for key in candidates) else "signature"


def _header(header: Mapping[str, Any], today: Present) -> str:
    if {"crit", "cty"} & set(header["names"]) or header.get("typ", "JWT") not in ("JWT", "jwt"):
        return "header"
    if header.get("alg") not in today.expected.algorithms or header["alg"] not in _HASH:
        return "alg"
    return "" if header.get("kid") else "kid"


def _verifies(evidence: Mapping[str, Any], algorithm: str, key: PlatformKey) -> bool:
    digest, signature = (base64.b64decode(evidence[name]) for name in ("digest", "signature"))
    hashed = utils.Prehashed(_HASH[algorithm])
    public: Any = key.key.public_key
    try:
        if key.kind == "EC":
            half = len(signature) // 2
            pair = (int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
            public.verify(utils.encode_dss_signature(*pair), digest, ec.ECDSA(hashed))
        else:
            public.verify(signature, digest, padding.PKCS1v15(), hashed)
    except InvalidSignature:
        return False
    return True


def _contents(check: str, claims: Mapping[str, Any], at: datetime, today: Present, leeway: timedelta) -> str:
    try:
        if check == "time":
            acceptance.check_times(dict(claims), int(at.timestamp()), int(leeway.total_seconds()))
        elif check == "issuer":
            acceptance.check_parties(
                {**claims, "aud": today.expected.client_id, "azp": today.expected.client_id}, today.expected
            )
        elif check == "audience":
            acceptance.check_parties({**claims, "iss": today.expected.issuer}, today.expected)
    except LaunchRefused as refused:
        return refused.reason
    return "" if check in ("time", "issuer", "audience") else _meaning(check, claims, today)


def _meaning(check: str, claims: Mapping[str, Any], today: Present) -> str:
    if check == "nonce":
        return "" if claims["nonce_answers"] else "nonce"
    if check == "message":
        return (
            "version" if claims["version"] != "1.3.0" else "" if claims["message_type"] in MESSAGES else "message_type"
        )
    if check == "claims":
        missing = "person" in claims["missing"] and not today.allow_missing_sub
        return "claims" if claims["problems"] else "sub" if missing else ""
    if check == "target":
        ours = claims["target_named_twice"] and claims["target"] != "(another host)"
        return "" if ours or "target_link_uri" not in claims["present"] else "target"
    state = today.deployments.get(claims["deployment_id"])
    if state is None:
        return "" if today.auto_activate else "deployment_pending"
    return "" if state is DeploymentState.ACTIVE else f"deployment_{state.value}"
