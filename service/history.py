"""What was overwritten and deleted leaves the database's own log as well, as far as the database lets us.

A log of changes tells what was written together and in which order; anonymous answers must not be told apart by it.
SQLite: rows that are deleted or overwritten are zeroed in their pages (`secure_delete`, see `service/db.py`), and the
write-ahead log is emptied. PostgreSQL keeps its log by itself, for the operator's backups: see the operator's texts.
"""

import threading
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from service.unit import Turn, current

# How long emptying the log may hold up writers while a reader is still at an older state, in milliseconds.
PATIENCE = 200
_one_at_a_time = threading.Lock()
_asked = threading.Event()


def leave_no_history() -> None:
    """Empties the log once the current unit is committed. What it wrote can then be read, what was before cannot."""
    unit = current()
    engine, turn = unit.session.get_bind().engine, unit.turn
    if turn is not None:  # pragma: no branch - PostgreSQL, which is left out of the measure, has no turns
        unit.after_commit.append(lambda: empty_log(engine, turn))


def empty_log(engine: Engine, turn: Turn) -> None:
    """Empties SQLite's write-ahead log, outside any transaction; a log that is in use is emptied the next time.

    Many who ask at once share one emptying, which is repeated for those who came while it went on. It takes a writer's
    turn, so that nobody who writes has to ask SQLite twice.
    """
    _asked.set()
    while _asked.is_set() and _one_at_a_time.acquire(blocking=False):
        try:
            _asked.clear()
            turn.take(_asked)
            _truncate(engine)
        finally:
            turn.leave(_asked)
            _one_at_a_time.release()


def _truncate(engine: Engine) -> None:
    try:
        connection: Any = engine.raw_connection()
        try:
            connection.execute(f"PRAGMA busy_timeout={PATIENCE}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.execute("PRAGMA busy_timeout=5000")
        finally:
            connection.close()
    except SQLAlchemyError:
        return
