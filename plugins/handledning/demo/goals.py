"""Made-up goals: written when the two have agreed, rated as the sessions go."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

from plugins.handledning import operations
from plugins.handledning.demo.talks import Two
from plugins.handledning.demo.words import GOALS, LIFE, GoalStory
from plugins.handledning.models import ActivityState, Moment
from plugins.handledning.operations.activities import ActivityDraft, add_activity, change_activity
from plugins.handledning.operations.elsewhere import TestDraft, keep_test
from plugins.handledning.operations.goal_sheets import goal_sheet
from plugins.handledning.operations.goals import make_goal, read_value
from plugins.handledning.operations.scales import begin_on, rate, write_scale


def write_goals(two: Two, day: date) -> list[uuid.UUID]:
    """Writes the goals of a made-up manager, begun on."""
    return [_write(two, story, day) for story in GOALS]


def _write(two: Two, story: GoalStory, day: date) -> uuid.UUID:
    access = operations.reach(two.manager, two.engagement_id)
    first = ActivityDraft(uuid.uuid4(), story.activity, day + timedelta(weeks=3))
    goal = make_goal(access, uuid.uuid4(), replace(story.draft, due_on=day + timedelta(weeks=18)), first)
    add_activity(access, goal.id, ActivityDraft(uuid.uuid4(), story.more, day + timedelta(weeks=14)))
    scale = write_scale(goal_sheet(two.manager, goal.id), goal.version, story.levels)
    begin_on(goal_sheet(two.manager, goal.id), scale.id, story.begins)
    return goal.id


def rate_goals(two: Two, goals: list[uuid.UUID], number: int, session_id: uuid.UUID) -> None:
    """Says where each goal is at a session, the first one's activity done."""
    for goal_id, story in zip(goals, GOALS, strict=True):
        found = goal_sheet(two.manager, goal_id)
        if found.scale is None:
            continue
        level = story.then[min(number, len(story.then) - 1)]
        if found.level != level:
            rate(found, found.scale.id, level, "", session_id)
        act = found.activities[0]
        if act.state is ActivityState.OPEN:
            change_activity(
                two.manager, act.id, act.version, ActivityDraft(act.id, act.text, act.due_on), ActivityState.DONE
            )


def halfway(two: Two, goals: list[uuid.UUID], day: date) -> None:
    """What one manager writes besides: a goal of her life, a value read again, a test taken elsewhere."""
    access = operations.reach(two.manager, two.engagement_id)
    make_goal(
        access, uuid.uuid4(), LIFE, ActivityDraft(uuid.uuid4(), "Säga det till min chef", day + timedelta(days=20))
    )
    read_value(
        goal_sheet(two.manager, goals[0]), Moment.HALFWAY, 4, "Det är värt mer än jag trodde: de frågar varandra nu."
    )
    keep_test(
        access,
        uuid.uuid4(),
        0,
        TestDraft(
            day - timedelta(days=200),
            "Belbin",
            "Företagshälsan",
            "Jag avslutar hellre än jag börjar. Gruppen såg mer av lyssnaren i mig än jag gör själv.",
            shared=True,
        ),
    )
