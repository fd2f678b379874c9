"""The verbs of the plugin. No Flask: they run in a request, in a worker and in the practice cohort alike.

Each is scoped by an `Owner`, one person in one cohort; what belongs to anybody else is not found.
"""

from plugins.ledarsteg.operations import archive, insights, journal, library, reviews, term, texts
from plugins.ledarsteg.operations.changing import Change, ChangedMeanwhile, change_habit, end_pause, pause
from plugins.ledarsteg.operations.entries import BACKFILL_DAYS, Note, mark, notes, open_days, unmark
from plugins.ledarsteg.operations.habits import (
    Dropped,
    NewHabit,
    PlanText,
    adopt_habit,
    begin_season,
    make_habit,
    resume,
    retire,
    seasons,
    write_plan,
)
from plugins.ledarsteg.operations.owner import Owner, get, owned
from plugins.ledarsteg.operations.person import KIND_TITLES, erase_person, rows_about
from plugins.ledarsteg.operations.reading import HabitLog, list_habits, load, one, today
from plugins.ledarsteg.operations.sharing import With, share, unshare
from plugins.ledarsteg.operations.time import drop_words

__all__ = [
    "BACKFILL_DAYS", "KIND_TITLES", "Change", "ChangedMeanwhile", "Dropped", "HabitLog", "NewHabit", "Note", "Owner",
    "PlanText", "With", "adopt_habit", "archive", "begin_season", "change_habit", "drop_words", "end_pause",
    "erase_person", "get", "insights", "journal", "library", "list_habits", "load", "make_habit", "mark", "notes",
    "one", "open_days", "owned", "pause", "resume", "retire", "reviews", "rows_about", "seasons", "share", "term",
    "texts", "today", "unmark", "unshare", "write_plan",
]  # fmt: skip
