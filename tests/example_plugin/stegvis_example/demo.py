"""The practice cohort's notes, written through the plugin's own operations."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.contract import Cohort, DemoCast
from stegvis_example import operations


def seed(cohort: Cohort, cast: DemoCast) -> None:
    """Lets every manager write one note a week for two weeks."""
    for week in (2, 1):
        moment = datetime.combine(cast.today - timedelta(weeks=week), time(9), ZoneInfo(cohort.zone))
        with cast.at(moment):
            for member in cast.managers:
                operations.write(cohort, member, "Korta möten på måndagar.")
