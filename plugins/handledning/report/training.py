"""The plugin's part of the training department's figures: numbers over the cohort, never who."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from plugins.handledning.calculations import Frame
from plugins.handledning.calculations.groups import GROUP
from plugins.handledning.models import CoachingSession
from plugins.handledning.operations import Standing
from service.contract import Amount, CohortReport, Count, Spread, Term, lazy, local_date

HOUR = 60
# The last bin holds the managers with so many sessions or more.
MOST = 5

Standings = Mapping[UUID, Standing]


def training_report(standings: Standings, frame: Frame, term: Term, zone: str) -> CohortReport:
    """Returns numbers over the cohort, for the training department: never who."""
    met = {key: _in_term(one.held, term, zone) for key, one in standings.items()}
    held = [len(sessions) for sessions in met.values()]
    engaged = [one.engagement for one in standings.values() if one.engagement is not None]
    booked = [_in_term(one.booked, term, zone) for one in standings.values()]
    planned = sum(one.planned_minutes for sessions in (*met.values(), *booked) for one in sessions)
    spent = sum(one.minutes for sessions in met.values() for one in sessions)
    # What five managers' longest sessions come to.
    step = GROUP * frame.minutes_max // HOUR
    return CohortReport(
        counts=[
            Count("engaged", lazy("Managers with a coach"), len(engaged)),
            Count(
                "agreed",
                lazy("Managers whose agreement and contract are accepted"),
                sum(its.activated_at is not None for its in engaged),
                step=3,
            ),
            Count(
                "met", lazy("Managers who have had a coaching session this term"), sum(number > 0 for number in held)
            ),
            Count(
                "enough",
                lazy("Managers with enough sessions this term"),
                sum(number >= frame.sessions_min for number in held),
                step=4,
            ),
        ],
        spreads=[_spread(held)],
        amounts=[
            Amount("planned", lazy("Planned coaching this term"), lazy("hours"), planned // HOUR, len(engaged), step),
            Amount("held", lazy("Held coaching this term"), lazy("hours"), spent // HOUR, sum(map(bool, held)), step),
        ],
    )


def _spread(held: Sequence[int]) -> Spread:
    """How many managers have had one or more, two or more, and so on: inside each other, as the counts beside it are."""
    numbers = [sum(number >= at for number in held) for at in range(1, MOST + 1)]
    labels = [lazy("%(number)d or more", number=at) for at in range(1, MOST + 1)]
    return Spread("sessions_from", lazy("Sessions this term, by number of managers"), labels, numbers, rising=True)


def _in_term(sessions: Sequence[CoachingSession], term: Term, zone: str) -> list[CoachingSession]:
    return [one for one in sessions if term.holds(local_date(one.planned_start, zone))]
