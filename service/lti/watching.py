"""Watching one launch request to its end: a note of how it ended, and from a verified message the way back."""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from service.lti.claims import CLAIM
from service.lti.launch import Verified
from service.lti.notes import Attempt, Notes
from service.lti.registrations import Registration, origin_of
from service.lti.strict import is_whole_text

MAX_ADDRESS = 2000


class Watch:
    """What a launch request has come to so far. Whoever refuses it tells `refused` the number that the page shows."""

    def __init__(self, notes: Notes, attempt: Attempt) -> None:
        self._notes = notes
        self.attempt = attempt
        self._message: Verified | None = None

    def proved(self, message: Verified) -> None:
        """The message is genuine and answers this browser's login."""
        self._message = message
        self.attempt.proved = True

    def accepted(self) -> None:
        """The launch is open."""
        self._notes.hand(self.attempt)

    def refused(self, reason: str, incident: str) -> None:
        """The launch was refused with this number."""
        self.attempt.outcome, self.attempt.incident = reason, incident
        self._notes.hand(self.attempt)

    def way_back(self) -> str:
        """The platform's own address to go back to; empty unless the platform itself said it to us."""
        message = self._message
        return "" if message is None else return_address(message.registration, message.claims)


def return_address(registration: Registration, claims: dict[str, Any]) -> str:
    """Returns the address back to the course, if it is one that we would send somebody to, else nothing."""
    presentation = claims.get(CLAIM + "launch_presentation")
    url = presentation.get("return_url") if isinstance(presentation, dict) else None
    if not isinstance(url, str) or len(url) > MAX_ADDRESS or not is_whole_text(url):
        return ""
    origin = origin_of(url)
    return url if origin.startswith("https://") or origin in registration.origins else ""


def with_error(url: str, sentence: str, entry: str) -> str:
    """Returns a return address that tells the platform what happened: a sentence for the person, a line for its log.

    The parameters are those of the launch presentation claim (LTI 1.3 core §5.4.4), which have no other names.
    """
    parts = urlsplit(url)
    said = urlencode({"lti_errormsg": sentence, "lti_errorlog": entry})
    return urlunsplit(parts._replace(query=f"{parts.query}&{said}" if parts.query else said))
