"""The words that both kinds of papers use: whose they are, who may read them, headings, what became of homework."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from plugins.handledning.models import Outcome
from plugins.handledning.operations import Access
from service.contract import gettext as _
from service.contract import opened


class Readers(StrEnum):
    """For whom a plan is made.

    For the two alone, to be shown to whom the manager wants, for the manager with all that is hers, or for a coach to keep.
    """

    TWO = "two"
    SHOWN = "shown"
    OWN = "own"
    COACH = "coach"


def file_name(kind: str, access: Access, number: int = 0) -> str:
    """Returns a file's name. It names nobody: names of files end up in lists and logs."""
    words = {"plan": _("development-plan"), "record": _("coaching-session")}
    return f"{words[kind]}{f'-{number}' if number else ''}-{access.engagement.started_at.year}.pdf"


def name_of(person: Any) -> str:
    """Returns what a person is called; that she was erased where she is no more."""
    return person.display_name if person else str(_("Erased person"))


def text_of(access: Access, row: Any, name: str) -> str:
    """Returns a text of a row. Where it does not open, a sentence that says so, in its place: the rest is still hers."""
    found = opened(row, name, actor=access.party.actor)
    return str(_("This text could not be read.")) if found is None else found


def pairs(*pairs: tuple[str, str | None]) -> list[list[str]]:
    """Returns labels and texts, without what nobody wrote."""
    return [[str(label), text] for label, text in pairs if text]


def word(choices: Iterable[Any], value: str) -> str:
    """Returns the label of a choice."""
    return next(str(one.label) for one in choices if one.value == value)


def who_may_read(access: Access, readers: Readers) -> str:
    """Returns who may read a paper about one engagement."""
    manager, coach = name_of(access.engagement.manager), name_of(access.engagement.coach)
    if readers is Readers.OWN:
        return str(
            _(
                "Only %(manager)s. It also holds what her coach does not read; she decides who is shown it.",
                manager=manager,
            )
        )
    if readers is not Readers.SHOWN:
        return str(_("%(manager)s and %(coach)s, nobody else.", manager=manager, coach=coach))
    return str(
        _(
            "%(manager)s and %(coach)s. %(manager)s alone decides whether anybody else is shown it.",
            manager=manager,
            coach=coach,
        )
    )


def headings() -> dict[str, str]:
    """Returns the headings of both kinds."""
    return {
        "role": str(_("What the role consists of")),
        "situation": str(_("Current situation")),
        "goals": str(_("Goals")),
        "levels": str(_("Five levels")),
        "level": str(_("Level")),
        "means": str(_("What it means")),
        "activities": str(_("Activities")),
        "homework": str(_("Homework")),
        "what": str(_("What")),
        "due": str(_("Due")),
        "state": str(_("State")),
        "discretion": str(_("Discretion")),
        "outcomes": str(_("What the term gave")),
        "checks": str(_("How it shows")),
        "happened": str(_("What happened")),
    }


OUTCOMES = {
    Outcome.OPEN: lambda: _("No outcome yet"),
    Outcome.DONE: lambda: _("Done"),
    Outcome.PARTLY: lambda: _("Partly"),
    Outcome.NOT_DONE: lambda: _("Not done"),
    Outcome.DROPPED: lambda: _("Letting it go"),
}
