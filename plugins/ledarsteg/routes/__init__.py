"""The pages, by subject: parse, call one operation, render."""

from plugins.ledarsteg.routes import (
    aha,
    archive,
    balance,
    calendar,
    coach,
    contributions,
    habits,
    imports,
    journal,
    leader_time,
    library,
    mate,
    reviews,
    settings,
    shared,
    steps,
    term,
    texts,
    time,
    today,
)
from plugins.ledarsteg.routes.base import bp

__all__ = [
    "aha", "archive", "balance", "bp", "calendar", "coach", "contributions", "habits", "imports", "journal",
    "leader_time", "library", "mate", "reviews", "settings", "shared", "steps", "term", "texts", "time", "today",
]  # fmt: skip
