"""What a token endpoint's answer means. Moodle calls its JSON text/html, and does not always send JSON."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeGuard

from service.lti.quirks import quirks_of
from service.lti.strict import NotStrict, read_object
from service.outbound import Answer

# Where the platform does not say how long a token lives (RFC 6749 §5.1 only recommends it), and at most in any case.
UNSAID_SECONDS = 300.0
MOST_SECONDS = 86_400.0
MOST_SIGNS = 16_000
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_CLOCK_WORDS = ("expired", "iat", "not yet valid")


class ServiceFailed(Exception):
    """What did not work now and may later. `reason` is a short stable word, `retry_after` seconds to wait at least."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class ServiceRefused(Exception):
    """What does not work until somebody changes something. `reason` is a short stable word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Granted:
    """A token and the seconds it lives."""

    token: str
    seconds: float


def understood(answer: Answer, scopes: Collection[str], family: str) -> Granted:
    """Returns the token that an answer holds, which must be good for all `scopes`.

    Raises ServiceFailed or ServiceRefused with what kept the platform from handing one out, as far as it can be told.
    """
    try:
        said: Mapping[str, Any] | None = read_object(answer.body)
    except NotStrict:
        said = None
    if answer.status != HTTPStatus.OK:
        raise _problem(answer, said, family)
    if said is None:
        raise ServiceFailed("token_not_json")
    token, kind, granted = said.get("access_token"), said.get("token_type", "bearer"), said.get("scope")
    if not _is_token(token) or not isinstance(kind, str) or kind.lower() != "bearer":
        raise ServiceFailed("token_missing")
    if isinstance(granted, str) and not set(scopes) <= set(granted.split()):
        raise ServiceRefused("scope_not_granted")
    return Granted(token, _seconds(said.get("expires_in")))


def retry_after(answer: Answer) -> float | None:
    """Returns the seconds that an answer asks to be left alone, at most a day; None where it names none."""
    said = answer.headers.get("retry-after", "").strip()
    return min(float(said), MOST_SECONDS) if said.isascii() and said.isdigit() else None


def _is_token(value: Any) -> TypeGuard[str]:
    # It goes into a header: visible ASCII and nothing else (RFC 6750 §2.1).
    return isinstance(value, str) and 0 < len(value) <= MOST_SIGNS and value.isascii() and _visible(value)


def _visible(value: str) -> bool:
    return value.isprintable() and " " not in value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNSAID_SECONDS
    return min(max(float(value), 0.0), MOST_SECONDS)


def _problem(answer: Answer, said: Mapping[str, Any] | None, family: str) -> ServiceFailed | ServiceRefused:
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _LATER:
        return ServiceFailed(f"token_status_{answer.status}", retry_after(answer))
    if said is None:
        return _not_json(answer, family)
    error = str(said.get("error", ""))
    if error == "invalid_scope":
        return ServiceRefused("scope_not_granted")
    if any(word in error.lower() for word in _CLOCK_WORDS):
        return ServiceFailed("clocks_differ")
    return ServiceRefused("token_invalid_client" if error == "invalid_client" else "token_refused")


def _not_json(answer: Answer, family: str) -> ServiceFailed | ServiceRefused:
    """An error without JSON. Both of Moodle's mend themselves once our key set is to be had there."""
    if answer.status == HTTPStatus.NOT_FOUND:
        hidden = not family or quirks_of(family).page_for_missing_keys
        return ServiceFailed("platform_cannot_fetch_keys") if hidden else ServiceRefused("token_address")
    if b'"kid" invalid' in answer.body:
        return ServiceFailed("platform_lacks_our_key")
    return ServiceRefused("token_refused")
