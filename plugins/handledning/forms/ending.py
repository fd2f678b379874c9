"""The forms at the end of a term: what it gave, and what the programme hears."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import force_locale
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    RadioField,
    SelectChoice,
    TextAreaField,
)
from wtforms.validators import InputRequired

from plugins.handledning.forms.fields import LINE_MAX, TEXT_MAX, plain_text, stripped
from plugins.handledning.forms.keys import VersionForm
from plugins.handledning.operations.bank import LANGUAGES, in_language
from plugins.handledning.operations.ending import OutcomesDraft
from plugins.handledning.operations.evaluation import STATEMENTS, Statements
from service.contract import gettext as _
from service.contract import lazy


class OutcomesForm(VersionForm):
    """What a term gave."""

    own = TextAreaField(lazy("What has it given me myself?"), [plain_text(TEXT_MAX)])
    role = TextAreaField(lazy("What has it given my role in the group's process?"), [plain_text(TEXT_MAX)])
    operations = TextAreaField(lazy("What has it given the operations?"), [plain_text(TEXT_MAX)])
    self_run = TextAreaField(lazy("How do I go on without a coach?"), [plain_text(TEXT_MAX)])

    def draft(self) -> OutcomesDraft:
        """Returns what was typed."""
        fields = (self.own, self.role, self.operations, self.self_run)
        return OutcomesDraft(*(stripped(field.data) for field in fields))


def _statement(label: Any) -> RadioField:
    return RadioField(
        label,
        [InputRequired(lazy("Choose one of the answers."))],
        choices=[
            SelectChoice("1", lazy("1 not at all")),
            SelectChoice("2"),
            SelectChoice("3"),
            SelectChoice("4"),
            SelectChoice("5", lazy("5 fully")),
        ],
    )


class ProgrammeForm(VersionForm):
    """What the programme asks, in the product's words. The order is that of the kept digits."""

    helped = _statement(lazy("The coaching helped me in my role."))
    changed = _statement(lazy("Something has changed in how I lead."))
    frame = _statement(lazy("The number and the length of the sessions were right."))
    free = _statement(lazy("I could speak freely."))
    again = _statement(lazy("I would advise another manager to do the same."))
    text = TextAreaField(lazy("What would make the programme better?"), [plain_text(TEXT_MAX)])

    def asking(self, labels: Sequence[str]) -> "ProgrammeForm":
        """Asks in these words, by the order of the statements; in the product's where there are none."""
        for key, label in zip(STATEMENTS, labels, strict=False):
            self[key].label.text = label
        return self

    def answers(self) -> list[int]:
        """Returns the five ratings in their order."""
        return [int(self[key].data) for key in STATEMENTS]


def labels_of(asked: Statements, language: str) -> list[tuple[str, str]]:
    """Returns (language, words) of each statement in the reader's language, or in another that there is."""
    if asked.words:
        return [in_language(words, language) for words in asked.words]
    form = ProgrammeForm()
    return [(language, str(form[key].label.text)) for key in STATEMENTS]


class StatementsForm(VersionForm):
    """The statements as the training department writes them: a field per statement and language, named `helped_sv`."""

    @classmethod
    def showing(cls, asked: Statements) -> "StatementsForm":
        """A form with what is asked now, in every language."""
        data = {"version": str(asked.version)}
        for language in LANGUAGES:
            with force_locale(language):
                words = asked.words or [{language: text} for _language, text in labels_of(asked, language)]
                data |= {f"{key}_{language}": one.get(language, "") for key, one in zip(STATEMENTS, words, strict=True)}
        return cls(data=data)

    def words(self) -> list[dict[str, str]]:
        """Returns what was typed, statement by statement."""
        return [{language: stripped(self[f"{key}_{language}"].data) for language in LANGUAGES} for key in STATEMENTS]

    def refuse(self, keys: Iterable[str]) -> "StatementsForm":
        """Says which statements have no words."""
        for key in keys:
            self[f"{key}_{LANGUAGES[0]}"].errors = [str(_("Write the statement in at least one language."))]
        return self


for _key in STATEMENTS:
    for _code, _label in zip(LANGUAGES, (lazy("In Swedish"), lazy("In English"), lazy("In Latvian")), strict=True):
        setattr(StatementsForm, f"{_key}_{_code}", TextAreaField(_label, [plain_text(LINE_MAX)]))
