"""The plugin's part of the training department's figures: numbers over the cohort, never who."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from plugins.handledning.calculations import Frame
from plugins.handledning.calculations.groups import GROUP
from plugins.handledning.models import CoachingSession
from plugins.handledning.operations import Standing
from service.contract import Amount, CohortReport, Count, Spread, Term, lazy, local_date, publishable

HOUR = 60
# The last bin holds the managers with so many sessions or more.
MOST = 5

Standings = Mapping[UUID, Standing]


@dataclass(frozen=True)
class _Known:
    """Counts managers so that the few of whom nothing is told by name are not what is left when the others are taken away.

    Of those told by name everybody is counted; of the rest only as many as may be told of them alone.
    """

    named: Sequence[UUID]
    rest: Sequence[UUID]

    def number(self, those: Collection[UUID]) -> int:
        """Returns how many of `those` may be counted."""
        return sum(one in those for one in self.named) + (self._shown(those) or 0)

    def amount(self, values: Mapping[UUID, int], those: Collection[UUID]) -> int:
        """Returns the sum of values, with the rest's where it may be told how many of the rest are of `those`."""
        counted = [*self.named, *(self.rest if self._shown(those) is not None else ())]
        return sum(values[one] for one in counted)

    def _shown(self, those: Collection[UUID]) -> int | None:
        return publishable(sum(one in those for one in self.rest), len(self.rest))


def training_report(standings: Standings, named: Collection[UUID], frame: Frame, term: Term, zone: str) -> CohortReport:
    """Returns numbers over the cohort, for the training department: never who.

    `named` are the managers, by person, of whom it reads by name how many sessions they had.
    """
    known = _Known(
        [key for key, one in standings.items() if one.manager_id in named],
        [key for key, one in standings.items() if one.manager_id not in named],
    )
    met = {key: _in_term(one.held, term, zone) for key, one in standings.items()}
    engaged = {key: one.engagement for key, one in standings.items() if one.engagement is not None}
    agreed = {key for key, its in engaged.items() if its.activated_at is not None}
    booked = {key: [*met[key], *_in_term(one.booked, term, zone)] for key, one in standings.items()}
    planned = {key: sum(one.planned_minutes for one in sessions) for key, sessions in booked.items()}
    spent = {key: sum(one.minutes for one in sessions) for key, sessions in met.items()}

    def with_sessions(least: int) -> set[UUID]:
        return {key for key, sessions in met.items() if len(sessions) >= least}

    # What five managers' longest sessions come to.
    step = GROUP * frame.minutes_max // HOUR
    labels = [lazy("%(number)d or more", number=at) for at in range(1, MOST + 1)]
    sessions = [known.number(with_sessions(at)) for at in range(1, MOST + 1)]
    return CohortReport(
        counts=[
            Count("engaged", lazy("Managers with a coach"), known.number(engaged)),
            Count("agreed", lazy("Managers whose agreement and contract are accepted"), known.number(agreed), step=3),
            Count("met", lazy("Managers who have had a coaching session this term"), known.number(with_sessions(1))),
            Count(
                "enough", lazy("Managers with enough sessions this term"),
                known.number(with_sessions(frame.sessions_min)), step=4,
            ),
        ],
        # One or more, two or more, and so on: inside each other, as the counts beside it are.
        spreads=[
            Spread("sessions_from", lazy("Sessions this term, by number of managers"), labels, sessions, rising=True)
        ],
        amounts=[
            Amount(
                "planned", lazy("Planned coaching this term"), lazy("hours"),
                known.amount(planned, engaged) // HOUR, known.number(engaged), step,
            ),
            Amount(
                "held", lazy("Held coaching this term"), lazy("hours"),
                known.amount(spent, with_sessions(1)) // HOUR, known.number(with_sessions(1)), step,
            ),
        ],
    )  # fmt: skip


def _in_term(sessions: Sequence[CoachingSession], term: Term, zone: str) -> list[CoachingSession]:
    return [one for one in sessions if term.holds(local_date(one.planned_start, zone))]
