"""Forms about a habit: making and changing it, its plan, and what is noted for a day."""

from typing import Any

from wtforms import (
    DateField,
    Field,
    Form,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.ledarsteg.calculations import SMALL_STEP_MINUTES, WEEK, Rhythm, State
from plugins.ledarsteg.forms.fields import TEXT_LENGTH, TITLE_LENGTH, Text, WholeNumber, strip, weekday_names
from plugins.ledarsteg.models import SkipReason
from plugins.ledarsteg.operations import Dropped, NewHabit, PlanText
from service.contract import gettext as _
from service.contract import lazy

WEEK_MINUTES = WEEK * 24 * 60


class PlanForm(Form):
    """An if-then plan, and what happens when it does not work out."""

    cue = TextAreaField(
        lazy("If"),
        description=lazy("A situation that you notice when it comes: a time, a place or something that happens."),
        filters=[strip],
        validators=[DataRequired(lazy("Write the situation that starts the step.")), Text(TEXT_LENGTH)],
    )
    action = TextAreaField(
        lazy("then I"),
        description=lazy("One thing that you do at once. Begin with a verb."),
        filters=[strip],
        validators=[DataRequired(lazy("Write what you do then.")), Text(TEXT_LENGTH)],
    )
    coping = TextAreaField(
        lazy("And if that does not work out"),
        description=lazy("A reserve plan for hurried days."),
        filters=[strip],
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
        filters=[strip],
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
        filters=[strip],
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
            rhythm=Rhythm(weekdays=sum(1 << int(index) for index in set(self.weekdays.data or ()))),
            minutes=self.minutes.data,
            plan=self.plan(),
            drop=Dropped(self.drop.data or "", self.drop_minutes.data or 0),
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
    value = WholeNumber()
    reason = SelectField(coerce=SkipReason, choices=list(SkipReason), default=SkipReason.NOT_APPLICABLE)
