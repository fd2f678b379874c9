"""What other people have done that a manager has not seen yet: comments, nudges, a question to become a step-mate."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from plugins.ledarsteg.models import Comment, Habit, Mate, Nudge
from plugins.ledarsteg.operations.owner import Owner, owned
from service.contract import Member, session


@dataclass(frozen=True)
class News:
    """What is new, by habit, and how many have asked her to be their step-mate."""

    comments: Mapping[uuid.UUID, int] = field(default_factory=dict)
    nudges: Mapping[uuid.UUID, int] = field(default_factory=dict)
    asked: int = 0

    def __bool__(self) -> bool:
        return bool(self.comments or self.nudges or self.asked)


def news(owner: Owner) -> News:
    """Returns what the owner has not seen. One statement."""
    number = sa.func.count()
    hers = sa.select(Habit.id).where(*owned(owner))
    comments = (
        sa.select(sa.literal("comment").label("what"), Comment.habit_id.label("ref"), number.label("number"))
        .where(Comment.habit_id.in_(hers), Comment.author_id != owner.person_id, Comment.seen_at.is_(None))
        .group_by(Comment.habit_id)
    )
    nudges = (
        sa.select(sa.literal("nudge"), Nudge.habit_id, number)
        .where(Nudge.habit_id.in_(hers), Nudge.seen_at.is_(None))
        .group_by(Nudge.habit_id)
    )
    asking = sa.and_(Member.person_id == Mate.person_id, Member.cohort_id == Mate.cohort_id, Member.active)
    asked = (
        sa.select(sa.literal("asked"), Mate.id, sa.literal(1))
        .join(Member, asking)
        .where(
            Mate.cohort_id == owner.cohort_id, Mate.mate_id == owner.person_id, Mate.accepted_at.is_(None),
            Mate.ended_at.is_(None),
        )
    )  # fmt: skip
    rows = session().execute(sa.union_all(comments, nudges, asked)).all()
    return News(
        comments={row.ref: row.number for row in rows if row.what == "comment"},
        nudges={row.ref: row.number for row in rows if row.what == "nudge"},
        asked=sum(row.what == "asked" for row in rows),
    )
