"""Forms of the training department: texts, steps, and the settings of a course."""

from typing import Any

from wtforms import BooleanField, DateField, Field, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from plugins.ledarsteg.forms.fields import TEXT_LENGTH, TITLE_LENGTH, Text, WholeNumber, strip
from plugins.ledarsteg.forms.journal import lines
from plugins.ledarsteg.forms.spoken import Once, Revision, SpokenForm
from plugins.ledarsteg.operations.library import StepDraft
from plugins.ledarsteg.settings import MOST_WEEKS, LedarstegSettings
from service.contract import gettext as _
from service.contract import lazy

BODY_LENGTH = 20_000
MOST_AT_ONCE = 10
MARKDOWN = lazy(
    "You can use Markdown: an empty line begins a new paragraph, ## makes a heading, - an item of a list, **bold**,"
    " [words](https://address) a link."
)


class SlotForm(SpokenForm):
    """A text for one place in one language."""

    revision = Revision(default=0)
    body = TextAreaField(lazy("The text"), description=MARKDOWN, filters=[lines], validators=[Text(BODY_LENGTH)])


class StepForm(SpokenForm):
    """A step of the library in one language."""

    key = Once()
    revision = Revision(default=0)
    title = StringField(
        lazy("The step"),
        description=lazy("Something small that a leader does again and again."),
        filters=[strip],
        validators=[Text(TITLE_LENGTH)],
    )
    cue = TextAreaField(
        lazy("If"),
        description=lazy("A situation to start from. The manager writes her own."),
        filters=[lines],
        validators=[Text(TEXT_LENGTH)],
    )
    action = TextAreaField(
        lazy("then I"),
        description=lazy("One thing that is done at once. Begin with a verb."),
        filters=[lines],
        validators=[Text(TEXT_LENGTH)],
    )
    minutes = WholeNumber(
        lazy("How many minutes does it take?"), description=lazy("The same in every language. At most 15.")
    )
    body = TextAreaField(lazy("More about it"), description=MARKDOWN, filters=[lines], validators=[Text(BODY_LENGTH)])

    def validate_minutes(self, field: Field) -> None:
        """Refuses a step that takes no time at all. Raises ValidationError."""
        if field.data == 0:
            raise ValidationError(_("A step takes at least 1 minute. Leave it empty if you do not know."))

    def draft(self) -> StepDraft:
        """Returns the step as the operations take it."""
        return StepDraft(
            self.title.data or "", self.cue.data or "", self.action.data or "", self.body.data or "", self.minutes.data
        )  # fmt: skip


class _Number(WholeNumber):
    """A whole number that has to be written, within bounds."""

    def __init__(self, *args: Any, most: int, **values: Any) -> None:
        super().__init__(*args, **values)
        self.most = most
        self.flags.required = True

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: FBT001, ARG002 - WTForms calls it so
        """Refuses nothing, and what is out of bounds. Raises ValidationError."""
        if not self.errors and not 1 <= (self.data or 0) <= self.most:
            raise ValidationError(_("Write a number from 1 to %(most)s.", most=self.most))


class SettingsForm(SpokenForm):
    """All settings of the plugin in one course; a field for each. `seen` is how they stood when the form was opened."""

    seen = HiddenField()
    max_active_first_month = _Number(
        lazy("Habits at a time in the first month"),
        description=lazy("Few steps at a time are kept."),
        most=MOST_AT_ONCE,
    )
    reviews_asked = _Number(
        lazy("Friday reviews that are asked"),
        description=lazy("With so many, a manager has completed this part."),
        most=MOST_WEEKS,
    )
    review_weeks = _Number(
        lazy("Within how many weeks"),
        description=lazy("Any weeks in a row count, so nobody who begins later has less time."),
        most=MOST_WEEKS,
    )
    term_ends_on = DateField(
        lazy("Last day of the term"),
        description=lazy("In the two weeks before it, managers are asked which habits they keep, raise or finish."),
        validators=[Optional()],
    )

    coach_sees_activity = BooleanField(
        lazy("Coaches see on how many days each manager notes something"),
        description=lazy("Otherwise they see only what a manager shares with them."),
    )

    def validate_review_weeks(self, field: Field) -> None:
        """Refuses fewer weeks than reviews: there is one a week. Raises ValidationError."""
        if field.data and self.reviews_asked.data and field.data < self.reviews_asked.data:
            raise ValidationError(
                _(
                    "There is one review a week. You ask for %(asked)s reviews within %(weeks)s weeks.",
                    asked=self.reviews_asked.data,
                    weeks=field.data,
                )
            )

    def settings(self) -> LedarstegSettings:
        """Returns the settings. Only for a form that validated."""
        names = LedarstegSettings.model_fields
        return LedarstegSettings(**{name: self[name].data for name in names})

    def before(self) -> LedarstegSettings | None:
        """Returns how the settings stood when the form was opened; None where that cannot be read."""
        try:
            return LedarstegSettings.model_validate_json(self.seen.data or "")
        except ValueError:
            return None
