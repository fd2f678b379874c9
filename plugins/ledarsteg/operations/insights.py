"""Insights: written down in a moment, shared one by one with the cohort's coaches, and taken away again."""

import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from plugins.ledarsteg.models import Habit, Insight, InsightKind
from plugins.ledarsteg.operations.owner import Owner, get, once, show
from plugins.ledarsteg.operations.rows import insert_once
from service.contract import Invalid, NotFound, lazy, now, session

LONGEST = 280


@dataclass(frozen=True)
class NewInsight:
    """What a person writes down. `key` is the form's own random word: sent twice with the same in it, it is one insight."""

    key: str
    text: str
    kind: InsightKind = InsightKind.OBSERVATION
    habit_id: uuid.UUID | None = None
    day: date | None = None


@dataclass(frozen=True)
class Noted:
    """An insight with the title of the habit it is about, if it is about one."""

    insight: Insight
    habit: Habit | None


def capture(owner: Owner, new: NewInsight) -> uuid.UUID:
    """Keeps an insight, as today's unless it is of another day, and returns its id.

    Raises Invalid for one that is empty or longer than 280 characters, and NotFound for a habit that is not hers here.
    """
    _check(new.text)
    if new.habit_id is not None:
        get(owner, new.habit_id)
    insight = Insight(
        id=once(owner, new.key, new), cohort_id=owner.cohort_id, person_id=owner.person_id,
        local_date=new.day or owner.today(), kind=new.kind, habit_id=new.habit_id, shared=False, text=new.text, created_at=now(),
    )  # fmt: skip
    insert_once(insight)
    return insight.id


def _check(text: str) -> None:
    if not text:
        raise Invalid(text=lazy("Write a line first."))
    if len(text) > LONGEST:
        raise Invalid(
            text=lazy("Write at most %(most)s characters. You wrote %(length)s.", most=LONGEST, length=len(text))
        )


def insights(owner: Owner, most: int | None = None) -> list[Noted]:
    """Returns the owner's insights, newest first, at most `most` of them. One statement."""
    query = (
        sa.select(Insight, Habit)
        .outerjoin(Habit, Habit.id == Insight.habit_id)
        .where(Insight.cohort_id == owner.cohort_id, Insight.person_id == owner.person_id)
        .order_by(Insight.local_date.desc(), Insight.created_at.desc(), Insight.id)
    )
    return [Noted(*row) for row in session().execute(query.limit(most))]


def get_insight(owner: Owner, insight_id: uuid.UUID) -> Insight:
    """Returns one insight of the owner, locked for a change. Raises NotFound: absent, or not hers here."""
    mine = (Insight.cohort_id == owner.cohort_id, Insight.person_id == owner.person_id)
    found = session().scalar(sa.select(Insight).where(Insight.id == insight_id, *mine).with_for_update())
    if found is None:
        raise NotFound("insight")
    return found


def share_insight(owner: Owner, insight_id: uuid.UUID, *, on: bool) -> None:
    """Shows one insight to the cohort's coaches, or to nobody again. What stands so already is left."""
    show(owner, get_insight(owner, insight_id), "insight", on=on)


def delete_insight(owner: Owner, insight_id: uuid.UUID) -> NewInsight:
    """Takes an insight away, and returns it as it could be written down again. Raises NotFound as `get_insight` does."""
    found = get_insight(owner, insight_id)
    gone = NewInsight(uuid.uuid4().hex, found.text, found.kind, found.habit_id, found.local_date)
    session().delete(found)
    session().flush()
    return gone
