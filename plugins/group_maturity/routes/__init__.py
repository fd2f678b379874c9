"""The pages behind the launch door, one module per subject, all on one blueprint."""

from plugins.group_maturity.routes import (
    instruments,
    measuring,
    papers,
    planning,
    rating,
    reports,
    settings,
    shared,
    training,
)
from plugins.group_maturity.routes.blueprint import bp

__all__ = [
    "bp",
    "instruments",
    "measuring",
    "papers",
    "planning",
    "rating",
    "reports",
    "settings",
    "shared",
    "training",
]
