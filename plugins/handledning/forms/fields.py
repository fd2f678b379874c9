"""The forms: when a session is, how its minutes were spent, outcomes, decisions and homework."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import wtforms
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, StopValidation, ValidationError
from wtforms.validators import Optional as Empty

from plugins.handledning.models import Focus, HomeworkKind, Mode, Outcome
from plugins.handledning.operations import MINUTES_MAX, Meeting
from service.contract import gettext as _
from service.contract import lazy

TEXT_MAX = 2000
LINE_MAX = 400
# No page offers another row after so many; two windows together may have made twice as many.
HOMEWORK_MAX = 10
# Outside these years a day is a slip of the pen.
YEARS = (2000, 2100)
DIGITS_MAX = 8
REPETITIONS_MAX = 99


# What WTForms says of unreadable input, in our words.
_UNREADABLE = {
    "Not a valid integer value.": lazy("Write a whole number, such as 70."),
    "Not a valid date value.": lazy("Write the day as in 2026-12-31."),
    "Not a valid time value.": lazy("Write the time as in 13:00."),
    "Not a valid choice.": lazy("Choose one of the answers."),
    "'%(value)s' is not a valid choice for this field.": lazy("Choose one of the answers."),
}


class _Words:
    @staticmethod
    def gettext(text: str) -> str:
        return str(_UNREADABLE.get(text, text))

    @staticmethod
    def ngettext(one: str, many: str, number: int) -> str:
        return str(_UNREADABLE.get(one, one if number == 1 else many))


class Form(wtforms.Form):
    """A form that says what is wrong in the language of the page."""

    class Meta:
        """Where WTForms asks for words."""

        def get_translations(self, _form: wtforms.Form) -> _Words:
            """Returns ours."""
            return _Words()


def plain_text(most: int) -> Callable[[wtforms.Form, Field], None]:
    """Returns the check of a free text: at most `most` characters, and none that a database cannot keep."""

    def check(_form: wtforms.Form, field: Field) -> None:
        text = field.data or ""
        if len(text) > most:
            raise StopValidation(_("This can be %(most)d characters. You wrote %(count)d.", most=most, count=len(text)))
        if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
            raise StopValidation(_("There is a character here that cannot be saved. Write it again without it."))

    return check


def version_of(text: str | None) -> int:
    """Reads the version a page showed; -1, which nothing has, when it is not a number."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else -1


class Chosen:
    """Marks a choice that always has an answer, so that no page calls it optional. It checks nothing."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, _form: wtforms.Form, _field: Field) -> None:
        """Lets everything pass: the choices themselves are checked by the field."""


def stripped(value: str | None) -> str:
    """Returns the text without the space around it."""
    return (value or "").strip()


def sane_year(_form: wtforms.Form, field: Field) -> None:
    """Refuses years that can only be slips."""
    if field.data is not None and not YEARS[0] <= field.data.year <= YEARS[1]:
        raise ValidationError(_("Choose a day between %(first)d and %(last)d.", first=YEARS[0], last=YEARS[1]))


MODES = [
    SelectChoice("", lazy("not said")),
    SelectChoice(Mode.IN_PERSON.value, lazy("in one room")),
    SelectChoice(Mode.VIDEO.value, lazy("by video")),
    SelectChoice(Mode.PHONE.value, lazy("by telephone")),
]
FOCUSES = [
    SelectChoice("", lazy("not said")),
    SelectChoice(Focus.ROLE.value, lazy("the role")),
    SelectChoice(Focus.OPERATIONS.value, lazy("the operations")),
    SelectChoice(Focus.BOTH.value, lazy("both")),
]


class FrameForm(Form):
    """When a session is. Times are in the reader's own zone, which `zone` names."""

    day = DateField(lazy("Day"), [InputRequired(lazy("Choose a day."))])
    start = TimeField(lazy("From"), [InputRequired(lazy("Write when it begins."))])
    end = TimeField(lazy("To"), [InputRequired(lazy("Write when it ends."))])

    mode = SelectField(lazy("How do you meet?"), choices=MODES, default="")
    focus = SelectField(lazy("What is it about?"), choices=FOCUSES, default="")

    zone = "UTC"

    def validate_day(self, field: Field) -> None:
        """Refuses years that can only be slips."""
        sane_year(self, field)

    def validate_end(self, field: Field) -> None:
        """Refuses an end that is not after the start."""
        if self.start.data is not None and field.data is not None and field.data <= self.start.data:
            raise ValidationError(_("The end is before the start. Write a later time."))

    def times(self) -> tuple[datetime, int]:
        """Returns the start in UTC and the planned minutes."""
        begin, finish = (self._at(field.data) for field in (self.start, self.end))
        return begin, max(1, int((finish - begin) / timedelta(minutes=1)))

    def _at(self, clock: time | None) -> datetime:
        if self.day.data is None or clock is None:
            raise ValueError("an unchecked form has no times")
        return datetime.combine(self.day.data, clock, ZoneInfo(self.zone)).astimezone(UTC)

    def meeting(self) -> Meeting:
        """Returns what was typed, as a plan."""
        return Meeting(*self.times(), **self.kinds())

    def kinds(self) -> dict[str, Any]:
        """Returns how they meet and what it is about, where that is said."""
        return {
            "mode": Mode(self.mode.data) if self.mode.data else None,
            "focus": Focus(self.focus.data) if self.focus.data else None,
        }


class SpentForm(FrameForm):
    """When a session is and how its minutes were spent: what both of the two may write."""

    process_minutes = IntegerField(
        lazy("Minutes on process"), [Empty(), NumberRange(0, message=lazy("Write 0 or more."))]
    )
    result_minutes = IntegerField(
        lazy("Minutes on result"), [Empty(), NumberRange(0, message=lazy("Write 0 or more."))]
    )
    version = HiddenField()

    def validate_process_minutes(self, field: Field) -> None:
        """Refuses more minutes than a day has."""
        _at_most_a_day(field.data or 0)

    def validate_result_minutes(self, field: Field) -> None:
        """Refuses more minutes than a day has, alone and together."""
        _at_most_a_day(field.data or 0)
        _at_most_a_day((field.data or 0) + (self.process_minutes.data or 0))

    def meeting(self) -> Meeting:
        """Returns what was typed, minutes included."""
        return Meeting(*self.times(), self.process_minutes.data, self.result_minutes.data, **self.kinds())

    @property
    def seen(self) -> int:
        """The version the page showed."""
        return version_of(self.version.data)


def _at_most_a_day(amount: int) -> None:
    if amount > MINUTES_MAX:
        raise ValidationError(_("A day has 1,440 minutes. You wrote %(amount)d.", amount=amount))


class MainForm(SpentForm):
    """The single fields of the manager's page."""

    final = BooleanField(lazy("This is our final session"))
    decision = TextAreaField(lazy("What have I decided?"), [plain_text(TEXT_MAX)])
    expected = TextAreaField(lazy("What do I expect it to lead to?"), [plain_text(TEXT_MAX)])
    keeps_decision = BooleanField(lazy("I keep this decision to myself for now"))


class OutcomeForm(Form):
    """What became of one earlier homework."""

    state = RadioField(
        lazy("What became of it?"),
        [Empty()],
        choices=[
            SelectChoice(Outcome.DONE.value, lazy("Done")),
            SelectChoice(Outcome.PARTLY.value, lazy("Partly")),
            SelectChoice(Outcome.NOT_DONE.value, lazy("Not done")),
            SelectChoice(Outcome.DROPPED.value, lazy("Letting it go")),
        ],
    )
    note = TextAreaField(lazy("What happened?"), [plain_text(TEXT_MAX)])


HOMEWORK_KINDS = [
    SelectChoice(HomeworkKind.TASK.value, lazy("something to do")),
    SelectChoice(HomeworkKind.EXPERIMENT.value, lazy("something to try once")),
    SelectChoice(HomeworkKind.PRACTICE.value, lazy("something to practise")),
]


class HomeworkForm(Form):
    """One new homework. Everything may wait until the session is closed; `after` is the session's day."""

    text = StringField(lazy("What am I going to do?"), [plain_text(LINE_MAX)])
    criterion = StringField(lazy("How will it show?"), [plain_text(LINE_MAX)])
    due_on = DateField(lazy("Done by"), [Empty()])
    comfort = RadioField(
        lazy("How far outside what is comfortable?"),
        [Empty()],
        choices=[
            SelectChoice("1", lazy("1 safe")),
            SelectChoice("2"),
            SelectChoice("3", lazy("3 just right")),
            SelectChoice("4"),
            SelectChoice("5", lazy("5 scary")),
        ],
    )
    kind = RadioField(lazy("What kind is it?"), [Chosen()], choices=HOMEWORK_KINDS, default=HomeworkKind.TASK.value)
    repetitions = IntegerField(
        lazy("How many times?"),
        [Empty(), NumberRange(1, REPETITIONS_MAX, message=lazy("Write a whole number from 1 to 99."))],
    )
    habit = BooleanField(lazy("Make it a habit in LedarSteg when the session is closed"))

    after: date | None = None
    key = ""

    def validate_text(self, field: Field) -> None:
        """Refuses a date or a criterion of nothing."""
        if not stripped(field.data) and (stripped(self.criterion.data) or self.due_on.data or self.habit.data):
            raise ValidationError(_("Write what you are going to do."))

    def validate_habit(self, field: Field) -> None:
        """Only what is practised becomes a habit."""
        if field.data and self.kind.data != HomeworkKind.PRACTICE.value:
            raise ValidationError(_("Choose “something to practise”, or untick this."))

    def validate_due_on(self, field: Field) -> None:
        """Refuses a date that is not after the session's."""
        if field.data is not None and self.after is not None and field.data <= self.after:
            raise ValidationError(_("This day is not after the session. Choose a later one."))
