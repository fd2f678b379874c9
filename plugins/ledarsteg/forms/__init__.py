"""What is typed, checked before it reaches an operation. Everything typed is kept when something is wrong."""

from plugins.ledarsteg.forms.fields import (
    SIGNS_LENGTH,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Text,
    WholeNumber,
    strip,
    weekday_names,
)
from plugins.ledarsteg.forms.habits import (
    REASONS,
    ChangeForm,
    DayForm,
    HabitForm,
    MarkForm,
    NewHabitForm,
    PauseForm,
    PlanForm,
)

__all__ = [
    "REASONS", "SIGNS_LENGTH", "TEXT_LENGTH", "TITLE_LENGTH", "ChangeForm", "DayForm", "HabitForm", "MarkForm",
    "NewHabitForm", "PauseForm", "PlanForm", "Text", "WholeNumber", "strip", "weekday_names",
]  # fmt: skip
