"""Fields and validators that the plugin's forms share."""

import re
from collections.abc import Sequence
from typing import Literal

from babel.dates import get_day_names
from flask_babel import get_locale
from wtforms import Field, Form, IntegerField, ValidationError

from plugins.ledarsteg.calculations import WEEK
from plugins.ledarsteg.operations import insights
from service.contract import gettext as _

TITLE_LENGTH = 200
TEXT_LENGTH = 500
# The longest insight, in characters.
SIGNS_LENGTH = insights.LONGEST
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


def strip(text: str | None) -> str:
    """Returns the text without the white space around it."""
    return (text or "").strip()


class WholeNumber(IntegerField):
    """A whole number, or nothing. What was typed is shown again."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Reads the number. Raises ValueError with a sentence for the page."""
        text = strip(valuelist[0] if valuelist else "")
        self.data = None
        if text and not re.fullmatch(r"\d{1,6}", text, re.ASCII):
            raise ValueError(_("Write a whole number, in digits."))
        if text:
            self.data = int(text)


def weekday_names(width: Literal["wide", "short"] = "wide") -> list[str]:
    """Returns the names of the weekdays in the language of the page, Monday first."""
    names = get_day_names(width, locale=get_locale())
    return [names[index] for index in range(WEEK)]
