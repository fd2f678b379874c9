"""Forms about both-and: a week's reading, and a card of one's own."""

import re
from datetime import date
from typing import Any

from wtforms import Field, HiddenField, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired

from plugins.ledarsteg.forms.fields import TITLE_LENGTH, Text, strip
from plugins.ledarsteg.forms.spoken import Once, SpokenForm, offered
from plugins.ledarsteg.operations.polarities import FARTHEST
from service.contract import gettext as _
from service.contract import lazy


class Between(IntegerField):
    """A whole number between the poles, or nothing. What was typed is shown again."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Reads the number. Raises ValueError with a sentence for the page."""
        text = strip(valuelist[0] if valuelist else "").replace("\N{MINUS SIGN}", "-")
        self.data = None
        if text and not re.fullmatch(r"[+-]?\d{1,6}", text, re.ASCII):
            raise ValueError(_("Write a whole number from -100 to 100."))
        if text:
            self.data = int(text)


class ReadingForm(SpokenForm):
    """Where a week lay: a slider and a number for the same thing. What was moved from where it stood counts."""

    monday = SelectField(lazy("Which week?"))
    # Where the slider stood when the page was shown; empty while nothing is read.
    was = HiddenField()
    slider = Between()
    value = Between(lazy("As a number"))

    def __init__(self, *args: Any, weeks: list[tuple[date, str]], **values: Any) -> None:
        super().__init__(*args, **values)
        self.monday.choices = offered((monday.isoformat(), words) for monday, words in weeks)

    def validate_value(self, field: Field) -> None:
        """Refuses what lies beyond the poles. Raises ValidationError."""
        if field.errors:
            return
        reading = self.reading()
        if reading is None:
            raise ValidationError(_("Move the slider, or write a number from -100 to 100."))
        if abs(reading) > FARTHEST:
            raise ValidationError(_("Write a number from -100 to 100. You wrote %(number)s.", number=reading))

    def reading(self) -> int | None:
        """Returns the reading: the number where one was typed, else where the slider stands."""
        typed = self.value.data
        if typed is not None and str(typed) != (self.was.data or ""):
            return typed
        return self.slider.data if self.slider.data is not None else typed


class CardForm(SpokenForm):
    """A card with two poles."""

    key = Once()
    left = StringField(
        lazy("One side"),
        filters=[strip],
        validators=[DataRequired(lazy("Write what one side is.")), Text(TITLE_LENGTH)],
    )
    right = StringField(
        lazy("The other side"),
        filters=[strip],
        validators=[DataRequired(lazy("Write what the other side is.")), Text(TITLE_LENGTH)],
    )
