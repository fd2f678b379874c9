"""Completions on their way to the gradebooks: one job per platform, in order, as often as it takes and no oftener.

What is to be told are rows. A job takes those that are due and tells them one by one; what it learned is written in
small transactions that prove the job is still its own. Killed in between, it tells a few again: the platform keeps the
latest score, and every score says the same. A platform that is away is left alone (`service.lti.health`), its rows
wait, and no other platform's rows wait for them.
"""

import time
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.core import core
from service.jobs import outbox
from service.jobs.outbox import Fate, Held
from service.lti import columns, lineitems, scores
from service.lti.columns import NoColumn
from service.lti.due import KIND, TAKEN, Due, due_rows, postpone, put_off
from service.lti.models import Platform
from service.lti.quirks import quirks_of
from service.lti.scores import Means, Verdict
from service.lti.service_models import Delivery, DeliveryState
from service.lti.services import ServiceFailed, ServiceRefused, Services, of_app, retry_after
from service.unit import Units, current

# What came of the tries is written after so many or so many seconds.
WRITTEN, WRITTEN_SECONDS = 50, 5.0
# A job makes room for the other platforms' after this long.
JOB_SECONDS = 60.0
# So many failures in a row, and the platform is taken to be away.
STRIKES = 3
AFTER_DEATH = timedelta(hours=1)
ANSWER_BYTES = 64 * 1024
# What went wrong with one address; anything else that fails below HTTP is the platform's.
_OF_THE_COLUMN = frozenset({
    "connection", "timeout", "name", "certificate", "unauthorized", "url", "redirect", "private_address", "not_https",
    "too_large", "header",
})  # fmt: skip


@dataclass
class Outcomes:
    """What was learned and is not yet written: ids by the values they get, who is called off, and what must wait."""

    values: dict[tuple[DeliveryState, str, datetime | None], list[uuid.UUID]] = field(
        default_factory=lambda: defaultdict(list)
    )
    called_off: list[uuid.UUID] = field(default_factory=list)
    waits: list[tuple[Due, Verdict]] = field(default_factory=list)
    number: int = 0


def deliver(held: Held) -> None:
    """Tells a platform what is due there, and finishes the job. Raises LeaseLost when another worker took over."""
    with of_app().line() as services:
        _Run(held, services, core().units).work()


def tell(platform_id: uuid.UUID, fate: Fate, _reason: str) -> None:
    """A job that died thrice is not begun again at once: what is due at its platform waits for an hour."""
    if fate is Fate.DEAD:
        postpone(Delivery.platform_id == platform_id, current().now() + AFTER_DEATH)


class _Run:
    """One job at work."""

    def __init__(self, held: Held, services: Services, units: Units) -> None:
        self._held, self._services, self._units = held, services, units
        self._platform_id = held.subject_id
        self._strikes = 0
        self._stopped = False
        self._reason = ""
        self._extra: Mapping[str, Any] = {}
        self._urls: dict[uuid.UUID, str | None] = {}
        self._made_anew: set[uuid.UUID] = set()
        self._out = Outcomes()

    def work(self) -> None:
        """Goes on until nothing is due, the platform is away, or the job's time is over."""
        until = time.monotonic() + JOB_SECONDS
        with self._units.reading() as unit:
            family = unit.session.scalars(sa.select(Platform.family).where(Platform.id == self._platform_id)).one()
        self._extra = quirks_of(family).score_extra
        more = self._services.health.closed_until(self._platform_id) is None
        while more:
            with self._units.reading() as unit:
                rows = due_rows(unit.session, self._platform_id, unit.now())
            self._all(rows)
            more = len(rows) == TAKEN and not self._stopped
            if more and time.monotonic() >= until:
                break
            if more:
                self._write()
        self._end(again=more)

    def _all(self, due: Sequence[Due]) -> None:
        since = time.monotonic()
        for row in due:
            self._one(row)
            if self._stopped:
                return
            if self._out.number >= WRITTEN or time.monotonic() - since > WRITTEN_SECONDS:
                self._write()
                since = time.monotonic()

    def _one(self, row: Due) -> None:
        """Tries one row and notes what came of it. A column that failed in this job is not tried again."""
        if not row.wanted:
            self._out.called_off.append(row.id)
            return
        if self._urls.get(row.line_item_id, "") is None:
            return
        at = scores.stamp(self._units.clock.now(), row.score_at)
        found = self._told(row, at)
        if found.means is Means.GONE and row.line_item_id not in self._made_anew:
            self._renew(row)
            found = self._told(row, at)
        self._note(row, found, at)

    def _told(self, row: Due, at: datetime) -> Verdict:
        try:
            url = self._urls.get(row.line_item_id) or self._column(row)
            answer = self._services.call(
                self._platform_id, [columns.SCORE], "POST", columns.below(url, "scores"),
                content_type=scores.TYPE, body=scores.score(row.user_id, at, self._extra), limit=ANSWER_BYTES,
            )  # fmt: skip
        except NoColumn as problem:
            return Verdict(Means.COLUMN, problem.reason, problem.retry_after)
        except (ServiceFailed, ServiceRefused) as problem:
            means = Means.COLUMN if problem.reason in _OF_THE_COLUMN else Means.PLATFORM
            self._strikes += 1
            return Verdict(means, problem.reason, getattr(problem, "retry_after", None))
        return scores.verdict(answer, retry_after(answer))

    def _column(self, row: Due) -> str:
        host = core().host
        label = host[row.plugin].manifest.title if row.plugin in host else row.plugin
        url = self._urls[row.line_item_id] = lineitems.ensure(self._units, self._services, row.line_item_id, label)
        return url

    def _renew(self, row: Due) -> None:
        """The column is gone: it is found or made once more, and everybody in it is told of again."""
        self._made_anew.add(row.line_item_id)
        lineitems.forget(self._units, row.line_item_id, self._urls.pop(row.line_item_id) or "")

    def _note(self, row: Due, found: Verdict, at: datetime) -> None:
        self._out.number += 1
        if found.means is Means.SENT:
            self._strikes = 0
            self._out.values[DeliveryState.SENT, "", at].append(row.id)
        elif found.means is Means.REFUSED:
            self._strikes = 0
            self._out.values[DeliveryState.REFUSED, found.reason, row.score_at].append(row.id)
        else:
            self._wait(row, found)
            return
        self._services.health.ok(self._platform_id)

    def _wait(self, row: Due, found: Verdict) -> None:
        self._strikes += found.means in (Means.ROW, Means.GONE, Means.PLATFORM)
        if found.means in (Means.COLUMN, Means.GONE):
            self._urls[row.line_item_id] = None
        self._out.waits.append((row, found))
        self._reason = found.reason
        self._stopped = found.means is Means.PLATFORM or self._strikes >= STRIKES

    def _write(self) -> None:
        with self._units.writing():
            outbox.renew(self._held)
            self._apply()

    def _end(self, *, again: bool) -> None:
        """The last of it. Where nothing worked since the last failure, the whole platform is taken to be away."""
        away = self._strikes > 0
        with self._units.writing():
            outbox.finish(self._held)
            self._apply(away=away)
            if again:
                outbox.decide(KIND, self._platform_id)
        if away:
            self._services.health.failed(self._platform_id, self._reason)

    def _apply(self, *, away: bool = False) -> None:
        """Writes what was learned, in the current unit."""
        session, now, out = current().session, current().now(), self._out
        for (state, reason, at), ids in out.values.items():
            sent_at = now if state is DeliveryState.SENT else None
            values = {"state": state, "reason": reason, "score_at": at, "sent_at": sent_at}
            waiting = sa.and_(Delivery.id.in_(ids), Delivery.state == DeliveryState.WAITING)
            session.execute(sa.update(Delivery).where(waiting).values(values))
        if out.called_off:
            session.execute(sa.delete(Delivery).where(Delivery.id.in_(out.called_off)))
        for row, found in out.waits:
            put_off(self._platform_id, row, found, now, whole=away)
        self._out = Outcomes()
