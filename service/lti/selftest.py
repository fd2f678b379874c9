"""The self-test: what a platform does with our keys, done by ourselves over the public address.

It fetches our key set as a platform would, signs a probe with the key that signs now, and verifies it with what was
fetched. What stands between platforms and us (a proxy, another installation, a wrong clock) shows here in a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from flask_babel import lazy_gettext as _
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.lti import signing
from service.lti.strict import NotStrict, decode_part, read_object
from service.outbound import Answer, Outbound, OutboundFailed, OutboundRefused
from service.unit import Units

SKEW = timedelta(seconds=30)
# "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
_DATE = 29
SIGN, FETCH, READ = _("Sign a probe"), _("Fetch our keys at the public address"), _("Read them")
VERIFY, CLOCK = _("Verify the probe with them"), _("Compare clocks")
_UNREACHABLE = {
    "not_https": _("The public address does not begin with https."),
    "private_address": _("The public address leads into a private network: name its host in STEGVIS_PRIVATE_HOSTS."),
    "name": _("The host of the public address does not exist: look at STEGVIS_PUBLIC_URL."),
    "redirect": _("The public address sends us on to another one: put that into STEGVIS_PUBLIC_URL."),
    "timeout": _("Nothing answered in time at the public address."),
    "connection": _("Nothing answers at the public address, or its certificate is not valid for that host."),
}
_NOT_OURS = _("Something that is not Stegvis answers at the public address.")


@dataclass(frozen=True)
class Step:
    """One thing that was tried: what, whether it was well, and what it means if not."""

    what: Any
    ok: bool
    sentence: Any = ""


class _Stop(Exception):
    """The sentence that says why the following steps make no sense."""


def run(units: Units, outbound: Outbound, public_url: str) -> list[Step]:
    """Runs the test and returns its steps; the first that is not well is the last. No transaction is open meanwhile."""
    steps: list[Step] = []
    try:
        steps.extend(Step(what, ok=True) for what in _steps(units, outbound, public_url))
    except _Stop as stopped:
        what, sentence = stopped.args
        steps.append(Step(what, ok=False, sentence=sentence))
    return steps


def passed(steps: list[Step]) -> bool:
    """Tells whether everything was well."""
    return all(step.ok for step in steps)


def _steps(units: Units, outbound: Outbound, public_url: str) -> Iterator[Any]:
    now = units.clock.now()
    with units.writing():
        probe = signing.sign({"iss": public_url, "iat": int(now.timestamp())}, units.keyring)
    yield SIGN
    answer = _fetched(outbound, f"{public_url}/lti/jwks")
    yield FETCH
    keys = _keys(answer)
    yield READ
    _verify(probe, keys)
    yield VERIFY
    _check_clock(answer, now)
    yield CLOCK


def _fetched(outbound: Outbound, address: str) -> Answer:
    try:
        answer = outbound.get(address)
    except (OutboundRefused, OutboundFailed) as error:
        raise _Stop(FETCH, _UNREACHABLE.get(str(error), _NOT_OURS)) from error
    if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
        sentence = _(
            "The public address answers with status %(status)s: another service or a proxy.",
            status=answer.status,
        )
        raise _Stop(FETCH, sentence)
    return answer


def _keys(answer: Answer) -> KeySet:
    try:
        found: Any = read_object(answer.body)
        return KeySet.import_key_set(found)
    except (NotStrict, JoseError, KeyError, TypeError, ValueError) as error:
        is_page = "html" in answer.headers.get("content-type", "")
        page = _(
            "The public address answers with a page instead of our keys: a proxy or another service answers there."
        )
        raise _Stop(READ, page if is_page else _NOT_OURS) from error


def _verify(probe: str, keys: KeySet) -> None:
    kid = read_object(decode_part(probe.partition(".")[0]))["kid"]
    if kid not in {key.kid for key in keys.keys}:
        sentence = _("The keys at the public address are others than ours, or an old copy of them.")
        raise _Stop(VERIFY, sentence)
    try:
        jwt.decode(probe, keys, algorithms=["RS256"])
    except JoseError as error:
        raise _Stop(VERIFY, _("A key at the public address bears our key's name and is another one.")) from error


def _check_clock(answer: Answer, now: datetime) -> None:
    try:
        # The first date where what stands in between has added another.
        there = parsedate_to_datetime(answer.headers.get("date", "")[:_DATE]).replace(tzinfo=UTC)
    except ValueError:
        return
    skew = abs(there - now)
    if skew > SKEW:
        seconds = round(skew.total_seconds())
        sentence = _("The clock here and the one at the public address differ by %(seconds)s seconds.", seconds=seconds)
        raise _Stop(CLOCK, sentence)
