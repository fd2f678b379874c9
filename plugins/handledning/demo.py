"""The practice cohort: eight engagements in different places, made by the plugin's own operations at their own time."""

from service.contract import Cohort, DemoCast


def seed(cohort: Cohort, cast: DemoCast) -> None:
    """Fills the practice cohort."""
