"""Leaks planted on purpose, so that an attacker who finds nothing is known to be able to find something."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import sqlalchemy as sa
from gunicorn.glogging import Logger

from plugins.group_maturity.operations import answering, box
from service.contract import now, session
from service.guests.passes import current_guest


@contextmanager
def timestamp() -> Iterator[None]:
    """Who took part, and what was answered, in tables of their own without a common key, each with the time."""
    with _beside("at TEXT", lambda: now().isoformat()):
        yield


@contextmanager
def ordered_id() -> Iterator[None]:
    """The same with a number that counts up instead of a time."""
    with _beside("id INTEGER PRIMARY KEY AUTOINCREMENT", lambda: None):
        yield


@contextmanager
def _beside(column: str, value: Any) -> Iterator[None]:
    submit = answering.submit

    def leaking(cohort: Any, measurement: uuid.UUID, pass_id: uuid.UUID, form: str, answers: Any, words: str) -> Any:
        kept = submit(cohort, measurement, pass_id, form, answers, words)
        name = column.split(maxsplit=1)[0]
        tables = {
            "planted_participation": {"pass": current_guest().pass_id.hex},
            "planted_ballot": {"random": uuid.uuid4().hex, "answers": json.dumps(answers, sort_keys=True)},
        }
        for table, values in tables.items():
            values[name] = value()
            columns = ", ".join(f'"{one}"' for one in values)
            session().execute(sa.text(f"CREATE TABLE IF NOT EXISTS {table} ({column}, {_texts(values, name)})"))
            session().execute(
                sa.text(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f':{one}' for one in values)})"), values
            )
        return kept

    with mock.patch.object(answering, "submit", leaking):
        yield


def _texts(values: dict[str, Any], name: str) -> str:
    return ", ".join(f'"{one}" TEXT' for one in values if one != name)


@contextmanager
def history_kept() -> Iterator[None]:
    """The database's log is not emptied after an answer."""
    with mock.patch.object(answering, "leave_no_history"):
        yield


@contextmanager
def box_not_mixed() -> Iterator[None]:
    """Answers lie in the box in the order in which they came; with an access log of gunicorn's own, somebody's order."""

    def in_order(self: box.Box, ballot: bytes, marks: Any, comment: str = "") -> box.Box:
        words = (*self.comments, comment) if comment else self.comments
        return box.Box(self.marks | frozenset(marks), (*self.ballots, ballot), words)

    with mock.patch.object(box.Box, "with_ballot", in_order):
        yield


GUNICORNS_OWN = Logger
