"""What people type: the time of a session, and everything on a session's page."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
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
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, StopValidation, ValidationError
from wtforms.validators import Optional as Empty

from plugins.handledning.models import Homework, Outcome
from plugins.handledning.operations import MINUTES_MAX, Draft, HomeworkDraft, Meeting, OutcomeDraft, Sheet
from service.contract import gettext as _
from service.contract import lazy, local_date

TEXT_MAX = 2000
LINE_MAX = 400
HOMEWORK_MAX = 10


# What WTForms says of unreadable input, in our words.
_UNREADABLE = {
    "Not a valid integer value.": lazy("Write a whole number, such as 70."),
    "Not a valid date value.": lazy("Write the day as in 2026-12-31."),
    "Not a valid time value.": lazy("Write the time as in 13:00."),
    "Not a valid choice.": lazy("Choose one of the answers."),
}


class _Words:
    @staticmethod
    def gettext(text: str) -> str:
        return str(_UNREADABLE.get(text, text))

    @staticmethod
    def ngettext(one: str, many: str, number: int) -> str:
        return one if number == 1 else many


class Form(wtforms.Form):
    """A form that says what is wrong in the language of the page."""

    class Meta:
        def get_translations(self, _form: wtforms.Form) -> _Words:
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


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class FrameForm(Form):
    """When a session is. Times are in the reader's own zone, which `zone` names."""

    day = DateField(lazy("Day"), [InputRequired(lazy("Choose a day."))])
    start = TimeField(lazy("From"), [InputRequired(lazy("Write when it begins."))])
    end = TimeField(lazy("To"), [InputRequired(lazy("Write when it ends."))])

    zone = "UTC"

    def validate_day(self, field: Field) -> None:
        """Refuses years that can only be slips."""
        if field.data is not None and not 2000 <= field.data.year <= 2100:
            raise ValidationError(_("Choose a day between 2000 and 2100."))

    def validate_end(self, field: Field) -> None:
        """Refuses an end that is not after the start."""
        if self.start.data is not None and field.data is not None and field.data <= self.start.data:
            raise ValidationError(_("The end is before the start. Write a later time."))

    def times(self) -> tuple[datetime, int]:
        """Returns the start in UTC and the planned minutes."""
        begin, finish = (self._at(field.data) for field in (self.start, self.end))
        return begin, max(1, int((finish - begin) / timedelta(minutes=1)))

    def _at(self, clock: time) -> datetime:
        return datetime.combine(self.day.data, clock, ZoneInfo(self.zone)).astimezone(UTC)

    def meeting(self) -> Meeting:
        """Returns what was typed, as a plan."""
        return Meeting(*self.times())


class SpentForm(FrameForm):
    """When a session is and how its minutes were spent: what both of the two may write."""

    process_minutes = IntegerField(lazy("Minutes on process"), [Empty(), NumberRange(0, message=lazy("Write 0 or more."))])
    result_minutes = IntegerField(lazy("Minutes on result"), [Empty(), NumberRange(0, message=lazy("Write 0 or more."))])
    version = HiddenField()

    def validate_process_minutes(self, field: Field) -> None:
        """Refuses more minutes than a day has."""
        _at_most_a_day(field.data or 0)

    def validate_result_minutes(self, field: Field) -> None:
        """Refuses more minutes than a day has, alone and together."""
        _at_most_a_day(field.data or 0)
        _at_most_a_day((field.data or 0) + (self.process_minutes.data or 0))

    def meeting(self) -> Meeting:
        return Meeting(*self.times(), self.process_minutes.data, self.result_minutes.data)

    @property
    def seen(self) -> int:
        """The version the page showed; -1, which no session has, when it is not a number."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _at_most_a_day(amount: int) -> None:
    if amount > MINUTES_MAX:
        raise ValidationError(_("A day has 1,440 minutes. You wrote %(amount)d.", amount=amount))


class MainForm(SpentForm):
    """The single fields of the manager's page."""

    final = BooleanField(lazy("This is our final session"))
    decision = TextAreaField(lazy("What have I decided?"), [plain_text(TEXT_MAX)])
    expected = TextAreaField(lazy("What do I expect it to lead to?"), [plain_text(TEXT_MAX)])


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

    after: date | None = None
    key = ""

    def validate_text(self, field: Field) -> None:
        """Refuses a date or a criterion of nothing."""
        if not _stripped(field.data) and (_stripped(self.criterion.data) or self.due_on.data):
            raise ValidationError(_("Write what you are going to do."))

    def validate_due_on(self, field: Field) -> None:
        """Refuses a date that is not after the session's."""
        if field.data is not None and self.after is not None and field.data <= self.after:
            raise ValidationError(_("This day is not after the session. Choose a later one."))


class Page:
    """All forms of a manager's session page, from what is saved or from what was posted."""

    def __init__(self, sheet: Sheet, zone: str, posted: Any = None, *, more: bool = False) -> None:
        self.sheet = sheet
        self.main = MainForm(posted, data=_saved(sheet, zone))
        self.main.zone = zone
        self.outcomes = [(item, _outcome_form(item, posted)) for item in sheet.follow_up]
        self.homework = dict(self._homework(posted, more))

    def _homework(self, posted: Any, more: bool) -> Iterator[tuple[uuid.UUID, HomeworkForm]]:
        saved = {str(item.id): item for item in self.sheet.new}
        if posted is not None:
            for key in list(dict.fromkeys(posted.getlist("homework")))[:HOMEWORK_MAX]:
                if _is_id(key):
                    yield from self._row(key, saved.get(key), posted)
            return
        for key, item in saved.items():
            yield from self._row(key, item)
        if more or not saved:
            yield from self._row(str(uuid.uuid4()), None)

    def _row(self, key: str, item: Homework | None, posted: Any = None) -> Iterator[tuple[uuid.UUID, HomeworkForm]]:
        """One homework. A new row's id is the one its page made up, bound to this session: it can name no other's."""
        data = {name: getattr(item, name) for name in ("text", "criterion", "due_on")} if item else {}
        data["comfort"] = str(item.comfort) if item and item.comfort else None
        form = HomeworkForm(posted, prefix=f"hw-{key}-", data=data)
        form.key = key
        yield (item.id if item else uuid.uuid5(self.sheet.session.id, key)), form

    def admit_saved(self, other: "Page") -> None:
        """Takes in homework that was saved meanwhile and is not on this page, so that both are there to choose from."""
        for row, form in other.homework.items():
            if row not in self.homework and row in {item.id for item in self.sheet.new}:
                self.homework[row] = form

    def forms(self) -> list[Form]:
        """All of them, in the order of the page."""
        return [self.main, *(form for _item, form in self.outcomes), *self.homework.values()]

    def values(self) -> Iterator[tuple[str, str, str]]:
        """Yields every field's place, label and value as people read it, without the version."""
        groups = [("", self.main), *((str(i.id), f) for i, f in self.outcomes), *((str(k), f) for k, f in self.homework.items())]
        for group, form in groups:
            for field in form:
                if field.short_name != "version":
                    yield f"{group}{field.short_name}", str(field.label.text), _shown(field)

    def validate(self) -> bool:
        """Checks everything, so that all errors show at once."""
        results = [self.main.validate()]
        for form in self.homework.values():
            form.after = self.main.day.data
        results += [form.validate() for form in self.forms()[1:]]
        return all(results)

    def draft(self) -> Draft:
        """Returns what was typed, ready to be saved."""
        main = self.main
        return Draft(
            meeting=main.meeting(),
            final=bool(main.final.data),
            decision=_stripped(main.decision.data),
            expected=_stripped(main.expected.data),
            outcomes=[
                OutcomeDraft(item.id, Outcome(form.state.data or Outcome.OPEN), _stripped(form.note.data))
                for item, form in self.outcomes
            ],
            homework=[
                HomeworkDraft(
                    key, _stripped(form.text.data), _stripped(form.criterion.data), form.due_on.data, int(form.comfort.data) if form.comfort.data else None
                )
                for key, form in self.homework.items()
            ],
        )


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _shown(field: Field) -> str:
    if isinstance(field, BooleanField):
        return _("Yes") if field.data else _("No")
    if isinstance(field, RadioField):
        return next((str(option.label) for option in field.iter_choices() if option.selected), "")
    return _stripped(str(field._value()))


@dataclass(frozen=True)
class Difference:
    """A field that two people, or one person in two windows, wrote differently."""

    label: str
    saved: str
    mine: str


def differences(saved: Page, mine: Page) -> list[Difference]:
    """Returns where the page as saved and the page as typed say different things."""
    there = {place: text for place, _label, text in saved.values()}
    return [
        Difference(label, there.get(place, ""), text)
        for place, label, text in mine.values()
        if there.get(place, "") != text
    ]


def _outcome_form(item: Homework, posted: Any) -> OutcomeForm:
    state = None if item.state is Outcome.OPEN else item.state.value
    return OutcomeForm(posted, prefix=f"out-{item.id}-", data={"state": state, "note": item.outcome_note})


def frame_data(sheet: Sheet, zone: str) -> dict[str, Any]:
    """Returns a session's frame as the reader's own day and times."""
    row, where = sheet.session, ZoneInfo(zone)
    end = row.planned_start + timedelta(minutes=row.planned_minutes)
    return {
        "day": local_date(row.planned_start, zone), "start": row.planned_start.astimezone(where).time(),
        "end": end.astimezone(where).time(), "process_minutes": row.process_minutes, "result_minutes": row.result_minutes,
        "version": str(row.version),
    }  # fmt: skip


def _saved(sheet: Sheet, zone: str) -> dict[str, Any]:
    decision = sheet.decision
    return {
        **frame_data(sheet, zone), "final": sheet.session.final,
        "decision": decision.text if decision else "", "expected": decision.expected if decision else "",
    }  # fmt: skip
