"""Somebody who subtracts: she has every published figure of several waves, and knows who was there each time.

She takes it that nobody has changed her mind in between, that everybody answered every statement, and she knows exactly
how many answered: more than anybody knows. For each person she asks an integer program for the lowest and the highest
score that fits all that was published; where the two are one, that person is determined.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from plugins.group_maturity.calculations.suppression import (
    Cell,
    Detail,
    Figure,
    Level,
    Rules,
    Seen,
    Turnout,
    detail,
    direction,
    figure,
    pinned,
)

# The sum of six answers from 1 to 5.
LOWEST, HIGHEST, ITEMS = 6, 30, 6
STEP = 5


@dataclass(frozen=True)
class Wave:
    """Who was in the group, and who of them has answered."""

    members: frozenset[int]
    answered: frozenset[int]


@dataclass
class Published:
    """What was published of the waves: a figure, or a direction beside the figure of an earlier wave."""

    figures: dict[int, Figure] = field(default_factory=dict)
    directions: dict[int, tuple[str, int]] = field(default_factory=dict)


def pomp(total: int) -> float:
    return float(100 * (Fraction(total, ITEMS) - 1) / 4)


def publish(scores: dict[int, int], waves: Sequence[Wave], rules: Rules) -> Published:
    """What the service publishes of one side, by its own rules."""
    told, numbered = Published(), []
    turnouts: list[Turnout] = []
    for number, wave in enumerate(waves):
        before = waves[number - 1].members if number else wave.members
        turnouts.append(Turnout(len(wave.members), len(wave.answered), len(before ^ wave.members)))
        found = figure(Cell(Level.SCALE, [pomp(scores[person]) for person in sorted(wave.answered)]), rules)
        if found.value is None:
            continue
        joined, left = len(wave.members - before), len(before - wave.members)
        pushed = (
            number - 1 in numbered
            and joined + left > 0
            and pinned(
                Seen(told.figures[number - 1], len(waves[number - 1].answered)), Seen(found, len(wave.answered)),
                joined, left, rules.round_to,
            )
        )  # fmt: skip
        if not pushed and detail(turnouts, numbered, rules.minimum) is Detail.NUMBERS:
            told.figures[number] = found
            numbered.append(number)
        elif numbered:
            way = direction(told.figures[numbered[-1]], found)
            assert way is not None
            told.directions[number] = (way, numbered[-1])
    return told


def sums(found: Figure, people: int) -> tuple[int, int]:
    """Between which sums of scores a figure lies, both included."""

    def total(mean: Fraction) -> Fraction:
        return people * ITEMS * (1 + mean / 25)

    assert found.value is not None
    low = Fraction(0) if found.edge == "low" else Fraction(found.value) - Fraction(STEP, 2)
    high = Fraction(100) if found.edge == "high" else Fraction(found.value) + Fraction(STEP, 2)
    upper = total(high)
    # The upper end belongs to the next figure, except at the end of the scale.
    whole = int(upper) - 1 if upper.denominator == 1 and found.edge != "high" else int(upper)
    return -int(-total(low) // 1), whole


def limits(told: Published, waves: Sequence[Wave]) -> list[tuple[frozenset[int], int, int]]:
    """What each publication says of the sum of those who answered."""
    found = [(waves[number].answered, *sums(one, len(waves[number].answered))) for number, one in told.figures.items()]
    for number, (way, anchor) in told.directions.items():
        people = waves[number].answered
        low, high = sums(told.figures[anchor], len(people))
        bounds = {
            "same": (low, high),
            "higher": (high + 1, HIGHEST * len(people)),
            "lower": (LOWEST * len(people), low - 1),
        }
        found.append((people, *bounds[way]))
    return found


def determined(told: Published, waves: Sequence[Wave], people: Sequence[int]) -> dict[int, int]:
    """Returns whose score is determined, and what it is."""
    known = limits(told, waves)
    if not known:
        return {}
    rows = np.array([[float(person in group) for person in people] for group, _low, _high in known])
    fits = LinearConstraint(rows, [low for _g, low, _h in known], [high for _g, _l, high in known])
    found = {}
    for place, person in enumerate(people):
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(people))
            aim[place] = sign
            answer = milp(aim, constraints=fits, integrality=np.ones(len(people)), bounds=Bounds(LOWEST, HIGHEST))
            assert answer.success, answer.message
            ends.append(round(answer.x[place]))
        if ends[0] == ends[1]:
            found[person] = ends[0]
    return found


def story(chance: random.Random, number: int) -> tuple[dict[int, int], list[Wave]]:
    """A made-up group over several waves: who answers how, who joins, who leaves, who is away."""
    size = chance.choice([5, 5, 6, 6, 7, 8, 10, 12])
    level, spread = chance.choice([6, 8, 15, 18, 25, 29, 30]), chance.choice([0, 1, 4, 9])
    people = range(size + 12)
    scores = {one: min(HIGHEST, max(LOWEST, level + chance.randint(-spread, spread))) for one in people}
    # Some are wholly unlike the others: they are who would be found.
    for one in people:
        if chance.random() < 0.25:
            scores[one] = chance.choice([LOWEST, HIGHEST])
    members, spare = set(range(size)), list(range(size, size + 12))
    waves = []
    for _ in range(number):
        away = set(chance.sample(sorted(members), chance.choice([0, 0, 0, 1, 2]))) if len(members) > 6 else set()
        waves.append(Wave(frozenset(members), frozenset(members - away)))
        leaving = chance.choice([0, 1, 1, 2, 5])
        for one in chance.sample(sorted(members), min(leaving, len(members) - 5)):
            members.discard(one)
            spare.append(one)
        for _ in range(chance.choice([0, 1, 1, 2, 5])):
            if spare:
                members.add(spare.pop(chance.randrange(len(spare))))
    return scores, waves
