"""People who work with habits, and what they do, for the tests of this plugin."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import EVERY_DAY, Rhythm
from plugins.ledarsteg.models import Habit
from plugins.ledarsteg.operations import Dropped, NewHabit, Owner, PlanText
from service.cohorts.models import Member
from service.contract import CohortReport
from tests.support import World

# Tuesday 24 November 2026, 08:30 in Stockholm.
MORNING = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def new(title: str = "Hand over a decision", **values: Any) -> NewHabit:
    """A habit as somebody would ask for it, on every day."""
    plan = PlanText("somebody asks me to decide", "ask what she suggests", "")
    rhythm = Rhythm(weekdays=values.pop("weekdays", EVERY_DAY))
    return NewHabit(title=title, **{"rhythm": rhythm, "plan": plan, "drop": Dropped("Monday's report", 45), **values})


def owner_of(member: Member) -> Owner:
    """The owner that a made-up member is."""
    return Owner.of(member.cohort, member)


def make(
    world: World, member: Member, title: str = "Hand over a decision", *, shared: bool = False, **values: Any
) -> Habit:
    """A habit of the member, begun now."""
    with world.core.units.writing():
        habit = operations.make_habit(owner_of(member), new(title, **values))
        if shared:
            operations.share(owner_of(member), habit.id)
    return habit


@dataclass
class Counted:
    """How many statements a block sent."""

    statements: list[str]

    def __len__(self) -> int:
        return len(self.statements)


@contextmanager
def counting(world: World) -> Iterator[Counted]:
    """Counts the statements of a block; opening and closing a transaction is none."""
    counted = Counted([])

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            counted.statements.append(statement)

    engine = world.core.units.engine
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)


def read(report: CohortReport, members: Sequence[Member]) -> CohortReport:
    """A report with all of its cells made and their words read, as a page would that shows everybody."""
    more = report.details(members) if report.details is not None else CohortReport()
    cells = {
        member_id: {key: replace(cell, text=str(cell.text), detail=str(cell.detail)) for key, cell in row.items()}
        for member_id, row in (
            (member_id, {**cells, **more.cells.get(member_id, {})}) for member_id, cells in report.cells.items()
        )
    }
    return replace(report, cells=cells)
