"""What has changed in a manager's own picture between two ratings, and whether it is more than the measure's own error."""

from collections.abc import Sequence
from dataclasses import dataclass

from plugins.group_maturity import calculations
from plugins.group_maturity.calculations import change
from plugins.group_maturity.instruments.schema import Instrument, ResponseScale
from plugins.group_maturity.models import Reliability, SelfRating
from plugins.group_maturity.operations import overview, ratings
from plugins.group_maturity.operations.figures import Change
from service.contract import Cohort


@dataclass(frozen=True)
class OwnChange:
    """One scale of two own ratings, from 0 to 100, and the change in words."""

    scale: str
    then: int
    now: int
    change: Change


def earlier(rating: SelfRating, submitted: Sequence[SelfRating]) -> SelfRating | None:
    """Returns the rating before one, made with a version that can be compared; `submitted` has the latest first."""
    before = submitted[[one.id for one in submitted].index(rating.id) + 1 :]
    return next((one for one in before if _comparable(one, rating)), None)


def _comparable(one: SelfRating, other: SelfRating) -> bool:
    def major(rating: SelfRating) -> str:
        return rating.instrument_version.split(".")[0]

    return one.instrument_key == other.instrument_key and major(one) == major(other)


def since(cohort: Cohort, before: SelfRating, rating: SelfRating) -> list[OwnChange]:
    """Returns what has changed on each scale that both ratings have."""
    first, second = ratings.profile(before), ratings.profile(rating)
    known = {row.scale: row for row in overview.reliability_of(cohort, second.instrument)}
    found = []
    for name in second.instrument.scales:
        then, now = first.pomps.get(name), second.pomps.get(name)
        if then is not None and now is not None:
            told = Change(_direction(then, now), _beyond(second.instrument, known.get(name), then, now))
            found.append(OwnChange(name, calculations.whole(then), calculations.whole(now), told))
    return found


def _direction(then: float, now: float) -> str:
    before, after = calculations.whole(then), calculations.whole(now)
    if before == after:
        return "same"
    return "higher" if after > before else "lower"


def _beyond(instrument: Instrument, known: Reliability | None, then: float, now: float) -> bool | None:
    """Jacobson & Truax 1991, with spread and reliability of all who answered; None where too few stand behind them."""
    if known is None or known.alpha is None or known.alpha >= 1 or known.deviation <= 0:
        return None
    answers = instrument.response_scale
    index = change.person_change(_score(answers, then), _score(answers, now), known.deviation, known.alpha)
    return abs(index) > change.LIMIT


def _score(answers: ResponseScale, pomp: float) -> float:
    return answers.min + pomp * (answers.max - answers.min) / 100
