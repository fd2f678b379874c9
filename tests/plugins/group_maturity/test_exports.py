"""Files of measurements: what a page shows and no more, the notice in every row."""

from collections.abc import Sequence
from typing import Any

import pytest

import plugins.group_maturity as plugin
from plugins.group_maturity.models import Measurement, State
from service.access import Role
from service.contract import ExportScope
from tests.plugins.group_maturity.measuring import GM24, open_one
from tests.plugins.group_maturity.rating import submit
from tests.plugins.group_maturity.test_manager_flow import reported
from tests.support import Browser, Course, World


def file(world: World, course: Course, browser: Browser, key: str, locale: str = "en") -> list[list[Any]]:
    """The headings and rows of a file as a worker would write them."""
    (export,) = [each for each in plugin.exports(course.cohort) if each.key == key]
    (role,) = export.roles
    scope = ExportScope(course.cohort.id, browser.person.id, role, locale)
    with world.app.test_request_context(headers={"Accept-Language": locale}), world.core.units.reading():
        rows: list[Sequence[Any]] = [[str(title) for title in export.headers(scope)], *export.rows(scope)]
        assert export.count(scope) == len(rows) - 1
        assert {len(row) for row in rows} == {len(rows[0])}
        return [list(row) for row in rows]


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_a_manager_s_file_says_what_her_reports_show(world: World, locale: str) -> None:
    course = world.course()
    browser, other = world.enter(course), world.enter(course, name="Petra")
    going_on, path = reported(world, course, browser)
    browser.post(f"{path}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    hidden = open_one(world, course, manager=browser.member, label="Nattpatrullen")
    reported(world, course, other, label="Petras")
    open_one(world, course, manager=browser.member, label="Still open")
    with world.core.units.writing() as unit:
        row = unit.session.get_one(Measurement, hidden.id)
        row.state, row.closed_on = State.SUPPRESSED, row.closes_on
    headings, *rows = file(world, course, browser, "group_measurement", locale)
    assert len(rows) == 6
    assert [row[0] for row in rows] == ["Dagteamet"] * 5 + ["Nattpatrullen"]
    assert {row[4] for row in rows} == {(GM24.validation.notice or {})[locale]}
    assert {(row[2], row[3]) for row in rows} == {(GM24.version, GM24.sha256)}
    assert [row[8] for row in rows[:5]] == [scale.title[locale] for scale in GM24.scales.values()]
    assert rows[0][7] == "8–12"
    assert rows[5][7:14] == ["–"] * 7
    if locale == "en":
        assert headings[8:] == [
            "Side", "The group", "You", "Gap", "Agreement", "Agreement, stricter", "Stage", "Change",
        ]  # fmt: skip
        assert rows[2][9:15] == [75, 75, 0, "very strong", "very strong", "Collaborating"]
        assert rows[4][9:12] == ["–", 50, "–"]
        assert rows[3][9:12] == ["≥\u200990", "≥\u200990", "0"]
        assert rows[5][14] == "Not shown. Fewer than 5."
    assert "Petras" not in repr(rows)
    assert "Still open" not in repr(rows)
    assert going_on.figures() is not None


def test_the_training_department_s_file_has_means_from_five_teams_on_and_says_why_not_before(world: World) -> None:
    course = world.course()
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    assert len(file(world, course, training, "group_means")) == 1
    for number in range(4):
        reported(world, course, world.enter(course, name=f"Manager {number}"), label=f"Team {number}")
    _headings, *few = file(world, course, training, "group_means")
    assert len(few) == 8
    assert {tuple(row[5:]) for row in few} == {("–", "", "Fewer than 5 teams.")}
    reported(world, course, world.enter(course, name="Manager 4"), label="Team 4")
    _headings, *enough = file(world, course, training, "group_means")
    assert [tuple(row[3:]) for row in enough[:4]] == [
        (1, "Orienting", 25, 5, ""), (1, "Testing", 10, 5, ""), (1, "Coordinating", 75, 5, ""),
        (1, "Collaborating", 90, 5, ""),
    ]  # fmt: skip
    assert {tuple(row[5:]) for row in enough[4:]} == {("–", "", "Fewer than 5 teams.")}
    assert {row[2] for row in enough} == {(GM24.validation.notice or {})["en"]}
    assert "Team" not in repr(enough)
