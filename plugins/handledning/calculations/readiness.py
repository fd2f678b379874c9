"""Readiness: three statements, three outcomes. "Not now" is as good an answer as any, and is asked again later."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

STATEMENTS = 3
LOWEST, HIGHEST = 1, 5
# From all answers this high on: ready. One below, and it is something to talk about first [H].
READY_FROM = 4
TALK_FROM = 3
ASK_AGAIN_WEEKS = 8


class Readiness(StrEnum):
    """What the answers come to."""

    READY = "ready"
    TALK_FIRST = "talk_first"
    NOT_NOW = "not_now"

    @property
    def goes_on(self) -> bool:
        """True when the two may go on to agreement and contract."""
        return self is not Readiness.NOT_NOW


def readiness(answers: Sequence[int]) -> Readiness:
    """Returns what exactly three answers from 1 to 5 come to: the lowest decides [H]. Raises ValueError for others."""
    if len(answers) != STATEMENTS or any(not LOWEST <= answer <= HIGHEST for answer in answers):
        raise ValueError("readiness is three answers from 1 to 5")
    lowest = min(answers)
    if lowest >= READY_FROM:
        return Readiness.READY
    return Readiness.TALK_FIRST if lowest == TALK_FROM else Readiness.NOT_NOW


def ask_again(outcome: Readiness, today: date) -> date | None:
    """Returns the day on which to ask again after "not now", eight weeks on; None for the other outcomes [H]."""
    return today + timedelta(weeks=ASK_AGAIN_WEEKS) if outcome is Readiness.NOT_NOW else None
