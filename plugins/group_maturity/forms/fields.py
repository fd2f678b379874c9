"""Fields and validators that the plugin's forms share. What was typed is always shown again."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import DateField, Field, Form, IntegerField, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from service.contract import gettext as _

# NUL, half a surrogate pair, and what a damaged one has become on the way (replaced, or left percent-encoded).
_UNREADABLE = re.compile("[\0\ud800-\udfff\ufffd]|%ED%[AB][0-9A-F]%[89AB][0-9A-F]", re.IGNORECASE)


def readable(_form: Form, field: Field) -> None:
    """Refuses text that no database keeps: NUL and half of a surrogate pair."""
    if _UNREADABLE.search(field.data or ""):
        raise ValidationError(_("There is a character here that cannot be saved. Write the text again without it."))


def shorten(text: str | None) -> str:
    """Returns a text on one line, without the white space around it."""
    return " ".join((text or "").split())


class WholeNumber(IntegerField):
    """A whole number in digits, or nothing."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Reads the number. Raises ValueError with a sentence for the page."""
        text = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if text and not re.fullmatch(r"\d{1,6}", text, re.ASCII):
            raise ValueError(_("Write a whole number, in digits."))
        if text:
            self.data = int(text)


class DayField(DateField):
    """A day, as browsers send it."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Reads the day. Raises ValueError with a sentence for the page."""
        text = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if text:
            try:
                self.data = date.fromisoformat(text)
            except ValueError:
                raise ValueError(_("Write the day as year, month and day: 2026-12-18.")) from None


class Boxes(SelectMultipleField):
    """Several of what is offered, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms calls it so
        """Refuses what was not offered."""
        if set(self.data or ()) - {choice[0] for choice in self.iter_choices()}:
            raise ValidationError(_("Choose at least one of the languages shown."))
