"""What the training department may set for a cohort."""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from service.contract import PluginSettings

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
