"""What is typed, checked before it reaches an operation. Everything typed is kept when something is wrong."""

import re
from collections.abc import Sequence
from typing import Any, Literal

from babel.dates import get_day_names
from flask_babel import get_locale
from wtforms import (
    DateField,
    Field,
    Form,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.ledarsteg.calculations import SMALL_STEP_MINUTES, WEEK, State
from plugins.ledarsteg.models import SkipReason
from plugins.ledarsteg.operations import NewHabit, PlanText
from service.contract import gettext as _
from service.contract import lazy

TITLE_LENGTH = 200
TEXT_LENGTH = 500
WEEK_MINUTES = WEEK * 24 * 60
# NUL, half a surrogate pair, and what a damaged one has become on the way (replaced, or left percent-encoded).
_UNREADABLE = re.compile("[\0\ud800-\udfff\ufffd]|%ED%[AB][0-9A-F]%[89AB][0-9A-F]", re.IGNORECASE)


class Text:
    """A validator: text of at most `longest` characters, all of which can be stored and shown."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __call__(self, _form: Form, field: Field) -> None:
        """Raises ValidationError with a sentence for the page."""
        text = field.data or ""
        if _UNREADABLE.search(text):
            raise ValidationError(_("There is a character here that cannot be read. Write that part again."))
        if len(text) > self.longest:
            raise ValidationError(
                _("Write at most %(most)s characters. You wrote %(length)s.", most=self.longest, length=len(text))
            )


def _strip(text: str | None) -> str:
    return (text or "").strip()


class WholeNumber(IntegerField):
    """A whole number, or nothing. What was typed is shown again."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Reads the number. Raises ValueError with a sentence for the page."""
        text = _strip(valuelist[0] if valuelist else "")
        self.data = None
        if text and not re.fullmatch(r"\d{1,6}", text, re.ASCII):
            raise ValueError(_("Write a whole number, in digits."))
        if text:
            self.data = int(text)


def weekday_names(width: Literal["wide", "short"] = "wide") -> list[str]:
    """Returns the names of the weekdays in the language of the page, Monday first."""
    names = get_day_names(width, locale=get_locale())
    return [names[index] for index in range(WEEK)]


class PlanForm(Form):
    """An if-then plan, and what happens when it does not work out."""

    cue = TextAreaField(
        lazy("If"),
        description=lazy("A situation that you notice when it comes: a time, a place or something that happens."),
        filters=[_strip],
        validators=[DataRequired(lazy("Write the situation that starts the step.")), Text(TEXT_LENGTH)],
    )
    action = TextAreaField(
        lazy("then I"),
        description=lazy("One thing that you do at once. Begin with a verb."),
        filters=[_strip],
        validators=[DataRequired(lazy("Write what you do then.")), Text(TEXT_LENGTH)],
    )
    coping = TextAreaField(
        lazy("And if that does not work out"),
        description=lazy("A reserve plan for hurried days."),
        filters=[_strip],
        validators=[Text(TEXT_LENGTH)],
    )

    def plan(self) -> PlanText:
        """Returns the plan as the operations take it."""
        return PlanText(self.cue.data or "", self.action.data or "", self.coping.data or "")


class HabitForm(PlanForm):
    """A new habit: the step, its days, the plan, and what is chosen away for it."""

    title = StringField(
        lazy("The step"),
        description=lazy("Something small that you do again and again, such as asking one question."),
        filters=[_strip],
        validators=[DataRequired(lazy("Give the step a name.")), Text(TITLE_LENGTH)],
    )
    weekdays = SelectMultipleField(
        lazy("On which days?"),
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validate_choice=False,
        default=["0", "1", "2", "3", "4"],
        validators=[DataRequired(lazy("Choose at least one day."))],
    )
    minutes = WholeNumber(
        lazy("How many minutes does it take?"),
        description=lazy("A small step takes at most 15 minutes."),
    )
    drop = TextAreaField(
        lazy("What do you choose away to make room?"),
        description=lazy(
            "A meeting, a routine, something that only seems urgent. Leave it empty if the answer is nothing."
        ),
        filters=[_strip],
        validators=[Text(TEXT_LENGTH)],
    )
    drop_minutes = WholeNumber(lazy("How many minutes a week does that free?"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.weekdays.choices = [(str(index), name.capitalize()) for index, name in enumerate(weekday_names())]
        self.weekdays.flags.required = True

    def validate_weekdays(self, field: Field) -> None:
        """Refuses a day that is none."""
        if not set(field.data) <= {str(index) for index in range(WEEK)}:
            raise ValidationError(_("Choose among the days of the week."))

    def validate_minutes(self, field: Field) -> None:
        """Refuses a step that takes no time at all; one that takes too long gets advice, not a refusal."""
        if field.data == 0:
            raise ValidationError(_("A step takes at least 1 minute. Leave it empty if you do not know."))

    def validate_drop_minutes(self, field: Field) -> None:
        """Refuses more than a week has."""
        if (field.data or 0) > WEEK_MINUTES:
            raise ValidationError(
                _("A week has %(most)s minutes. You wrote %(number)s.", most=WEEK_MINUTES, number=field.data)
            )

    @property
    def is_large(self) -> bool:
        """True for a step that had better be split."""
        return (self.minutes.data or 0) > SMALL_STEP_MINUTES

    def habit(self) -> NewHabit:
        """Returns the habit as the operations take it."""
        return NewHabit(
            title=self.title.data or "",
            weekdays=sum(1 << int(index) for index in set(self.weekdays.data or ())),
            minutes=self.minutes.data,
            plan=self.plan(),
            drop=self.drop.data or "",
            drop_minutes=self.drop_minutes.data or 0,
        )


REASONS = {
    SkipReason.NOT_APPLICABLE: lazy("Did not apply"),
    SkipReason.OFF: lazy("Day off"),
    SkipReason.ILL: lazy("Ill"),
    SkipReason.TRAVEL: lazy("Travelling"),
    SkipReason.OTHER: lazy("Other"),
}


class DayForm(Form):
    """One day of a habit."""

    day = DateField(validators=[DataRequired()])


class MarkForm(DayForm):
    """What is noted for one day of a habit."""

    state = SelectField(coerce=State, choices=list(State))
    reason = SelectField(coerce=SkipReason, choices=list(SkipReason), default=SkipReason.NOT_APPLICABLE)
