"""What is typed of goals: the goal, its five levels, where she is, its value read again, and activities."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    BooleanField,
    DateField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, ValidationError
from wtforms.validators import Optional as Empty

from plugins.handledning.calculations import BASELINES, LEVELS
from plugins.handledning.forms.fields import LINE_MAX, TEXT_MAX, Chosen, plain_text, sane_year, stripped
from plugins.handledning.forms.keys import KeyForm, VersionForm
from plugins.handledning.forms.rows import is_id
from plugins.handledning.models import (
    Activity,
    ActivityState,
    GasScale,
    Goal,
    GoalStatus,
    Moment,
    Scope,
    Theme,
    ValueType,
)
from plugins.handledning.operations.activities import ActivityDraft
from plugins.handledning.operations.goal_sheets import LEANS_ON, GoalSheet
from plugins.handledning.operations.goals import GoalDraft
from plugins.handledning.operations.scales import TEXTS, NotFive, level_texts
from service.contract import gettext as _
from service.contract import lazy

SCOPES = [
    SelectChoice(Scope.PROFESSIONAL.value, lazy("professional")),
    SelectChoice(Scope.PERSONAL.value, lazy("personal")),
    SelectChoice(Scope.LIFE.value, lazy("my life")),
]
THEMES = [
    SelectChoice("", lazy("not said")),
    SelectChoice(Theme.EMOTIONS.value, lazy("emotions")),
    SelectChoice(Theme.MOTIVATION.value, lazy("motivation")),
    SelectChoice(Theme.SELF_MANAGEMENT.value, lazy("leading myself")),
    SelectChoice(Theme.PEOPLE.value, lazy("leading others")),
]
VALUE_TYPES = [
    SelectChoice("", lazy("not said")),
    SelectChoice(ValueType.RESULT.value, lazy("a result")),
    SelectChoice(ValueType.PERFORMANCE.value, lazy("a way of working")),
    SelectChoice(ValueType.RELATION.value, lazy("a relation")),
    SelectChoice(ValueType.OTHER.value, lazy("something else")),
]
STATUSES = [
    SelectChoice(GoalStatus.OPEN.value, lazy("I work on it")),
    SelectChoice(GoalStatus.REACHED.value, lazy("I am there")),
    SelectChoice(GoalStatus.RESTING.value, lazy("it rests")),
    SelectChoice(GoalStatus.DROPPED.value, lazy("I let it go")),
]
STATES = [
    SelectChoice(ActivityState.OPEN.value, lazy("to do")),
    SelectChoice(ActivityState.DONE.value, lazy("done")),
    SelectChoice(ActivityState.DROPPED.value, lazy("let go")),
]
# The five levels from below, as they are called.
LEVEL_NAMES = {
    -2: lazy("much less than expected"),
    -1: lazy("less than expected"),
    0: lazy("as expected"),
    1: lazy("more than expected"),
    2: lazy("much more than expected"),
}
_ONE_TO_THREE = [SelectChoice("1", lazy("1 little")), SelectChoice("2"), SelectChoice("3", lazy("3 much"))]


class GoalForm(VersionForm, KeyForm):
    """A goal. All but its name may wait."""

    title = StringField(
        lazy("What is the goal?"), [InputRequired(lazy("Write what the goal is.")), plain_text(LINE_MAX)]
    )
    scope = RadioField(
        lazy("What part of life is it about?"), [Chosen()], choices=SCOPES, default=Scope.PROFESSIONAL.value
    )
    theme = SelectField(lazy("Theme"), choices=THEMES, default="")
    what = TextAreaField(lazy("What exactly is to be different?"), [plain_text(TEXT_MAX)])
    where = StringField(lazy("Where, or with whom?"), [plain_text(LINE_MAX)])
    behaviour = StringField(lazy("What will others see me do?"), [plain_text(LINE_MAX)])
    measure = StringField(lazy("What can be measured or counted?"), [plain_text(LINE_MAX)])
    unit = StringField(lazy("In what?"), [plain_text(LINE_MAX)])
    baseline = StringField(lazy("How much is it now?"), [plain_text(LINE_MAX)])
    target = StringField(lazy("How much is it to be?"), [plain_text(LINE_MAX)])
    discretion_id = SelectField(lazy("Which question of my role makes it possible?"), default="")
    reason = StringField(lazy("If it is not mine to decide: why can I do it all the same?"), [plain_text(LINE_MAX)])
    role_content_id = SelectField(lazy("Which part of my role does it belong to?"), default="")
    operations_goal_id = SelectField(lazy("Which goal of the operations does it serve?"), default="")
    value = TextAreaField(lazy("What is it worth to me, to my team, to the operations?"), [plain_text(TEXT_MAX)])
    value_type = SelectField(lazy("What kind of value is that?"), choices=VALUE_TYPES, default="")
    due_on = DateField(lazy("By when?"), [Empty(), sane_year])
    importance = RadioField(lazy("How important is it to me?"), [Chosen()], choices=_ONE_TO_THREE, default="2")
    difficulty = RadioField(lazy("How difficult is it?"), [Chosen()], choices=_ONE_TO_THREE, default="2")
    slow = BooleanField(lazy("It is a slow goal: its fruits come late"))

    def leaning_on(self, leans: Mapping[str, Sequence[Any]]) -> "GoalForm":
        """Lets the goal lean on these rows of her map. Call it before anything is read of the form."""
        for name in LEANS_ON:
            rows = [SelectChoice(str(row.id), row.text) for row in leans[name]]
            select: Any = self[name]
            select.choices = [SelectChoice("", _("no particular one")), *rows]
        return self

    def validate_title(self, field: Field) -> None:
        """Refuses spaces for a name."""
        if not stripped(field.data):
            raise ValidationError(_("Write what the goal is."))

    def draft(self) -> GoalDraft:
        """Returns what was typed."""
        names = ("title", "what", "where", "behaviour", "measure", "unit", "baseline", "target", "reason", "value")
        texts: dict[str, Any] = {name: stripped(self[name].data) for name in names}
        leans: dict[str, Any] = {name: uuid.UUID(self[name].data) if self[name].data else None for name in LEANS_ON}
        return GoalDraft(
            **texts,
            **leans,
            scope=Scope(self.scope.data),
            theme=Theme(self.theme.data) if self.theme.data else None,
            value_type=ValueType(self.value_type.data) if self.value_type.data else None,
            importance=int(self.importance.data),
            difficulty=int(self.difficulty.data),
            slow=bool(self.slow.data),
            due_on=self.due_on.data,
        )


def goal_data(goal: Goal) -> dict[str, Any]:
    """Returns a goal as its form reads it."""
    names = [name for name, value in vars(GoalForm).items() if hasattr(value, "field_class")]
    data = {name: getattr(goal, name) for name in names}
    for name in (*LEANS_ON, "importance", "difficulty", "theme", "value_type"):
        data[name] = str(data[name]) if data[name] is not None else ""
    return {**data, "version": str(goal.version)}


class FirstForm(KeyForm):
    """An activity: what and by when. The first one is written with its goal, and so needs none chosen."""

    text = StringField(
        lazy("What am I going to do?"), [InputRequired(lazy("Write what you are going to do.")), plain_text(LINE_MAX)]
    )
    due_on = DateField(lazy("Done by"), [InputRequired(lazy("Choose a day.")), sane_year])

    def validate_text(self, field: Field) -> None:
        """Refuses spaces for words."""
        if not stripped(field.data):
            raise ValidationError(_("Write what you are going to do."))

    def draft(self, row_id: uuid.UUID) -> ActivityDraft:
        """Returns what was typed."""
        return ActivityDraft(row_id, stripped(self.text.data), self.due_on.data)


class ActivityForm(FirstForm, VersionForm):
    """An activity with the goal it leads to, and where it is."""

    goal = SelectField(lazy("Which goal does it lead to?"), default="")
    state = RadioField(lazy("Where is it?"), [Chosen()], choices=STATES, default=ActivityState.OPEN.value)

    def towards(self, sheets: Sequence[GoalSheet]) -> "ActivityForm":
        """Lets it lead to one of these goals. Call it before the form is checked."""
        self.goal.choices = [
            SelectChoice("", _("choose")),
            *(SelectChoice(str(one.goal.id), one.goal.title) for one in sheets),
        ]
        return self

    def validate_goal(self, field: Field) -> None:
        """Refuses an activity without a goal."""
        if not field.data:
            raise ValidationError(_("Choose which goal it leads to. There is no activity without a goal."))

    @property
    def goal_id(self) -> uuid.UUID | None:
        """The goal chosen."""
        return uuid.UUID(self.goal.data) if is_id(self.goal.data or "") else None


def activity_data(row: Activity) -> dict[str, Any]:
    """Returns an activity as its form reads it."""
    return {
        "goal": str(row.goal_id), "text": row.text, "due_on": row.due_on, "state": row.state.value,
        "version": str(row.version),
    }  # fmt: skip


class ScaleForm(VersionForm):
    """The five levels of a goal."""

    much_less = TextAreaField(lazy("Much less than expected (minus 2)"), [plain_text(LINE_MAX)])
    less = TextAreaField(lazy("Less than expected (minus 1)"), [plain_text(LINE_MAX)])
    expected = TextAreaField(lazy("As expected (0)"), [plain_text(LINE_MAX)])
    more = TextAreaField(lazy("More than expected (plus 1)"), [plain_text(LINE_MAX)])
    much_more = TextAreaField(lazy("Much more than expected (plus 2)"), [plain_text(LINE_MAX)])

    def texts(self) -> list[str]:
        """Returns the five texts from below."""
        return [stripped(self[name].data) for name in TEXTS]

    def mark(self, refused: NotFive) -> None:
        """Puts what is wrong beside each level that is none."""
        for level in refused.empty:
            self[TEXTS[LEVELS.index(level)]].errors = [_("Write this level too. There are five, each different.")]
        for level in refused.same:
            self[TEXTS[LEVELS.index(level)]].errors = [
                _("This says the same as another level. Write what is different.")
            ]


def scale_data(found: GoalSheet) -> dict[str, Any]:
    """Returns the newest levels as their form reads them."""
    return {**dict(zip(TEXTS, level_texts(found.scale), strict=True)), "version": str(found.goal.version)}


class LevelForm(KeyForm):
    """Where she began, or where she is. `key` is the version of the levels that she saw."""

    level = RadioField(lazy("Where am I now?"), [InputRequired(lazy("Choose a level."))])
    note = TextAreaField(lazy("What makes me say so?"), [plain_text(TEXT_MAX)])

    def on(self, scale: GasScale, *, beginning: bool) -> "LevelForm":
        """Offers the levels of a scale, from above; for a beginning, only those that can be one."""
        levels = BASELINES if beginning else LEVELS
        words = dict(zip(LEVELS, level_texts(scale), strict=True))
        self.level.choices = [
            (str(level), f"{signed(level)}: {words[level]}") for level in sorted(levels, reverse=True)
        ]
        self.key.data = self.key.data or str(scale.id)
        return self

    @property
    def scale_id(self) -> uuid.UUID:
        """The levels that she saw; an id that nothing has when it is none."""
        return uuid.UUID(self.key.data) if is_id(self.key.data or "") else uuid.uuid4()


def signed(level: int) -> str:
    """Returns a level as it is written, with a true minus."""
    return f"+{level}" if level > 0 else f"\N{MINUS SIGN}{-level}" if level < 0 else "0"


class ValueReadingForm(VersionForm):
    """The value of a goal, read again."""

    moment = RadioField(
        lazy("When do I read it?"),
        [Chosen()],
        choices=[
            SelectChoice(Moment.HALFWAY.value, lazy("half way")),
            SelectChoice(Moment.END.value, lazy("at the end")),
        ],
        default=Moment.HALFWAY.value,
    )
    rating = RadioField(
        lazy("Is it still worth that?"),
        [InputRequired(lazy("Choose an answer."))],
        choices=[
            SelectChoice("1", lazy("1 not at all")), SelectChoice("2"), SelectChoice("3", lazy("3 partly")),
            SelectChoice("4"), SelectChoice("5", lazy("5 completely")),
        ],
    )  # fmt: skip
    text = TextAreaField(lazy("What do I say of it now?"), [plain_text(TEXT_MAX)])


def today_plus(day: date, weeks: int) -> date:
    """Returns the day some weeks on, for a first proposal."""
    return date.fromordinal(day.toordinal() + 7 * weeks)
