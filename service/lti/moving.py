"""A platform that changes its address: its people, cohorts and deployments stay; what was known of the old one goes.

A person is hers by (organisation, platform, sub), and the platform's row stays: so does everything that people wrote.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from service import audit
from service.audit import Actor
from service.cohorts.models import Cohort, Launch
from service.errors import Invalid, NotFound
from service.lti import platforms
from service.lti.item_models import ResourceLink
from service.lti.models import Deployment, Platform, PlatformKeys
from service.lti.note_models import KeysFetched
from service.lti.platforms import Entry
from service.lti.registrations import origin_of
from service.lti.service_models import AccessToken, LineItem, PlatformHealth, RosterEntry, RosterState, RosterSync
from service.unit import current

# Scheme, nothing, and the host: what stands before the first slash of a path.
ORIGIN_PARTS = 3
ADDRESSES = ("issuer", "auth_login_url", "token_url", "jwks_url")


@dataclass(frozen=True)
class Address:
    """Where a platform is from now on. An empty client id: as before."""

    issuer: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    client_id: str = ""


@dataclass(frozen=True)
class Moved:
    """What became of a move: the addresses of services rewritten and forgotten, and the launches that it ended."""

    name: str
    rewritten: int
    forgotten: int
    ended: int


def check(address: Address, *, demo: bool) -> None:
    """Raises Invalid, naming each wrong field, as for a platform that is registered anew."""
    # Name and organisation are not asked for and stay as they are.
    addresses = (address.auth_login_url, address.token_url, address.jwks_url)
    platforms.check_entry(Entry("-", address.issuer, address.client_id or "-", *addresses, "-"), demo=demo)


class Way:
    """How addresses of the old platform become addresses of the new one.

    What the registered addresses have in common at their ends is the platform's own; what is before it has changed:
    from https://old.example/moodle to https://new.example, say. Other addresses are taken along by the longest such
    beginning. What lies on an old host and has none of them is forgotten: nothing of ours is sent to a host that the
    platform has left, and the next launch says where the service is.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        pairs: dict[str, str] = {}
        for before, after in zip(old, new, strict=True):
            # The issuer comes first: where two disagree, its word counts.
            pairs.setdefault(*_beginnings(before, after))
        self._pairs = sorted(pairs.items(), key=lambda pair: -len(pair[0]))
        self._left = {origin_of(url) for url in old} - {origin_of(url) for url in new}

    def take(self, url: str) -> str:
        """Returns the new address; the same where it is not concerned, nothing where it cannot be told."""
        for before, after in self._pairs:
            if url.startswith(before) and url[len(before) :][:1] in ("", "/", "?"):
                return after + url[len(before) :]
        return "" if origin_of(url) in self._left else url


def _beginnings(before: str, after: str) -> tuple[str, str]:
    """Splits off the longest common end that begins at a slash of the path."""
    old, new = before.rstrip("/").split("/"), after.rstrip("/").split("/")
    while min(len(old), len(new)) > ORIGIN_PARTS and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return "/".join(old), "/".join(new)


def move(public_id: str, address: Address) -> Moved:
    """Moves a platform, in a writing unit; `check` it and ask for its keys before.

    Raises NotFound for an unknown one, Invalid when the new address is another platform's.
    """
    platform = current().session.scalars(sa.select(Platform).where(Platform.public_id == public_id)).one_or_none()
    if platform is None:
        raise NotFound("no_platform")
    address = replace(address, client_id=address.client_id or platform.client_id)
    _check_free(platform, address)
    way = Way([getattr(platform, name) for name in ADDRESSES], [getattr(address, name) for name in ADDRESSES])
    for name in (*ADDRESSES, "client_id"):
        setattr(platform, name, getattr(address, name))
    platform.token_audience = way.take(platform.token_audience)
    current().session.flush()
    rewritten, forgotten = _rewrite(platform.id, way)
    _forget(platform.id)
    ended = _end_launches(platform.id)
    audit.append(
        Actor(platform.organisation_id), "platform.move", object_type="platform", object_ref=str(platform.id)
    )  # fmt: skip
    return Moved(platform.name, rewritten, forgotten, ended)


def _check_free(platform: Platform, address: Address) -> None:
    same = sa.select(Platform.id).where(
        Platform.issuer == address.issuer, Platform.client_id == address.client_id, Platform.id != platform.id
    )
    if current().session.scalar(same) is not None:
        raise Invalid(client_id="this client id is already registered for this issuer")


def _rewrite(platform_id: uuid.UUID, way: Way) -> tuple[int, int]:
    deployments = sa.select(Deployment.id).where(Deployment.platform_id == platform_id)
    cohorts = sa.select(Cohort.id).where(Cohort.deployment_id.in_(deployments))
    places: tuple[tuple[Any, str, sa.ColumnElement[bool]], ...] = (
        (Cohort, "memberships_url", Cohort.id.in_(cohorts)),
        (Cohort, "lineitems_url", Cohort.id.in_(cohorts)),
        (LineItem, "url", LineItem.cohort_id.in_(cohorts)),
        (ResourceLink, "lineitem_url", ResourceLink.deployment_id.in_(deployments)),
        (Deployment, "notices_url", Deployment.id.in_(deployments)),
    )
    rewritten = forgotten = 0
    for model, name, mine in places:
        for row in current().session.scalars(sa.select(model).where(mine, getattr(model, name) != "")):
            before = getattr(row, name)
            after = way.take(before)
            setattr(row, name, after)
            rewritten += after not in ("", before)
            forgotten += after == ""
    _begin_rosters_anew(cohorts)
    return rewritten, forgotten


def _begin_rosters_anew(cohorts: sa.Select[uuid.UUID]) -> None:
    """A run that was under way stood at an address of the old platform; what it had read so far is read again."""
    session = current().session
    session.execute(sa.delete(RosterEntry).where(RosterEntry.cohort_id.in_(cohorts)))
    under_way = sa.update(RosterSync).where(RosterSync.cohort_id.in_(cohorts), RosterSync.next_url != "")
    fresh: dict[str, Any] = {
        "state": RosterState.NEVER,
        "run": None,
        "next_url": "",
        "pages": 0,
        "members": 0,
        "visited": [],
    }
    session.execute(under_way.values(fresh))


def _forget(platform_id: uuid.UUID) -> None:
    for model in (PlatformKeys, AccessToken, PlatformHealth, KeysFetched):
        table: Any = model.__table__
        current().session.execute(sa.delete(table).where(table.c.platform_id == platform_id))


def _end_launches(platform_id: uuid.UUID) -> int:
    now = current().now()
    still_open = sa.update(Launch).where(
        Launch.platform_id == platform_id, Launch.ended_at.is_(None), Launch.expires_at > now
    )
    ended: Any = current().session.execute(still_open.values(ended_at=now, ticket_hash=None, ticket_expires_at=None))
    return int(ended.rowcount)
