"""What the training department may set for a cohort."""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from service.contract import PluginSettings, SettingWords, lazy

MOST_WEEKS = 60


class LedarstegSettings(PluginSettings):
    """Few steps at a time are kept, so the first month allows only some.

    Complete means `reviews_asked` Friday reviews within `review_weeks` weeks in a row. In the two weeks before
    `term_ends_on` managers are asked what becomes of each habit.
    """

    max_active_first_month: int = Field(default=3, ge=1, le=10)
    # Whether a coach sees on how many days each of her managers notes something, whatever she shares. Managers are told.
    coach_sees_activity: bool = True
    reviews_asked: int = Field(default=8, ge=1, le=MOST_WEEKS)
    review_weeks: int = Field(default=12, ge=1, le=MOST_WEEKS)
    term_ends_on: date | None = None

    @model_validator(mode="after")
    def _can_be_complete(self) -> Self:
        if self.reviews_asked > self.review_weeks:
            raise ValueError("there is one review a week: no more can be asked than there are weeks")
        return self


WORDS = {
    "max_active_first_month": SettingWords(
        lazy("Habits at a time in the first month"), lazy("Few steps at a time are kept.")
    ),
    "reviews_asked": SettingWords(
        lazy("Friday reviews that are asked"), lazy("With so many, a manager has completed this part.")
    ),
    "review_weeks": SettingWords(
        lazy("Within how many weeks"), lazy("Any weeks in a row count, so nobody who begins later has less time.")
    ),
    "term_ends_on": SettingWords(
        lazy("Last day of the term"),
        lazy("In the two weeks before it, managers are asked which habits they keep, raise or finish."),
    ),
    "coach_sees_activity": SettingWords(
        lazy("Coaches see on how many days each manager notes something"),
        lazy("Otherwise they see only what a manager shares with them."),
    ),
}
