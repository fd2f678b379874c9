"""Who was erased, kept outside the database: a restored backup brings back whoever was erased after it was made.

One line for each: a person's random number and the time. It names nobody, and is of use only beside a backup.
"""

import os
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import has_app_context

from service.cohorts.models import Person
from service.core import core
from service.unit import current

log = structlog.get_logger("stegvis.erasures")


def note_when_committed(person_id: uuid.UUID) -> None:
    """Appends an erasure to the settings' file once it is committed. A file that cannot be written is told of in the log."""
    path = core().settings.erasure_log if has_app_context() else None
    if path is None:
        return
    at = current().now()
    current().after_commit.append(lambda: _append(path, person_id, at))


def _append(path: Path, person_id: uuid.UUID, at: datetime) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(f"{person_id} {at.isoformat()}\n".encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.error("erasure_not_noted", person=str(person_id), error=type(error).__name__)  # noqa: TRY400 - its text has paths


def read(path: Path) -> Sequence[uuid.UUID]:
    """Returns the persons in such a file, each once. A line that was cut off in writing is passed over."""
    found = []
    for line in path.read_text("ascii", errors="replace").splitlines():
        try:
            found.append(uuid.UUID(line.split(" ")[0]))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def to_repeat(persons: Sequence[uuid.UUID]) -> list[Person]:
    """Returns those of the persons who are in the database and not erased there."""
    rows = current().session.scalars(sa.select(Person).where(Person.id.in_(persons)).order_by(Person.id))
    return [person for person in rows if not person.is_erased]
