"""Forms: the rating, one field per statement, and the one leader contribution."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    Field,
    Form,
    RadioField,
    SelectChoice,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional

from plugins.group_maturity.forms.fields import readable, shorten
from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.operations import CONTRIBUTION_LENGTH, Answers
from plugins.group_maturity.operations.measurements import WORDS_LENGTH
from service.contract import gettext as _
from service.contract import lazy

CANNOT_JUDGE = "na"
# The field of one's own words; statements begin with a capital, so that no instrument has one of that name.
WORDS = "words"
QUESTION = lazy("Is there something the group should talk about?")
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
    texts = {name: instrument.items[name].text[language] for name in instrument.forms["self"]}
    return _made(instrument, locale, texts, sent, kept)


def group_texts(instrument: Instrument, locale: str, names: Sequence[str]) -> dict[str, str]:
    """Returns the statements as the group reads them: those about its manager are said as others say them."""
    language = instrument.language(locale)
    about = set(instrument.forms.get("group_about_manager", ()))
    items = {name: instrument.items[name] for name in names}
    return {
        name: (item.text_other if name in about and item.text_other else item.text)[language]
        for name, item in items.items()
    }


def group_form(
    instrument: Instrument, locale: str, names: Sequence[str], *, words: bool = False,
    sent: MultiDict[str, str] | None = None,
) -> RatingForm:  # fmt: skip
    """Returns the form that the group gets. `words`: there is room for a few lines of one's own too, in the field `WORDS`."""
    texts = group_texts(instrument, locale, names)
    return _made(instrument, locale, texts, sent, None, {WORDS: _words()} if words else {})


def _words() -> TextAreaField:
    return TextAreaField(
        QUESTION, filters=[shorten],
        validators=[Length(max=WORDS_LENGTH, message=_("Write at most %(max)d characters.")), readable],
    )  # fmt: skip


def _made(
    instrument: Instrument,
    locale: str,
    texts: Mapping[str, str],
    sent: MultiDict[str, str] | None,
    kept: Answers | None,
    others: Mapping[str, Field] = MappingProxyType({}),
) -> RatingForm:
    scale = instrument.response_scale
    _prefix, labels = answer_words(instrument, locale)
    choices = [SelectChoice(str(scale.min + place), label) for place, label in enumerate(labels)]
    choices.append(SelectChoice(CANNOT_JUDGE, scale.not_applicable.labels[instrument.language(locale)]))
    fields = {name: AnswerField(text, choices=choices, validators=[Optional()]) for name, text in texts.items()}
    made = cast("type[RatingForm]", type("MadeRatingForm", (RatingForm,), {**fields, **others}))
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


class ContributionForm(Form):
    """The one leader contribution: one sentence."""

    contribution = TextAreaField(
        lazy("Your leader contribution"), filters=[shorten],
        validators=[Length(max=CONTRIBUTION_LENGTH, message=lazy("Write at most %(max)d characters.")), readable],
    )  # fmt: skip

    def validate(self, extra_validators: Any = None, *, needed: bool = False) -> bool:
        """Checks the sentence; neither habit nor goal can be made of nothing."""
        fine = bool(super().validate(extra_validators))
        if fine and needed and not self.contribution.data:
            self.contribution.errors = [_("Write a sentence first: it becomes the habit or the goal.")]
            return False
        return fine
