"""Forms about a file from another tracker: choosing it, and what of it is taken over."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import FileField, Form, TextAreaField

from plugins.ledarsteg.calculations.imports import Contents, Found
from plugins.ledarsteg.forms.fields import TITLE_LENGTH
from plugins.ledarsteg.operations.imports import Chosen, digest
from service.contract import gettext as _
from service.contract import lazy

LONGEST = 400_000


class FileForm(Form):
    """A Checkmarks.csv, as a file or pasted."""

    file = FileField(
        lazy("The file Checkmarks.csv"), description=lazy("From Loop Habit Tracker: Settings, Export as CSV.")
    )
    text = TextAreaField(lazy("Or paste what is in it"))

    def read(self, files: Mapping[str, FileStorage]) -> str | None:
        """Returns the text; None, with the sentence beside the field, where there is none that can be read."""
        sent = files.get("file")
        raw = sent.read(LONGEST + 1) if sent is not None else b""
        if not raw:
            text = self.text.data or ""
            if not text.strip():
                self.file.errors = [_("Choose a file, or paste what is in it.")]
                return None
            raw = text.encode(errors="replace")
        if len(raw) > LONGEST:
            self.file.errors = [_("The file is too large. Take over the file of one habit at a time.")]
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.file.errors = [
                _("The file cannot be read as text. Export it again, and choose the file Checkmarks.csv.")
            ]
            return None


def chosen(contents: Contents, text: str, sent: MultiDict[str, Any]) -> tuple[list[Chosen], dict[int, str]]:
    """Returns what she chose to take over with the names she gave, and the sentences of names that cannot be kept."""
    found: list[Chosen] = []
    problems: dict[int, str] = {}
    for index, habit in enumerate(contents.habits):
        if sent.get(f"take-{index}") != "on":
            continue
        title = (sent.get(f"title-{index}") or "").strip()
        problem = _problem(title)
        if problem:
            problems[index] = problem
        else:
            found.append(Chosen(title, digest(text, index), habit))
    return found, problems


def _problem(title: str) -> str:
    if not title:
        return str(_("Give the step a name."))
    if len(title) > TITLE_LENGTH:
        most = _("Write at most %(most)s characters. You wrote %(length)s.", most=TITLE_LENGTH, length=len(title))
        return str(most)
    return ""


def title_of(habit: Found, sent: MultiDict[str, Any] | None, index: int) -> str:
    """Returns the name to show for a habit of the file: what she typed, else what the file says."""
    return str(sent.get(f"title-{index}", "")) if sent is not None else habit.title[:TITLE_LENGTH]
