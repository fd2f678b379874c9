"""How much of the homework that was followed up was done."""


def done_rate(done: int, followed_up: int) -> float | None:
    """Returns the share, 0 to 1, of homework with an outcome (done, partly, not done) that was done in full [H].

    What was let go with a reason counts as neither. None before anything has been followed up.
    """
    return done / followed_up if followed_up else None
