"""What is typed before the contract: readiness, ego, value, openness, and a coach's profile."""

from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    DateField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, ValidationError
from wtforms.validators import Optional as Empty
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.handledning.forms.fields import LINE_MAX, TEXT_MAX, YEARS, Form, plain_text, stripped, version_of
from plugins.handledning.models import Ethics
from plugins.handledning.operations import EGO_JOBS, OpennessDraft, ProfileDraft
from service.contract import gettext as _
from service.contract import lazy

_FIVE = [
    SelectChoice("1", lazy("1 not at all")),
    SelectChoice("2"),
    SelectChoice("3", lazy("3 partly")),
    SelectChoice("4"),
    SelectChoice("5", lazy("5 completely")),
]
_REQUIRED = InputRequired(lazy("Choose an answer."))


def _statement(text: Any) -> RadioField:
    return RadioField(text, [_REQUIRED], choices=_FIVE)


class ReadinessForm(Form):
    """The three statements of readiness."""

    aware = _statement(lazy("I know enough about how I lead to see that I want to develop."))
    honest = _statement(lazy("I am willing to be open and honest about where I am and where I want to be."))
    placed = _statement(lazy("I am in a place where I want to grow and welcome change."))

    def answers(self) -> tuple[int, ...]:
        """Returns the three answers in their order."""
        return tuple(int(field.data) for field in (self.aware, self.honest, self.placed))


class ValueForm(Form):
    """The four statements of value."""

    asked = _statement(
        lazy("It is worth something to have somebody who asks me the right questions and challenges me.")
    )
    supported = _statement(lazy("I deserve support and encouragement while I develop."))
    unashamed = _statement(lazy("I need not have a bad conscience for investing in myself."))
    worth = _statement(lazy("I, my co-workers and the whole organisation are worth the investment."))
    text = TextAreaField(lazy("What is the value for me?"), [plain_text(TEXT_MAX)])

    def answers(self) -> tuple[int, ...]:
        """Returns the four answers in their order."""
        return tuple(int(field.data) for field in (self.asked, self.supported, self.unashamed, self.worth))


# The three jobs of the ego, in words.
JOBS = [
    SelectChoice(EGO_JOBS[0], lazy("that nothing has to change")),
    SelectChoice(EGO_JOBS[1], lazy("the picture of myself that I have made")),
    SelectChoice(EGO_JOBS[2], lazy("who I am, my confidence, my status")),
]


class EgoForm(Form):
    """What somebody notices of her own ego. Three jobs that it has, and room for words."""

    jobs = SelectMultipleField(
        lazy("What did I protect?"),
        choices=JOBS,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    text = TextAreaField(lazy("What do I notice?"), [plain_text(TEXT_MAX)])

    def validate_text(self, field: Field) -> None:
        """Refuses nothing at all."""
        if not stripped(field.data) and not self.jobs.data:
            raise ValidationError(_("Tick something or write a few words."))


class OpennessForm(Form):
    """How open the manager wants the talks to be."""

    challenge = RadioField(
        lazy("How much do I want to be challenged?"),
        [Empty()],
        choices=[
            SelectChoice("1", lazy("1 carefully")),
            SelectChoice("2"),
            SelectChoice("3", lazy("3 just right")),
            SelectChoice("4"),
            SelectChoice("5", lazy("5 without padding")),
        ],
    )
    inside = TextAreaField(lazy("What may we talk about?"), [plain_text(TEXT_MAX)])
    outside = TextAreaField(lazy("What do we leave outside?"), [plain_text(TEXT_MAX)])
    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version the page showed."""
        return version_of(self.version.data)

    def draft(self) -> OpennessDraft:
        """Returns what was typed."""
        challenge = int(self.challenge.data) if self.challenge.data else None
        return OpennessDraft(challenge, stripped(self.inside.data), stripped(self.outside.data))


class ProfileForm(Form):
    """A coach's profile."""

    ethics = RadioField(
        lazy("Which code of ethics do I work by?"),
        [Empty()],
        choices=[
            SelectChoice(Ethics.ICF.value, "ICF"),
            SelectChoice(Ethics.EMCC.value, lazy("EMCC and the Global Code of Ethics")),
            SelectChoice(Ethics.OTHER.value, lazy("Another one")),
        ],
    )
    ethics_name = StringField(lazy("Which other code?"), [plain_text(LINE_MAX)])
    ethics_version = StringField(lazy("Its version or year"), [plain_text(40)])
    ethics_on = DateField(lazy("I have accepted it since"), [Empty()])
    about = TextAreaField(lazy("Who am I?"), [plain_text(TEXT_MAX)])
    way = TextAreaField(lazy("How do I work?"), [plain_text(TEXT_MAX)])
    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version the page showed."""
        return version_of(self.version.data)

    def validate_ethics_name(self, field: Field) -> None:
        """Asks which other code it is."""
        if self.ethics.data == Ethics.OTHER.value and not stripped(field.data):
            raise ValidationError(_("Write which code it is."))

    def validate_ethics_on(self, field: Field) -> None:
        """Refuses years that can only be slips."""
        if field.data is not None and not YEARS[0] - 50 <= field.data.year <= YEARS[1]:
            raise ValidationError(_("Choose a day between %(first)d and %(last)d.", first=YEARS[0] - 50, last=YEARS[1]))

    def validate(self, extra_validators: Any = None) -> bool:
        """Checks everything, and asks since when once a code is chosen (an empty day has no check of its own)."""
        good = bool(super().validate(extra_validators))
        if self.ethics.data and self.ethics_on.data is None and not self.ethics_on.errors:
            self.ethics_on.errors = [_("Choose the day you accepted it.")]
            return False
        return good

    def draft(self) -> ProfileDraft:
        """Returns what was typed."""
        ethics = Ethics(self.ethics.data) if self.ethics.data else None
        return ProfileDraft(
            ethics=ethics,
            ethics_name=stripped(self.ethics_name.data) if ethics is Ethics.OTHER else "",
            ethics_version=stripped(self.ethics_version.data),
            ethics_on=self.ethics_on.data if ethics else None,
            about=stripped(self.about.data),
            way=stripped(self.way.data),
        )
