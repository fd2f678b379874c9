"""Where a report comes from: a measurement that was counted, or made-up figures for a preview."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from plugins.group_maturity import operations
from plugins.group_maturity.calculations import suppression
from plugins.group_maturity.calculations.suppression import Cell, Figure, Level
from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement, Report, SelfRating, Status
from plugins.group_maturity.operations import figures, measurements, ratings, reports
from plugins.group_maturity.operations.figures import Figures
from service.contract import Actor, opened, unit
from service.contract import gettext as _


class Reader(enum.StrEnum):
    """Who reads: the manager, a coach she shares with, or her group on its links. The group never sees her own answers."""

    MANAGER = "manager"
    COACH = "coach"
    GROUP = "group"


class Unread(enum.StrEnum):
    """What of a report could not be opened: what the group is called, or the manager's own picture."""

    NAME = "group"
    OWN = "self"


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
    unread: tuple["Unread", ...] = ()


def of(
    measurement: Measurement, reader: Reader, zone: str, *, with_own: bool = True, actor: Actor | None = None
) -> Source | None:
    """Returns the report of a measurement for a reader; None when it has none. `zone` is where the reader is.

    With an `actor` who has it read, what does not open is left out and told in `unread`; without, CannotOpen is raised.
    """
    return of_all([(measurement, with_own)], reader, zone, actor=actor).get(measurement.id)


def of_all(
    some: Sequence[tuple[Measurement, bool]], reader: Reader, zone: str, *, actor: Actor | None = None
) -> dict[uuid.UUID, Source]:
    """Returns the reports of some measurements by their ids, each with or without the own picture; what has none is left out.

    As many statements as for one.
    """
    group = reader is Reader.GROUP
    figures_by = reports.figures_by_measurement([one for one, _own in some])
    shown = [(one, own) for one, own in some if one.id in figures_by]
    pictures = ratings.beside_all([one.id for one, own in shown if own and not group])
    every = [one for one, _own in shown]
    before, instruments = reports.anchors(every), measurements.instruments_of(every)
    unit().vault.fetch({one.manager_id for one in every if one.manager_id})
    found = {}
    for one in every:
        label, mine, unread = _opened(one, pictures.get(one.id), zone, actor)
        found[one.id] = Source(
            instruments[one.id], figures_by[one.id], reader, label, closed_on(one), one.wave, one.minimum,
            one.about_manager and not group, mine, _earlier(before[one.id]), unread,
        )  # fmt: skip
    return found


def _opened(
    one: Measurement, rating: SelfRating | None, zone: str, actor: Actor | None
) -> tuple[str, Own | None, tuple[Unread, ...]]:
    """Returns what is sealed of a report: the group's name and the own picture, and which of the two does not open."""
    if actor is None:
        return one.label, own_of(rating, one, zone), ()
    label, unread = label_of(one, actor)
    if rating is not None and opened(rating, "answers", actor=actor) is None:
        return label, None, (*unread, Unread.OWN)
    return label, own_of(rating, one, zone), unread


def label_of(one: Measurement, actor: Actor) -> tuple[str, tuple[Unread, ...]]:
    """Returns what a measurement's group is called; where that does not open, a word that says so, and that it does not."""
    label = opened(one, "label", actor=actor)
    return (_("Name not readable"), (Unread.NAME,)) if label is None else (label, ())


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


def _earlier(found: tuple[Measurement, Report] | None) -> tuple[date, Figures] | None:
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
