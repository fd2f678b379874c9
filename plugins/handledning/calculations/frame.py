"""The programme's frame: how many sessions a term has and how long each is, in friendly words and never as a rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# July: the autumn term is the second half of the year.
AUTUMN_BEGINS = 7


@dataclass(frozen=True)
class Frame:
    """What a term's coaching usually is: how many sessions, and how many minutes each."""

    sessions_min: int = 3
    sessions_max: int = 5
    minutes_min: int = 120
    minutes_max: int = 180

    @property
    def least(self) -> int:
        """The minutes of a term with the fewest and shortest sessions."""
        return self.sessions_min * self.minutes_min

    @property
    def most(self) -> int:
        """The minutes of a term with the most and longest sessions."""
        return self.sessions_max * self.minutes_max


@dataclass(frozen=True)
class FrameCheck:
    """What falls outside the frame: friendly warnings, never obstacles. `long` and `short` are positions from 1."""

    total: int
    too_few: bool
    too_many: bool
    long: tuple[int, ...]
    short: tuple[int, ...]


def check_frame(minutes: Sequence[int], frame: Frame) -> FrameCheck:
    """Compares one term's sessions, given in minutes, with the frame."""
    return FrameCheck(
        total=sum(minutes),
        too_few=len(minutes) < frame.sessions_min,
        too_many=len(minutes) > frame.sessions_max,
        long=tuple(n for n, amount in enumerate(minutes, 1) if amount > frame.minutes_max),
        short=tuple(n for n, amount in enumerate(minutes, 1) if amount < frame.minutes_min),
    )


@dataclass(frozen=True, order=True)
class Term:
    """Half a year: spring from 1 January to 30 June, autumn from 1 July to 31 December."""

    year: int
    autumn: bool

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, AUTUMN_BEGINS if self.autumn else 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, 12, 31) if self.autumn else date(self.year, 6, 30)


def term_of(day: date) -> Term:
    """Returns the term a day lies in."""
    return Term(day.year, day.month >= AUTUMN_BEGINS)
