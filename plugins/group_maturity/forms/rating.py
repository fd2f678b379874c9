"""Forms: the rating, one field per statement, and the one leader contribution."""

import unicodedata
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    Form,
    RadioField,
    SelectChoice,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.operations import CONTRIBUTION_LENGTH, Answers
from service.contract import gettext as _
from service.contract import lazy

CANNOT_JUDGE = "na"
# Besides the statements, what the form sends.
OTHER_FIELDS = frozenset({"csrf_token", "action"})


class AnswerField(RadioField):
    """A statement with its answers. Nothing chosen is not wrong here: only submitting asks for all."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms calls it so
        """Refuses an answer that was not offered."""
        if self.data and self.data not in {choice[0] for choice in self.iter_choices()}:
            raise ValidationError(_("Choose one of the answers shown."))


class RatingForm(Form):
    """The statements of one instrument version, in its order. Made with `rating_form`."""

    @property
    def answers(self) -> dict[str, int | None]:
        """What was answered, by item; what was not is left out. Only for a form that validated."""
        return {name: _number(field.data) for name, field in self._fields.items() if field.data}

    @property
    def wrong(self) -> list[str]:
        """The items with an error, in the form's order."""
        return [name for name, field in self._fields.items() if field.errors]

    def refuse(self, errors: dict[str, str]) -> None:
        """Puts sentences beside the items they are about."""
        for name, sentence in errors.items():
            self._fields[name].errors = [sentence]


def _number(value: str) -> int | None:
    return None if value == CANNOT_JUDGE else int(value)


def rating_form(
    instrument: Instrument, locale: str, *, sent: MultiDict[str, str] | None = None, kept: Answers | None = None
) -> RatingForm:
    """Returns the form in the instrument's language for `locale`, filled with what was sent or what is kept."""
    language = instrument.language(locale)
    scale = instrument.response_scale
    _prefix, labels = answer_words(instrument, locale)
    choices = [SelectChoice(str(scale.min + place), label) for place, label in enumerate(labels)]
    choices.append(SelectChoice(CANNOT_JUDGE, scale.not_applicable.labels[language]))
    fields = {
        name: AnswerField(instrument.items[name].text[language], choices=choices, validators=[Optional()])
        for name in instrument.forms["self"]
    }
    made = cast("type[RatingForm]", type("MadeRatingForm", (RatingForm,), fields))
    data = {name: CANNOT_JUDGE if answer is None else str(answer) for name, answer in (kept or {}).items()}
    return made(sent, data=data)


def unknown_fields(instrument: Instrument, sent: MultiDict[str, str]) -> list[str]:
    """Returns what was sent beside the statements of this version, at most 40 characters of each name."""
    return sorted(name[:40] for name in sent if name not in OTHER_FIELDS and name not in instrument.items)


def answer_words(instrument: Instrument, locale: str) -> tuple[str, list[str]]:
    """Returns the words that all answers begin with, and each answer's remaining words.

    "Stämmer inte alls" to "Stämmer helt" read as "inte alls" to "helt" under a statement; the first word is read aloud.
    """
    labels = instrument.response_scale.labels[instrument.language(locale)]
    words = [label.split() for label in labels]
    shared = 0
    while all(len(one) > shared + 1 for one in words) and len({one[shared] for one in words}) == 1:
        shared += 1
    return " ".join(words[0][:shared]), [" ".join(one[shared:]) for one in words]


def readable(_form: Any, field: Any) -> None:
    """Refuses text that no database keeps: NUL and half of a surrogate pair."""
    if any(character == "\0" or unicodedata.category(character) == "Cs" for character in field.data or ""):
        raise ValidationError(_("There is a character here that cannot be saved. Write the text again without it."))


def _shorten(text: str | None) -> str:
    return " ".join((text or "").split())


class ContributionForm(Form):
    """The one leader contribution: one sentence."""

    contribution = TextAreaField(
        lazy("Your leader contribution"), filters=[_shorten],
        validators=[Length(max=CONTRIBUTION_LENGTH, message=lazy("Write at most %(max)d characters.")), readable],
    )  # fmt: skip

    def validate(self, extra_validators: Any = None, *, as_habit: bool = False) -> bool:
        """Checks the sentence; a habit cannot be made of nothing."""
        fine = bool(super().validate(extra_validators))
        if fine and as_habit and not self.contribution.data:
            self.contribution.errors = [_("Write a sentence first: it becomes the habit.")]
            return False
        return fine
