"""The attack on anonymity, small: `make linkage` is the whole of it."""

import pytest

from tests.linkage import plants
from tests.linkage.campaign import PLANTS, WORDS_IN_ORDER, Plant, honest, planted, quantile

pytestmark = pytest.mark.once


def test_with_everything_in_hand_she_does_no_better_than_chance() -> None:
    """The seed makes it one and the same run until something else is drawn in the service; then it is another one, and of
    those about one in fifteen has a tally outside its interval by chance alone. `make linkage` tells which it is.
    """
    for (_moment, _keys, what), tally in honest(50).items():
        # People write in about half of the groups of ten or more.
        assert tally.measurements == 50 if what == "answers" else tally.measurements > 5
        assert tally.by_chance, tally


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_she_finds_a_leak_that_is_there(plant: Plant) -> None:
    tally = planted(plant, 2)
    assert tally.found, tally
    assert tally.right == tally.people


def test_the_same_seed_is_the_same_attack() -> None:
    assert honest(3) == honest(3)


def test_she_finds_whose_words_they_are_when_they_lie_in_order() -> None:
    tally = planted(WORDS_IN_ORDER, 6)
    assert tally.people > 10
    assert tally.right == tally.people


def test_a_log_of_changes_tells_nothing_without_the_keys() -> None:
    tally = planted(Plant("history", plants.history_kept, keys=False), 4)
    assert tally.by_chance, tally


def test_what_chance_would_do() -> None:
    assert (quantile(1000, 0.005), quantile(1000, 0.995)) == (919, 1082)
    assert (quantile(1, 0.5), quantile(50, 0.5)) == (1, 50)
