"""Forms, one module per page that has one: `rating`, `plan`, `answers`, `sharing`, `instruments`, `settings`."""

from plugins.group_maturity.forms.fields import readable
from plugins.group_maturity.forms.plan import PlanForm, as_data, beginning, languages_in_words
from plugins.group_maturity.forms.rating import (
    QUESTION,
    WORDS,
    ContributionForm,
    RatingForm,
    answer_words,
    group_form,
    group_texts,
    rating_form,
    unknown_fields,
)

__all__ = [
    "QUESTION", "WORDS", "ContributionForm", "PlanForm", "RatingForm", "answer_words", "as_data", "beginning", "group_form",
    "group_texts", "languages_in_words", "rating_form", "readable", "unknown_fields",
]  # fmt: skip
