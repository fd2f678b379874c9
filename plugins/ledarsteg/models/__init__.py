"""The tables, by subject. What a person writes is sealed with her own key, and so is why she skipped a day.

`habits`: habits, their schedules, pauses, plans, and what was noted. `time`: time audits, leader time, leader
contributions, both-and. `journal`: insights, weekly reviews, the end of a term. `others`: step-mates, nudges, comments,
the calendar. `texts`: what the training department writes. `rollups`: counts kept so that no dashboard reads entries.
"""

from plugins.ledarsteg.models.habits import DropChoice, Entry, Habit, Pause, Plan, Schedule, SkipReason, Status
from plugins.ledarsteg.models.journal import Choice, Insight, InsightKind, Offer, PutAway, Review, TermChoice
from plugins.ledarsteg.models.others import Comment, Mate, Nudge, Reminder
from plugins.ledarsteg.models.rollups import CohortDay, HabitWeek
from plugins.ledarsteg.models.texts import Slot, SlotText, Step, StepText
from plugins.ledarsteg.models.time import (
    Category,
    Contribution,
    LeaderTime,
    Polarity,
    PolarityReading,
    Target,
    TimeAudit,
    TimeRow,
)

__all__ = [
    "Category", "Choice", "CohortDay", "Comment", "Contribution", "DropChoice", "Entry", "Habit", "HabitWeek",
    "Insight", "InsightKind", "LeaderTime", "Mate", "Nudge", "Offer", "Pause", "Plan", "Polarity", "PolarityReading",
    "PutAway", "Reminder", "Review", "Schedule", "SkipReason", "Slot", "SlotText", "Status", "Step", "StepText", "Target",
    "TermChoice", "TimeAudit", "TimeRow",
]  # fmt: skip
