"""The forms at the end of a term: what it gave, and what the programme hears."""

from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    RadioField,
    SelectChoice,
    TextAreaField,
)
from wtforms.validators import InputRequired

from plugins.handledning.forms.fields import TEXT_MAX, Form, plain_text, stripped
from plugins.handledning.forms.keys import VersionForm
from plugins.handledning.operations.ending import OutcomesDraft
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


class ProgrammeForm(Form):
    """What the programme asks. The order is that of the kept digits."""

    helped = _statement(lazy("The coaching helped me in my role."))
    changed = _statement(lazy("Something has changed in how I lead."))
    frame = _statement(lazy("The number and the length of the sessions were right."))
    free = _statement(lazy("I could speak freely."))
    again = _statement(lazy("I would advise another manager to do the same."))
    text = TextAreaField(lazy("What would make the programme better?"), [plain_text(TEXT_MAX)])

    def answers(self) -> list[int]:
        """Returns the five ratings in their order."""
        return [int(field.data) for field in (self.helped, self.changed, self.frame, self.free, self.again)]


def statements() -> list[Any]:
    """Returns the words of the statements in their order."""
    form = ProgrammeForm()
    return [field.label.text for field in (form.helped, form.changed, form.frame, form.free, form.again)]
