"""What a worker does: count the report of a closed measurement, close what is due, and forget old links."""

from plugins.group_maturity.operations import closing, keeping, pooling
from plugins.group_maturity.operations.measurements import KEY
from service.contract import JobKind, Periodic, Work, reading_unit, writing_unit


def close(work: Work) -> None:
    """Counts the report of one measurement and destroys the answers, in one transaction of its own."""
    with work.writing():
        closing.freeze(work.subject_id)


def close_due() -> int:
    """Closes what is past its day, and counts what a worker that died has left uncounted."""
    touched = 0
    while True:
        with writing_unit():
            closed = len(closing.close_due())
        touched += closed
        if closed < closing.BATCH:
            break
    with writing_unit():
        left = closing.uncounted()
        closing.tidy_history()
    for measurement_id in left:
        with writing_unit():
            closing.freeze(measurement_id)
    return touched + len(left)


def pool() -> int:
    """Counts how well the instruments measure, where enough persons are new."""
    with reading_unit():
        versions = pooling.versions()
    touched = 0
    for version in versions:
        with writing_unit():
            touched += pooling.count(version)
    return touched


def forget() -> int:
    """Deletes the links of reports that the group could read long enough."""
    with writing_unit():
        return keeping.forget_links()


JOBS = (JobKind(closing.CLOSE, close),)
PERIODIC = (
    Periodic(f"{KEY}.close_due", close_due),
    Periodic(f"{KEY}.pool", pool),
    Periodic(f"{KEY}.forget", forget),
)
