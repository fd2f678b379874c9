"""The balance of two sides of which neither may win, such as the hard and the soft side of Tuff Omsorg."""

# The index from which two sides are called balanced: each has between 35 and 65 per cent.
BALANCED_FROM = 0.70


def balance_share(one: float, other: float) -> float | None:
    """Returns the share of one side, from 0 to 1; None when there is neither."""
    total = one + other
    return one / total if total else None


def balance_index(one: float, other: float) -> float | None:
    """Returns 1 - |2·share - 1|: 1 where both sides are equal, 0 where there is only one; None when there is neither."""
    share = balance_share(one, other)
    return None if share is None else 1 - abs(2 * share - 1)


def is_balanced(one: float, other: float) -> bool | None:
    """Tells whether neither side wins; None when there is neither.

    The limit is a choice of this product.
    """
    index = balance_index(one, other)
    return None if index is None else round(index, 9) >= BALANCED_FROM
