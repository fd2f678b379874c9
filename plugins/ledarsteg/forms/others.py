"""Forms towards other people: a line in the thread about a shared habit, and whom to ask to be a step-mate."""

import uuid
from collections.abc import Sequence

from wtforms import Field, Form, HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from plugins.ledarsteg.forms.fields import Text, strip
from plugins.ledarsteg.operations.comments import COMMENT_LENGTH
from service.contract import Member, lazy


class CommentForm(Form):
    """A line for the thread of one habit. `form_id` is the page's own random number: sent twice, it is said once."""

    text = TextAreaField(
        lazy("Your comment"),
        filters=[strip],
        validators=[DataRequired(lazy("Write something first.")), Text(COMMENT_LENGTH)],
    )
    form_id = HiddenField(default=lambda: str(uuid.uuid4()))

    def validate_form_id(self, field: Field) -> None:
        """Gives the form a number of its own where the one it came with is none."""
        try:
            field.data = str(uuid.UUID(field.data or ""))
        except ValueError:
            field.data = str(uuid.uuid4())

    def named(self, habit_id: uuid.UUID) -> "CommentForm":
        """Returns the form with an id of its own, for a page that has several."""
        self.text.id = self.text.label.field_id = f"comment-{habit_id}"
        return self


class MateForm(Form):
    """Which of the other managers is asked."""

    mate = SelectField(lazy("Whom do you ask?"), validators=[InputRequired(lazy("Choose somebody from the list."))])

    def offer(self, peers: Sequence[Member]) -> None:
        """Fills in whom there is to ask."""
        self.mate.choices = [(str(peer.person_id), peer.person.display_name) for peer in peers]
