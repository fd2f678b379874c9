"""Whether this process can serve: what a load balancer and an operator's alarm ask.

Unready is what would fail people's requests: no database, or one whose schema is behind this program. A queue or a worker
that is away makes it degraded only: pages and launches go on, and what is asked for waits. So does work that is held after
a restore: whoever sent nobody here until it is confirmed would keep people from a service that is whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from service.core import Core
from service.host import Host
from service.jobs import hold, probe, signs
from service.unit import current

_REVISION = re.compile(r"^(revision|down_revision)(?:\s*:[^=]+)?\s*=\s*(.+)$", re.MULTILINE)
_NAME = re.compile(r"""["']([^"']+)["']""")
_ESSENTIAL = ("database", "schema")


@dataclass(frozen=True)
class Readiness:
    """What works and what does not, part by part, in one word each."""

    database: str
    schema: str
    queue: str
    worker: str
    # `held` after a restore until the operator lets it go on.
    work: str

    @property
    def status(self) -> str:
        """`ready`, `degraded` (everything that people open works; work waits) or `unready`."""
        if any(getattr(self, part) == "fails" for part in _ESSENTIAL):
            return "unready"
        return "degraded" if {"away", "held"} & {self.queue, self.worker, self.work} else "ready"


def look(core: Core) -> Readiness:
    """Asks every part. It never raises: a part that does not answer fails."""
    queue = "ok" if probe.answers(core.settings.queue) else "away"
    try:
        with core.units.reading() as unit:
            unit.session.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        return Readiness("fails", "fails", queue, "away", "unknown")
    try:
        with core.units.reading():
            worker = "ok" if signs.living(core.settings.sweep_seconds) else "away"
            work = "held" if hold.held() is not None else "ok"
            return Readiness("ok", "ok" if next(behind(core.host), None) is None else "fails", queue, worker, work)
    except SQLAlchemyError:
        return Readiness("ok", "fails", queue, "away", "unknown")


def behind(host: Host) -> Iterator[str]:
    """Yields whose tables are behind this program, in the current unit: "" for the common history, else a plugin's key.

    A database that a newer program has brought up is not behind: this program works on it until it is replaced.
    """
    for key, folder in _histories(host):
        known, heads = history(folder)
        table = f"alembic_version_{key}" if key else "alembic_version"
        have: set[str] = set(
            current().session.scalars(sa.select(sa.column("version_num")).select_from(sa.table(table)))
        )
        newer = have - known
        if have != heads and not newer:
            yield key


def _histories(host: Host) -> Iterator[tuple[str, Path]]:
    yield "", Path(str(resources.files("migrations"))) / "versions"
    for plugin in host:
        if plugin.manifest.migrations is not None:
            yield plugin.key, Path(str(plugin.manifest.migrations))


@lru_cache(maxsize=32)
def history(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the revisions in a folder and those that nothing follows.

    Read from their text: Alembic would import every one of them, and itself, into each process that serves pages.
    """
    known: set[str] = set()
    followed: set[str] = set()
    for path in folder.glob("*.py"):
        for name, value in _REVISION.findall(path.read_text(encoding="utf-8")):
            (known if name == "revision" else followed).update(_NAME.findall(value))
    return frozenset(known), frozenset(known - followed)
