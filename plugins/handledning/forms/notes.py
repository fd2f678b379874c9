"""What is typed in notes, decisions and suggestions, and of calls and tests taken elsewhere."""

import uuid
from collections.abc import Sequence
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    BooleanField,
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, ValidationError
from wtforms.validators import Optional as Empty

from plugins.handledning.forms.fields import LINE_MAX, TEXT_MAX, Chosen, plain_text, sane_year, stripped
from plugins.handledning.forms.keys import KeyForm, VersionForm
from plugins.handledning.forms.rows import is_id
from plugins.handledning.models import Channel, Decision, ExternalTest, Homework, NoteType, SuggestionKind
from plugins.handledning.operations.decisions import DecisionDraft
from plugins.handledning.operations.elsewhere import CONTACT_MAX, ContactDraft, TestDraft
from plugins.handledning.operations.notes import NoteDraft
from service.contract import gettext as _
from service.contract import lazy

NOTE_MAX = 2 * TEXT_MAX
SHARED, PRIVATE = "shared", "private"
TYPES = [
    SelectChoice(NoteType.PLAIN.value, lazy("a note")),
    SelectChoice(NoteType.FEEDBACK.value, lazy("feedback: what I saw, what it did, what I ask")),
    SelectChoice(NoteType.REFERRAL.value, lazy("something lies outside coaching")),
]
CHANNELS = [
    SelectChoice(Channel.PHONE.value, lazy("telephone")),
    SelectChoice(Channel.VIDEO.value, lazy("video")),
    SelectChoice(Channel.MESSAGE.value, lazy("message")),
]


def written(_form: Any, field: Field) -> None:
    """Refuses nothing but space."""
    if not stripped(field.data):
        raise ValidationError(_("Write something first."))


class NoteForm(KeyForm):
    """A new note. Who reads it is said now, and never changes."""

    type = RadioField(lazy("What kind is it?"), [Chosen()], choices=TYPES, default=NoteType.PLAIN.value)
    readers = RadioField(
        lazy("Who reads it?"),
        [Chosen()],
        choices=[SelectChoice(PRIVATE, lazy("only me")), SelectChoice(SHARED, lazy("both of us"))],
        default=PRIVATE,
    )
    session = SelectField(lazy("About which session?"), default="")
    body = TextAreaField(lazy("What do I want to note?"), [plain_text(NOTE_MAX)])

    def offering(self, sessions: Sequence[tuple[uuid.UUID, str]], *, feedback: bool) -> "NoteForm":
        """Offers the sessions it may be about, and to a coach feedback."""
        self.session.choices = [
            SelectChoice("", _("no particular one")),
            *(SelectChoice(str(key), words) for key, words in sessions),
        ]
        if not feedback:
            self.type.choices = [one for one in TYPES if one.value != NoteType.FEEDBACK.value]
        return self

    def validate_body(self, field: Field) -> None:
        """Asks for words, save where it is only said that something lies outside coaching: there it takes none."""
        if self.type.data == NoteType.REFERRAL.value:
            if stripped(field.data):
                raise ValidationError(
                    _(
                        "What lies outside coaching is not written here. Take the words away, and talk about where it belongs."
                    )
                )
        elif not stripped(field.data):
            raise ValidationError(_("Write something first."))

    def draft(self) -> NoteDraft:
        """Returns what was typed."""
        session_id = uuid.UUID(self.session.data) if is_id(self.session.data or "") else None
        return NoteDraft(stripped(self.body.data), self.readers.data == SHARED, NoteType(self.type.data), session_id)


class NoteTextForm(VersionForm):
    """One's own note, to change its words."""

    body = TextAreaField(lazy("What do I want to note?"), [plain_text(NOTE_MAX), written])


class DecisionForm(VersionForm, KeyForm):
    """A decision, and what came of it."""

    text = TextAreaField(
        lazy("What have I decided?"), [InputRequired(lazy("Write what you have decided.")), plain_text(TEXT_MAX)]
    )
    expected = TextAreaField(lazy("What do I expect it to lead to?"), [plain_text(TEXT_MAX)])
    actual = TextAreaField(lazy("What did it lead to?"), [plain_text(TEXT_MAX)])
    lesson = TextAreaField(lazy("What does that teach me?"), [plain_text(TEXT_MAX)])
    shared = BooleanField(lazy("My coach may read it"))

    def validate_text(self, field: Field) -> None:
        """Refuses spaces for a decision."""
        if not stripped(field.data):
            raise ValidationError(_("Write what you have decided."))

    def draft(self) -> DecisionDraft:
        """Returns what was typed."""
        texts = {name: stripped(self[name].data) for name in ("text", "expected", "actual", "lesson")}
        return DecisionDraft(**texts, shared=bool(self.shared.data))


def decision_data(row: Decision) -> dict[str, Any]:
    """Returns a decision as its form reads it."""
    names = ("text", "expected", "actual", "lesson", "shared")
    return {**{name: getattr(row, name) for name in names}, "version": str(row.version)}


class SuggestForm(KeyForm):
    """What a coach suggests about a session. An outcome is about one homework: `outcome-<id>`."""

    about = RadioField(lazy("What is it about?"), [InputRequired(lazy("Choose what it is about."))])
    text = TextAreaField(lazy("What do I suggest?"), [plain_text(TEXT_MAX), written])

    def offering(self, homework: Sequence[Homework]) -> "SuggestForm":
        """Offers what a suggestion may be about."""
        self.about.choices = [
            SelectChoice(SuggestionKind.DECISION.value, lazy("a decision")),
            SelectChoice(SuggestionKind.HOMEWORK.value, lazy("new homework")),
            *(SelectChoice(f"outcome-{item.id}", _("how it went: %(text)s", text=item.text)) for item in homework),
        ]
        return self

    def kind(self) -> tuple[SuggestionKind, uuid.UUID | None]:
        """Returns what kind it is and, for an outcome, about which homework."""
        kind, _dash, ref = self.about.data.partition("-")
        return SuggestionKind(kind), uuid.UUID(ref) if ref else None


class GoalSuggestForm(KeyForm):
    """What a coach says of a goal: about the goal itself, or where it is."""

    about = RadioField(
        lazy("What is it about?"),
        [InputRequired(lazy("Choose what it is about."))],
        choices=[
            SelectChoice(SuggestionKind.GOAL.value, lazy("the goal itself")),
            SelectChoice(SuggestionKind.GOAL_STATUS.value, lazy("where it is")),
        ],
        default=SuggestionKind.GOAL.value,
    )
    text = TextAreaField(lazy("What do I suggest?"), [plain_text(TEXT_MAX), written])


class ContactForm(KeyForm):
    """A call or message between sessions."""

    day = DateField(lazy("Day"), [InputRequired(lazy("Choose a day.")), sane_year])
    channel = RadioField(lazy("How?"), [Chosen()], choices=CHANNELS, default=Channel.PHONE.value)
    minutes = IntegerField(
        lazy("Minutes"),
        [Empty(), NumberRange(1, CONTACT_MAX, message=lazy("Write a whole number from 1 to 1,440."))],
    )
    note = StringField(lazy("One line, if you like"), [plain_text(LINE_MAX)])

    def draft(self) -> ContactDraft:
        """Returns what was typed. Raises ValueError on an unchecked form."""
        if self.day.data is None:
            raise ValueError("an unchecked form has no day")
        return ContactDraft(self.day.data, Channel(self.channel.data), self.minutes.data, stripped(self.note.data))


class TestForm(VersionForm, KeyForm):
    """A test taken elsewhere."""

    __test__ = False  # its name is no promise to pytest

    name = StringField(lazy("Which test?"), [InputRequired(lazy("Write which test it was.")), plain_text(LINE_MAX)])
    taken_on = DateField(lazy("When was it taken?"), [InputRequired(lazy("Choose a day.")), sane_year])
    provider = StringField(lazy("With whom?"), [plain_text(LINE_MAX)])
    summary = TextAreaField(lazy("What do I make of it, in my own words?"), [plain_text(TEXT_MAX)])
    shared = BooleanField(lazy("My coach may read it"))

    def validate_name(self, field: Field) -> None:
        """Refuses spaces for a name."""
        if not stripped(field.data):
            raise ValidationError(_("Write which test it was."))

    def draft(self) -> TestDraft:
        """Returns what was typed. Raises ValueError on an unchecked form."""
        if self.taken_on.data is None:
            raise ValueError("an unchecked form has no day")
        texts = {name: stripped(self[name].data) for name in ("name", "provider", "summary")}
        return TestDraft(self.taken_on.data, **texts, shared=bool(self.shared.data))


def test_data(row: ExternalTest) -> dict[str, Any]:
    """Returns a test as its form reads it."""
    names = ("name", "taken_on", "provider", "summary", "shared")
    return {**{name: getattr(row, name) for name in names}, "version": str(row.version)}
