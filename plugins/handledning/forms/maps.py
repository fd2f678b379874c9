"""What is typed in a map: the situation in her words, and four lists."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional as Empty

from plugins.handledning.calculations import Source, Zone
from plugins.handledning.forms.fields import LINE_MAX, TEXT_MAX, Form, plain_text, stripped, version_of
from plugins.handledning.forms.rows import RowForm, Rows
from plugins.handledning.operations import (
    MapPage,
    OperationsDraft,
    QuestionDraft,
    RelationDraft,
    RoleDraft,
    RowDraft,
)
from service.contract import lazy

ZONES = [
    SelectChoice(Zone.OWN.value, lazy("I decide")),
    SelectChoice(Zone.CONSULT.value, lazy("I decide after asking")),
    SelectChoice(Zone.PROPOSE.value, lazy("I propose")),
    SelectChoice(Zone.GIVEN.value, lazy("Somebody else has laid it down")),
]
SOURCES = [
    SelectChoice(Source.ASSUMPTION.value, lazy("I assume so")),
    SelectChoice(Source.DELEGATION.value, lazy("A delegation order")),
    SelectChoice(Source.LAW.value, lazy("A law or an agreement")),
    SelectChoice(Source.BOSS.value, lazy("My boss has said so")),
]


class SituationForm(Form):
    """The current situation in her own words, and what she sees to do about it."""

    text = TextAreaField(lazy("How is it just now?"), [plain_text(2 * TEXT_MAX)])
    solutions = TextAreaField(lazy("What do I see that I can do?"), [plain_text(2 * TEXT_MAX)])
    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version the page showed."""
        return version_of(self.version.data)


class RoleForm(RowForm):
    """One thing that the role consists of."""

    text = StringField(lazy("What does my role consist of?"), [plain_text(LINE_MAX)])


class RelationForm(RowForm):
    """A relation to another role."""

    texts = ("role", "intention", "outcome")
    role = StringField(lazy("Which role?"), [plain_text(LINE_MAX)])
    quality = RadioField(
        lazy("How well does it work?"),
        [Empty()],
        choices=[
            SelectChoice("1", lazy("1 badly")),
            SelectChoice("2"),
            SelectChoice("3"),
            SelectChoice("4"),
            SelectChoice("5", lazy("5 very well")),
        ],
    )
    intention = StringField(lazy("What do I intend?"), [plain_text(LINE_MAX)])
    outcome = StringField(lazy("What came of it last?"), [plain_text(LINE_MAX)])


class QuestionForm(RowForm):
    """A question of the role."""

    text = StringField(lazy("Which question?"), [plain_text(LINE_MAX)])
    zone_now = SelectField(lazy("Now"), choices=ZONES, default=Zone.GIVEN.value)
    zone_wanted = SelectField(lazy("As I want it"), choices=ZONES, default=Zone.OWN.value)
    source = SelectField(lazy("Where is that written?"), choices=SOURCES, default=Source.ASSUMPTION.value)


class OperationsForm(RowForm):
    """A goal of the operations."""

    texts = ("text", "reference")
    text = StringField(lazy("Which goal do the operations have?"), [plain_text(LINE_MAX)])
    reference = StringField(lazy("Its number or where it stands"), [plain_text(LINE_MAX)])


def _role(key: uuid.UUID, form: Any) -> RoleDraft:
    return RoleDraft(key, stripped(form.text.data))


def _relation(key: uuid.UUID, form: Any) -> RelationDraft:
    return RelationDraft(
        key,
        stripped(form.role.data),
        int(form.quality.data) if form.quality.data else None,
        stripped(form.intention.data),
        stripped(form.outcome.data),
    )


def _question(key: uuid.UUID, form: Any) -> QuestionDraft:
    return QuestionDraft(
        key, stripped(form.text.data), Zone(form.zone_now.data), Zone(form.zone_wanted.data), Source(form.source.data)
    )


def _operations(key: uuid.UUID, form: Any) -> OperationsDraft:
    return OperationsDraft(key, stripped(form.text.data), stripped(form.reference.data))


# Each list of a map: its form, how it is drafted, which rows of the page it holds, and what those rows are called there.
LISTS: dict[str, tuple[type[RowForm], Any, type[RowDraft], str]] = {
    "role": (RoleForm, _role, RoleDraft, "roles"),
    "relations": (RelationForm, _relation, RelationDraft, "relations"),
    "discretion": (QuestionForm, _question, QuestionDraft, "questions"),
    "operations": (OperationsForm, _operations, OperationsDraft, "operations"),
}


class ListForms:
    """One list of a map. A new row's id is bound to the engagement: it can name no other's."""

    def __init__(
        self, engagement_id: uuid.UUID, name: str, page: MapPage, posted: Any = None, *, more: bool = False
    ) -> None:
        form, self._draft, self.kind, self._attribute = LISTS[name]
        self._engagement_id = engagement_id
        self._there = {row.id for row in self._rows(page)}
        saved = [(row.id, _values(row, form)) for row in self._rows(page)]
        self.rows = Rows(name, form, saved, posted, more=more)
        self.version = str(page.version) if posted is None else posted.get("version", "")

    def _rows(self, page: MapPage) -> Sequence[Any]:
        rows: Sequence[Any] = getattr(page, self._attribute)
        return rows

    @property
    def seen(self) -> int:
        """The version the page showed."""
        return version_of(self.version)

    def validate(self) -> bool:
        """Checks every row."""
        return self.rows.validate()

    def drafts(self) -> list[RowDraft]:
        """Returns what was typed."""
        return [self._draft(self._id(key), form) for key, form in self.rows.written()]

    def _id(self, key: uuid.UUID) -> uuid.UUID:
        return key if key in self._there else uuid.uuid5(self._engagement_id, str(key))

    def placed(self) -> Iterator[tuple[str, Form]]:
        """Yields the rows with their places, to compare them with others."""
        for key, form in self.rows.written():
            yield str(self._id(key)), form

    def admit(self, saved: "ListForms") -> None:
        """Takes in what was saved meanwhile, and the newest version."""
        mine = {self._id(key) for key in self.rows.rows}
        for key, form in saved.rows.written():
            if key not in mine:
                self.rows.rows[key] = form
        self.version = saved.version


def _values(row: Any, form: type[RowForm]) -> dict[str, Any]:
    names = [name for name, value in vars(form).items() if hasattr(value, "field_class")]
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Zone | Source):
        return value.value
    return str(value) if isinstance(value, int) else value
