"""The gradebook column of a plugin in a course (Assignment and Grade Services 2.0 §3.2): found, else made, and made once.

Making one is not idempotent on any platform: the same column asked for twice is two columns. So of any number of jobs
that need a column one holds it and asks; the others come back later. Only addresses of the course's own service are
believed, or what a signed launch said.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import Session

from service.cohorts.models import Cohort
from service.lti.item_models import ResourceLink
from service.lti.models import Deployment
from service.lti.service_models import LineItem
from service.outbound import Answer
from service.unit import Units
from service.web import SERVICE_LOCALES

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINEITEM, READ_LINEITEM = SCOPE + "lineitem", SCOPE + "lineitem.readonly"
SCORE, READ_RESULT = SCOPE + "score", SCOPE + "result.readonly"
TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LIST_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
# Longer than all calls of one ensuring may take together.
HELD = timedelta(minutes=2)
MOST_BYTES = 1024 * 1024
URL_LIMIT = 2000


class Caller(Protocol):
    """What calls a platform's service with the right token; see `service.lti.services`."""

    def call(
        self, platform_id: uuid.UUID, scopes: Sequence[str], method: str, url: str, *, accept: str = "",
        content_type: str = "", body: bytes | None = None, limit: int = MOST_BYTES,
    ) -> Answer:  # fmt: skip
        """Makes one call; an answer of any status but 401 is an answer."""


class NoColumn(Exception):
    """There is no column to tell now. `reason` is a short stable word; `retry_after` seconds to wait at least."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True)
class Wanted:
    """A column that is wanted: for which plugin, where, and what the course's service allows."""

    id: uuid.UUID
    plugin: str
    platform_id: uuid.UUID
    cohort_id: uuid.UUID
    url: str
    lineitems_url: str
    scopes: frozenset[str]

    @property
    def resource_id(self) -> str:
        """What we call the column at the platform."""
        return str(self.id)


@dataclass(frozen=True)
class Column:
    """A column as the platform lists it."""

    url: str
    resource_id: str
    tag: str
    bound: bool


def ensure(units: Units, caller: Caller, item_id: uuid.UUID, label: Any) -> str:
    """Returns the address of a line item's column: known, or the platform's own, or found, or made.

    `label` is the column's title, said in the service's first language. Raises NoColumn when there is none now, and
    whatever the caller raises.
    """
    with units.reading() as unit:
        wanted = _wanted(unit.session, item_id)
        links = [] if wanted.url else _declared(unit.session, wanted)
    if wanted.url:
        return wanted.url
    if SCORE not in wanted.scopes:
        raise _none(units, item_id, "no_service")
    if links:
        return _keep(units, item_id, links[0], len(links))
    if not wanted.lineitems_url or not wanted.scopes & {LINEITEM, READ_LINEITEM}:
        raise _none(units, item_id, "no_column")
    until = _hold(units, item_id)
    try:
        url, number = _found_or_made(caller, wanted, label)
    except NoColumn as problem:
        _none(units, item_id, problem.reason)
        raise
    except Exception:
        _release(units, item_id)
        raise
    return _keep(units, item_id, url, number, until)


def forget(units: Units, item_id: uuid.UUID, url: str) -> bool:
    """Forgets a column that is gone from the platform. Returns whether it was still the one that is known."""
    with units.writing() as unit:
        cohort_id = sa.select(LineItem.cohort_id).where(LineItem.id == item_id).scalar_subquery()
        unit.session.execute(
            sa.update(ResourceLink)
            .where(ResourceLink.cohort_id == cohort_id, ResourceLink.lineitem_url == url)
            .values(lineitem_url="")
        )
        same = sa.update(LineItem).where(LineItem.id == item_id, LineItem.url == url)
        done: Any = unit.session.execute(same.values(url="", columns=0))
        return bool(done.rowcount)


def _wanted(session: Session, item_id: uuid.UUID) -> Wanted:
    query = (
        sa.select(
            LineItem.id, LineItem.plugin, Deployment.platform_id, LineItem.cohort_id, LineItem.url,
            Cohort.lineitems_url, Cohort.grade_scopes,
        )
        .join(Cohort, Cohort.id == LineItem.cohort_id)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .where(LineItem.id == item_id)
    )  # fmt: skip
    row = session.execute(query).one()
    return Wanted(
        row.id, row.plugin, row.platform_id, row.cohort_id, row.url, row.lineitems_url,
        frozenset(row.grade_scopes.split()),
    )  # fmt: skip


def _declared(session: Session, wanted: Wanted) -> Sequence[str]:
    """The columns that the platform made itself for this plugin's links in the course, always in the same order."""
    query = (
        sa.select(ResourceLink.lineitem_url)
        .where(ResourceLink.cohort_id == wanted.cohort_id, ResourceLink.plugin == wanted.plugin)
        .where(ResourceLink.lineitem_url != "")
        .order_by(ResourceLink.link_id)
    )
    found = dict.fromkeys(session.scalars(query))
    return [url for url in found if not wanted.lineitems_url or same_origin(url, wanted.lineitems_url)]


def same_origin(url: str, other: str) -> bool:
    """Tells whether two addresses have scheme, host and port in common."""
    return _origin(url) == _origin(other) is not None


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    host = parts.hostname
    return (parts.scheme, host, port) if host and port and "@" not in parts.netloc else None


def below(url: str, word: str) -> str:
    """Returns the address of what a line item has: `word` goes behind its path, before its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{word}", fragment=""))


def asking(url: str, **values: str) -> str:
    """Returns an address with more in its query."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *values.items()]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _hold(units: Units, item_id: uuid.UUID) -> datetime:
    """Takes the right to ask the platform. Raises NoColumn when somebody else has it."""
    with units.writing() as unit:
        now = unit.now()
        free = sa.or_(LineItem.held_until.is_(None), LineItem.held_until <= now)
        hold = sa.update(LineItem).where(LineItem.id == item_id, LineItem.url == "", free)
        done: Any = unit.session.execute(hold.values(held_until=now + HELD))
        if done.rowcount != 1:
            raise NoColumn("held")
        return now + HELD


def _release(units: Units, item_id: uuid.UUID) -> None:
    with units.writing() as unit:
        unit.session.execute(sa.update(LineItem).where(LineItem.id == item_id).values(held_until=None))


def _none(units: Units, item_id: uuid.UUID, reason: str) -> NoColumn:
    with units.writing() as unit:
        values = {"held_until": None, "reason": reason}
        unit.session.execute(sa.update(LineItem).where(LineItem.id == item_id).values(values))
    return NoColumn(reason)


def _keep(units: Units, item_id: uuid.UUID, url: str, columns: int, until: datetime | None = None) -> str:
    """Keeps a column's address, unless its right to ask ran out meanwhile: then whoever asks now is believed."""
    mine = sa.true() if until is None else LineItem.held_until == until
    with units.writing() as unit:
        keep = sa.update(LineItem).where(LineItem.id == item_id, LineItem.url == "", mine)
        done: Any = unit.session.execute(keep.values(url=url, columns=columns, reason="", held_until=None))
    if done.rowcount != 1:
        raise NoColumn("held")
    return url


def _found_or_made(caller: Caller, wanted: Wanted, label: Any) -> tuple[str, int]:
    """Returns a column's address and how many there were for it."""
    found = _listed(caller, wanted, tag=wanted.plugin) or _listed(caller, wanted, resource_id=wanted.resource_id)
    if found:
        chosen, *others = sorted(found, key=lambda column: _rank(column, wanted))
        left = [column for column in others if not _taken_away(caller, wanted, chosen, column)]
        return chosen.url, 1 + len(left)
    if LINEITEM not in wanted.scopes:
        raise NoColumn("no_column")
    return _made(caller, wanted, label), 1


def _rank(column: Column, wanted: Wanted) -> tuple[bool, bool, int, str]:
    """Our own column first, then one that belongs to a link, then the oldest as far as its address tells."""
    return column.resource_id != wanted.resource_id, not column.bound, len(column.url), column.url


def _listed(caller: Caller, wanted: Wanted, **only: str) -> Sequence[Column]:
    """The columns with a mark of ours. One page: Moodle's header for the next cannot be read, and nobody has so many."""
    scope = LINEITEM if LINEITEM in wanted.scopes else READ_LINEITEM
    answer = caller.call(
        wanted.platform_id, [scope], "GET", asking(wanted.lineitems_url, **only), accept=LIST_TYPE, limit=MOST_BYTES
    )
    said = _json(_good(answer))
    if not isinstance(said, list):
        raise NoColumn("unreadable")
    columns = [column for one in said if (column := _column(one, wanted)) is not None]
    return [one for one in columns if one.tag == wanted.plugin or one.resource_id == wanted.resource_id]


def _column(said: Any, wanted: Wanted) -> Column | None:
    """A column as listed; None for one that is not to be believed: an address that is not of the course's service."""
    url = said.get("id") if isinstance(said, Mapping) else None
    if not isinstance(url, str) or len(url) > URL_LIMIT or not same_origin(url, wanted.lineitems_url):
        return None
    return Column(url, str(said.get("resourceId", "")), str(said.get("tag", "")), bool(said.get("resourceLinkId")))


def _made(caller: Caller, wanted: Wanted, label: Any) -> str:
    with force_locale(SERVICE_LOCALES[0]):
        title = str(label)
    body = {"scoreMaximum": 1, "label": title, "resourceId": wanted.resource_id, "tag": wanted.plugin}
    answer = caller.call(
        wanted.platform_id, [LINEITEM], "POST", wanted.lineitems_url, accept=TYPE, content_type=TYPE,
        body=json.dumps(body, ensure_ascii=False).encode(), limit=MOST_BYTES,
    )  # fmt: skip
    made = _column(_json(_good(answer)), wanted)
    if made is None:
        raise NoColumn("unreadable")
    return made.url


def _taken_away(caller: Caller, wanted: Wanted, chosen: Column, other: Column) -> bool:
    """Removes a second column that we made ourselves: of our own name, no link's, and empty. Tells whether it did."""
    ours = chosen.resource_id == other.resource_id == wanted.resource_id and not other.bound
    if not ours or not {LINEITEM, READ_RESULT} <= wanted.scopes:
        return False
    results = caller.call(
        wanted.platform_id, [READ_RESULT], "GET", below(other.url, "results"), accept=RESULTS_TYPE, limit=MOST_BYTES
    )
    if results.status != HTTPStatus.OK or _json(results) != []:
        return False
    gone = caller.call(wanted.platform_id, [LINEITEM], "DELETE", other.url, limit=MOST_BYTES)
    return gone.status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)


def _good(answer: Answer) -> Answer:
    """The answer, when it says that all is well. Raises NoColumn."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer
    raise NoColumn("not_allowed" if answer.status == HTTPStatus.FORBIDDEN else f"status_{answer.status}")


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
