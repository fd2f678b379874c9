"""The practice cohort's ratings, made through the plugin's own operations at the time they would have been made."""

from datetime import UTC, datetime, time, timedelta

from plugins.group_maturity import operations
from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from service.contract import Cohort, DemoCast, Member

# Which manager, how many days ago, the answer around which each scale lies (high is much of it), and what she writes.
_WAVES: tuple[tuple[int, int, dict[str, int], str], ...] = (
    (0, 124, {"A": 4, "B": 3, "C": 2, "D": 2, "M": 3}, "Säga vad som är viktigast varje måndag, och varför."),
    (0, 31, {"A": 2, "B": 2, "C": 4, "D": 4, "M": 4}, "Lämna över ett beslut om dagen och låta det gälla."),
    (1, 26, {"A": 4, "B": 2, "C": 3, "D": 2, "M": 3}, "Fråga gruppen innan jag själv säger vad jag tycker."),
    (2, 19, {"A": 2, "B": 4, "C": 2, "D": 3, "M": 2}, "Ta upp det som ligger kvar mellan oss på torsdagens möte."),
    (3, 12, {"A": 3, "B": 2, "C": 4, "D": 3, "M": 4}, ""),
    (4, 5, {"A": 3, "B": 3, "C": 3, "D": 3, "M": 3}, "Följa upp överenskommelserna varannan vecka."),
)
# Nobody answers the same throughout: what is added to each scale's answers, item by item.
_UNEVEN = (0, 1, 0, -1, 0, 0)


def fill(cohort: Cohort, cast: DemoCast) -> None:
    """Lets up to five managers rate their groups, the first of them twice."""
    for who, days, levels, sentence in _WAVES:
        if who < len(cast.managers):
            at = datetime.combine(cast.today - timedelta(days=days), time(14, 20), tzinfo=UTC)
            with cast.at(at):
                _rate(cohort, cast.managers[who], levels, sentence)


def _rate(cohort: Cohort, member: Member, levels: dict[str, int], sentence: str) -> None:
    rating = operations.begin(cohort, member.person_id)
    operations.submit(rating, _answers(levels))
    operations.write_contribution(rating, sentence)


def _answers(levels: dict[str, int]) -> dict[str, int | None]:
    instrument = newest(LIBRARY, OWN)
    low, high = instrument.response_scale.min, instrument.response_scale.max
    answers: dict[str, int | None] = {}
    for name in instrument.forms["self"]:
        item = instrument.items[name]
        answer = min(high, max(low, levels[item.scale] + _UNEVEN[int(name[1:]) - 1]))
        answers[name] = low + high - answer if item.reverse else answer
    return answers
