"""Trust pulses: each of the two sees the other's once both have given theirs."""


def revealed(own: int | None, other: int | None) -> int | None:
    """Returns the other's pulse when both are there, else None."""
    return other if own is not None and other is not None else None
