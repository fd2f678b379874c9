"""The way of a measurement: open, answered, closed, and what is left of it."""

import random

import sqlalchemy as sa

from plugins.group_maturity.models import Inbox, State
from service.guests.models import GuestPass
from tests.plugins.group_maturity.measuring import at_random, levels, open_one
from tests.support import World

COLLABORATING = {"A": 2, "B": 1, "C": 4, "D": 5}


def test_from_open_to_reported(world: World) -> None:
    chance = random.Random(1)
    course = world.course()
    going_on = open_one(world, course)
    assert len(set(going_on.words)) == 8
    assert going_on.visit(going_on.words[0]).status_code == 200
    assert going_on.visit(going_on.words[0], "answer").status_code == 200
    for number, word in enumerate(going_on.words):
        assert going_on.row().enough is (number >= 5)
        assert (
            going_on.answer(word, levels(COLLABORATING) | dict(list(at_random(chance).items())[:1])).status_code == 200
        )
        assert going_on.visit(word).status_code == 404
    going_on.close()
    row = going_on.row()
    assert (row.state, row.box_key_sealed, row.codes_sealed) == (State.REPORTED, None, None)
    figures = going_on.figures()
    assert figures is not None
    assert (figures.band, figures.stage) == ("8-12", "4")
    assert figures.scales["D"].edge == "high"
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Inbox)) == 0
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(GuestPass)) == 8
