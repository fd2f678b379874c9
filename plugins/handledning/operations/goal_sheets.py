"""An engagement's goals with what belongs to them, as one of the two reads them."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa

from plugins.handledning.calculations import GasChange, Smart, SmartFacts, change, smart
from plugins.handledning.models import (
    Activity,
    Contract,
    DiscretionItem,
    GasRating,
    GasScale,
    Goal,
    Moment,
    OperationsGoal,
    RoleContent,
    ValueReading,
)
from plugins.handledning.models.columns import Shared
from plugins.handledning.operations.before import zone_of
from plugins.handledning.operations.reading import read, readable, visible
from plugins.handledning.operations.scope import Access, Party, reach_row, rows
from service.contract import local_date, now, session, unit

Part = TypeVar("Part", bound=Shared)


@dataclass(frozen=True)
class GoalSheet:
    """One goal with everything on its page. Scales and ratings are the newest first."""

    access: Access
    goal: Goal
    scales: Sequence[GasScale]
    ratings: Sequence[GasRating]
    readings: Sequence[ValueReading]
    activities: Sequence[Activity]

    @property
    def scale(self) -> GasScale | None:
        """The newest five levels, begun on or not."""
        return next(iter(self.scales), None)

    @property
    def begun(self) -> GasScale | None:
        """The newest scale that she began on: the one that counts."""
        return next((one for one in self.scales if one.baseline is not None), None)

    @property
    def level(self) -> int | None:
        """Where she is now on the scale that counts; None before she has begun."""
        begun = self.begun
        if begun is None:
            return None
        return next((one.level for one in self.ratings if one.scale_id == begun.id), begun.baseline)

    def reading(self, moment: Moment) -> ValueReading | None:
        """What she said of the goal's value half way or at the end."""
        return next((one for one in self.readings if one.moment is moment), None)


def goals_of(access: Access) -> Sequence[GoalSheet]:
    """Returns an engagement's goals as this person may read them, in their order, in five statements."""
    return goals_by([access])[access.engagement.id]


def goals_by(some: Sequence[Access]) -> Mapping[uuid.UUID, Sequence[GoalSheet]]:
    """Returns the goals of several engagements, by engagement, in as many statements as for one."""
    found = read(some, Goal, order_by=(Goal.position, Goal.id))
    sheets: dict[uuid.UUID, list[GoalSheet]] = {one.engagement.id: [] for one in some}
    for one in _sheets([(access, goal) for access in some for goal in found[access.engagement.id]]):
        sheets[one.goal.engagement_id].append(one)
    return sheets


def goal_sheet(party: Party, goal_id: uuid.UUID, *, lock: bool = False) -> GoalSheet:
    """Returns one goal that this person may read. Raises NotFound for any other. `lock` holds it until the commit."""
    goal, access = reach_row(party, Goal, goal_id, lock=lock)
    readable(access, goal)
    return _sheets([(access, goal)])[0]


def _sheets(goals: Sequence[tuple[Access, Goal]]) -> Sequence[GoalSheet]:
    ids = [goal.id for _access, goal in goals]
    unit().vault.fetch({goal.manager_id for _access, goal in goals})
    scales = _of(GasScale, ids, GasScale.version.desc())
    ratings = _of(GasRating, ids, GasRating.rated_at.desc(), GasRating.id)
    readings = _of(ValueReading, ids, ValueReading.read_at)
    activities = _of(Activity, ids, Activity.due_on, Activity.position, Activity.id)
    return [
        GoalSheet(access, goal, scales[goal.id], ratings[goal.id], readings[goal.id], activities[goal.id])
        for access, goal in goals
    ]


def _of(model: type[Part], ids: Sequence[uuid.UUID], *order: Any) -> dict[uuid.UUID, list[Part]]:
    table: Any = model
    found: dict[uuid.UUID, list[Part]] = defaultdict(list)
    for row in session().scalars(sa.select(table).where(table.goal_id.in_(ids)).order_by(*order)):
        found[row.goal_id].append(row)
    return found


def attainment(sheets: Sequence[GoalSheet]) -> GasChange | None:
    """Returns T where the goals began and now; None before she has begun on any. For the two of the engagement alone."""
    begun = [
        (one.goal.weight, one.begun.baseline, one.level)
        for one in sheets
        if one.begun is not None and one.begun.baseline is not None and one.level is not None
    ]
    return change([w for w, _b, _n in begun], [b for _w, b, _n in begun], [n for _w, _b, n in begun])


def _any(model: Any) -> Any:
    return model


# What of her map a goal may lean on.
LEANS_ON: dict[str, type[Shared]] = {
    "discretion_id": DiscretionItem,
    "role_content_id": RoleContent,
    "operations_goal_id": OperationsGoal,
}


def leanings(access: Access) -> dict[str, Sequence[Any]]:
    """Returns what of the map goals may lean on, as this person may read it, by the name of its field."""
    return {
        name: rows(access, model, visible(access, model), order_by=(_any(model).position, _any(model).id))
        for name, model in LEANS_ON.items()
    }


def smart_of(found: GoalSheet) -> Smart:
    """Returns which of the five checks are in place: advice, until she wants to settle the goal."""
    goal, access = found.goal, found.access
    zone = session().scalar(sa.select(DiscretionItem.zone_now).where(DiscretionItem.id == goal.discretion_id))
    in_force = (
        sa.select(Contract.period_to)
        .where(
            Contract.engagement_id == goal.engagement_id,
            Contract.manager_accepted_at.is_not(None),
            Contract.coach_accepted_at.is_not(None),
        )
        .order_by(Contract.number.desc())
        .limit(1)
    )
    facts = SmartFacts(
        what=goal.what, where=goal.where, measure=goal.measure, unit=goal.unit, baseline=goal.baseline, target=goal.target,
        zone=zone, reason=goal.reason, linked=bool(goal.role_content_id or goal.operations_goal_id), value=goal.value,
        due=goal.due_on,
    )  # fmt: skip
    return smart(facts, today_of(access), session().scalar(in_force))


def her_zone(access: Access) -> str:
    """Returns the manager's time zone, by which her days are counted."""
    return zone_of(access.engagement, access.party.cohort.zone)


def today_of(access: Access) -> date:
    """Returns the manager's own day."""
    return local_date(now(), her_zone(access))
