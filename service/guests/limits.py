"""How much one address may guess, and how much one pass may ask for. Neither keeps an address beside a pass.

Whoever floods is slowed; the group is not locked out by it. Guesses count against the address that guesses and stop no
valid pass from the same address (an office has one address). A pass counts for itself at that address, so that one link
that many share is not closed for all by one who floods it from elsewhere.
"""

import hashlib
import hmac

from flask import current_app, request
from flask.blueprints import BlueprintSetupState

from service.core import core
from service.lti.limits import Limit

GUESSES = "GUEST_GUESSES_PER_MINUTE"
REQUESTS = "GUEST_REQUESTS_PER_MINUTE"
EXTENSION = "stegvis_guest_limits"


def prepare(state: BlueprintSetupState) -> None:
    """Makes the counts of an application."""
    store = state.app.extensions["stegvis"].settings.rate_limit_storage
    state.app.config.setdefault(GUESSES, 30)
    # Two hundred people in one office who answer over one link ask for three pages each.
    state.app.config.setdefault(REQUESTS, 900)
    state.app.extensions[EXTENSION] = (Limit("guest_guess", store), Limit("guest_pass", store))


def count_guess() -> None:
    """Counts a pass that does not exist. Raises TooMany beyond what an address may guess in a minute."""
    guesses, _passes = current_app.extensions[EXTENSION]
    guesses.take(_kept_as(""), current_app.config[GUESSES])


def count_request(word: str) -> None:
    """Counts a request with a valid pass. Raises TooMany beyond what it may ask for in a minute from one address."""
    _guesses, passes = current_app.extensions[EXTENSION]
    passes.take(_kept_as(word), current_app.config[REQUESTS])


def _kept_as(word: str) -> str:
    """What a count is kept as: a keyed digest, from which nobody reads address or pass."""
    told = f"guest\0{word}\0{request.remote_addr or ''}".encode()
    return hmac.new(core().form_key, told, hashlib.sha256).hexdigest()[:32]
