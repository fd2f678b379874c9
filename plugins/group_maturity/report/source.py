"""Where a report comes from: a measurement that was counted, or made-up figures for a preview."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from plugins.group_maturity import operations
from plugins.group_maturity.calculations import suppression
from plugins.group_maturity.calculations.suppression import Cell, Figure, Level
from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement, SelfRating, Status
from plugins.group_maturity.operations import figures, measurements, ratings, reports, waves
from plugins.group_maturity.operations.figures import Figures


class Reader(enum.StrEnum):
    """Who reads: the manager, a coach she shares with, or her group on its links. The group never sees her own answers."""

    MANAGER = "manager"
    COACH = "coach"
    GROUP = "group"


@dataclass(frozen=True)
class Own:
    """The manager's own picture: her profile, her answers by statement, and whether she made it after the group's came."""

    profile: operations.Profile
    answers: Mapping[str, int | None]
    afterwards: bool
    day: date


@dataclass(frozen=True)
class Source:
    """All that a report is made of. `earlier` is the last wave before that was shown in numbers, with its day."""

    instrument: Instrument
    figures: Figures
    reader: Reader
    label: str
    closed_on: date
    wave: int
    minimum: int
    about_manager: bool
    own: Own | None = None
    earlier: tuple[date, Figures] | None = None


def of(measurement: Measurement, reader: Reader, zone: str, *, with_own: bool = True) -> Source | None:
    """Returns the report of a measurement for a reader; None when it has none. `zone` is where the reader is."""
    found = reports.figures_of(measurement)
    if found is None:
        return None
    rating = ratings.beside(measurement) if with_own and reader is not Reader.GROUP else None
    return Source(
        measurements.instrument_of(measurement), found, reader, measurement.label, closed_on(measurement), measurement.wave,
        measurement.minimum, measurement.about_manager and reader is not Reader.GROUP,
        own_of(rating, measurement, zone), _earlier(measurement),
    )  # fmt: skip


def closed_on(measurement: Measurement) -> date:
    """Returns the day a measurement closed."""
    return measurement.closed_on or measurement.closes_on


def own_of(rating: SelfRating | None, measurement: Measurement, zone: str) -> Own | None:
    """Returns a submitted rating as the own picture beside a measurement."""
    if rating is None or rating.status is not Status.SUBMITTED:
        return None
    day = ratings.submitted_on(rating, zone)
    profile, answers = operations.profile(rating), operations.answers_of(rating)
    return Own(profile, answers, day > closed_on(measurement), day)


def _earlier(measurement: Measurement) -> tuple[date, Figures] | None:
    found = reports.anchor(waves.earlier(measurement))
    return None if found is None else (closed_on(found[0]), Figures.of(found[1].figures))


# --- a preview --------------------------------------------------------------------------------------------------------

# Made-up numbers, one for each scale in turn, so that a preview shows agreement and its lack, a gap and its lack.
_GROUP = (65.0, 30.0, 50.0, 45.0, 55.0)
_OWN = (40.0, 25.0, 70.0, 70.0, 75.0)
_AGREED = (("strong", "strong"), ("strong", "moderate"), ("moderate", "weak"), ("weak", "none"), ("strong", "moderate"))


def preview(instrument: Instrument, day: date) -> Source:
    """Returns made-up figures of an instrument, as if twelve had answered, so that its texts can be read where they stand."""
    scales = {name: place % len(_GROUP) for place, name in enumerate(instrument.scales)}
    group = {name: _figure(_GROUP[place]) for name, place in scales.items()}
    own: dict[str, float | None] = {name: _OWN[place] for name, place in scales.items()}
    stages = [stage.id for stage in instrument.stages]
    made_up = figures.Figures(
        band="8-12", numbered=True, scales=group, stage=stages[0], index=50,
        agreement={name: _AGREED[place] for name, place in scales.items()},
    )  # fmt: skip
    answers = dict.fromkeys(instrument.forms["self"], instrument.response_scale.max)
    profile = operations.Profile(instrument, own, 50.0, instrument.stages[-1])
    about = "group_about_manager" in instrument.forms
    return Source(
        instrument, made_up, Reader.MANAGER, "", day, 1, instrument.reporting.min_respondents, about,
        Own(profile, answers, afterwards=False, day=day),
    )  # fmt: skip


def _figure(value: float) -> Figure:
    return suppression.figure(Cell(Level.SCALE, [value] * 12), suppression.Rules())
