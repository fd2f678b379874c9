"""Two requests at once: what counts over several rows holds, and what is made once is made once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.calculations import Category
from plugins.ledarsteg.models import Contribution, LeaderTime, Polarity, PolarityReading, Target, TimeAudit, TimeRow
from plugins.ledarsteg.operations import contributions, leader_time, polarities, time
from plugins.ledarsteg.operations.contributions import Given
from plugins.ledarsteg.operations.leader_time import Block
from plugins.ledarsteg.operations.owner import Owner
from plugins.ledarsteg.operations.time import Stretch
from service.cohorts.models import Member
from service.contract import Invalid
from tests.plugins.ledarsteg.support import TODAY, owner_of
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
