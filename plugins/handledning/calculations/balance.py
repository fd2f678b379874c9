"""The balance of process and result."""

from dataclasses import dataclass

# From this index on the two sides count as balanced: a share between .35 and .65 [H].
BALANCED = 0.70


@dataclass(frozen=True)
class Balance:
    """How two amounts share their sum. `share` is the first one's; `index` is 1 when equal, 0 when one-sided."""

    share: float
    index: float

    @property
    def even(self) -> bool:
        """True when neither side outweighs the other."""
        return self.index >= BALANCED


def balance(process: int, result: int) -> Balance | None:
    """Returns the balance of minutes on process and on result: `B = a/(a+b)`, `1 - |2B - 1|`. None when both are 0."""
    total = process + result
    if total == 0:
        return None
    share = process / total
    return Balance(share, 1 - abs(2 * share - 1))
