"""What may be typed."""

from wtforms import Form, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from service.contract import gettext, lazy

LONGEST = 2000


class NoteForm(Form):
    """One note."""

    body = TextAreaField(lazy("Your note"), [InputRequired(lazy("Write something first.")), Length(max=LONGEST)])

    def validate_body(self, field: TextAreaField) -> None:
        """Refuses what no keyboard makes and no database keeps: a NUL character."""
        if "\0" in (field.data or ""):
            raise ValidationError(gettext("The text has a character that cannot be kept."))
