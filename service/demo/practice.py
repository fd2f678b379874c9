"""The practice LMS without its web pages: what it knows, and what a test may ask of it or make it do."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

from service.demo.config import LmsConfig
from service.demo.faults import Faults, Recorder
from service.demo.messages import ID_TOKEN_SECONDS, Opening
from service.demo.notices import Notices
from service.demo.roster import RosterKnobs, Rosters
from service.demo.tokens import REMOVE

if TYPE_CHECKING:
    from service.demo.deep_links import DeepLinkResponse

EXTENSION = "practice_lms"
ACCESS_TOKEN_SECONDS = 3600
_KEPT = 10_000


@dataclass(frozen=True)
class AccessToken:
    """An access token that was handed out. ``expires`` is in seconds since 1970."""

    value: str
    client_id: str
    scopes: frozenset[str]
    expires: float


class PracticeLms(Notices):
    """One practice LMS. Everything it keeps is in memory and gone when it stops.

    ``clock_offset`` is how many seconds its clock is ahead; ``faults`` breaks endpoints on purpose; ``recorder`` has seen
    every request; ``gradebook`` holds the line items and the results; ``deep_link_responses`` what tools returned to courses, and
    ``deep_link_refusals`` why others were not taken.
    """

    def __init__(self, config: LmsConfig) -> None:
        super().__init__(config)
        self.faults = Faults()
        self.recorder = Recorder()
        self.deep_link_responses: list[DeepLinkResponse] = []
        self.deep_link_refusals: list[str] = []
        self.rosters = Rosters(self)
        self.closing = threading.Event()
        self._tokens: OrderedDict[str, AccessToken] = OrderedDict()

    @property
    def roster_knobs(self) -> RosterKnobs:
        """How the roster misbehaves."""
        return self.rosters.knobs

    @property
    def roster_page_size(self) -> int | None:
        """How many members a page has when the platform pages by itself; None when it does not."""
        return self.rosters.knobs.page_size

    @roster_page_size.setter
    def roster_page_size(self, size: int | None) -> None:
        self.rosters.knobs.page_size = size

    @property
    def upper_case_cursors(self) -> bool:
        """Whether pages of the roster are named by cursors that must keep their case."""
        return self.rosters.knobs.upper_case_cursors

    @upper_case_cursors.setter
    def upper_case_cursors(self, wanted: bool) -> None:
        self.rosters.knobs.upper_case_cursors = wanted

    def issue_token(self, client_id: str, scopes: frozenset[str]) -> AccessToken:
        """Hand out an access token for an hour."""
        token = AccessToken(secrets.token_hex(16), client_id, scopes, self.now() + ACCESS_TOKEN_SECONDS)
        with self._lock:
            self._tokens[token.value] = token
            while len(self._tokens) > _KEPT:
                self._tokens.popitem(last=False)
        return token

    def access_token(self, value: str) -> AccessToken | None:
        """A token that was handed out and is still good."""
        with self._lock:
            token = self._tokens.get(value)
        return token if token is not None and token.expires > self.now() else None

    def revoke_tokens(self) -> None:
        """Make every access token invalid at once, so that tools must fetch new ones."""
        with self._lock:
            self._tokens.clear()


def lms_of(app: Flask) -> PracticeLms:
    """The practice LMS behind an app made by ``create_lms``."""
    return cast("PracticeLms", app.extensions[EXTENSION])


def current_lms() -> PracticeLms:
    """The practice LMS that serves the current request."""
    return lms_of(current_app)


__all__ = ["ID_TOKEN_SECONDS", "REMOVE", "AccessToken", "Opening", "PracticeLms", "current_lms", "lms_of"]
