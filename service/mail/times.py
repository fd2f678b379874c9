"""When a mail may go: by day where she is, and at most one a day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MORNING, EVENING = 8, 20


def not_before(now: datetime, zone: ZoneInfo, last: datetime | None) -> datetime:
    """Returns the earliest moment from `now` on that is by day in `zone`, on another day than `last` there."""
    there = now.astimezone(zone)
    if last is not None and last.astimezone(zone).date() >= there.date():
        return _morning(last.astimezone(zone) + timedelta(days=1))
    if there.hour < MORNING:
        return _morning(there)
    if there.hour >= EVENING:
        return _morning(there + timedelta(days=1))
    return now


def _morning(day: datetime) -> datetime:
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0)
