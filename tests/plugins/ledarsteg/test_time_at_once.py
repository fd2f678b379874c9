"""Two requests at once: what counts over several rows holds, and what is made once is made once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.calculations import Category, State
from plugins.ledarsteg.models import (
    Contribution,
    Entry,
    LeaderTime,
    Polarity,
    PolarityReading,
    SkipReason,
    Target,
    TimeAudit,
    TimeRow,
)
from plugins.ledarsteg.operations import Note, contributions, entries, leader_time, polarities, time
from plugins.ledarsteg.operations.contributions import Given
from plugins.ledarsteg.operations.leader_time import Block
from plugins.ledarsteg.operations.owner import Owner
from plugins.ledarsteg.operations.time import Stretch
from service import rotation
from service.cohorts.models import Member
from service.contract import Invalid
from tests.plugins.ledarsteg.support import TODAY, make, owner_of
from tests.support import World

MONDAY = date(2026, 11, 23)


def row(owner: Owner, minutes: int, key: str) -> object:
    return time.add_row(owner, time.start_round(owner, TODAY).id, Stretch(TODAY, Category.OTHER, minutes), key)


CASES: dict[str, tuple[Callable[[Owner], object], type, int, bool]] = {
    "begins a round": (lambda owner: time.start_round(owner, TODAY), TimeAudit, 1, False),
    "the same row": (lambda owner: row(owner, 1000, "k"), TimeRow, 1, False),
    "more than a day has": (lambda owner: row(owner, 1000, ""), TimeRow, 1, True),
    "the same block": (lambda owner: leader_time.plan_block(owner, Block(TODAY, 1000), "k"), LeaderTime, 1, False),
    "more than a day has for leading": (lambda owner: leader_time.plan_block(owner, Block(TODAY, 1000)), LeaderTime, 1, True),
    "the same contribution": (
        lambda owner: contributions.log_contribution(owner, Given(TODAY, Target.SELF), "k"), Contribution, 1, False,
    ),
    "the same card": (lambda owner: polarities.make_card(owner, "a", "b", "k"), Polarity, 1, False),
    "the same week": (
        lambda owner: polarities.read_week(owner, polarities.builtin_id(owner), MONDAY, 5), PolarityReading, 1, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_twice_at_once(world: World, karin: Member, case: str) -> None:
    work, model, rows, one_is_refused = CASES[case]
    owner, ready = owner_of(karin), Barrier(2)

    def one(_: int) -> bool:
        ready.wait(5)
        try:
            with world.core.units.writing():
                work(owner)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(one, range(2)))
    assert sorted(done) == [not one_is_refused, True]
    with world.core.units.reading() as unit:
        assert len(unit.session.scalars(sa.select(model)).all()) == rows


def test_skips_at_once_and_a_change_of_keys_beside_them_lose_no_word(world: World, karin: Member) -> None:
    """Each note asks for her key along with her habits; whatever it waited for, what it sealed opens afterwards."""
    habit, owner, units, ready = make(world, karin), owner_of(karin), world.core.units, Barrier(4)
    reasons = (SkipReason.ILL, SkipReason.TRAVEL, SkipReason.OFF)

    def note(back: int) -> None:
        ready.wait(5)
        with units.writing():
            entries.mark(owner, habit.id, TODAY, Note(State.SKIP, reason=reasons[back], text=f"rad {back}"))

    def change_keys() -> None:
        ready.wait(5)
        rotation.begin(units)

    with ThreadPoolExecutor(4) as pool:
        for done in [*(pool.submit(note, back) for back in range(3)), pool.submit(change_keys)]:
            done.result()
    rotation.reseal(units, lambda _words: None, grace=0)
    with units.reading() as unit:
        entry = unit.session.scalars(sa.select(Entry)).one()
        assert (entry.reason, entry.note) in [(reason.value, f"rad {back}") for back, reason in enumerate(reasons)]
