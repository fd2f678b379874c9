"""What became of the homework that a coach's own managers have followed up."""

import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from plugins.handledning.models import Engagement, Homework, Outcome
from plugins.handledning.operations.scope import Party, mine
from service.contract import session

# What counts as followed up. What was let go with a reason is neither done nor left undone.
FOLLOWED_UP = (Outcome.DONE, Outcome.PARTLY, Outcome.NOT_DONE)


def followed_up(party: Party) -> Mapping[uuid.UUID, tuple[int, int]]:
    """Returns how much was done in full, and how much was followed up, by engagement, in one statement."""
    query = (
        sa.select(
            Homework.engagement_id, sa.func.count().filter(Homework.state == Outcome.DONE), sa.func.count(),
        )
        .join(Engagement, Engagement.id == Homework.engagement_id)
        .where(mine(party), Homework.state.in_(FOLLOWED_UP))
        .group_by(Homework.engagement_id)
    )  # fmt: skip
    return {engagement_id: (done, number) for engagement_id, done, number in session().execute(query)}
