"""What the training department sees of measurements over many cohorts: whole groups of teams, and never one."""

import uuid
from typing import Any

from plugins.group_maturity import cards, programme
from plugins.group_maturity.models import Measurement, Mode, Report, ReportedScale, State
from plugins.group_maturity.operations import measurements, overview
from service.access import Role
from service.cohorts.models import Member
from tests.plugins.group_maturity.measuring import GM24
from tests.support import Course, World


def reported(
    world: World,
    course: Course,
    member: Member,
    *,
    wave: int = 1,
    release: int | None = 1,
    value: int = 40,
    **figures: Any,
) -> None:
    """A report as it is kept, with one value on every side."""
    with world.core.units.writing() as unit:
        today = measurements.today(course.cohort)
        made = Measurement(
            cohort_id=course.cohort.id, manager_id=member.person_id, instrument_key=GM24.key, instrument_version=GM24.version,
            instrument_sha256=GM24.sha256, state=State.REPORTED, created_at=unit.now(), size=8, languages=["sv"],
            mode=Mode.CODES, opens_on=today, closes_on=today, minimum=5, about_manager=False, group_reads=True,
        )  # fmt: skip
        unit.session.add(made)
        unit.session.flush()
        report = Report(
            id=uuid.uuid4(), measurement_id=made.id, cohort_id=course.cohort.id, manager_id=member.person_id,
            instrument_key=GM24.key, instrument_major=0, wave=wave, frozen_on=today, release=release,
            figures={"band": "5-7", "changes": {}, **figures},
        )  # fmt: skip
        unit.session.add(report)
        unit.session.flush()
        unit.session.add_all(ReportedScale(report_id=report.id, scale=side, value=value) for side in "ABCD")


def drawn(world: World, *courses: Course) -> list[Any]:
    with world.app.test_request_context("/", headers={"Accept-Language": "en"}), world.core.units.reading():
        return list(programme.programme_report([course.cohort for course in courses]).pictures)


def test_profiles_are_means_over_five_teams_of_all_the_cohorts(world: World) -> None:
    course = world.course()
    beside = world.course("Beside", beside=course)
    assert drawn(world, course, beside) == []
    for number in range(5):
        reported(world, course, world.member(course, name=f"M{number}"), value=40)
    [picture] = drawn(world, beside, course)
    assert [row[1:] for row in picture.rows] == [["40", "\N{EN DASH}", "\N{EN DASH}"]] * 4
    assert drawn(world, beside) == []
    for number in range(5):
        reported(world, course, world.member(course, name=f"N{number}"), wave=2, value=55)
    [picture] = drawn(world, course, beside)
    assert [row[1:] for row in picture.rows] == [["40", "55", "+15"]] * 4
    assert "Means of 5 teams the first time and 5 the second" in picture.summary
    assert len(picture.chart["series"]) == 2


def test_fewer_than_five_teams_are_not_shown(world: World) -> None:
    course = world.course()
    for number in range(4):
        reported(world, course, world.member(course, name=f"M{number}"), release=None)
    [picture] = drawn(world, course)
    assert list(picture.rows) == []
    assert "Fewer than 5 teams" in picture.summary


def test_who_answered_and_what_changed_is_counted_by_the_newest_report(world: World) -> None:
    course = world.course()
    found = [
        {}, {"band": "8-12"}, {"band": "13+"}, {"band": ""}, {"changes": {"A": ["higher", True], "B": ["same", False]}},
        {"changes": {"A": ["same", False]}}, {"changes": {"A": ["same", None]}},
    ]  # fmt: skip
    members = [world.member(course, name=f"M{number}") for number in range(len(found) + 1)]
    for member, figures in zip(members, found, strict=False):
        reported(world, course, member, **figures)
    reported(world, course, members[0], wave=2, band="8-12", changes={"A": ["lower", True]})
    with world.app.test_request_context("/"), world.core.units.reading():
        people = [member.person_id for member in members]
        assert overview.answered(course.cohort, people)[people[0]] == ("8-12", overview.BEYOND)
        assert members[-1].person_id not in overview.answered(course.cohort, people)
        report = cards.cohort_report(course.cohort, members, Role.TRAINING, uuid.UUID(int=0))
    assert {one.key: list(one.numbers) for one in report.spreads} == {"answered": [3, 2, 1, 1], "changed": [2, 1, 1]}
