"""Platform storage: a frame that keeps no cookies proves itself by a secret that the platform keeps for it.

The platform names a window in its login (`lti_storage_target`); our page in the frame stores a secret there before it
goes on to the platform, and asks for it again when the launch comes. The state binds the hash of that secret. (1EdTech
LTI Client Side postMessages 1.0, LTI Platform Storage 1.0.)
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.lti import login, state
from service.lti.registrations import Registration, origin_of

# The login's word for where the platform listens: the name of one of its frames, or this for the window around us.
TARGET, PARENT = "lti_storage_target", "_parent"
MAX_TARGET = 100
SECRET_BYTES = 32
_KEY_PREFIX = "stegvis_"


@dataclass(frozen=True)
class Place:
    """Where a page asks: a window around its own, the one origin that is spoken to and believed, and the key."""

    frame: str
    origin: str
    key: str


@dataclass(frozen=True)
class Attempt:
    """A login that goes on to the platform once its secret is stored. Nothing of it is kept here."""

    place: Place
    secret: str
    onward: str


def offered(registration: Registration, parameters: Mapping[str, str]) -> bool:
    """Tells whether the platform offers storage to this login, which must stand in a frame of it."""
    target = parameters.get(TARGET, "")
    named = 0 < len(target) <= MAX_TARGET
    return named and login.WINDOW not in parameters and bool(origin_of(registration.auth_login_url))


def begin(
    registration: Registration, parameters: Mapping[str, str], base: str, key: bytes, now: datetime
) -> Attempt:  # fmt: skip
    """Begins a login that is bound to a new secret in the platform's storage. Raises LaunchRefused: `target`."""
    secret, frame = secrets.token_bytes(SECRET_BYTES), parameters[TARGET]
    proof = state.Proof(state.digest(state.Binding.STORAGE, secret), state.Binding.STORAGE, frame)
    onward = login.way_back(registration, parameters, proof, base, key, now)
    return Attempt(_place(registration, frame, proof.browser_hash), secret.hex(), onward)


def place_of(registration: Registration, begun: state.LoginState) -> Place:
    """Returns where the secret of a login lies."""
    return _place(registration, begun.frame, begun.browser_hash)


def _place(registration: Registration, frame: str, browser_hash: bytes) -> Place:
    return Place(frame, origin_of(registration.auth_login_url), _KEY_PREFIX + browser_hash.hex()[:32])


def read_secret(value: str) -> bytes | None:
    """Returns the secret that a page found, or None when it is none in shape."""
    try:
        raw = bytes.fromhex(value)
    except ValueError:
        return None
    return raw if len(raw) == SECRET_BYTES else None


def frame_ancestors(registration: Registration, frame: str) -> str:
    """Returns who may show these pages in a frame.

    A platform that listens in a frame of its own is hosted: its pages stand at addresses of its customers that no
    registration names (Canvas forwards from one address for all of them). There is nothing on these pages that a
    stranger around them could read or have pressed to his advantage. Any other platform is the window around us.
    """
    return " ".join([*registration.origins, *([] if frame == PARENT else ["https:"])])
