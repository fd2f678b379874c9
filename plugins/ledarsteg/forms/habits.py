"""Forms about a habit: making and changing it, its plan, and what is noted for a day."""

import uuid
from datetime import date
from typing import Any, Self

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    DateField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.ledarsteg.calculations import (
    DAY_MINUTES,
    EVERY_DAY,
    SMALL_STEP_MINUTES,
    WEEK,
    Direction,
    Kind,
    Per,
    Rhythm,
    is_several,
)
from plugins.ledarsteg.forms.fields import TEXT_LENGTH, TITLE_LENGTH, Text, WholeNumber, strip, weekday_names
from plugins.ledarsteg.operations import Change, Dropped, HabitLog, NewHabit, PlanText
from service.contract import gettext as _
from service.contract import lazy

MOST_TIMES = 1000
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
    """A habit: the step, what is noted and how often, the plan, and what is chosen away for it."""

    title = StringField(
        lazy("The step"),
        description=lazy("Something small that you do again and again, such as asking one question."),
        filters=[strip],
        validators=[DataRequired(lazy("Give the step a name.")), Text(TITLE_LENGTH)],
    )
    minutes = WholeNumber(
        lazy("How many minutes does it take?"),
        description=lazy("A small step takes at most 15 minutes."),
    )
    kind = RadioField(
        lazy("What do you note?"),
        choices=[
            SelectChoice(Kind.BOOLEAN.value, lazy("That I did it")),
            SelectChoice(Kind.COUNT.value, lazy("How many times")),
            SelectChoice(Kind.MINUTES.value, lazy("How many minutes")),
        ],
        default=Kind.BOOLEAN.value,
    )
    per = RadioField(
        lazy("How often?"),
        choices=[
            SelectChoice(Per.DAY.value, lazy("On chosen days")),
            SelectChoice(Per.WEEK.value, lazy("A number of times a week, on whichever days")),
        ],
        default=Per.DAY.value,
    )
    weekdays = SelectMultipleField(
        lazy("On which days?"),
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validate_choice=False,
        default=["0", "1", "2", "3", "4"],
    )
    target = WholeNumber(
        lazy("How many?"),
        description=lazy(
            "Times a week, where that is what you chose; or how many times or minutes on each day or in the week. "
            "Leave it empty for once."
        ),
    )
    direction = RadioField(
        lazy("Is that a least or a most?"),
        choices=[
            SelectChoice(Direction.AT_LEAST.value, lazy("At least")),
            SelectChoice(Direction.AT_MOST.value, lazy("At most")),
        ],
        default=Direction.AT_LEAST.value,
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
    drop_review = DateField(
        lazy("When will you look at that choice again?"), validators=[Optional()], filters=[lambda value: value or None]
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.weekdays.choices = [
            SelectChoice(str(index), name.capitalize()) for index, name in enumerate(weekday_names())
        ]
        for field in (self.weekdays, self.kind, self.per, self.direction):
            field.flags.required = True

    def validate_weekdays(self, field: Field) -> None:
        """Refuses a day that is none, and no day at all where the habit is planned by days."""
        if not set(field.data) <= {str(index) for index in range(WEEK)}:
            raise ValidationError(_("Choose among the days of the week."))
        if not field.data and self.per.data != Per.WEEK.value:
            raise ValidationError(_("Choose at least one day."))

    def validate_target(self, field: Field) -> None:
        """Refuses none at all; what is too much for a day or week the operation says."""
        if field.data == 0:
            raise ValidationError(_("Write at least 1."))
        most = (DAY_MINUTES if self.kind.data == Kind.MINUTES.value else MOST_TIMES) * (
            WEEK if self.per.data == Per.WEEK.value else 1
        )
        if (field.data or 0) > most:
            raise ValidationError(_("Write at most %(most)s. You wrote %(number)s.", most=most, number=field.data))

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
        """True for a step that had better be split, because it takes long."""
        return (self.minutes.data or 0) > SMALL_STEP_MINUTES

    @property
    def is_plain(self) -> bool:
        """True where nothing but days was chosen, so that the rest can stay folded."""
        plain = (Kind.BOOLEAN.value, Per.DAY.value, Direction.AT_LEAST.value)
        fields = (self.kind, self.per, self.direction, self.target)
        return tuple(f.data for f in fields[:3]) == plain and not any(f.errors for f in fields)

    def rhythm(self, from_date: date = date.min) -> Rhythm:
        """Returns how often it is planned. Days count for what is planned by days alone, and so does a number by itself."""
        per, kind = Per(self.per.data), Kind(self.kind.data)
        days = sum(1 << int(index) for index in set(self.weekdays.data or ()))
        target = 1 if kind is Kind.BOOLEAN and per is Per.DAY else self.target.data or 1
        direction = Direction.AT_LEAST if kind is Kind.BOOLEAN else Direction(self.direction.data)
        return Rhythm(from_date, per, days if per is Per.DAY else EVERY_DAY, target, direction)

    def dropped(self) -> Dropped:
        """Returns what is chosen away as the operations take it."""
        return Dropped(self.drop.data or "", self.drop_minutes.data or 0, self.drop_review.data)


class NewHabitForm(HabitForm):
    """A new habit. `form_id` is the page's own random number: sent twice, the habit is made once."""

    form_id = HiddenField(default=lambda: str(uuid.uuid4()))
    # The step of the library that the form was filled in from, and how a step of several things is taken.
    step = HiddenField()
    split = HiddenField()

    def validate_form_id(self, field: Field) -> None:
        """Gives the form a number of its own where the one it came with is none."""
        field.data = str(_uuid(field.data) or uuid.uuid4())

    @property
    def is_several(self) -> bool:
        """True for words that look like more than one thing, unless she has said what to do with them."""
        return is_several(self.title.data or "") and self.split.data not in ("one", "two")

    def habit(self, title: str = "") -> NewHabit:
        """Returns the habit as the operations take it. `title` is the part of it that is made first."""
        return NewHabit(
            title=title or self.title.data or "",
            kind=Kind(self.kind.data),
            rhythm=self.rhythm(),
            minutes=self.minutes.data,
            plan=self.plan(),
            drop=self.dropped(),
            step_id=_uuid(self.step.data),
            id=uuid.UUID(self.form_id.data),
        )


class ChangeForm(HabitForm):
    """A habit as it shall be from a day on. One that came from elsewhere may wait for its plan."""

    cue = TextAreaField(lazy("If"), filters=[strip], validators=[Text(TEXT_LENGTH)])
    action = TextAreaField(lazy("then I"), filters=[strip], validators=[Text(TEXT_LENGTH)])
    revision = HiddenField()
    from_date = DateField(
        lazy("From which day is it planned so?"),
        description=lazy("What has been planned until then stays as it was, and so do the numbers."),
        validators=[InputRequired(lazy("Choose a day."))],
    )

    def validate_cue(self, field: Field) -> None:
        """Refuses an action without its situation."""
        if not field.data and self.action.data:
            raise ValidationError(_("Write the situation that starts the step."))

    def validate_action(self, field: Field) -> None:
        """Refuses a situation without its action."""
        if not field.data and self.cue.data:
            raise ValidationError(_("Write what you do then."))

    @classmethod
    def of(cls, log: HabitLog) -> Self:
        """Returns the form filled in with the habit as it is."""
        plan, drop, rhythm = log.plan, log.drop, log.rhythms[-1]
        return cls(
            title=log.habit.title, minutes=log.habit.minutes, kind=log.habit.kind.value, per=rhythm.per.value,
            weekdays=[str(index) for index in range(WEEK) if rhythm.weekdays >> index & 1], target=rhythm.target,
            direction=rhythm.direction.value, cue=plan.cue if plan else "", action=plan.action if plan else "",
            coping=plan.coping if plan else "", drop=drop.what if drop else "",
            drop_minutes=(drop.minutes_per_week or None) if drop else None, drop_review=drop.review_on if drop else None,
            revision=str(log.habit.revision), from_date=max(log.today, rhythm.from_date),
        )  # fmt: skip

    def change(self) -> Change:
        """Returns the change as the operations take it. A revision that cannot be read is an old one."""
        text = self.revision.data or ""
        return Change(
            title=self.title.data or "",
            rhythm=self.rhythm(self.from_date.data or date.min),
            minutes=self.minutes.data,
            plan=self.plan(),
            drop=self.dropped(),
            revision=int(text) if text.isascii() and text.isdigit() else 0,
        )


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
