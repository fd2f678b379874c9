"""The verbs of the plugin. No Flask: they run in a request, in a worker and in the practice cohort alike.

Each is scoped by an `Owner`, one person in one cohort; what belongs to anybody else is not found.
"""

from plugins.ledarsteg.operations.entries import BACKFILL_DAYS, mark, open_days, unmark
from plugins.ledarsteg.operations.habits import (
    NewHabit,
    Owner,
    PlanText,
    adopt_habit,
    get,
    make_habit,
    resume,
    retire,
    share,
    unshare,
    write_plan,
)
from plugins.ledarsteg.operations.person import KIND_TITLES, erase_person, rows_about
from plugins.ledarsteg.operations.reading import HabitLog, list_habits, load, one, today

__all__ = [
    "BACKFILL_DAYS", "KIND_TITLES", "HabitLog", "NewHabit", "Owner", "PlanText", "adopt_habit", "erase_person", "get",
    "list_habits", "load", "make_habit", "mark", "one", "open_days", "resume", "retire", "rows_about", "share", "today", "unmark",
    "unshare", "write_plan",
]  # fmt: skip
