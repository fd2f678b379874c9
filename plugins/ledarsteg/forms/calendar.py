"""When she is reminded of a habit, and the title that her calendar shows."""

from datetime import time
from typing import Self

from wtforms import Form, StringField, TimeField
from wtforms.validators import InputRequired

from plugins.ledarsteg.forms.fields import TITLE_LENGTH, Text, strip
from plugins.ledarsteg.models import Reminder
from service.contract import lazy


class ReminderForm(Form):
    """A time of day and a title; without a title the calendar says "Reminder"."""

    at = TimeField(lazy("At what time?"), validators=[InputRequired(lazy("Choose a time of day."))])
    title = StringField(
        lazy("What your calendar shows"),
        description=lazy('Others may see your calendar. Leave it empty for "Reminder".'),
        filters=[strip],
        validators=[Text(TITLE_LENGTH)],
    )

    @classmethod
    def of(cls, reminder: Reminder | None) -> Self:
        """Returns the form filled in with what is set, or empty."""
        if reminder is None:
            return cls()
        return cls(at=time(reminder.minute // 60, reminder.minute % 60), title=reminder.title)

    @property
    def minute(self) -> int:
        """The time in minutes after midnight."""
        return self.at.data.hour * 60 + self.at.data.minute if self.at.data else -1
