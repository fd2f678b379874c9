"""What is done now and then, whoever works: removing what is due. Each function may run twice at once without harm."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from service.cohorts import completion
from service.exports import tickets
from service.exports.models import ExportFile, ExportState
from service.exports.store import Store, open_store
from service.host import Plugin
from service.lti import roster, toolkeys
from service.lti.models import UsedNonce
from service.mail import endings
from service.mail import notices as mail
from service.operator import visits
from service.retention import work as retention
from service.settings import Settings
from service.unit import Units

log = structlog.get_logger("stegvis.jobs")
EVERY_SECONDS = 3600.0
# A workplace or file that no row knows is some killed worker's; a living one touches its own far more often.
ABANDONED_SECONDS = 24 * 3600.0
BATCH = 200


def run(units: Units, settings: Settings) -> None:
    """Does all of it. A part that fails (a store that is away) is noted and keeps no other from its work.

    A database that is away is everybody's, and is raised.
    """
    parts: dict[str, Callable[[], int]] = {
        "exports": lambda: expire_exports(units, open_store(settings)),
        "leftovers": lambda: remove_leftovers(units, open_store(settings)),
        "nonces": lambda: purge_nonces(units), "completions": lambda: completion.decide_nightly(units),
        "rosters": lambda: roster.decide_nightly(units), "export_tickets": lambda: tickets.purge(units),
        "roster_lines": lambda: roster.forget_left_over(units), "tool_keys": lambda: forget_retired_keys(units),
        "retention": lambda: retention.decide_daily(units), "mails_forgotten": lambda: mail.forget(units),
        "operator_visits": lambda: visits.forget(units),
    }  # fmt: skip
    if settings.sends_mail:
        parts |= {"digests": lambda: mail.decide_digests(units), "endings": lambda: endings.decide_endings(units)}
    done: dict[str, int] = {}
    for name, part in parts.items():
        try:
            done[name] = part()
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("periodic_failed", key=name)
    log.info("periodic", **done)


def run_plugins(host: Iterable[Plugin]) -> None:
    """Does what the plugins declare, with the application at hand. One that fails is noted and stops no other."""
    for plugin in host:
        for work in plugin.manifest.periodic:
            try:
                log.info("periodic_plugin", key=work.key, rows=work.run())
            except Exception:
                log.exception("periodic_failed", key=work.key)


def expire_exports(units: Units, store: Store) -> int:
    """Removes export files whose time is up; their rows say `gone`.

    The row goes first: a row without a file says gone, a file without a row is found by `remove_leftovers`.
    """
    removed = 0
    while True:
        with units.writing() as unit:
            now = unit.now()
            done = sa.and_(ExportFile.state == ExportState.DONE, ExportFile.expires_at <= now)
            rows = list(unit.session.scalars(sa.select(ExportFile).where(done).limit(BATCH)))
            keys = [row.file_key for row in rows]
            for row in rows:
                row.state, row.file_key = ExportState.GONE, ""
        for key in keys:
            store.delete(key)
        removed += len(keys)
        if len(keys) < BATCH:
            return removed


def remove_leftovers(units: Units, store: Store) -> int:
    """Removes what killed workers left in the export folder."""
    with units.reading() as unit:
        known = set(unit.session.scalars(sa.select(ExportFile.file_key).where(ExportFile.file_key != "")))
    found = [leftover for leftover in store.leftovers(ABANDONED_SECONDS) if leftover not in known]
    for leftover in found:
        store.remove(leftover)
    return len(found)


def purge_nonces(units: Units) -> int:
    """Removes consumed nonces that no valid token can carry any more."""
    with units.writing() as unit:
        gone = unit.session.execute(sa.delete(UsedNonce).where(UsedNonce.expires_at < unit.now()))
        return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a cursor result


def forget_retired_keys(units: Units) -> int:
    """Removes keys of ours that have not signed for a week."""
    with units.writing():
        return toolkeys.forget_retired()
