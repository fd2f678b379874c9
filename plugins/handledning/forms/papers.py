"""What is typed in the two papers: own lines of the agreement, and the five parts of the contract."""

import uuid
from collections.abc import Iterator
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import NumberRange, ValidationError
from wtforms.validators import Optional as Empty
from wtforms.widgets import CheckboxInput, ListWidget

from plugins.handledning.calculations import Told, said
from plugins.handledning.forms.fields import LINE_MAX, Form, plain_text, sane_year, stripped, version_of
from plugins.handledning.forms.rows import RowForm, Rows
from plugins.handledning.models import ContractItem, ItemKind, Whose
from plugins.handledning.operations import AgreementPage, ContractDraft, ContractPage, ItemDraft, OwnLine
from service.contract import gettext as _
from service.contract import lazy

_ONE_TO_FIVE = [SelectChoice("1", lazy("1 low")), SelectChoice("2"), SelectChoice("3"), SelectChoice("4"),
                SelectChoice("5", lazy("5 high"))]  # fmt: skip
_WHOSE = [
    SelectChoice(Whose.CLIENT.value, lazy("The manager's")),
    SelectChoice(Whose.COACH.value, lazy("The coach's")),
    SelectChoice(Whose.BOTH.value, lazy("Both")),
]
WEIGHT_MAX = 9


class OwnLineForm(RowForm):
    """A line of the two's own."""

    text = StringField(lazy("What more do we answer for?"), [plain_text(LINE_MAX)])
    whose = RadioField(lazy("Whose is it?"), choices=_WHOSE[:2], default=Whose.CLIENT.value)


class AgreementForms:
    """The own lines of an agreement."""

    def __init__(self, page: AgreementPage, posted: Any = None, *, more: bool = False) -> None:
        saved = [(line.id, {"text": line.text, "whose": line.whose.value}) for line in page.lines]
        self.lines = Rows("line", OwnLineForm, saved, posted, more=more)
        self.version = str(page.newest.version) if posted is None else posted.get("version", "")

    @property
    def seen(self) -> int:
        """The version the page showed."""
        return version_of(self.version)

    def validate(self) -> bool:
        """Checks every line."""
        return self.lines.validate()

    def drafts(self) -> list[OwnLine]:
        """Returns what was typed."""
        return [OwnLine(Whose(form.whose.data), stripped(form.text.data)) for _key, form in self.lines.written()]

    def placed(self) -> Iterator[tuple[str, Form]]:
        """Yields the lines with their places, to compare them with others: a line's key is new in every version."""
        for place, (_key, form) in enumerate(self.lines.written()):
            yield f"{place}-", form


class ResultForm(RowForm):
    """A result."""

    text = StringField(lazy("What shall it lead to?"), [plain_text(LINE_MAX)])


class ResponsibilityForm(RowForm):
    """A responsibility."""

    text = StringField(lazy("What does one of us answer for?"), [plain_text(LINE_MAX)])
    whose = RadioField(lazy("Whose is it?"), choices=_WHOSE, default=Whose.BOTH.value)


class RiskForm(RowForm):
    """A risk."""

    texts = ("text", "mitigation")
    text = StringField(lazy("What can come in the way?"), [plain_text(LINE_MAX)])
    mitigation = StringField(lazy("What do we do about it?"), [plain_text(LINE_MAX)])
    probability = RadioField(lazy("How likely is it?"), [Empty()], choices=_ONE_TO_FIVE)
    impact = RadioField(lazy("How much would it matter?"), [Empty()], choices=_ONE_TO_FIVE)

    def validate_text(self, field: Field) -> None:
        """Refuses something done about nothing."""
        if not stripped(field.data):
            raise ValidationError(_("Write what can come in the way."))


class IntermediateForm(RowForm):
    """An intermediate result."""

    text = StringField(lazy("What is to be there on the way?"), [plain_text(LINE_MAX)])
    due_on = DateField(lazy("By when?"), [Empty(), sane_year])
    weight = IntegerField(
        lazy("Weight"),
        [Empty(), NumberRange(1, WEIGHT_MAX, message=lazy("Write a whole number from 1 to 9."))],
        default=1,
    )


class TimeForm(Form):
    """The contract's time, and what the employer is told."""

    period_from = DateField(lazy("From"), [Empty(), sane_year])
    period_to = DateField(lazy("To"), [Empty(), sane_year])
    told = SelectMultipleField(
        lazy("What is your employer told?"),
        choices=[
            SelectChoice(Told.SESSIONS.value, lazy("how many sessions were held")),
            SelectChoice(Told.HOURS.value, lazy("how many hours they came to")),
            SelectChoice(Told.BOOKED.value, lazy("how many sessions are booked")),
            SelectChoice(Told.DATES.value, lazy("on which days the sessions were held")),
        ],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    number = HiddenField()
    version = HiddenField()

    def validate_period_to(self, field: Field) -> None:
        """Refuses a time that ends before it begins."""
        if field.data and self.period_from.data and field.data < self.period_from.data:
            raise ValidationError(_("The end is before the beginning. Choose a later day."))


_KINDS: dict[ItemKind, type[RowForm]] = {
    ItemKind.RESULT: ResultForm,
    ItemKind.RESPONSIBILITY: ResponsibilityForm,
    ItemKind.RISK: RiskForm,
    ItemKind.INTERMEDIATE: IntermediateForm,
}


class ContractForms:
    """Everything on a contract's page. `more` names the part that gets another empty row."""

    def __init__(self, page: ContractPage, posted: Any = None, *, more: str = "") -> None:
        its = page.newest
        head = {
            "period_from": its.period_from,
            "period_to": its.period_to,
            "told": [one.value for one in said(its.told)],
            "number": str(its.number),
            "version": str(its.version),
        }
        self.head = TimeForm(posted, data=head)
        self.parts = {
            kind: Rows(kind.value, form, [_saved(item) for item in page.of(kind)], posted, more=more == kind.value)
            for kind, form in _KINDS.items()
        }

    @property
    def seen(self) -> tuple[int, int]:
        """The number and version of the contract that the page showed."""
        return version_of(self.head.number.data), version_of(self.head.version.data)

    def validate(self) -> bool:
        """Checks everything, so that all errors show at once."""
        return all([self.head.validate(), *(part.validate() for part in self.parts.values())])

    def draft(self) -> ContractDraft:
        """Returns what was typed."""
        told = frozenset(Told(word) for word in self.head.told.data or [])
        items = [_item(key, kind, form) for kind, part in self.parts.items() for key, form in part.written()]
        return ContractDraft(self.head.period_from.data, self.head.period_to.data, told, items)

    def placed(self) -> Iterator[tuple[str, Form]]:
        """Yields every form with its place, to compare it with another."""
        yield "", self.head
        for part in self.parts.values():
            for key, form in part.written():
                yield str(key), form

    def admit(self, saved: "ContractForms") -> None:
        """Takes in what was saved meanwhile, and the newest version, so that the next save is of that."""
        for kind, part in self.parts.items():
            part.admit(saved.parts[kind])
        self.head.number.data, self.head.version.data = saved.head.number.data, saved.head.version.data


def _saved(item: ContractItem) -> tuple[uuid.UUID, dict[str, Any]]:
    """Returns a line as its form reads it, by its key."""
    values = {"text": item.text, "mitigation": item.mitigation, "due_on": item.due_on, "weight": item.weight}
    values["whose"] = item.whose.value if item.whose else None
    for name in ("probability", "impact"):
        number = getattr(item, name)
        values[name] = str(number) if number else None
    return item.key, values


def _item(key: uuid.UUID, kind: ItemKind, form: RowForm) -> ItemDraft:
    def typed(name: str) -> Any:
        return form[name].data if name in form else None

    return ItemDraft(
        key=key,
        kind=kind,
        text=stripped(form["text"].data),
        whose=Whose(typed("whose")) if typed("whose") else None,
        probability=int(typed("probability")) if typed("probability") else None,
        impact=int(typed("impact")) if typed("impact") else None,
        mitigation=stripped(typed("mitigation")),
        due_on=typed("due_on"),
        weight=typed("weight"),
    )
