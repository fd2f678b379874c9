"""Forms of the instrument editor: a file or a text, and where the right to use somebody's texts is written down."""

from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import Length

from plugins.group_maturity.forms.fields import readable, shorten
from plugins.group_maturity.instruments import MAX_BYTES
from plugins.group_maturity.operations.instruments import LICENCE_LENGTH
from service.contract import gettext as _
from service.contract import lazy


class UploadForm(Form):
    """An instrument's text. A file outranks what stands in the box; either way the box shows it again."""

    source = TextAreaField(lazy("The instrument"))

    @classmethod
    def of(cls, sent: MultiDict[str, str], file: FileStorage | None) -> "UploadForm":
        """Reads what was sent."""
        form = cls(sent)
        if file is not None and file.filename:
            form.source.data = _text(file.read(MAX_BYTES + 1))
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Checks that there is something to read."""
        fine = bool(super().validate(extra_validators))
        if fine and not (self.source.data or "").strip():
            self.source.errors = [_("Choose a file, or write the instrument here.")]
            return False
        return fine

    @property
    def text(self) -> str:
        """What was sent, with the line ends of a file."""
        return (self.source.data or "").replace("\r\n", "\n")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig", errors="replace")


class LicenceForm(Form):
    """Where the organisation's right to use an instrument's texts is written down."""

    reference = StringField(
        lazy("Where the permission is kept"), filters=[shorten], description=lazy("Such as a contract's number."),
        validators=[Length(max=LICENCE_LENGTH, message=lazy("Write at most %(max)d characters.")), readable],
    )  # fmt: skip
