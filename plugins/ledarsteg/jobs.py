"""What a worker does for the plugin about once an hour, and what an operator may call: the counts beside the entries."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

from plugins.ledarsteg.operations import checking, counting, quiet
from service.contract import reading_unit, writing_unit

Echo = Callable[[str], None]


def rollups() -> int:
    """Writes the weeks in which nothing was noted, then counts the days of cohorts in which something has changed.

    Returns how many rows were written. Each lot has a unit of its own, so that nobody waits long for it.
    """
    return _quiet_weeks() + _changed_days()


def _quiet_weeks() -> int:
    written = 0
    with reading_unit():
        zones = quiet.zones()
    for zone in zones:
        after: UUID | None = None
        while True:
            with writing_unit():
                number, after = quiet.count_some(zone, after)
            written += number
            if after is None:
                break
    return written


def _changed_days() -> int:
    with reading_unit():
        changed = counting.changed()
    counted = 0
    for cohort_id, (first, last) in changed.items():
        with writing_unit():
            counted += counting.count_days(cohort_id, first, last)
    return counted


def verify(echo: Echo) -> int:
    """Compares every count with the entries, prints the cohorts in which some differ, and returns 1 when there are any."""
    weeks = Counter[UUID]()
    after: UUID | None = None
    while True:
        with reading_unit():
            wrong, after = checking.check_some(after)
        weeks += wrong
        if after is None:
            break
    with reading_unit():
        cohorts = checking.cohorts()
    days = Counter[UUID]()
    for cohort_id in cohorts:
        with reading_unit():
            days[cohort_id] = checking.wrong_days(cohort_id)
    for cohort_id in cohorts:
        if weeks[cohort_id] or days[cohort_id]:
            echo(f"cohort {cohort_id}: {weeks[cohort_id]} weeks of habits and {days[cohort_id]} days differ")
    if not weeks.total() + days.total():
        echo(f"no differences in {len(cohorts)} cohorts")
        return 0
    echo("`stegvis plugin run ledarsteg rebuild-rollups` makes them equal")
    return 1


def rebuild(echo: Echo) -> int:
    """Makes every count again from the entries, and prints how many days there are. Nothing that was noted is touched."""
    after: UUID | None = None
    while True:
        with writing_unit():
            after = checking.mend_some(after)
        if after is None:
            break
    with reading_unit():
        cohorts = checking.cohorts()
    counted = 0
    for cohort_id in cohorts:
        with writing_unit():
            counted += checking.mend_days(cohort_id)
    echo(f"counted {counted} days of {len(cohorts)} cohorts again")
    return 0
