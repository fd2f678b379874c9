"""Structured logs: one JSON line per event, without content. Bodies, query strings and names are never logged."""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError


def configure() -> None:
    """Sets up logging for this process; calling it again changes nothing."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _trace,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )


def _to_stderr(*_names: str) -> structlog.WriteLogger:
    return structlog.WriteLogger(sys.stderr)


def _trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces an exception by where it happened and what kind it was.

    Its message stays out: libraries quote what they were given, and that may be what a person wrote.
    """
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        event["exception"] = [line for link in _chain(error) for line in _lines(link)]
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, nearest first. Causes can lead in a circle, which Python allows."""
    told: list[int] = []
    link: BaseException | None = error
    while link is not None and id(link) not in told:
        yield link
        told.append(id(link))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}{_said_by_database(error)}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"


def _said_by_database(error: BaseException) -> str:
    """The first line of a database's own message names tables and constraints; values come in the lines after it."""
    return f": {str(error.orig).splitlines()[0]}" if isinstance(error, DBAPIError) and str(error.orig) else ""
