"""The term of the managers on a page, as a picture with its table."""

import uuid
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import Flask

from service.cohorts import term_line
from service.cohorts.terms import by_calendar
from service.contract import Picture, TermMark

TERM = by_calendar(2026, autumn=True)
TODAY = date(2026, 10, 1)


def manager(name: str) -> Any:
    return SimpleNamespace(id=uuid.uuid4(), person=SimpleNamespace(display_name=name))


def drawn(app: Flask, members: list[Any], marks: list[TermMark]) -> Picture | None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        return term_line.picture(members, marks, TODAY, TERM)


def test_only_this_term_and_these_managers_are_drawn(app: Flask) -> None:
    karin, petra, other = manager("Karin"), manager("Petra"), manager("Other")
    marks = [
        TermMark(karin.id, date(2024, 3, 1), "closed", "diamond"),
        TermMark(karin.id, date(2026, 9, 3), "met", "disc"),
        TermMark(karin.id, date(2027, 1, 9), "booked", "ring"),
        TermMark(petra.id, date(2026, 6, 30), "met", "disc"),
        TermMark(other.id, date(2026, 9, 1), "closed", "tick"),
    ]
    found = drawn(app, [karin, petra], marks)
    assert found is not None
    assert [list(map(str, row)) for row in found.rows] == [["Karin", "Sep 3", "Jan 9"]]
    assert list(map(str, found.headers)) == ["Manager", "Met", "Booked"]
    assert (found.chart["from"], found.chart["to"]) == ("2026-07-01", "2027-01-16")
    assert [one["data"] for one in found.chart["series"]] == [[["2026-09-03", 0]], [["2027-01-09", 0]]]
    assert drawn(app, [petra], marks) is None
