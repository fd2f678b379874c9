"""A form whose every complaint is in the language of the page, and fields that several subjects share."""

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any

import wtforms
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    TimeField,
    ValidationError,
)
from wtforms.widgets import HiddenInput

from plugins.ledarsteg.forms.fields import WholeNumber
from service.contract import Invalid, lazy
from service.contract import gettext as _

HOUR = 60
# What WTForms says of unreadable input, in our words.
_UNREADABLE = {
    "Not a valid date value.": lazy("Write the day as in 2026-12-31."),
    "Not a valid time value.": lazy("Write the time as in 13:00."),
    "Not a valid choice.": lazy("Choose one of the answers."),
    "Invalid Choice: could not coerce.": lazy("Choose one of the answers."),
    "This field is required.": lazy("This cannot be left empty."),
}


def offered(choices: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Returns what a field offers: values and their titles."""
    return [SelectChoice(value, title) for value, title in choices]


class _Words:
    @staticmethod
    def gettext(text: str) -> str:
        return str(_UNREADABLE.get(text, text))

    @staticmethod
    def ngettext(one: str, many: str, number: int) -> str:
        return one if number == 1 else many


class SpokenForm(wtforms.Form):
    """A form that says what is wrong in the language of the page, and takes an operation's complaints."""

    class Meta:
        """Where WTForms asks for words."""

        def get_translations(self, _form: wtforms.Form) -> _Words:
            """Returns ours."""
            return _Words()

    def refuse(self, error: Invalid) -> str:
        """Puts each sentence beside its field, and returns what is about no field of this form."""
        rest = []
        for name, sentence in error.fields.items():
            if name in self._fields:
                self._fields[name].errors = [sentence]
            else:
                rest.append(str(sentence))
        return " ".join(rest)


class Once(HiddenField):
    """The form's own random word: sent twice, it makes one thing. A new form gets a new one."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**{"default": lambda: uuid.uuid4().hex, **values})

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Takes the word that was sent, as far as it may be one."""
        self.data = valuelist[0][:64] if valuelist else ""


class Revision(Field):
    """Which version of a thing the form was opened on."""

    widget = HiddenInput()
    data: int

    def _value(self) -> str:
        return str(self.data or 0)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Reads a number; what is none is older than every version."""
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0


class MinuteOfDay(TimeField):
    """A time of day, or nothing. Its data is minutes after midnight."""

    def process_data(self, value: Any) -> None:
        """Takes minutes after midnight as they are kept."""
        self.data = time(*divmod(value, HOUR)) if isinstance(value, int) else None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Reads a time; nothing is nothing."""
        if valuelist and valuelist[0].strip():
            super().process_formdata(list(valuelist))
        else:
            self.data = None

    @property
    def minute(self) -> int | None:
        """Minutes after midnight, or nothing."""
        return None if self.data is None else self.data.hour * HOUR + self.data.minute


class OneOf(RadioField):
    """Radios of which one has to be chosen, unless `optional`."""

    def __init__(self, *args: Any, optional: bool = False, **values: Any) -> None:
        super().__init__(*args, **values)
        self.flags.required = not optional
        self.optional = optional

    def pre_validate(self, form: Any) -> None:
        """Refuses what was not offered, and nothing where something is wanted. Raises ValidationError."""
        if not self.data and self.optional:
            return
        if not self.data:
            raise ValidationError(_("Choose one of the answers."))
        super().pre_validate(form)


class MinutesForm(SpokenForm):
    """Minutes as one tap on a number, or typed: what is tapped counts."""

    chip = HiddenField()
    minutes = WholeNumber(lazy("Minutes"))

    def validate_minutes(self, field: Field) -> None:
        """Refuses no minutes at all. Raises ValidationError."""
        tapped = self.chip.data or ""
        if re.fullmatch(r"\d{1,4}", tapped, re.ASCII):
            field.data, field.raw_data, field.errors = int(tapped), [tapped], []
        if field.data is None and not field.errors:
            raise ValidationError(_("Write how many minutes, or tap one of the numbers."))
