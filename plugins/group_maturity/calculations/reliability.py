"""How well a scale measures, from many people and teams: Cronbach's alpha, ICC(1) and ICC(2).

Alpha: Cronbach 1951, Psychometrika 16:297-334. ICC: Shrout & Fleiss 1979, Psychological Bulletin 86:420-428, in the
one-way form of Bliese 2000. For teams of unequal size the mean size n̄ is used, as in the R package multilevel; some
authors use n₀ = (N - Σn²/N) / (g - 1) instead.

Everything is counted from sums, so that many teams can be added without anybody's answers: `Sums`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Fewest persons before alpha is shown, and fewest teams before ICC is: house rules, domain.md §2.3.4.
PERSONS_FROM = 30
TEAMS_FROM = 10


@dataclass(frozen=True)
class Sums:
    """What is added over persons: how many, the sum and the sum of squares of each item, and of their totals.

    A team's own person scores (means of the answered items) are kept beside: how many, sum and sum of squares.
    """

    persons: int
    items: tuple[tuple[float, float], ...]
    totals: tuple[float, float]
    scored: int
    scores: tuple[float, float]


def sums(rows: Sequence[Sequence[float | None]], scores: Sequence[float]) -> Sums:
    """Returns the sums of one team: `rows` of items per person, only complete ones count; `scores` per scored person."""
    width = len(rows[0]) if rows else 0
    complete = [[value for value in row if value is not None] for row in rows if None not in row]
    items = tuple(_both(row[place] for row in complete) for place in range(width))
    return Sums(len(complete), items, _both(math.fsum(row) for row in complete), len(scores), _both(scores))


def _both(values: Iterable[float]) -> tuple[float, float]:
    kept = list(values)
    return math.fsum(kept), math.fsum(value * value for value in kept)


def pooled(teams: Sequence[Sums]) -> Sums:
    """Returns the sums of all persons of several teams together. Raises ValueError when there is none."""
    if not teams:
        raise ValueError("there is no team to pool")
    width = len(teams[0].items)
    items = tuple(_added(team.items[place] for team in teams) for place in range(width))
    return Sums(
        sum(team.persons for team in teams), items, _added(team.totals for team in teams),
        sum(team.scored for team in teams), _added(team.scores for team in teams),
    )  # fmt: skip


def _added(pairs: Iterable[tuple[float, float]]) -> tuple[float, float]:
    kept = list(pairs)
    return math.fsum(pair[0] for pair in kept), math.fsum(pair[1] for pair in kept)


def variance(number: int, pair: tuple[float, float]) -> float:
    """Returns the sample variance (n - 1) from how many, sum and sum of squares. Raises ValueError below two."""
    if number < 2:  # noqa: PLR2004 - one value has no variance
        raise ValueError("a variance needs two values")
    return max(0.0, (pair[1] - pair[0] * pair[0] / number) / (number - 1))


def alpha(found: Sums) -> float | None:
    """Returns Cronbach's alpha of complete persons; None when nobody differs, or there are too few items or persons."""
    width = len(found.items)
    if width < 2 or found.persons < 2:  # noqa: PLR2004 - covariance needs two of each
        return None
    whole = variance(found.persons, found.totals)
    if whole == 0:
        return None
    parts = math.fsum(variance(found.persons, item) for item in found.items)
    return width / (width - 1) * (1 - parts / whole)


@dataclass(frozen=True)
class Icc:
    """Share of a person's score that is the team's (`one`), and how well a team's mean is known (`two`)."""

    between: float
    within: float
    one: float
    two: float


def icc(teams: Sequence[tuple[int, tuple[float, float]]]) -> Icc | None:
    """Returns ICC(1) and ICC(2) from each team's number, sum and sum of squares of person scores.

    None when the teams do not differ in anything or nobody shares a team. Negative values are returned as they are.
    """
    people, groups = sum(number for number, _ in teams), len(teams)
    if groups < 2 or people <= groups:  # noqa: PLR2004 - a comparison needs two teams
        return None
    grand = math.fsum(pair[0] for _, pair in teams)
    squares = math.fsum(pair[1] for _, pair in teams)
    explained = math.fsum(pair[0] ** 2 / number for number, pair in teams)
    between = (explained - grand * grand / people) / (groups - 1)
    within = max(0.0, (squares - explained) / (people - groups))
    return icc_of(between, within, people / groups)


def icc_of(between: float, within: float, size: float) -> Icc | None:
    """Returns ICC(1) and ICC(2) from the two mean squares and the mean team size; None where they are undefined."""
    spread = between + (size - 1) * within
    if spread <= 0 or between <= 0:
        return None
    return Icc(between, within, (between - within) / spread, (between - within) / between)
