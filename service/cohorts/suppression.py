"""Which counts may be shown: one rule for every number about people whose answers or habits are their own.

A number is withheld when fewer than the minimum stand behind it, and when fewer than the minimum are left out of it:
whoever knows the total could otherwise subtract and read the small group off (complementary disclosure; L. H. Cox,
"Suppression methodology and statistical disclosure control", JASA 1980). None and a few are withheld alike, so that
withholding itself tells nothing.
"""

DEFAULT_MINIMUM = 5
FLOOR = 4


def publishable(number: int, total: int, minimum: int = DEFAULT_MINIMUM) -> int | None:
    """Returns `number` of `total` people when it may be shown, else None.

    Raises ValueError for a number outside 0 to `total`, and for a minimum below the floor.
    """
    if minimum < FLOOR:
        raise ValueError(f"the minimum group is at least {FLOOR}")
    if not 0 <= number <= total:
        raise ValueError(f"{number} is not a count out of {total}")
    left_out = total - number
    if number < minimum or 0 < left_out < minimum:
        return None
    return number
