"""Forms of the journal: an insight, the Friday review, the Aha exercise, and what becomes of a habit."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    DateField,
    HiddenField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.ledarsteg.forms.contributions import NO_HABIT, SIDE_TITLES, Tags
from plugins.ledarsteg.forms.fields import SIGNS_LENGTH, TEXT_LENGTH, Text, strip
from plugins.ledarsteg.forms.spoken import Once, OneOf, Revision, SpokenForm
from plugins.ledarsteg.models import Choice, Habit, InsightKind
from plugins.ledarsteg.operations.insights import NewInsight
from plugins.ledarsteg.operations.reviews import Look
from service.contract import gettext as _
from service.contract import lazy

NO_ANSWER = "none"
KIND_TITLES: Mapping[InsightKind, Any] = {
    InsightKind.OBSERVATION: lazy("Something I noticed"),
    InsightKind.CROSSROADS: lazy("Aha, about the core of leading"),
}
CHOICE_TITLES: Mapping[Choice, Any] = {
    Choice.KEEP: lazy("Keep it"),
    Choice.RAISE: lazy("Raise it"),
    Choice.RETIRE: lazy("Finish it"),
}
POINTS = ("1", "2", "3", "4", "5")
ROOM = (*(SelectChoice(point, point) for point in POINTS), SelectChoice(NO_ANSWER, lazy("No answer")))
MOST_LINES = 20


def lines(text: str | None) -> str:
    """Returns the text without the white space around it; the end of a line is one character, whatever was sent."""
    return strip(text).replace("\r\n", "\n").replace("\r", "\n")


class InsightForm(SpokenForm):
    """An insight in a line or two."""

    key = Once()
    text = TextAreaField(
        lazy("Your insight"),
        filters=[lines],
        validators=[DataRequired(lazy("Write a line first.")), Text(SIGNS_LENGTH)],
    )
    kind = OneOf(
        lazy("What is it?"), choices=[SelectChoice(kind.value, title) for kind, title in KIND_TITLES.items()],
        default=InsightKind.OBSERVATION.value,
    )  # fmt: skip
    habit = SelectField(lazy("Is it about a habit?"), default=NO_HABIT)
    # The day it was of, when one that was deleted is written down again.
    day = DateField(validators=[Optional()])

    def __init__(self, *args: Any, habits: Sequence[Habit] = (), **values: Any) -> None:
        super().__init__(*args, **values)
        self.habit.choices = [
            SelectChoice(NO_HABIT, _("No")),
            *(SelectChoice(str(one.id), one.title) for one in habits),
        ]

    def insight(self, today: date) -> NewInsight:
        """Returns the insight as the operations take it. Only for a form that validated."""
        habit = self.habit.data
        day = min(self.day.data, today) if self.day.data else None
        return NewInsight(
            key=self.key.data or "", text=self.text.data or "", kind=InsightKind(self.kind.data),
            habit_id=uuid.UUID(habit) if habit and habit != NO_HABIT else None, day=day,
        )  # fmt: skip


class ReviewForm(SpokenForm):
    """The look back on a week. Nothing of it has to be answered."""

    revision = Revision(default=0)
    contribution = TextAreaField(
        lazy("Which leader contribution did you make?"),
        description=lazy("One line is enough, and none at all is an answer too. Do not name people."),
        filters=[lines],
        validators=[Text(TEXT_LENGTH)],
    )
    sides = Tags(lazy("Which side of Tough care was it?"), SIDE_TITLES)
    being = OneOf(
        lazy("How much room did being have? 1 is hardly any, 5 is a lot."),
        choices=list(ROOM), optional=True,
    )  # fmt: skip
    being_text = TextAreaField(lazy("A line about being"), filters=[lines], validators=[Text(TEXT_LENGTH)])
    doing = OneOf(
        lazy("How much room did doing have? 1 is hardly any, 5 is a lot."),
        choices=list(ROOM), optional=True,
    )  # fmt: skip
    doing_text = TextAreaField(lazy("A line about doing"), filters=[lines], validators=[Text(TEXT_LENGTH)])
    next_week = TextAreaField(lazy("What do you try next week?"), filters=[lines], validators=[Text(TEXT_LENGTH)])

    def look(self) -> Look:
        """Returns what was said as the operations take it. Only for a form that validated."""
        return Look(
            contribution=self.contribution.data or "", sides=self.sides.bits,
            being=_points(self.being.data), being_text=self.being_text.data or "", doing=_points(self.doing.data),
            doing_text=self.doing_text.data or "", next_week=self.next_week.data or "",
        )  # fmt: skip


def _points(text: str | None) -> int | None:
    return int(text) if text in POINTS else None


def of_look(look: Look, revision: int) -> dict[str, Any]:
    """Returns what a form shows of a review that is written."""
    return {
        "contribution": look.contribution, "sides": look.sides,
        "being": str(look.being or ""), "being_text": look.being_text, "doing": str(look.doing or ""),
        "doing_text": look.doing_text, "next_week": look.next_week, "revision": revision,
    }  # fmt: skip


class ChoiceForm(SpokenForm):
    """What becomes of one habit, by the button that was pressed."""

    revision = Revision(default=0)
    choice = SelectField(choices=[SelectChoice(choice.value, title) for choice, title in CHOICE_TITLES.items()])
    why = TextAreaField(lazy("Why?"), filters=[lines], validators=[Text(TEXT_LENGTH)])


class WeekForm(SpokenForm):
    """The first part of the Aha exercise: what a week was filled with, a line for each thing."""

    week = TextAreaField(
        lazy("What did you do this week?"),
        description=lazy("A line for each thing, as it comes. Ten lines are plenty. Do not name people."),
        filters=[lines],
        validators=[DataRequired(lazy("Write at least one thing.")), Text(MOST_LINES * TEXT_LENGTH)],
    )

    def things(self) -> list[str]:
        """Returns the lines that say something, each once."""
        written = (line.strip() for line in (self.week.data or "").split("\n"))
        return list(dict.fromkeys(line for line in written if line))

    def validate_week(self, _field: TextAreaField) -> None:
        """Refuses more things than anybody can look through. Raises ValidationError."""
        number = len(self.things())
        if number > MOST_LINES:
            raise ValidationError(
                _("Write at most %(most)s lines. You wrote %(number)s.", most=MOST_LINES, number=number)
            )


class CoreForm(SpokenForm):
    """The second part: which of the things are the core of leading. They are known by their place in the list."""

    week = HiddenField(filters=[lines])
    core = SelectMultipleField(
        lazy("What of it is the core of leading?"),
        description=lazy("Tick what is. None is an answer too."),
        option_widget=CheckboxInput(), widget=ListWidget(), validate_choice=False,
    )  # fmt: skip

    def __init__(self, *args: Any, things: Sequence[str], **values: Any) -> None:
        super().__init__(*args, **values)
        self.number = len(things)
        self.core.choices = [SelectChoice(str(place), thing) for place, thing in enumerate(things)]

    def chosen(self) -> list[bool]:
        """Returns for each thing whether it was ticked; what was not offered is passed over."""
        ticked = set(self.core.data or ())
        return [str(place) in ticked for place in range(self.number)]


class AhaForm(SpokenForm):
    """The last part: her Aha, which is kept as an insight."""

    key = Once()
    week = HiddenField(filters=[lines])
    text = TextAreaField(
        lazy("My Aha"),
        description=lazy("What is the core of leading, for you, after this?"),
        filters=[lines],
        validators=[DataRequired(lazy("Write a line first.")), Text(SIGNS_LENGTH)],
    )
