"""How often the attacker is right, against how often chance would be.

Whoever names every answer once, blindly, is right once per measurement on average, however large the group: the fixed
points of a random permutation are nearly Poisson distributed with mean one, from five elements on to within 0.4 %. So
the sum over many measurements is, and outside its 99 % interval she has found something.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from service.access_log import AccessLog
from tests.linkage import plants
from tests.linkage.attacker import attack, look
from tests.linkage.simulated import Asked, Service, service

PER_SERVICE = 10
SEED = 20261127


def quantile(mean: int, share: float) -> int:
    """Returns the smallest number that a Poisson variable reaches with at least this probability."""
    below, number = 0.0, -1
    while below < share:
        number += 1
        below += math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))
    return number


@dataclass
class Tally:
    """One run: when and with what she attacked, how many measurements, how many people, how often she was right."""

    name: str
    measurements: int = 0
    people: int = 0
    right: int = 0

    @property
    def expected(self) -> tuple[int, int]:
        """The 99 % interval of guesses that are right by chance."""
        return quantile(self.measurements, 0.005), quantile(self.measurements, 0.995)

    @property
    def by_chance(self) -> bool:
        low, high = self.expected
        return low <= self.right <= high

    @property
    def found(self) -> bool:
        """Whether she found a leak: far more right than chance, and most people."""
        return self.right > self.expected[1] and self.right > self.people / 2


# When she attacks, with the keys or without, and what she wants to know whose it is.
Run = tuple[str, bool, str]
RUNS: tuple[Run, ...] = tuple(
    (moment, keys, what) for what in ("answers", "words") for moment in ("open", "closed") for keys in (False, True)
)


def honest(count: int, seed: int = SEED) -> dict[Run, Tally]:
    """Attacks the service as it is, `count` measurements, at both moments, without and with the keys.

    In about half of the groups of ten or more people also write in their own words, and she asks whose those are too.
    """
    tallies = {run: Tally(f"{run[2]}, {run[0]}, {'with' if run[1] else 'without'} the keys") for run in RUNS}
    for right, people, run in _attacks(count, seed, AccessLog, nullcontext, RUNS):
        _add(tallies[run], right, people)
    return tallies


@dataclass(frozen=True)
class Plant:
    """A leak planted on purpose, and what the attacker needs to have for finding it."""

    name: str
    plant: Callable[[], AbstractContextManager[None]]
    keys: bool
    logger: type[Any] = AccessLog
    what: str = "answers"


PLANTS = (
    Plant("a timestamp", plants.timestamp, keys=False),
    Plant("an ordered id", plants.ordered_id, keys=False),
    Plant("the log of changes kept, with the keys", plants.history_kept, keys=True),
    Plant(
        "a box in order and an access log, with the keys", plants.box_not_mixed, keys=True, logger=plants.GUNICORNS_OWN
    ),
)


# Not every group writes, so that this one takes more of them.
WORDS_IN_ORDER = Plant(
    "own words in order and an access log, with the keys", plants.box_not_mixed, keys=True, logger=plants.GUNICORNS_OWN,
    what="words",
)  # fmt: skip


def planted(plant: Plant, count: int, seed: int = SEED) -> Tally:
    """Attacks a service with a leak planted on purpose, while measurements are open."""
    tally = Tally(plant.name)
    for right, people, _run in _attacks(count, seed, plant.logger, plant.plant, (("open", plant.keys, plant.what),)):
        _add(tally, right, people)
    return tally


@cache
def _warm_up() -> None:
    """Lets a process draw what it draws only once before it counts, so that the same seed is the same run."""
    with service(random.Random(0)) as attacked:
        attacked.close(attacked.ask())


def _add(tally: Tally, right: int, people: int) -> None:
    tally.measurements += 1
    tally.people += people
    tally.right += right


def _attacks(
    count: int, seed: int, logger: type[Any], plant: Callable[[], AbstractContextManager[None]], runs: Any
) -> Iterator[tuple[int, int, Run]]:
    _warm_up()
    chance = random.Random(seed)
    for start in range(0, count, PER_SERVICE):
        with plant(), service(chance, logger) as attacked:
            for _ in range(min(PER_SERVICE, count - start)):
                asked = attacked.ask()
                for moment in dict.fromkeys(run[0] for run in runs):
                    if moment == "closed":
                        attacked.close(asked)
                    yield from _at(attacked, asked, [run for run in runs if run[0] == moment])


def _at(attacked: Service, asked: Asked, runs: Sequence[Run]) -> Iterator[tuple[int, int, Run]]:
    """Lets her steal everything as it is now, once for all that she tries with it."""
    for what in dict.fromkeys(run[2] for run in runs if run[2] == "answers" or asked.texts):
        loot, truth = attacked.steal(asked, what)
        sight = look(loot)
        for run in [run for run in runs if run[2] == what]:
            guessed = attack(loot if run[1] else replace(loot, keys=None), sight)
            yield sum(a == b for a, b in zip(guessed, truth, strict=True)), len(truth), run
