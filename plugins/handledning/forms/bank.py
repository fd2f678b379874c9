"""What is typed of the bank of questions: a coach's pick, and what the training department writes."""

from collections.abc import Mapping
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    BooleanField,
    Field,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.handledning.forms.fields import LINE_MAX, Form, plain_text, stripped
from plugins.handledning.forms.keys import KeyForm, VersionForm
from plugins.handledning.operations.bank import THEMES, Offered, QuestionDraft
from plugins.handledning.operations.preparing import QUESTIONS_MAX
from plugins.handledning.texts import BANK
from service.contract import gettext as _
from service.contract import lazy


class QuestionsForm(Form):
    """The questions a coach picks for a session."""

    questions = SelectMultipleField(
        lazy("Questions"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )

    def offering(self, words: Mapping[str, str]) -> "QuestionsForm":
        """Offers these questions, by key. Call it before anything is read of the form."""
        self.questions.choices = [SelectChoice(key, text) for key, text in words.items()]
        return self

    def validate_questions(self, field: Field) -> None:
        """Refuses more than can be prepared for."""
        if len(field.data or []) > QUESTIONS_MAX:
            raise ValidationError(
                _("Pick at most %(most)d. You picked %(count)d.", most=QUESTIONS_MAX, count=len(field.data))
            )


class QuestionForm(VersionForm, KeyForm):
    """A question of the bank, in one language at least."""

    theme = SelectField(lazy("Theme"))
    sv = TextAreaField(lazy("In Swedish"), [plain_text(LINE_MAX)])
    en = TextAreaField(lazy("In English"), [plain_text(LINE_MAX)])
    lv = TextAreaField(lazy("In Latvian"), [plain_text(LINE_MAX)])
    retired = BooleanField(lazy("Not offered any more"))

    def in_words_of(self, language: str) -> "QuestionForm":
        """Names the themes in the reader's language."""
        self.theme.choices = [SelectChoice(theme.theme, theme.title[language]) for theme in BANK]
        return self

    def validate_sv(self, field: Field) -> None:
        """Asks for words in one language at least."""
        if not any(stripped(text) for text in (field.data, self.en.data, self.lv.data)):
            raise ValidationError(_("Write the question in at least one language."))

    def draft(self) -> QuestionDraft:
        """Returns what was typed."""
        words = {name: stripped(self[name].data) for name in ("sv", "en", "lv")}
        return QuestionDraft(self.theme.data, **words, retired=bool(self.retired.data))


def question_data(one: Offered) -> dict[str, Any]:
    """Returns a question as its form reads it."""
    return {**vars(one.draft), "version": str(one.version)}


def theme_of(key: str) -> str:
    """Returns a theme that there is: the one asked for, else the first."""
    return key if key in THEMES else THEMES[0]
