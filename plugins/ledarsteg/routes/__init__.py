"""The pages, by subject: parse, call one operation, render."""

from plugins.ledarsteg.routes import (
    aha,
    archive,
    balance,
    contributions,
    habits,
    imports,
    journal,
    leader_time,
    library,
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
    "aha",
    "archive",
    "balance",
    "bp",
    "contributions",
    "habits",
    "imports",
    "journal",
    "leader_time",
    "library",
    "reviews",
    "settings",
    "shared",
    "steps",
    "term",
    "texts",
    "time",
    "today",
]  # fmt: skip
