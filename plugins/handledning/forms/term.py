"""What is typed before, in and after a session besides its own page: preparing, its parts, pulses, feedback, cancelling."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange
from wtforms.validators import Optional as Empty

from plugins.handledning.calculations import LEVELS
from plugins.handledning.forms.fields import (
    LINE_MAX,
    TEXT_MAX,
    Chosen,
    Form,
    OutcomeForm,
    plain_text,
    stripped,
)
from plugins.handledning.forms.goals import signed
from plugins.handledning.forms.keys import KeyForm, VersionForm
from plugins.handledning.forms.notes import written
from plugins.handledning.forms.page import outcome_form
from plugins.handledning.models import CancelReason, Driver, GoalStatus, Homework, Outcome, Side
from plugins.handledning.operations import MINUTES_MAX, OutcomeDraft
from plugins.handledning.operations.goal_sheets import GoalSheet
from plugins.handledning.operations.holding import TECHNIQUES, PartDraft
from plugins.handledning.operations.preparing import Preparation, PreparationDraft, Rated
from plugins.handledning.operations.scales import level_texts
from service.contract import gettext as _
from service.contract import lazy

DRIVERS = [
    SelectChoice(Driver.MANAGER.value, lazy("the manager")),
    SelectChoice(Driver.COACH.value, lazy("the coach")),
    SelectChoice(Driver.BOTH.value, lazy("both")),
]
TECHNIQUE_NAMES = {
    "open_questions": lazy("open questions"),
    "listening": lazy("listening and giving back"),
    "scaling": lazy("a scale from 0 to 10"),
    "reframing": lazy("seeing it another way"),
    "mapping": lazy("drawing a map"),
    "trying_out": lazy("trying it out in the room"),
    "feedback": lazy("feedback"),
    "challenge": lazy("challenge"),
    "silence": lazy("silence"),
}
SIDES = [SelectChoice(Side.PROCESS.value, lazy("process")), SelectChoice(Side.RESULT.value, lazy("result"))]
PART_NAMES = {
    "opening": lazy("Opening"),
    "follow_up": lazy("Following up"),
    "topic": lazy("Topic"),
    "decisions": lazy("Decisions"),
    "homework": lazy("Homework"),
    "closing": lazy("Closing"),
}


class TopicForm(VersionForm):
    """What the session is about."""

    topic = TextAreaField(lazy("What do I want to talk about?"), [plain_text(TEXT_MAX)])
    quick_win = StringField(lazy("Which first result could be seen within two weeks?"), [plain_text(LINE_MAX)])


class AnswerForm(Form):
    """The answer to one question."""

    text = TextAreaField(lazy("My answer"), [plain_text(TEXT_MAX)])


class WhereForm(Form):
    """Where she is with one goal, on the levels she sees."""

    level = RadioField(lazy("Where am I now?"), [Empty()])
    scale = HiddenField()


class Prepared:
    """All forms of the manager's page for preparing, from what is saved or from what was posted."""

    def __init__(self, found: Preparation, goals: Sequence[GoalSheet], posted: Any = None) -> None:
        text = found.text
        data = {
            "topic": text.topic if text else "", "quick_win": text.quick_win if text else "",
            "version": str(found.version),
        }  # fmt: skip
        self.found = found
        self.topic = TopicForm(posted, data=data)
        self.outcomes: list[tuple[Homework, OutcomeForm]] = [
            (item, outcome_form(item, posted)) for item in found.sheet.follow_up
        ]
        self.answers = [
            (one, AnswerForm(posted, prefix=f"answer-{one.id}-", data={"text": one.text})) for one in found.answers
        ]
        self.goals = [(one, _where(one, posted)) for one in goals if _is_asked(one)]

    def forms(self) -> Iterator[tuple[str, Form]]:
        """Yields every form with its place."""
        yield "", self.topic
        for item, form in self.outcomes:
            yield str(item.id), form
        for answer, answer_form in self.answers:
            yield str(answer.id), answer_form
        for sheet, where in self.goals:
            yield str(sheet.goal.id), where

    def validate(self) -> bool:
        """Checks everything, so that all errors show at once."""
        checked = [form.validate() for _place, form in self.forms()]
        return all(checked)

    def draft(self) -> PreparationDraft:
        """Returns what was typed."""
        return PreparationDraft(
            topic=stripped(self.topic.topic.data),
            quick_win=stripped(self.topic.quick_win.data),
            answers={answer.id: stripped(form.text.data) for answer, form in self.answers},
            outcomes=[
                OutcomeDraft(item.id, Outcome(form.state.data or Outcome.OPEN), stripped(form.note.data))
                for item, form in self.outcomes
            ],
            ratings=[
                Rated(sheet.goal.id, uuid.UUID(form.scale.data), int(form.level.data))
                for sheet, form in self.goals
                if form.level.data and sheet.scale is not None and form.scale.data == str(sheet.scale.id)
            ],
        )


def _is_asked(one: GoalSheet) -> bool:
    """Whether it is asked where a goal is: one that she works on, and whose newest levels she has begun on."""
    return one.goal.status is GoalStatus.OPEN and one.begun is not None and one.scale is one.begun


def _where(one: GoalSheet, posted: Any) -> WhereForm:
    data = {"level": str(one.level), "scale": str(one.scale.id) if one.scale else ""}
    form = WhereForm(posted, prefix=f"goal-{one.goal.id}-", data=data)
    words = dict(zip(LEVELS, level_texts(one.begun), strict=True))
    form.level.choices = [SelectChoice(str(level), f"{signed(level)}: {words[level]}") for level in reversed(LEVELS)]
    return form


class AgendaForm(KeyForm):
    """Something to take up, and who drives it."""

    text = StringField(lazy("What shall we take up?"), [plain_text(LINE_MAX), written])
    driver = RadioField(lazy("Who drives it?"), [Chosen()], choices=DRIVERS, default=Driver.MANAGER.value)


class PartForm(Form):
    """One part of a session."""

    planned = IntegerField(
        lazy("Time box"), [Empty(), NumberRange(0, MINUTES_MAX, message=lazy("Write minutes from 0 to 1,440."))]
    )
    minutes = IntegerField(
        lazy("Minutes spent"), [Empty(), NumberRange(0, MINUTES_MAX, message=lazy("Write minutes from 0 to 1,440."))]
    )
    side = SelectField(lazy("Counts as"), choices=SIDES)
    technique = SelectField(
        lazy("Technique"),
        choices=[
            SelectChoice("", lazy("not said")),
            *(SelectChoice(key, TECHNIQUE_NAMES[key]) for key in TECHNIQUES),
        ],
        default="",
    )


class PartsForm:
    """All parts of a session, from what is saved or the template, or from what was posted."""

    def __init__(self, drafts: Sequence[PartDraft], version: int, posted: Any = None) -> None:
        self.keys = [draft.key for draft in drafts]
        self.head = VersionForm(posted, data={"version": str(version)})
        self.parts = [
            PartForm(
                posted,
                prefix=f"part-{place}-",
                data={
                    "planned": draft.planned_minutes, "minutes": draft.minutes, "side": draft.side.value,
                    "technique": draft.technique,
                },
            )
            for place, draft in enumerate(drafts)
        ]  # fmt: skip

    def __iter__(self) -> Iterator[tuple[str, PartForm]]:
        return iter(zip(self.keys, self.parts, strict=True))

    def forms(self) -> Iterator[tuple[str, Form]]:
        """Yields every part with its place."""
        yield from self

    def validate(self) -> bool:
        """Checks every part, and that they fit into a day."""
        checked = [form.validate() for form in self.parts]
        fits = all(checked)
        spent = sum(form.minutes.data or 0 for form in self.parts)
        if fits and spent > MINUTES_MAX:
            self.parts[-1].minutes.errors = [_("A day has 1,440 minutes. You wrote %(amount)d.", amount=spent)]
            return False
        return fits

    def drafts(self) -> list[PartDraft]:
        """Returns what was typed."""
        return [
            PartDraft(key, form.planned.data or 0, form.minutes.data, Side(form.side.data), form.technique.data or "")
            for key, form in self
        ]


def _five(text: Any, low: Any, high: Any) -> RadioField:
    choices = [SelectChoice("1", low), SelectChoice("2"), SelectChoice("3"), SelectChoice("4"), SelectChoice("5", high)]
    return RadioField(text, [InputRequired(lazy("Choose an answer."))], choices=choices)


class PulseForm(Form):
    """How much one of the two trusts the other after a session."""

    value = _five(lazy("How much do I trust the one I met?"), lazy("1 not yet"), lazy("5 fully"))


class FeedbackForm(Form):
    """What the manager tells her coach after a session."""

    thinking = _five(lazy("The way we worked helped me think."), lazy("1 not at all"), lazy("5 completely"))
    session = _five(lazy("We used the time for what matters."), lazy("1 not at all"), lazy("5 completely"))
    moved = _five(lazy("I came further with what I want."), lazy("1 not at all"), lazy("5 completely"))
    text = TextAreaField(lazy("What do I want to tell my coach?"), [plain_text(TEXT_MAX)])

    def answers(self) -> tuple[int, ...]:
        """Returns the three answers in their order."""
        return tuple(int(field.data) for field in (self.thinking, self.session, self.moved))


class CancelForm(VersionForm):
    """Why a session is cancelled: a kind, and words only if somebody wants to."""

    reason = RadioField(
        lazy("Why?"),
        [InputRequired(lazy("Choose a reason."))],
        choices=[
            SelectChoice(CancelReason.TIME.value, lazy("the time does not suit")),
            SelectChoice(CancelReason.CAME_BETWEEN.value, lazy("something came between")),
            SelectChoice(CancelReason.NOT_NEEDED.value, lazy("it is not needed")),
            SelectChoice(CancelReason.OTHER.value, lazy("something else")),
        ],
    )
    note = StringField(lazy("A few words, if you like"), [plain_text(LINE_MAX)])
