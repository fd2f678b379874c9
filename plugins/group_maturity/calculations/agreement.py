"""How much those who answered agree: r_wg(j), r*_wg, and what their size is called.

r_wg(j): James, Demaree & Wolf 1984, Journal of Applied Psychology 69:85-98, truncated at 0 as they recommend. r*_wg:
Lindell, Brandt & Whitney 1999, Applied Psychological Measurement 23:127-135; it does not grow with the number of items
and can be negative. Words: LeBreton & Senter 2008, Organizational Research Methods 11:815-852.
"""

import math
from collections.abc import Sequence

# Agreement up to and including each limit has this name; above the last it is very strong.
BANDS = ((0.30, "none"), (0.50, "weak"), (0.70, "moderate"), (0.90, "strong"))
STRONGEST = "very_strong"


def mean_variance(items: Sequence[Sequence[float | None]]) -> float | None:
    """Returns the mean of the items' sample variances, each over those who answered it.

    `items` holds one sequence per item, one value per person. None when an item was answered by fewer than two.
    """
    variances = []
    for item in items:
        given = [value for value in item if value is not None]
        if len(given) < 2:  # noqa: PLR2004 - one value has no variance
            return None
        mean = math.fsum(given) / len(given)
        variances.append(math.fsum((value - mean) ** 2 for value in given) / (len(given) - 1))
    return math.fsum(variances) / len(variances) if variances else None


def expected_variance(answers: int) -> float:
    """Returns the variance when every answer is as likely as any other: (A² - 1) / 12, which is 2 for five answers."""
    return (answers * answers - 1) / 12


def r_wg_j(variance: float, items: int, answers: int) -> float:
    """Returns r_wg(j) of a scale with so many items and answers, from 0 to 1; `variance` is `mean_variance`."""
    share = min(variance / expected_variance(answers), 1.0)
    agreeing = items * (1 - share)
    return agreeing / (agreeing + share)


def r_star(variance: float, answers: int) -> float:
    """Returns r*_wg: 1 when all answer alike, 0 as by chance, below 0 when they fall into camps."""
    return 1 - variance / expected_variance(answers)


def band(agreement: float) -> str:
    """Returns the word for a size of agreement: none, weak, moderate, strong or very_strong."""
    return next((word for limit, word in BANDS if agreement <= limit), STRONGEST)
