"""What a coach decides of one of her notes that a manager has asked for."""

from collections.abc import Mapping
from typing import Self

from wtforms import Form, RadioField, SelectChoice, TextAreaField  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import Length
from wtforms.validators import Optional as Empty

from plugins.handledning.forms.fields import Chosen, stripped
from plugins.handledning.forms.notes import NOTE_MAX
from plugins.handledning.models import Ground, ReviewDecision
from plugins.handledning.operations.reviews import Choice
from service.contract import gettext as _
from service.contract import lazy

DECISIONS = [
    SelectChoice(ReviewDecision.RELEASED.value, lazy("she gets it whole")),
    SelectChoice(ReviewDecision.REDACTED.value, lazy("she gets what I leave of it")),
    SelectChoice(ReviewDecision.REFUSED.value, lazy("she does not get it")),
]
GROUNDS: Mapping[Ground, object] = {
    Ground.OTHER_PEOPLE: lazy("it tells of somebody else"),
    Ground.COACH_HERSELF: lazy("it tells of myself"),
    Ground.SECRECY: lazy("a law or professional secrecy forbids it"),
}


class ReviewForm(Form):
    """Whole, in part, or not; a reason where it is not whole."""

    decision = RadioField(lazy("What becomes of the note?"), [Chosen()], choices=DECISIONS)
    text = TextAreaField(
        lazy("What she gets, if you leave some of it out"), [Empty(), Length(max=NOTE_MAX)],
    )  # fmt: skip
    # Without a reason is a choice, too: the operation says where it is missing.
    ground = RadioField(
        lazy("Why not all of it?"),
        [Empty()],
        choices=[SelectChoice(key.value, words) for key, words in GROUNDS.items()],
        validate_choice=False,
    )

    def choice(self) -> Choice:
        """Returns what was chosen."""
        ground = next((one for one in Ground if one.value == self.ground.data), None)
        return Choice(ReviewDecision(self.decision.data), ground, stripped(self.text.data))

    def refuse(self, fields: Mapping[str, str]) -> Self:
        """Says at the field what an operation did not take."""
        words = {
            ("ground", "missing"): _("Say why she does not get all of it. She reads the reason."),
            ("decision", "unread"): _("The note could not be read. Choose that she does not get it."),
            ("text", "empty"): _("Write what she gets, or choose that she does not get it."),
            ("text", "whole"): _("Nothing is left out here. Choose that she gets it whole, or leave something out."),
        }
        for name, why in fields.items():
            field = {"text": self.text, "ground": self.ground}.get(name, self.decision)
            field.errors = [words[name, why]]
        return self
