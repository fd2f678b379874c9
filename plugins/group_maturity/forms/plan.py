"""The form of a measurement before it opens: whom, how many, when, and how they get in."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Self

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the type stubs
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired

from plugins.group_maturity.forms.fields import Boxes, DayField, WholeNumber, readable, shorten
from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement, Mode
from plugins.group_maturity.operations.measurements import Plan
from service.contract import lazy

# How long a new measurement is open unless its manager chooses otherwise.
DAYS_OPEN = 14
LANGUAGE_NAMES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}
CHOOSE_MODE = lazy("Choose how the group gets in.")
CHOOSE_INSTRUMENT = lazy("Choose one of the instruments shown.")
MODES = (
    (Mode.CODES, lazy("A one-time code each")),
    (Mode.LINK, lazy("One link for all")),
)


class PlanForm(Form):
    """A measurement's plan. Made with `plan_form`."""

    label = StringField(
        lazy("What is the group called?"), filters=[shorten],
        validators=[DataRequired(lazy("Write what the group is called.")), readable],
    )  # fmt: skip
    size = WholeNumber(
        lazy("How many are in the group, besides you?"), validators=[InputRequired(lazy("Write how many you are."))]
    )
    joined = WholeNumber(lazy("How many have joined since the last time?"), default=0)
    left = WholeNumber(lazy("How many have left since the last time?"), default=0)
    instrument = RadioField(  # type: ignore[call-arg]  # invalid_choice_message is newer than the type stubs
        lazy("What do you ask?"),
        validators=[InputRequired(CHOOSE_INSTRUMENT)],
        invalid_choice_message=CHOOSE_INSTRUMENT,
    )
    languages = Boxes(lazy("In which languages?"), validators=[DataRequired(lazy("Choose at least one language."))])
    mode = RadioField(  # type: ignore[call-arg]  # as above
        lazy("How does the group get in?"), choices=[SelectChoice(mode.value, title) for mode, title in MODES],
        validators=[InputRequired(CHOOSE_MODE)], invalid_choice_message=CHOOSE_MODE,
    )  # fmt: skip
    opens_on = DayField(lazy("Opens"), validators=[InputRequired(lazy("Choose the day on which it opens."))])
    closes_on = DayField(lazy("Last day to answer"), validators=[InputRequired(lazy("Choose the last day to answer."))])
    version = HiddenField()

    def offer(self, instruments: Sequence[Instrument], locale: str) -> Self:
        """Fills in what there is to choose; what was typed stays."""
        self.instrument.choices = [
            SelectChoice(f"{one.key} {one.version}", one.title[one.language(locale)]) for one in instruments
        ]
        every = {language for one in instruments for language in one.translation_status}
        spoken = [*(code for code in LANGUAGE_NAMES if code in every), *sorted(every - LANGUAGE_NAMES.keys())]
        self.languages.choices = [SelectChoice(code, LANGUAGE_NAMES.get(code, code)) for code in spoken]
        return self

    @property
    def plan(self) -> Plan:
        """What was planned. Only for a form that validated."""
        key, _space, version = (self.instrument.data or "").partition(" ")
        return Plan(
            label=self.label.data or "", size=self.size.data or 0, languages=tuple(self.languages.data or ()),
            mode=Mode(self.mode.data), opens_on=self.opens_on.data or date.min, closes_on=self.closes_on.data or date.min,
            instrument=(key, version), joined=self.joined.data or 0, left=self.left.data or 0,
        )  # fmt: skip

    @property
    def seen(self) -> int:
        """The version of the draft that was shown; 0 for what is no version."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0  # noqa: PLR2004 - no draft was edited so often

    def refuse(self, errors: dict[str, str]) -> None:
        """Puts sentences beside the fields they are about."""
        for name, sentence in errors.items():
            field = self._fields[name]
            field.errors = [*field.errors, sentence]


def beginning(
    instruments: Sequence[Instrument], locale: str, today: date, opens_on: date | None = None
) -> dict[str, Any]:
    """Returns what a new plan begins with: two weeks from today, the page's language where it has been reviewed."""
    first = max(opens_on or today, today)
    speaks = instruments[0].language(locale)
    reviewed = instruments[0].translation_status[speaks] != "draft"
    return {
        "instrument": f"{instruments[0].key} {instruments[0].version}", "mode": Mode.CODES.value, "opens_on": first,
        "closes_on": first + timedelta(days=DAYS_OPEN),
        "languages": [speaks if reviewed else instruments[0].source_language],
    }  # fmt: skip


def as_data(measurement: Measurement, previous: Measurement | None) -> dict[str, Any]:
    """Returns a draft as the form shows it. `previous` is the wave before: how many joined and left adds up from it."""
    grown = 0 if previous is None else measurement.size - previous.size
    return {
        "label": measurement.label, "size": measurement.size, "mode": measurement.mode.value,
        "languages": list(measurement.languages), "opens_on": measurement.opens_on, "closes_on": measurement.closes_on,
        "instrument": f"{measurement.instrument_key} {measurement.instrument_version}",
        "version": str(measurement.version), "joined": (measurement.changed + grown) // 2,
        "left": (measurement.changed - grown) // 2,
    }  # fmt: skip


def languages_in_words(codes: Iterable[str]) -> str:
    """Returns languages by their own names."""
    return ", ".join(LANGUAGE_NAMES.get(code, code) for code in codes)
