"""A coach's own managers as rows: what her list shows of each, in numbers that can be counted with."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from plugins.handledning.calculations import done_rate
from plugins.handledning.exports.reached import nothing, party
from plugins.handledning.models import Phase
from plugins.handledning.operations import CoachRow, Party, coach_rows
from plugins.handledning.operations.followed_up import followed_up
from service.contract import ExportScope, lazy, local_date, now
from service.contract import gettext as _

KINDS = ("text", "number", "minutes", "number", "number", "share", "share", "text", "date", "date")
PHASES = {
    Phase.TRUST: lazy("building trust"),
    Phase.CHALLENGE: lazy("healthy confrontation"),
    Phase.BEYOND_BUSINESS: lazy("beyond the business"),
    Phase.CLOSING: lazy("closing"),
}


def headers(_scope: ExportScope) -> Sequence[str]:
    """Returns the headings."""
    return [
        _("Manager"), _("Sessions held this term"), _("Minutes this term"), _("Homework open"), _("Homework overdue"),
        _("Homework done, of what was followed up"), _("Ahead of or behind the contract"), _("Phase"), _("Last contact"),
        _("Next session"),
    ]  # fmt: skip


def kinds(_scope: ExportScope) -> Sequence[str]:
    """Returns the columns' kinds."""
    return KINDS


def _rows(scope: ExportScope) -> tuple[Party, Sequence[CoachRow]]:
    me = party(scope)
    return me, coach_rows(me, now())


def count(scope: ExportScope) -> int:
    """Returns how many rows there will be: one that says so where there is no manager."""
    return len(_rows(scope)[1]) or 1


def rows(scope: ExportScope) -> Iterator[Sequence[Any]]:
    """Yields the rows by name, in two statements however many managers there are."""
    me, found = _rows(scope)
    if not found:
        yield [nothing(scope), *[None] * (len(KINDS) - 1)]
    yield from map(partial(_row, followed_up(me), me.cohort.zone), sorted(found, key=lambda row: row.name))


def _row(outcomes: Mapping[uuid.UUID, tuple[int, int]], zone: str, row: CoachRow) -> Sequence[Any]:
    return [
        row.name, row.held, row.minutes, row.homework, row.late,
        done_rate(*outcomes.get(row.engagement_id, (0, 0))), row.variance and round(row.variance, 4),
        str(PHASES[row.phase]), row.last_contact,
        local_date(row.next_start, zone) if row.next_start else None,
    ]  # fmt: skip
