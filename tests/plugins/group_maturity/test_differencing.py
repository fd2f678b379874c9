"""Nobody is found by subtracting one published figure from another, whoever joins and leaves in between."""

import random
from collections.abc import Sequence

import pytest

from plugins.group_maturity.calculations.suppression import Figure, Rules, Seen, behind, pinned
from plugins.group_maturity.models import Measurement, Mode, State
from plugins.group_maturity.operations import reports
from tests.plugins.group_maturity.differencing import (
    HIGHEST,
    LOWEST,
    Published,
    Wave,
    determined,
    limits,
    pomp,
    publish,
    story,
)
from tests.plugins.group_maturity.measuring import GM24, GROUP, at_random, levels

RULES = Rules()


def everybody(waves: Sequence[Wave]) -> list[int]:
    return sorted(frozenset().union(*(wave.answered for wave in waves)))


@pytest.mark.parametrize("seed", range(20))
def test_over_several_waves_nobody_is_determined(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(3):
        scores, waves = story(chance, chance.choice([2, 2, 3, 4, 8]))
        told = publish(scores, waves, RULES)
        assert determined(told, waves, everybody(waves)) == {}, (scores, waves, told)


def one_leaves(others: int, leaver: int, size: int) -> tuple[dict[int, int], list[Wave]]:
    scores = {**dict.fromkeys(range(size - 1), others), size - 1: leaver}
    group = frozenset(range(size))
    rest = frozenset(range(size - 1))
    return scores, [Wave(group, group), Wave(rest, rest)]


@pytest.mark.parametrize("size", [6, 9])
@pytest.mark.parametrize("leaver", [LOWEST, HIGHEST])
def test_one_unlike_all_others_who_leaves_or_joins_is_not_determined(size: int, leaver: int) -> None:
    for others in range(LOWEST, HIGHEST + 1, 2):
        scores, waves = one_leaves(others, leaver, size)
        for order in (waves, waves[::-1]):
            assert determined(publish(scores, order, RULES), order, everybody(order)) == {}


@pytest.mark.parametrize("others", [(13, 13, 14, 14, 14), (20, 21, 21, 21, 21)])
def test_the_solver_finds_whoever_a_careless_report_gives_away(others: tuple[int, ...]) -> None:
    """Both waves in numbers although one has left: the very case that is not published, and why."""
    scores = {**dict(enumerate(others)), 5: HIGHEST}
    group, rest = frozenset(range(6)), frozenset(range(5))
    waves = [Wave(group, group), Wave(rest, rest)]
    careless = Published({number: publish(scores, [wave], RULES).figures[0] for number, wave in enumerate(waves)})
    assert determined(careless, waves, range(6)) == {5: HIGHEST}
    assert determined(publish(scores, waves, RULES), waves, range(6)) == {}


def test_the_solver_finds_whoever_an_unrounded_mean_gives_away() -> None:
    """Six whose mean is 3.5, one leaves and it is 3.2: the leaver has answered 5 (domain.md §5.4)."""
    scores = {0: 18, 1: 18, 2: 18, 3: 21, 4: 21, 5: 30}
    group, rest = frozenset(range(6)), frozenset(range(5))
    exact = [(group, 126, 126), (rest, 96, 96)]
    assert sum(scores.values()) == 126
    waves = [Wave(group, group), Wave(rest, rest)]

    class Exact(Published):
        pass

    from tests.plugins.group_maturity import differencing

    before = differencing.limits
    differencing.limits = lambda *_: exact
    try:
        assert determined(Exact(), waves, range(6)) == {5: 30}
    finally:
        differencing.limits = before


def test_those_who_leave_together_with_the_same_extreme_answer_are_not_given_away() -> None:
    told = set()
    for others in range(LOWEST, 16):
        scores = {**dict.fromkeys(range(5), others), **dict.fromkeys(range(5, 10), HIGHEST)}
        group, rest = frozenset(range(10)), frozenset(range(5))
        waves = [Wave(group, group), Wave(rest, rest)]
        published = publish(scores, waves, RULES)
        assert determined(published, waves, range(10)) == {}
        told.add("numbers" if 1 in published.figures else "words")
    assert told == {"numbers", "words"}


def test_what_a_figure_leaves_open() -> None:
    assert behind(Figure(50), 5) == (47.5, 52.5)
    assert behind(Figure(10, "low"), 5) == (0, 12.5)
    assert behind(Figure(90, "high"), 5) == (87.5, 100)
    assert behind(Figure(None), 5) == (0, 100)


@pytest.mark.parametrize(
    ("first", "second", "joined", "left", "found"),
    [
        # Ten with 55 and the five that stayed with 15: those who left had 90 or more each.
        (Seen(Figure(60), 10), Seen(Figure(15), 5), 0, 5, True),
        (Seen(Figure(40), 10), Seen(Figure(85), 5), 0, 5, True),
        (Seen(Figure(50), 10), Seen(Figure(30), 5), 0, 5, False),
        (Seen(Figure(15), 5), Seen(Figure(60), 10), 5, 0, True),
        (Seen(Figure(15), 5), Seen(Figure(35), 10), 5, 0, False),
        # Five at one end are replaced by five at the other.
        (Seen(Figure(15), 6), Seen(Figure(85), 6), 5, 5, True),
        (Seen(Figure(40), 12), Seen(Figure(60), 12), 5, 5, False),
    ],
)
def test_a_remainder_at_the_end_of_the_scale(first: Seen, second: Seen, joined: int, left: int, found: bool) -> None:
    assert pinned(first, second, joined, left, 5) is found


def test_limits_hold_what_is_true() -> None:
    """The solver would be worth nothing if what it knows were not so."""
    chance = random.Random(7)
    for _ in range(200):
        scores, waves = story(chance, 4)
        for group, low, high in limits(publish(scores, waves, RULES), waves):
            assert low <= sum(scores[person] for person in group) <= high


def test_scores_as_pomp() -> None:
    assert (pomp(6), pomp(18), pomp(30)) == (0, 50, 100)


# --- everything that one report shows ---------------------------------------------------------------------------------


def measured(size: int) -> Measurement:
    from datetime import date

    return Measurement(
        size=size, minimum=5, about_manager=False, previous_id=None, mode=Mode.CODES, state=State.CLOSED,
        opens_on=date(2026, 1, 1), closes_on=date(2026, 1, 9), languages=["sv"], changed=0, wave=1,
    )  # fmt: skip


GROUPS = {
    "at random": lambda chance, size: [at_random(chance) for _ in range(size)],
    "of one mind in the middle": lambda _chance, size: [levels(dict.fromkeys("ABCD", 3))] * size,
    "of one mind at the end": lambda _chance, size: [dict.fromkeys(GROUP, 5)] * size,
    "all but one of one mind": lambda _chance, size: [*[dict.fromkeys(GROUP, 5)] * (size - 1), dict.fromkeys(GROUP, 1)],
}


@pytest.mark.parametrize("kind", GROUPS)
@pytest.mark.parametrize("size", [5, 8, 10, 14])
def test_for_everybody_there_is_another_answer_with_the_very_same_report(kind: str, size: int) -> None:
    """Scales, statements, index, stage, agreement: the whole report stays when somebody answers otherwise."""
    chance = random.Random(size)
    answers = GROUPS[kind](chance, size)
    report = reports.count(measured(size), GM24, answers)[0]
    for person in range(size):
        assert any(
            reports.count(measured(size), GM24, other)[0] == report for other in others(chance, answers, person)
        ), person


def others(chance: random.Random, answers: list[dict[str, int]], person: int):
    """Worlds in which this person has answered otherwise: one statement, made up for by somebody or not, or as another did."""
    swapped = list(answers)
    swapped[0], swapped[person] = swapped[person], swapped[0]
    for name in chance.sample(GROUP, len(GROUP)):
        for step in (1, -1):
            if 1 <= answers[person][name] + step <= 5:
                changed = [dict(one) for one in answers]
                changed[person][name] += step
                yield changed
                for other in range(len(answers)):
                    if other != person and 1 <= answers[other][name] - step <= 5:
                        made_up = [dict(one) for one in changed]
                        made_up[other][name] -= step
                        yield made_up
                        break
    if swapped != answers:
        yield swapped
