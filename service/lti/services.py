"""Calls to the platforms' services: with the right token, over the guarded client, and not while a platform is down."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import cast

import sqlalchemy as sa
import structlog
from flask import current_app

from service import audit
from service.core import core
from service.lti.health import PlatformsHealth
from service.lti.models import Platform
from service.lti.token_answers import ServiceFailed, ServiceRefused, retry_after
from service.lti.tokens import AccessTokens
from service.outbound import PAGE_BYTES, Answer, Line, Outbound, OutboundFailed, OutboundRefused
from service.unit import Units

EXTENSION = "stegvis.services"
log = structlog.get_logger("stegvis.services")

__all__ = ["ServiceFailed", "ServiceRefused", "Services", "of_app", "retry_after"]


class Services:
    """What is asked of the platforms. `health` is the breaker: who calls looks there first, and tells how it went."""

    def __init__(self, units: Units, outbound: Outbound) -> None:
        self._units = units
        self._outbound = outbound
        self._sender: Outbound | Line = outbound
        self.health = PlatformsHealth(units)
        self.tokens = AccessTokens(units, outbound)

    @contextmanager
    def line(self) -> Iterator["Services"]:
        """For a run of calls by one thread: the same services, over connections that stay open until the block ends."""
        with self._outbound.line() as line:
            over = Services(self._units, self._outbound)
            over._sender, over.health, over.tokens = line, self.health, self.tokens.over(line)
            yield over

    def call(
        self, platform_id: uuid.UUID, scopes: Collection[str], method: str, url: str, *, accept: str = "",
        content_type: str = "", body: bytes | None = None, limit: int = PAGE_BYTES,
    ) -> Answer:  # fmt: skip
        """Makes one call with an access token for exactly `scopes`. Any status but 401 is an answer.

        A token that is not taken is dropped and one new try made. Raises ServiceFailed for what may be tried again, and
        ServiceRefused for what would not help; a call that the rules for outgoing calls forbid is audited as well.
        """
        named = {"Accept": accept, "Content-Type": content_type}
        headers = {name: value for name, value in named.items() if value}
        try:
            for _attempt in range(2):
                token = self.tokens.get(platform_id, scopes)
                authorised = {**headers, "Authorization": f"Bearer {token}"}
                answer = self._sender.send(method, url, limit=limit, headers=authorised, body=body)
                if not self.tokens.is_refused_by(platform_id, scopes, answer.status):
                    return answer
                self.tokens.drop(platform_id, scopes)
        except OutboundRefused as refusal:
            self.deny(platform_id, str(refusal))
            raise ServiceRefused(str(refusal)) from refusal
        except OutboundFailed as failure:
            raise ServiceFailed(str(failure)) from failure
        if answer.status != HTTPStatus.UNAUTHORIZED:  # with a token of this moment it means what it says
            return answer
        raise ServiceFailed("unauthorized")

    def deny(self, platform_id: uuid.UUID, rule: str) -> None:
        """Writes down that a platform named an address that is not called, and which rule forbids it."""
        log.warning("egress_denied", platform=str(platform_id), rule=rule)
        with self._units.writing() as unit:
            owner = unit.session.scalars(sa.select(Platform.organisation_id).where(Platform.id == platform_id)).one()
            audit.append(
                audit.Actor(owner), "egress", outcome=audit.Outcome.DENY, reason=rule, object_type="platform",
                object_ref=str(platform_id),
            )  # fmt: skip


def of_app() -> Services:
    """Returns the services of the current application; made on first use, and once."""
    if EXTENSION not in current_app.extensions:
        current_app.extensions[EXTENSION] = Services(core().units, Outbound(core().settings))
    return cast("Services", current_app.extensions[EXTENSION])
