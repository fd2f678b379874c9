"""The one place that knows PyLTI1p3: it assembles the authentication request that answers a login.

Accepting a launch is not the library's (see `acceptance`): PyLTI1p3 2.0.0 does not consume nonces, does not require an
expiry and fetches keys on every launch. Its object graph is kept off the launch path for the same reason as for its
cost; here it is one small object per login, with cookie and session services that keep nothing, because our state is
signed and our cookie is set before.
"""

from collections.abc import Mapping
from typing import Any

from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.registration import Registration as LibraryRegistration

_STATE_PREFIX = "state-"


class _Request:
    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = parameters

    def get_param(self, key: str) -> str:
        return self._parameters.get(key, "")


class _KeepsNothing:
    def set_cookie(self, name: str, value: str, exp: int) -> None:
        """The state is in no cookie."""

    def save_nonce(self, nonce: str) -> None:
        """The nonce is in the state."""


class _Login(OIDCLogin[Any, Any, Any, Any, Any]):
    def __init__(
        self, registration: LibraryRegistration, parameters: Mapping[str, str], state: str, nonce: str
    ) -> None:
        none = _KeepsNothing()
        super().__init__(request=_Request(parameters), tool_config=None, session_service=none, cookie_service=none)
        self._found = registration
        self._state = state
        self._nonce = nonce

    def get_redirect(self, url: str) -> Any:
        """Tells the address itself: redirecting is our framework's."""
        return url

    def validate_oidc_login(self) -> LibraryRegistration:
        return self._found

    def _get_uuid(self) -> str:
        return self._state

    def _generate_nonce(self) -> str:
        return self._nonce


def authentication_url(
    auth_login_url: str, client_id: str, redirect_uri: str, parameters: Mapping[str, str], *, state: str, nonce: str
) -> str:
    """Returns the address that the browser is sent to, hints passed on unchanged.

    The registered address may have a query already, which the library would follow with a second question mark.
    """
    bare, _, query = auth_login_url.partition("?")
    registration = LibraryRegistration()
    registration.set_client_id(client_id)
    registration.set_auth_login_url(bare)
    url = str(_Login(registration, parameters, state, nonce).get_redirect_object(redirect_uri))
    return url.replace("?", f"?{query}&", 1) if query else url


def returned_state(value: str) -> str:
    """Returns our part of the state that came back; the library put a word before it."""
    return value.removeprefix(_STATE_PREFIX)
