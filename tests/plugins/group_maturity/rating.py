"""What the plugin's tests do over and over: begin, fill in, submit, and look at the rows."""

from collections.abc import Mapping

import sqlalchemy as sa

from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from plugins.group_maturity.models import SelfRating
from tests.support import Browser, World

GM24 = newest(LIBRARY, OWN)
NAMES = GM24.forms["self"]
# The side, and the answer on each of its statements; turned where the statement is reverse-keyed.
COLLABORATING = {"A": 2, "B": 1, "C": 4, "D": 5, "M": 3}


def filled(levels: Mapping[str, int] = COLLABORATING) -> dict[str, str]:
    """A complete form with the same answer throughout each side."""
    answers = {name: levels[GM24.items[name].scale] for name in NAMES}
    return {name: str(6 - answer if GM24.items[name].reverse else answer) for name, answer in answers.items()}


def begin(browser: Browser) -> str:
    """Begins a rating and returns its path behind the launch."""
    answer = browser.post("/group_maturity/begin")
    assert answer.status_code == 303
    return answer.headers["Location"].removeprefix(browser.path)


def submit(browser: Browser, levels: Mapping[str, int] = COLLABORATING) -> str:
    """Makes and submits a whole rating and returns its path."""
    path = begin(browser)
    answer = browser.post(path, {**filled(levels), "action": "submit"})
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].endswith(f"{path}/profile")
    return path


def stored(world: World) -> list[SelfRating]:
    """All ratings as rows, oldest first."""
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(SelfRating).order_by(SelfRating.started_at)))
