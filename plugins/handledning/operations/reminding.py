"""What a manager is told before it goes: coaching that has ended, and the day on which what was written in it is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from plugins.handledning.calculations import OPEN, EndReason
from plugins.handledning.models import Engagement
from plugins.handledning.operations.scope import Party, former, manager_is_here
from service.contract import kept_days, now, session

# Two months: long enough to come by once more.
TOLD_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Going:
    """An engagement that has ended, and when what was written in it is deleted."""

    engagement: Engagement
    deleted_at: datetime


def going(me: Party) -> Sequence[Going]:
    """Returns the manager's ended engagements of this cohort whose content is deleted within two months."""
    ended = [one for one in former(me) if one.ended_at is not None and one.forgotten_at is None]
    if not ended:
        return []
    kept = timedelta(days=kept_days("handledning.content", me.cohort.organisation_id))
    found = [Going(one, one.ended_at + kept) for one in ended if one.ended_at is not None]
    return [one for one in found if one.deleted_at - TOLD_BEFORE <= now()]


def erased_lately(me: Party) -> int:
    """Returns how many of a coach's managers were erased within the last two months. Nothing else is left to tell."""
    its = Engagement
    query = sa.select(sa.func.count()).where(
        its.cohort_id == me.cohort.id, its.coach_id == me.person_id, its.end_reason == EndReason.ERASED,
        its.ended_at >= now() - TOLD_BEFORE,
    )  # fmt: skip
    return session().scalar(query) or 0


def gone_now(me: Party) -> int:
    """Returns how many of a coach's managers have left the course, or are not on its list for a while."""
    its = Engagement
    query = sa.select(sa.func.count()).where(
        its.cohort_id == me.cohort.id, its.coach_id == me.person_id, its.status.in_(OPEN), ~manager_is_here()
    )
    return session().scalar(query) or 0
