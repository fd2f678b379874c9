"""A manager's page of a session: all its forms together, from what is saved or from what was posted."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, Field

from plugins.handledning.calculations import Missing, MissingKind
from plugins.handledning.forms.fields import HOMEWORK_MAX, Form, HomeworkForm, MainForm, OutcomeForm, stripped
from plugins.handledning.models import Homework, HomeworkKind, Outcome, Suggestion, SuggestionKind
from plugins.handledning.operations import Draft, HomeworkDraft, OutcomeDraft, Sheet
from service.contract import gettext as _
from service.contract import local_date


class Page:
    """All forms of a manager's session page, from what is saved or from what was posted."""

    def __init__(self, sheet: Sheet, zone: str, posted: Any = None, *, more: bool = False) -> None:
        self.sheet = sheet
        self.main = MainForm(posted, data=_saved(sheet, zone))
        self.main.zone = zone
        self.outcomes = [(item, outcome_form(item, posted)) for item in sheet.follow_up]
        self.homework = dict(self._homework(posted, more=more))

    def _homework(self, posted: Any, *, more: bool) -> Iterator[tuple[uuid.UUID, HomeworkForm]]:
        saved = {str(item.id): item for item in self.sheet.new}
        if posted is not None:
            for key in list(dict.fromkeys(posted.getlist("homework")))[: 2 * HOMEWORK_MAX]:
                if _is_id(key):
                    yield from self._row(key, saved.get(key), posted)
            return
        for key, item in saved.items():
            yield from self._row(key, item)
        if not saved or (more and len(saved) < HOMEWORK_MAX):
            yield from self._row(str(uuid.uuid4()), None)

    def _row(self, key: str, item: Homework | None, posted: Any = None) -> Iterator[tuple[uuid.UUID, HomeworkForm]]:
        """One homework. A new row's id is the one its page made up, bound to this session: it can name no other's."""
        names = ("text", "criterion", "due_on", "kind", "repetitions")
        data = {name: getattr(item, name) for name in names} if item else {}
        data["comfort"] = str(item.comfort) if item and item.comfort else None
        data["habit"] = item.habit_wanted if item else False
        form = HomeworkForm(posted, prefix=f"hw-{key}-", data=data)
        form.key = key
        yield (item.id if item else uuid.uuid5(self.sheet.session.id, key)), form

    def take(self, suggestion: Suggestion) -> None:
        """Puts what the coach suggested where the manager writes herself: behind her decision, or as new homework."""
        if suggestion.kind is SuggestionKind.DECISION:
            decision = stripped(self.main.decision.data)
            self.main.decision.data = f"{decision}\n{suggestion.text}".strip()
        elif suggestion.kind is SuggestionKind.HOMEWORK:
            free = next((form for form in self.homework.values() if not stripped(form.text.data)), None)
            if free is None:
                for row, form in self._row(str(suggestion.id), None):
                    self.homework[row] = free = form
            if free is not None:
                free.text.data = suggestion.text

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
        groups = [
            ("", self.main),
            *((str(i.id), f) for i, f in self.outcomes),
            *((str(k), f) for k, f in self.homework.items()),
        ]
        for group, form in groups:
            for field in form:
                if field.short_name != "version":
                    yield f"{group}{field.short_name}", str(field.label.text), shown(field)

    def validate(self) -> bool:
        """Checks everything, so that all errors show at once."""
        results = [self.main.validate()]
        for form in self.homework.values():
            form.after = self.main.day.data
        results += [form.validate() for form in self.forms()[1:]]
        return all(results)

    def mark(self, missing: Sequence[Missing]) -> None:
        """Puts what is missing before closing beside the field it is missing from, where there is one."""
        words = {
            (MissingKind.OUTCOME, "state"): _("Choose an outcome."),
            (MissingKind.REASON, "note"): _("Write why you let it go."),
            (MissingKind.DUE, "due_on"): _("Choose a day."),
            (MissingKind.TOO_LATE, "due_on"): _("Choose a day before you meet again."),
            (MissingKind.CRITERION, "criterion"): _("Write how it will show."),
        }
        forms = {**{item.id: form for item, form in self.outcomes}, **self.homework}
        for item in missing:
            for (kind, name), text in words.items():
                if kind is item.kind and item.homework in forms:
                    forms[item.homework][name].errors = [text]

    def draft(self) -> Draft:
        """Returns what was typed, ready to be saved."""
        main = self.main
        return Draft(
            meeting=main.meeting(),
            final=bool(main.final.data),
            decision=stripped(main.decision.data),
            expected=stripped(main.expected.data),
            keeps_decision=bool(main.keeps_decision.data),
            outcomes=[
                OutcomeDraft(item.id, Outcome(form.state.data or Outcome.OPEN), stripped(form.note.data))
                for item, form in self.outcomes
            ],
            homework=[_homework_draft(key, form) for key, form in self.homework.items()],
        )


def _homework_draft(key: uuid.UUID, form: HomeworkForm) -> HomeworkDraft:
    kind = HomeworkKind(form.kind.data or HomeworkKind.TASK)
    return HomeworkDraft(
        key,
        stripped(form.text.data),
        stripped(form.criterion.data),
        form.due_on.data,
        int(form.comfort.data) if form.comfort.data else None,
        kind,
        form.repetitions.data,
        bool(form.habit.data),
    )


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def shown(field: Field) -> str:
    """Returns a field's value as people read it."""
    if isinstance(field, BooleanField):
        return str(_("Yes") if field.data else _("No"))
    if hasattr(field, "iter_choices"):
        wanted = field.data if isinstance(field.data, list) else [field.data]
        return ", ".join(str(label) for value, label in _labels(field) if value in wanted)
    if isinstance(field.data, time):
        return field.data.strftime("%H:%M")
    return "" if field.data is None else stripped(str(field.data))


def _labels(field: Any) -> list[tuple[str, Any]]:
    return [(option[0], option[1]) for option in field.iter_choices()]


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


def outcome_form(item: Homework, posted: Any) -> OutcomeForm:
    """Returns the form for what became of one earlier homework."""
    state = None if item.state is Outcome.OPEN else item.state.value
    form = OutcomeForm(posted, prefix=f"out-{item.id}-", data={"state": state, "note": item.outcome_note})
    # A draft may leave it open, closing may not: the page must not call it optional.
    form.state.flags.required = True
    return form


def frame_data(sheet: Sheet, zone: str) -> dict[str, Any]:
    """Returns a session's frame as the reader's own day and times."""
    row, where = sheet.session, ZoneInfo(zone)
    end = row.planned_start + timedelta(minutes=row.planned_minutes)
    return {
        "day": local_date(row.planned_start, zone),
        "start": row.planned_start.astimezone(where).time(),
        "end": end.astimezone(where).time(),
        "mode": row.mode.value if row.mode else "",
        "focus": row.focus.value if row.focus else "",
        "process_minutes": row.process_minutes,
        "result_minutes": row.result_minutes,
        "version": str(row.version),
    }


def _saved(sheet: Sheet, zone: str) -> dict[str, Any]:
    decision = sheet.decision
    return {
        **frame_data(sheet, zone),
        "final": sheet.session.final,
        "decision": decision.text if decision else "",
        "expected": decision.expected if decision else "",
        "keeps_decision": decision is not None and not decision.shared,
    }
