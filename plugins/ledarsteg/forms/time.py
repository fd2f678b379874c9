"""Forms about time: a round of the audit, its rows, and leader time."""

from datetime import date
from typing import Any

from wtforms import DateField, StringField
from wtforms.validators import DataRequired, Optional

from plugins.ledarsteg.calculations import Category
from plugins.ledarsteg.forms.fields import TEXT_LENGTH, Text, WholeNumber, strip, weekday_names
from plugins.ledarsteg.forms.spoken import MinuteOfDay, MinutesForm, Once, OneOf, Revision, SpokenForm, offered
from plugins.ledarsteg.operations.leader_time import Block
from plugins.ledarsteg.operations.rounds import CATEGORY_TITLES, Round
from plugins.ledarsteg.operations.time import Stretch
from service.contract import lazy, short_day

STANDS, MAY_GO = "yes", "no"
ROW_CHIPS = (15, 30, 45, 60, 90)
BLOCK_CHIPS = (15, 30, 45, 60)


class StartForm(SpokenForm):
    """When a round begins."""

    first_day = DateField(
        lazy("First day"),
        description=lazy("Five working days from then on. Three of them are enough."),
        validators=[DataRequired(lazy("Choose the day you begin."))],
    )


class RowForm(MinutesForm):
    """A stretch of time in a round."""

    key = Once()
    revision = Revision()
    day = OneOf(lazy("Which day?"))
    category = OneOf(
        lazy("What did the time go to?"), choices=offered((one.value, text) for one, text in CATEGORY_TITLES.items())
    )
    stands = OneOf(
        lazy("Does it stand up to a challenge?"),
        choices=offered([(STANDS, lazy("Yes, it is needed")), (MAY_GO, lazy("No, perhaps it can go"))]),
        default=STANDS,
    )
    what = StringField(
        lazy("What was it?"),
        description=lazy("A few words are enough. Do not name people."),
        filters=[strip],
        validators=[Text(TEXT_LENGTH)],
    )
    starts_at = MinuteOfDay(lazy("When did it begin?"), validators=[Optional()])

    def __init__(self, *args: Any, found: Round, today: date, **values: Any) -> None:
        super().__init__(*args, **values)
        weekdays = weekday_names("short")
        open_days = [one for one in reversed(found.days) if one <= today]
        self.day.choices = offered(
            (one.isoformat(), f"{weekdays[one.weekday()]} {short_day(one)}") for one in open_days
        )
        if self.day.data is None and open_days:
            self.day.data = open_days[0].isoformat()

    def stretch(self) -> Stretch:
        """Returns what was noted as the operations take it. Only for a form that validated."""
        return Stretch(
            day=date.fromisoformat(self.day.data or ""),
            category=Category(self.category.data),
            minutes=self.minutes.data or 0,
            challengeable=self.stands.data == MAY_GO,
            starts_at=self.starts_at.minute,
            what=self.what.data or "",
        )


class BlockForm(MinutesForm):
    """Leader time to set aside."""

    key = Once()
    day = DateField(lazy("Day"), validators=[DataRequired(lazy("Choose a day."))])

    def block(self) -> Block:
        """Returns the block as the operations take it. Only for a form that validated."""
        return Block(self.day.data or date.min, self.minutes.data or 0)


class KeepForm(MinutesForm):
    """How much of a block was kept."""


class BlockEditForm(SpokenForm):
    """A block that is changed."""

    revision = Revision()
    day = DateField(lazy("Day"), validators=[DataRequired(lazy("Choose a day."))])
    minutes = WholeNumber(lazy("Planned minutes"), validators=[DataRequired(lazy("Write at least one minute."))])
    kept = WholeNumber(lazy("Kept minutes"), description=lazy("Leave it empty while you do not know."))

    def block(self) -> Block:
        """Returns the block as the operations take it. Only for a form that validated."""
        return Block(self.day.data or date.min, self.minutes.data or 0, self.kept.data)
