"""Goals: the manager writes them and says how far she is; her coach reads them, asks, and suggests.

A life goal is hers alone until she shares it with her coach, and goes to nobody else: no count, no sum and no list but
theirs has it. Every goal has an activity from its first day.
"""

import uuid
from dataclasses import dataclass, fields
from datetime import date, timedelta

import sqlalchemy as sa

from plugins.handledning.calculations import Smart
from plugins.handledning.models import Goal, GoalStatus, Moment, Scope, Theme, ValueReading, ValueType
from plugins.handledning.operations.activities import ActivityDraft, add_activity, check_activity
from plugins.handledning.operations.goal_sheets import LEANS_ON, GoalSheet, smart_of, today_of
from plugins.handledning.operations.scope import Access, check_version, find
from service.contract import Invalid, audit, now, session
from service.contract import gettext as _

VALUES = range(1, 6)
# A goal that grew out of something else gets its first activity with it, and as many days for that.
FIRST_DAYS = 14


@dataclass(frozen=True)
class GoalDraft:
    """A goal as typed. The ids name rows of the manager's map that it leans on."""

    title: str
    scope: Scope = Scope.PROFESSIONAL
    theme: Theme | None = None
    value_type: ValueType | None = None
    behaviour: str = ""
    what: str = ""
    where: str = ""
    measure: str = ""
    unit: str = ""
    baseline: str = ""
    target: str = ""
    reason: str = ""
    value: str = ""
    importance: int = 2
    difficulty: int = 2
    slow: bool = False
    due_on: date | None = None
    discretion_id: uuid.UUID | None = None
    role_content_id: uuid.UUID | None = None
    operations_goal_id: uuid.UUID | None = None


class NotSettled(Invalid):
    """The goal cannot be settled yet: not all five checks are in place."""

    def __init__(self, found: Smart) -> None:
        lacking = [one.name for one in fields(found) if not getattr(found, one.name)]
        super().__init__(**dict.fromkeys(lacking, ""))
        self.smart = found


def make_goal(access: Access, goal_id: uuid.UUID, draft: GoalDraft, first: ActivityDraft) -> Goal:
    """Makes a goal with its first activity. The manager alone may; the same id again changes nothing.

    Raises Invalid unless goal and activity say something and the activity has a day.
    """
    access.only_manager("write_goal")
    access.open()
    there = find(access, Goal, goal_id)
    if there is not None:
        return there
    _check(draft, access)
    check_activity(first)
    last = session().scalar(sa.select(sa.func.max(Goal.position)).where(Goal.engagement_id == access.engagement.id))
    goal = Goal(
        id=goal_id,
        engagement_id=access.engagement.id,
        manager_id=access.manager_id,
        position=0 if last is None else last + 1,
        shared=False,
        status=GoalStatus.OPEN,
        created_at=now(),
        version=1,
        **vars(draft),
    )
    session().add(goal)
    session().flush()
    add_activity(access, goal_id, first)
    return goal


def drafted_goal(goal: Goal) -> GoalDraft:
    """Returns a goal as it would be typed."""
    return GoalDraft(**{one.name: getattr(goal, one.name) for one in fields(GoalDraft)})


def change_goal(found: GoalSheet, seen: int, draft: GoalDraft) -> Goal:
    """Keeps a goal as typed; it is settled no more. The manager alone may, and the same again changes nothing.

    Raises Conflict when she saved after `seen` in another window.
    """
    found.access.only_manager("write_goal", "goal", found.goal.id)
    found.access.open()
    if drafted_goal(found.goal) == draft:
        return found.goal
    check_version(found.goal.version, seen)
    _check(draft, found.access)
    for name, value in vars(draft).items():
        setattr(found.goal, name, value)
    found.goal.settled_at = None
    grow(found)
    return found.goal


def grow(found: GoalSheet) -> None:
    """Notes that a goal changed, for forms that were opened before."""
    found.goal.version += 1
    session().flush()


def _check(draft: GoalDraft, access: Access) -> None:
    if not draft.title:
        raise Invalid(title="empty")
    if draft.importance not in (1, 2, 3) or draft.difficulty not in (1, 2, 3):
        raise Invalid(importance="unknown")
    for name, model in LEANS_ON.items():
        ref = getattr(draft, name)
        if ref is not None and find(access, model, ref) is None:
            raise Invalid(**{name: "unknown"})


def settle_goal(found: GoalSheet) -> None:
    """Settles a goal: it stands as it is written. The manager alone may. Raises NotSettled while a check is lacking."""
    found.access.only_manager("settle_goal", "goal", found.goal.id)
    found.access.open()
    if found.goal.settled_at is not None:
        return
    checks = smart_of(found)
    if not checks.complete:
        raise NotSettled(checks)
    found.goal.settled_at = now()
    grow(found)


def set_goal_status(found: GoalSheet, status: GoalStatus) -> None:
    """Says where a goal is. The manager alone may: her coach asks, and may suggest."""
    found.access.only_manager("set_goal_status", "goal", found.goal.id)
    found.access.open()
    if found.goal.status is not status:
        found.goal.status = status
        found.goal.ended_at = now() if status in (GoalStatus.REACHED, GoalStatus.DROPPED) else None
        grow(found)


def share_goal(found: GoalSheet, *, shared: bool) -> None:
    """Lets the coach read a life goal, or no longer. The manager alone may; saying it again changes nothing."""
    found.access.only_manager("share_goal", "goal", found.goal.id)
    found.access.open()
    if found.goal.shared is not shared:
        found.goal.shared = shared
        grow(found)
        action = "handledning.share_goal" if shared else "handledning.unshare_goal"
        audit(found.access.party.actor, action, object_type="goal", object_ref=str(found.goal.id))


def read_value(found: GoalSheet, moment: Moment, rating: int, text: str) -> None:
    """Keeps what she says when she reads a goal's value again, half way or at the end; later words take the place.

    Raises Invalid for a rating that is not 1 to 5, and for the start, where the value itself is written.
    """
    found.access.only_manager("read_value", "goal", found.goal.id)
    found.access.open()
    if moment is Moment.START or rating not in VALUES:
        raise Invalid(rating="unknown")
    row = found.reading(moment) or ValueReading(
        engagement_id=found.goal.engagement_id,
        manager_id=found.access.manager_id,
        goal_id=found.goal.id,
        moment=moment,
    )
    row.rating, row.read_at, row.text = rating, now(), text
    session().add(row)
    session().flush()


def adopt_goal(access: Access, title: str, source_ref: uuid.UUID) -> Goal:
    """Makes a goal of another plugin's result, with a first activity; the same result again gives the same goal."""
    goal_id = uuid.uuid5(access.engagement.id, f"goal {source_ref}")
    first = ActivityDraft(
        uuid.uuid5(goal_id, "first"),
        str(_("Make this goal my own: what, by when, and how it will show")),
        today_of(access) + timedelta(days=FIRST_DAYS),
    )
    return make_goal(access, goal_id, GoalDraft(title), first)
