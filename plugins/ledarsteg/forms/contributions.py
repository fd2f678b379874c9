"""The form about leader contributions."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import IntFlag
from typing import Any

from wtforms import DateField, Field, HiddenField, SelectField, SelectMultipleField, TextAreaField, ValidationError
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.ledarsteg.calculations import Effect, Side
from plugins.ledarsteg.forms.fields import TEXT_LENGTH, Text, WholeNumber, strip
from plugins.ledarsteg.forms.spoken import Once, OneOf, Revision, SpokenForm, offered
from plugins.ledarsteg.models import Contribution, Habit, Target
from plugins.ledarsteg.operations.contributions import Given
from service.contract import gettext as _
from service.contract import lazy

UNRATED, NO_HABIT = "none", "none"
TARGET_TITLES: Mapping[Target, Any] = {
    Target.INDIVIDUAL: lazy("Somebody"),
    Target.GROUP: lazy("The group"),
    Target.SELF: lazy("Myself"),
}
EFFECT_TITLES: Mapping[Effect, Any] = {
    Effect.ABILITY: lazy("Ability"),
    Effect.ATTITUDE: lazy("Attitude"),
    Effect.COLLABORATION: lazy("Collaboration"),
    Effect.VALUE: lazy("Creating value"),
}
SIDE_TITLES: Mapping[Side, Any] = {
    Side.HARD: lazy("Hard: I challenged to good work and learning"),
    Side.SOFT_OPERATIONS: lazy("Soft: I cared about the operations"),
    Side.SOFT_INDIVIDUAL: lazy("Soft: I cared about an individual"),
}
QUALITIES = (
    (UNRATED, lazy("No rating")),
    ("1", lazy("1, could have been better")),
    ("2", "2"),
    ("3", lazy("3, all right")),
    ("4", "4"),
    ("5", lazy("5, very good")),
)


class Tags(SelectMultipleField):
    """A set of tags as bits: checkboxes, none of which has to be ticked. `bits` is the sum of those that are."""

    def __init__(self, label: Any, titles: Mapping[Any, Any], **values: Any) -> None:
        super().__init__(label, option_widget=CheckboxInput(), widget=ListWidget(), validate_choice=False, **values)
        self.choices = offered((str(tag.value), title) for tag, title in titles.items())
        self.known = {str(tag.value) for tag in titles}

    def process_data(self, value: Any) -> None:
        """Takes a sum of bits as it is kept."""
        self.data = [one for one in sorted(self.known) if int(one) & int(value or 0)]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms calls it so
        """Refuses what was not offered. Raises ValidationError."""
        if not set(self.data or ()) <= self.known:
            raise ValidationError(_("Choose among the answers shown."))

    @property
    def bits(self) -> int:
        """The sum of what is ticked."""
        return sum(int(one) for one in set(self.data or ()))


def named(bits: int, titles: Mapping[Any, Any]) -> Iterable[str]:
    """Returns the titles of a set of tags, in their order."""
    return [str(title) for tag, title in titles.items() if isinstance(tag, IntFlag) and bits & tag.value]


class ContributionForm(SpokenForm):
    """Leader contributions of a day."""

    key = Once()
    revision = Revision()
    # Where to go back to.
    origin = HiddenField()
    day = DateField(lazy("Day"), validators=[DataRequired(lazy("Choose a day."))])
    number = WholeNumber(lazy("How many?"), default=1)
    target = OneOf(
        lazy("Whom did it help?"), choices=offered((one.value, text) for one, text in TARGET_TITLES.items()),
        default=Target.INDIVIDUAL.value,
    )  # fmt: skip
    quality = OneOf(lazy("How good was it, do you think?"), choices=offered(QUALITIES), default=UNRATED, optional=True)
    effects = Tags(lazy("What did it help to build?"), EFFECT_TITLES)
    sides = Tags(lazy("Which side of Tough care was it?"), SIDE_TITLES)
    habit = SelectField(lazy("Did it come of a habit?"), default=NO_HABIT)
    note = TextAreaField(
        lazy("In words"),
        description=lazy("For yourself. Do not name people."),
        filters=[strip],
        validators=[Text(TEXT_LENGTH)],
    )

    def __init__(self, *args: Any, habits: Sequence[Habit], **values: Any) -> None:
        super().__init__(*args, **values)
        self.habit.choices = offered([(NO_HABIT, _("No")), *((str(habit.id), habit.title) for habit in habits)])

    def validate_number(self, field: Field) -> None:
        """Refuses no number at all. Raises ValidationError."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Write how many they were."))

    def given(self) -> Given:
        """Returns what was noted as the operations take it. Only for a form that validated."""
        quality, habit = self.quality.data, self.habit.data
        return Given(
            day=self.day.data or date.min,
            target=Target(self.target.data),
            number=self.number.data or 0,
            quality=int(quality) if quality and quality != UNRATED else None,
            effects=self.effects.bits,
            sides=self.sides.bits,
            habit_id=uuid.UUID(habit) if habit and habit != NO_HABIT else None,
            note=self.note.data or "",
        )


def of(found: Contribution) -> dict[str, Any]:
    """Returns what a form shows of contributions that were noted."""
    return {
        "day": found.local_date, "number": found.number, "target": found.target.value,
        "quality": str(found.quality or UNRATED), "effects": found.effects, "sides": found.sides,
        "habit": str(found.habit_id or NO_HABIT), "note": found.note, "revision": found.revision,
    }  # fmt: skip
