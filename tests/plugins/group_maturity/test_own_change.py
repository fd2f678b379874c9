"""A manager's own picture beside her picture before: which way, and whether that is more than the measure's own error."""

from datetime import timedelta

import pytest

from plugins.group_maturity import operations
from plugins.group_maturity.models import Reliability
from plugins.group_maturity.operations import own_change
from tests.plugins.group_maturity.measuring import GM24
from tests.plugins.group_maturity.rating import begin, filled, stored, submit
from tests.plugins.group_maturity.test_manager_flow import text_of
from tests.support import Course, OffsetClock, World


def known(world: World, course: Course, scale: str, **values: float | None) -> None:
    """Keeps how well a scale measures in the organisation."""
    with world.core.units.writing() as unit:
        unit.session.add(Reliability(
            organisation_id=course.organisation.id, instrument_key=GM24.key, instrument_version=GM24.version, scale=scale,
            **({"persons": 40, "teams": 5, "deviation": 0.62, "alpha": 0.84, "counted_on": unit.now().date()} | values),
        ))  # fmt: skip


def test_the_published_error_decides_what_is_called_a_change(world: World, clock: OffsetClock) -> None:
    """domain.md §2.3.5: SD 0.62, r 0.84, smallest reliable change 0.687 points; half a point is not, one point is."""
    course = world.course()
    browser = world.enter(course)
    for scale in ("A", "B", "C"):
        known(world, course, scale)
    known(world, course, "D", persons=29)
    first = {"A": 2, "B": 2, "C": 3, "D": 3, "M": 3}
    path = submit(browser, first)
    assert "What has changed in your picture" not in browser.get(f"{path}/profile").text
    clock.advance(timedelta(days=1))
    browser = world.enter(course, member=browser.member)
    again = begin(browser)
    answers = filled({"A": 3, "B": 2, "C": 3, "D": 5, "M": 3})
    for name in ("C1", "C2", "C3"):
        answers[name] = str(int(answers[name]) + 1)
    browser.post(again, {**answers, "action": "submit"})
    page = text_of(browser.get(f"{again}/profile").text)
    assert "What has changed in your picture since" in page
    assert "Orienting 25 50 higher larger than the measurement's error" in page
    assert "Testing 25 25 as before" in page
    assert "Coordinating 50 63 higher within the measurement's error" in page
    assert "Collaborating 50 100 higher whether it is more than error cannot be told yet" in page
    assert "What has changed in your picture" not in browser.get(f"{path}/profile").text


@pytest.mark.parametrize("wrong", [{"alpha": None}, {"alpha": 1.0}, {"deviation": 0.0}])
def test_a_measure_that_says_nothing_decides_nothing(world: World, wrong: dict[str, float | None]) -> None:
    course = world.course()
    browser = world.enter(course)
    known(world, course, "A", **wrong)
    submit(browser, {"A": 5, "B": 2, "C": 3, "D": 3, "M": 3})
    submit(browser, {"A": 1, "B": 2, "C": 3, "D": 3, "M": 3})
    before, rating = stored(world)
    with world.core.units.reading():
        told = {one.scale: one.change for one in own_change.since(course.cohort, before, rating)}
    assert (told["A"].direction, told["A"].beyond_error) == ("lower", None)


def test_only_what_can_be_compared_is(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    submit(browser)
    path = begin(browser)
    browser.post(path, {**dict.fromkeys(GM24.forms["self"], "na"), "action": "submit"})
    with world.core.units.writing() as unit:
        ratings = operations.submitted(course.cohort, browser.person.id)
        latest, first = ratings
        assert own_change.earlier(latest, ratings) is first
        assert own_change.earlier(first, ratings) is None
        assert own_change.since(course.cohort, first, latest) == []
        first.instrument_version = "7.0.0"
        assert own_change.earlier(latest, ratings) is None
        first.instrument_version, first.instrument_key = latest.instrument_version, "other"
        assert own_change.earlier(latest, ratings) is None
        unit.session.rollback()
