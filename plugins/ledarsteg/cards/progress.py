"""Completion: so many Friday reviews within so many weeks in a row, as the training department has set it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from plugins.ledarsteg.calculations import most_within
from plugins.ledarsteg.operations import reviews
from plugins.ledarsteg.settings import LedarstegSettings
from service.contract import Cohort, Member, Progress
from service.contract import gettext as _


def progress(cohort: Cohort, members: Sequence[Member], settings: LedarstegSettings) -> Mapping[UUID, Progress]:
    """Returns how many of the reviews that are asked each member has written. One statement."""
    mondays = reviews.reviewed_mondays(cohort)
    asked = settings.reviews_asked
    done = {member.id: most_within(mondays.get(member.person_id, ()), settings.review_weeks) for member in members}
    return {member_id: Progress(min(number, asked), asked) for member_id, number in done.items()}


def so_far(done: int, settings: LedarstegSettings) -> str:
    """Says how far she is: `3 of 8 done`."""
    return str(_("%(done)s of %(asked)s done", done=min(done, settings.reviews_asked), asked=settings.reviews_asked))


def rule(settings: LedarstegSettings) -> str:
    """Says what complete means here, and what the course is told of it."""
    return str(
        _(
            "You have completed this part with %(asked)s Friday reviews within %(weeks)s weeks. If your training department"
            " has chosen so, the course is told that you have completed it, and nothing else.",
            asked=settings.reviews_asked,
            weeks=settings.review_weeks,
        )
    )
