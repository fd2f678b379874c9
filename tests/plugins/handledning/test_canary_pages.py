"""A word typed into every form of goals, notes and sessions is found again by whom it is for, and lies nowhere in plain."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from plugins.handledning import data
from plugins.handledning.declarations import CONFIDENTIAL
from service.settings import Settings
from tests.contract.test_canary import CANARY, bytes_of, found_in, sealed_columns
from tests.plugins.handledning.everything import texts_of
from tests.plugins.handledning.support import START, Pair, pair, typed
from tests.plugins.handledning.test_before_pages import at, value_of
from tests.plugins.handledning.test_goal_pages import GOAL, NAMES, level_key
from tests.plugins.handledning.test_term_pages import both, homework_key, of
from tests.support import Browser, World

pytestmark = pytest.mark.once


# Whose texts are written here; readiness, papers, map, plan and the end of a term have tests of their own.
MINE = (
    "activity", "agenda_item", "answer", "coach_feedback", "contact", "decision", "external_test", "gas_", "goal", "homework",
    "note", "session_text", "suggestion", "trust_pulse", "value_reading",
)  # fmt: skip


def send(browser: Browser, path: str, values: dict[str, str]) -> str:
    """Posts, and returns where it leads."""
    answer = browser.post(path, values)
    assert answer.status_code == 303, (path, answer.text)
    return answer.headers["Location"].removeprefix(browser.path).split("#")[0].split("?")[0]


def goals(two: Pair, manager: Browser, coach: Browser) -> None:
    texts = (
        "title",
        "what",
        "where",
        "behaviour",
        "measure",
        "unit",
        "baseline",
        "target",
        "reason",
        "value",
        "first-text",
    )
    place = send(manager, at(two, "/goals/new"), {**GOAL, **{name: f"{CANARY} {name}" for name in texts}, "key": ""})
    version = value_of(manager.get(f"{place}/scale"), "version")
    send(manager, f"{place}/scale", {**{name: f"{CANARY} {name}" for name in NAMES}, "version": version})
    key = level_key(manager.get(place))
    send(manager, f"{place}/level", {"key": key, "level": "-1"})
    send(manager, f"{place}/level", {"key": key, "level": "1", "note": CANARY})
    send(manager, f"{place}/value", {"moment": "halfway", "rating": "4", "text": CANARY})
    send(coach, f"{place}/suggest", {"key": "", "about": "goal", "text": CANARY})


def beside(two: Pair, manager: Browser, coach: Browser) -> None:
    place = at(two, "/decisions")
    send(manager, f"{place}/new", {"key": "", "text": CANARY, "expected": CANARY})
    found = re.search(r'href="([^"]*/decisions/[0-9a-f-]{36})"', manager.get(place).text)
    assert found is not None
    all_four = dict.fromkeys(("text", "expected", "actual", "lesson"), CANARY)
    send(manager, found[1].removeprefix(manager.path), {**all_four, "version": "1"})
    for browser, readers in ((manager, "private"), (coach, "private"), (coach, "shared")):
        send(
            browser, at(two, "/notes"), {"key": "", "readers": readers, "type": "plain", "body": f"{CANARY} {readers}"}
        )
    send(manager, "/data/copy", {})
    found = re.search(r'href="[^"]*(/handledning/reviews/[0-9a-f-]{36})"', coach.get("/handledning/reviews").text)
    assert found is not None
    send(coach, found[1], {"decision": "redacted", "ground": "secrecy", "text": f"{CANARY} …"})
    send(coach, at(two, "/contacts"), {"key": "", "day": "2026-01-10", "channel": "phone", "note": CANARY})
    test = {"name": CANARY, "provider": CANARY, "summary": CANARY, "taken_on": "2026-01-10"}
    send(manager, at(two, "/tests/new"), {"key": "", **test})


def session(two: Pair, manager: Browser, coach: Browser) -> None:
    two.talk()
    session_id = two.plan(START + timedelta(days=28))
    send(coach, of(session_id, "/questions"), {"questions": "goal-1"})
    send(coach, of(session_id, "/suggest"), {"key": "", "about": "decision", "text": CANARY})
    send(manager, of(session_id, "/agenda"), {"key": "", "text": CANARY, "driver": "both"})
    page = manager.get(of(session_id, "/prepare"))
    prepared = {"version": value_of(page, "version"), "topic": CANARY, "quick_win": CANARY}
    for name in re.findall(r'name="((?:answer|out)-[0-9a-f-]{36}-(?:text|note))"', page.text):
        prepared[name] = CANARY
    send(manager, of(session_id, "/prepare"), prepared)
    page = manager.get(of(session_id))
    key = homework_key(page)
    written = {
        "decision": CANARY, "expected": CANARY, f"hw-{key}-text": CANARY, f"hw-{key}-criterion": CANARY,
        f"hw-{key}-due_on": "2026-11-20", "day": "2026-10-29",
    }  # fmt: skip
    for name in re.findall(r'name="(out-[0-9a-f-]{36}-note)"', page.text):
        written[name] = CANARY
        written[name.replace("-note", "-state")] = "dropped"
    send(manager, of(session_id), {**typed(page), **written, "action": "close"})
    for browser in (manager, coach):
        send(browser, of(session_id, "/pulse"), {"value": "4"})
    send(manager, of(session_id, "/feedback"), {"thinking": "4", "session": "4", "moved": "4", "text": CANARY})
    later = two.plan(START + timedelta(days=56))
    send(coach, of(later, "/cancel"), {"version": "1", "reason": "other", "note": CANARY})


def test_a_word_typed_everywhere_is_sealed_and_said_nowhere(
    world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    two = pair(world)
    manager, coach = both(two)
    for part in (goals, beside, session):
        part(two, manager, coach)
    wanted = {name for name in CONFIDENTIAL if name.removeprefix("handledning_").startswith(MINE)}
    counts = sealed_columns(world.app, "handledning")
    assert {name for name in wanted if not counts[name]} == set()
    raw, said = bytes_of(world.app, settings), capsys.readouterr()
    assert found_in(raw) == []
    assert found_in((said.out + said.err).encode()) == []
    assert not [path for path in Path(settings.data_dir).rglob("*") if CANARY in path.name]
    with two.reading() as unit:
        trail = repr(
            unit.session.execute(sa.text("select action, reason, object_type, object_ref from audit_event")).all()
        )
        assert CANARY not in trail
        # Each text opens again for whose it is, and has what was typed.
        plain = {"handledning_coach_feedback.answers", "handledning_trust_pulse.value"}
        for model in data.tables():
            for name in texts_of(model):
                place = f"{model.__tablename__}.{name}"
                if place in wanted - plain:
                    rows = unit.session.scalars(sa.select(model))
                    assert any(CANARY in getattr(row, name) for row in rows), place
    stranger = pair(world, two.course, "Other Manager", two.coach_member)
    other = stranger.enter(stranger.manager_member)
    for path in (
        "/",
        "/handledning/",
        *(at(stranger, page) for page in ("", "/goals", "/notes", "/decisions", "/contacts", "/tests")),
    ):
        assert CANARY not in other.get(path).text, path
