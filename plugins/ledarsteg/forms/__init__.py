"""What is typed, checked before it reaches an operation. Everything typed is kept when something is wrong."""

from plugins.ledarsteg.forms.days import REASONS, DayForm, MarkForm, PauseForm
from plugins.ledarsteg.forms.fields import (
    SIGNS_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Text,
    WholeNumber,
    strip,
    weekday_names,
)
from plugins.ledarsteg.forms.habits import ChangeForm, HabitForm, NewHabitForm, PlanForm

__all__ = [
    "REASONS", "SIGNS_LENGTH", "TEXT_LENGTH", "TITLE_LENGTH", "ChangeForm", "DayForm", "HabitForm", "MarkForm",
    "NewHabitForm", "PauseForm", "PlanForm", "Text", "WholeNumber", "strip", "weekday_names",
]  # fmt: skip
