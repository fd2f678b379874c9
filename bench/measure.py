"""How things are measured here: subject and floor take turns, and the medians are compared."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """One line of the report. `floor` and `ratio` are missing where the figure is a count or an absolute limit."""

    key: str
    value: float
    unit: str
    floor: float | None = None
    goal: str = ""

    def as_json(self) -> dict[str, Any]:
        ratio = None if not self.floor else round(self.value / self.floor, 3)
        floor = None if self.floor is None else round(self.floor, 4)
        return {
            "key": self.key,
            "value": round(self.value, 4),
            "unit": self.unit,
            "floor": floor,
            "ratio": ratio,
            "goal": self.goal,
        }


class Stopwatch:
    """Seconds of one turn; `paused` leaves out what somebody else would do, such as the platform's signing."""

    def __init__(self) -> None:
        self._left_out = 0.0
        self._begin = time.perf_counter()

    @contextmanager
    def paused(self) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self._left_out += time.perf_counter() - begin

    @property
    def milliseconds(self) -> float:
        return (time.perf_counter() - self._begin - self._left_out) * 1000


Work = Callable[[int, Stopwatch], Any]


def interleaved(subject: Work, floor: Work, repeats: int, warm_up: int = 10) -> tuple[float, float]:
    """Runs both by turns and returns the median milliseconds of each. Either gets its turn's number and stopwatch."""
    mine: list[float] = []
    base: list[float] = []
    for turn in range(repeats + warm_up):
        for work, times in ((subject, mine), (floor, base)):
            watch = Stopwatch()
            work(turn, watch)
            if turn >= warm_up:
                times.append(watch.milliseconds)
    return statistics.median(mine), statistics.median(base)
