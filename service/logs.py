"""Structured logs: one JSON line per event, without content. Bodies, query strings and names are never logged."""

import logging
import sys

import structlog


def configure() -> None:
    """Sets up logging for this process; calling it again changes nothing."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )


def _to_stderr(*_names: str) -> structlog.WriteLogger:
    return structlog.WriteLogger(sys.stderr)
