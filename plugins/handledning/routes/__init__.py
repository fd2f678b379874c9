"""The pages: parse, load, call one operation, render. One module per subject, all on one blueprint."""

from plugins.handledning.routes import (
    bank,
    before,
    calendar,
    development,
    ending,
    engagements,
    goals,
    holding,
    log,
    maps,
    notes,
    papers,
    preparing,
    reviews,
    scales,
    sessions,
    training,
)
from plugins.handledning.routes.base import pages

__all__ = [
    "bank", "before", "calendar", "development", "ending", "engagements", "goals", "holding", "log", "maps", "notes",
    "pages", "papers", "preparing", "reviews", "scales", "sessions", "training",
]  # fmt: skip
