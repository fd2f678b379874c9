"""Columns as a platform's line item service has them (Assignment and Grade Services 2.0 §3.2): listed, made, removed.

Only addresses of the course's own service are believed. Nothing here knows of our database.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask_babel import force_locale

from service.outbound import Answer
from service.web import SERVICE_LOCALES

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINEITEM, READ_LINEITEM = SCOPE + "lineitem", SCOPE + "lineitem.readonly"
SCORE, READ_RESULT = SCOPE + "score", SCOPE + "result.readonly"
TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LIST_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
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


def found_or_made(caller: Caller, wanted: Wanted, label: Any) -> tuple[str, int]:
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


@lru_cache(maxsize=256)
def below(url: str, word: str) -> str:
    """Returns the address of what a line item has: `word` goes behind its path, before its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{word}", fragment=""))


def asking(url: str, **values: str) -> str:
    """Returns an address with more in its query."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *values.items()]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))
