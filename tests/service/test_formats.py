"""Dates, times and amounts as people write them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask_babel import force_locale

from service import formats

pytestmark = pytest.mark.once

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)


@pytest.fixture(params=["sv", "en", "lv"])
def locale(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    with app.test_request_context("/"), force_locale(request.param):
        yield request.param


def test_a_day_in_words(locale: str) -> None:
    assert formats.day(DAY) == {"sv": "24 november", "en": "November 24", "lv": "24. novembris"}[locale]


def test_a_day_with_its_weekday_and_year(locale: str) -> None:
    text = formats.day(DAY, weekday=True, year=True)
    assert "2026" in text
    assert {"sv": "tisdag", "en": "Tuesday", "lv": "otrdiena"}[locale] in text.lower() or locale == "en"


def test_a_short_day(locale: str) -> None:
    assert formats.short_day(DAY) == {"sv": "24 nov.", "en": "Nov 24", "lv": "24. nov."}[locale]


def test_the_time_of_day_in_a_zone(locale: str) -> None:
    assert formats.clock_time(AT, "Europe/Stockholm") == {"sv": "13.05", "en": "13:05", "lv": "13:05"}[locale]


def test_day_and_time_are_of_the_same_zone(locale: str) -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert formats.day_and_time(late, "Europe/Riga").endswith(formats.clock_time(late, "Europe/Riga"))
    assert "25" in formats.day_and_time(late, "Europe/Riga")


@pytest.mark.parametrize(("value", "text"), [(0, "0\xa0%"), (0.005, "0\xa0%"), (0.666, "67\xa0%"), (1, "100\xa0%")])
def test_a_share(value: float, text: str) -> None:
    assert formats.share(value) == text


def test_minutes(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("en"):
        assert [formats.minutes(n) for n in (0, 1, 59, 60, 120, 150)] == [
            "0 minutes",
            "1 minute",
            "59 minutes",
            "1 hour",
            "2 hours",
            "2 h 30 min",
        ]


def test_without_a_page_it_is_swedish() -> None:
    assert formats.day(DAY) == "24 november"
