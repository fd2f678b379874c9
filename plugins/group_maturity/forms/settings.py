"""The form of what the training department sets for measurements in a course."""

from typing import Any

from pydantic import ValidationError
from wtforms import BooleanField, Form, HiddenField
from wtforms.validators import InputRequired

from plugins.group_maturity.forms.fields import WholeNumber
from plugins.group_maturity.settings import GroupSettings
from service.contract import gettext as _
from service.contract import lazy


class SettingsForm(Form):
    """The settings, and in `seen` how they stood when the form was opened."""

    min_respondents = WholeNumber(
        lazy("How many must have answered before anything is shown?"), validators=[InputRequired(lazy("Write a number."))],
        description=lazy(
            "From 4 to 20. Five is usual; four only after a decision that is written down. It holds for measurements opened "
            "from now on."
        ),
    )  # fmt: skip
    retest_after_days = WholeNumber(
        lazy("After how many days can a group be asked again?"), validators=[InputRequired(lazy("Write a number."))],
        description=lazy("From 28 to 730. The questions are about the past four weeks, and change takes months."),
    )  # fmt: skip
    group_reads_report = BooleanField(
        lazy("The group may read the same report as its manager, on its links, for 90 days"),
        description=lazy(
            "Recommended: who answers gets something back. The manager's own answers are never shown there."
        ),
    )
    ask_group_about_manager = BooleanField(
        lazy("The group is also asked six statements about its manager"),
        description=lazy(
            "Feedback about one person whom everybody knows. Agree on it with managers and unions first. The mean is read by "
            "the manager and a coach she shares the report with, not by the group. She is told before a measurement opens, and "
            "those who answer on the first page."
        ),
    )
    ask_for_words = BooleanField(
        lazy("Those who answer may also write a few lines in their own words"),
        description=lazy(
            "Only in groups of ten or more. Words give people away more easily than numbers, so it is off until you have agreed "
            "on it. The manager alone reads them, mixed, when at least ten have answered and enough have written; nobody goes "
            "through them first. They are deleted 90 days after closing."
        ),
    )
    seen = HiddenField()

    def settings(self) -> GroupSettings | None:
        """Returns the settings that were written; None when one of them is out of its range, which is told beside it."""
        values: dict[str, Any] = {name: self[name].data for name in GroupSettings.model_fields}
        try:
            return GroupSettings(**values)
        except ValidationError as error:
            for one in error.errors():
                self[str(one["loc"][0])].errors = [self._why(one)]
            return None

    @staticmethod
    def _why(error: Any) -> str:
        bound = error.get("ctx", {})
        if "ge" in bound:
            return str(_("Write at least %(least)d.", least=bound["ge"]))
        return str(_("Write at most %(most)d.", most=bound.get("le", 0)))

    def before(self) -> GroupSettings | None:
        """Returns how the settings stood when the form was opened; None when it does not say."""
        try:
            return GroupSettings.model_validate_json(self.seen.data or "")
        except ValidationError:
            return None
