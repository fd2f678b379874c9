"""The manager's way with a measurement on her pages: plan, open, hand out, see that it is enough, end, read, share, ask again."""

from datetime import timedelta
from html import unescape
from typing import Any

from tests.plugins.group_maturity.measuring import GM24
from tests.support import Browser, World

START = "/group_maturity/"
COLLABORATING = {"A": 2, "B": 1, "C": 4, "D": 5}


def planned(world: World, **changes: Any) -> dict[str, Any]:
    """A plan form as a browser sends it."""
    today = world.core.units.clock.now().date()
    form: dict[str, Any] = {
        "label": "Dagteamet", "size": "8", "languages": ["sv", "en"], "mode": "codes", "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=14)).isoformat(), "instrument": f"{GM24.key} {GM24.version}", "version": "",
    }  # fmt: skip
    return {**form, **changes}


def begin_plan(browser: Browser, world: World, **changes: Any) -> str:
    """Plans a measurement and returns its path behind the launch."""
    answer = browser.post("/group_maturity/measurements/new", planned(world, **changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removeprefix(browser.path)


def test_plan_open_answer_close_read(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    path = begin_plan(browser, world)
    assert browser.get(path).status_code == 200
    answer = browser.post(f"{path}/open")
    assert answer.headers["Location"].endswith("/codes")
    print(unescape(browser.get(f"{path}/codes").text)[:200])
    assert browser.get(path).status_code == 200
    assert browser.get(START).status_code == 200
