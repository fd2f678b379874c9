"""Forms about days: what is noted for one, and the days on which a habit rests."""

from wtforms import DateField, Form, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Optional

from plugins.ledarsteg.calculations import State
from plugins.ledarsteg.forms.fields import TEXT_LENGTH, Text, WholeNumber, strip
from plugins.ledarsteg.models import SkipReason
from plugins.ledarsteg.operations import Note
from service.contract import lazy

REASONS = {
    SkipReason.NOT_APPLICABLE: lazy("Did not apply"),
    SkipReason.OFF: lazy("Day off"),
    SkipReason.ILL: lazy("Ill"),
    SkipReason.TRAVEL: lazy("Travelling"),
    SkipReason.OTHER: lazy("Other"),
}


class DayForm(Form):
    """One day of a habit."""

    day = DateField(validators=[DataRequired()])


class MarkForm(DayForm):
    """What is noted for one day of a habit. A tapped amount (`chip`) outranks a written one."""

    state = SelectField(coerce=State, choices=list(State))
    chip = WholeNumber()
    value = WholeNumber()
    reason = SelectField(coerce=SkipReason, choices=list(SkipReason), default=SkipReason.NOT_APPLICABLE)
    note = StringField(filters=[strip], validators=[Text(TEXT_LENGTH)])

    def read(self) -> Note:
        """Returns the note as the operations take it."""
        value = self.chip.data if self.chip.data is not None else self.value.data
        return Note(self.state.data, value, self.reason.data, self.note.data or "")


class PauseForm(Form):
    """The days on which a habit rests."""

    first = DateField(lazy("First day"), validators=[InputRequired(lazy("Choose the first day."))])
    last = DateField(
        lazy("Last day"),
        description=lazy("Leave it empty to pause until you take the habit up again."),
        validators=[Optional()],
    )
