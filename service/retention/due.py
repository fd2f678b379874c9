"""What a rule of keeping is asked for: whose rows, and counted from before when."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.cohorts.models import Cohort, Member

# A course that nobody has opened for this long is over: longer than a summer, shorter than a term and its holidays.
QUIET = timedelta(days=180)


@dataclass(frozen=True)
class Due:
    """Rows of one organisation, of which what their rule counts from lies before a moment."""

    organisation_id: uuid.UUID
    before: datetime

    def cohorts(self) -> sa.Select[uuid.UUID]:
        """Selects the ids of all cohorts of the organisation."""
        return sa.select(Cohort.id).where(Cohort.organisation_id == self.organisation_id)

    def ended(self) -> sa.Select[uuid.UUID]:
        """Selects the ids of the cohorts that ended before the moment.

        No platform says when a course ends. It has ended when the training department put it away; where nobody did,
        180 days after somebody last opened Stegvis in it. A course that is used is never over.
        """
        seen = sa.select(sa.func.max(Member.last_seen_at)).where(
            Member.cohort_id == Cohort.id, Member.from_roster.is_(False)
        )
        last = sa.func.coalesce(seen.scalar_subquery(), Cohort.created_at, type_=Cohort.created_at.type)
        quiet = sa.and_(Cohort.archived_at.is_(None), last < self.before - QUIET)
        return self.cohorts().where(sa.or_(Cohort.archived_at < self.before, quiet))
