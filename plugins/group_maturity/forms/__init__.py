"""Forms, one module per page that has one: `rating`."""

from plugins.group_maturity.forms.rating import (
    ContributionForm,
    RatingForm,
    answer_words,
    rating_form,
    readable,
    unknown_fields,
)

__all__ = ["ContributionForm", "RatingForm", "answer_words", "rating_form", "readable", "unknown_fields"]
