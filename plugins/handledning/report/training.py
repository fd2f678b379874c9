"""The plugin's part of the training department's dashboard: numbers over the cohort, never who."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from plugins.handledning.calculations import Frame, Term, term_of
from plugins.handledning.models import CoachingSession
from plugins.handledning.operations import Standing
from service.contract import CohortReport, Count, lazy, local_date

Standings = Mapping[UUID, Standing]


def training_report(standings: Standings, frame: Frame, today: date, zone: str) -> CohortReport:
    """Returns numbers over the cohort, for the training department: never who."""
    term = term_of(today)
    held = [len(_in_term(one.held, term, zone)) for one in standings.values()]
    engaged = [one.engagement for one in standings.values() if one.engagement is not None]
    return CohortReport(
        counts=[
            Count("engaged", lazy("Managers with a coach"), len(engaged)),
            Count(
                "agreed",
                lazy("Managers whose agreement and contract are accepted"),
                sum(its.activated_at is not None for its in engaged),
            ),
            Count(
                "met", lazy("Managers who have had a coaching session this term"), sum(number > 0 for number in held)
            ),
            Count(
                "enough",
                lazy("Managers with enough sessions this term"),
                sum(number >= frame.sessions_min for number in held),
            ),
        ]
    )


def _in_term(sessions: Sequence[CoachingSession], term: Term, zone: str) -> list[CoachingSession]:
    return [one for one in sessions if term_of(local_date(one.planned_start, zone)) == term]
