"""Activities: concrete things that lead towards a goal. There is none without a goal, and no goal without one."""

import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from plugins.handledning.models import Activity, ActivityState, Goal
from plugins.handledning.operations.scope import Access, Party, check_version, find, reach_row, rows
from service.contract import Invalid, now, session


@dataclass(frozen=True)
class ActivityDraft:
    """An activity as typed. `id` is kept from the first time its row was shown, so that saving twice makes one."""

    id: uuid.UUID
    text: str
    due_on: date | None


def add_activity(access: Access, goal_id: uuid.UUID | None, draft: ActivityDraft) -> Activity:
    """Adds an activity to a goal of the engagement. The manager alone may; the same id again changes nothing.

    Raises Invalid without a goal of hers to lead to: there is no activity without one.
    """
    access.only_manager("write_activity")
    access.open()
    there = next(iter(rows(access, Activity, Activity.id == draft.id)), None)
    if there is not None:
        return there
    if goal_id is None or find(access, Goal, goal_id) is None:
        raise Invalid(goal="none")
    check_activity(draft)
    number = session().scalar(sa.select(sa.func.count()).select_from(Activity).where(Activity.goal_id == goal_id))
    added = Activity(
        id=draft.id,
        engagement_id=access.engagement.id,
        manager_id=access.manager_id,
        goal_id=goal_id,
        position=number or 0,
        state=ActivityState.OPEN,
        due_on=draft.due_on,
        version=1,
        text=draft.text,
    )
    session().add(added)
    session().flush()
    return added


def check_activity(draft: ActivityDraft) -> None:
    """Raises Invalid where an activity says nothing or has no day."""
    if not draft.text:
        raise Invalid(text="empty")
    if draft.due_on is None:
        raise Invalid(due_on="empty")


def change_activity(
    party: Party, activity_id: uuid.UUID, seen: int, draft: ActivityDraft, state: ActivityState
) -> Activity:
    """Keeps an activity as typed, and where it is. The manager alone may; the same again changes nothing.

    Raises Conflict when she saved after `seen` in another window, and Invalid where text or day is gone.
    """
    row, access = reach_row(party, Activity, activity_id, lock=True)
    access.only_manager("write_activity", "activity", activity_id)
    access.open()
    if (row.text, row.due_on, row.state) == (draft.text, draft.due_on, state):
        return row
    check_version(row.version, seen)
    check_activity(draft)
    row.text, row.due_on = draft.text, draft.due_on
    if row.state is not state:
        row.state, row.done_at = state, now() if state is ActivityState.DONE else None
    row.version += 1
    session().flush()
    return row
