"""The programme's frame: how many sessions a term has and how long each is, in friendly words and never as a rule."""

from collections.abc import Sequence
from dataclasses import dataclass


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
