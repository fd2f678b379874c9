"""Time, contributions and both-and as the core sees them: a person's own data, its end, her own file, the practice cohort."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import plugins.ledarsteg as plugin
from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import Category
from plugins.ledarsteg.models import (
    Contribution,
    LeaderTime,
    Polarity,
    PolarityReading,
    Target,
    TimeAudit,
    TimeRow,
)
from plugins.ledarsteg.operations import contributions, demo, leader_time, polarities, rounds, time
from plugins.ledarsteg.operations.contributions import Given
from plugins.ledarsteg.operations.leader_time import Block
from plugins.ledarsteg.operations.time import Stretch
from service.access import Role
from service.cohorts.models import Member
from service.contract import DemoCast, ExportScope
from tests.plugins.ledarsteg.support import MORNING, TODAY, owner_of
from tests.support import Course, OffsetClock, World

MODELS = (TimeAudit, TimeRow, LeaderTime, Contribution, Polarity, PolarityReading)
SECRETS = ("Of the time audit", "Of a contribution", "Of one pole", "Of the other pole")


def write(world: World, member: Member) -> None:
    """One of each."""
    owner = owner_of(member)
    with world.core.units.writing():
        audit = time.start_round(owner, TODAY)
        time.add_row(owner, audit.id, Stretch(TODAY, Category.MEETINGS, 30, True, 545, SECRETS[0]))
        leader_time.plan_block(owner, Block(TODAY, 30))
        contributions.log_contribution(owner, Given(TODAY, Target.SELF, note=SECRETS[1]))
        polarities.make_card(owner, SECRETS[2], SECRETS[3])
        card = next(card for card in polarities.pole_cards(owner) if not card.is_builtin)
        polarities.read_week(owner, card.polarity.id, calculations.monday_of(TODAY), 20)


def test_all_of_it_is_in_her_own_data_opened_and_nobody_elses(world: World, course: Course, karin: Member) -> None:
    write(world, karin)
    write(world, world.member(course, name="Peter Nyström"))
    with world.core.units.reading():
        data = {kind.name: list(kind.rows) for kind in plugin.personal_data(karin.person)}
    for model in MODELS:
        rows = data[model.__tablename__]
        assert len(rows) == 1
        columns = {column.key.removesuffix("_sealed") for column in sa.inspect(model).columns}
        assert columns - set(rows[0]) <= {"id", "person_id", "revision"}
    told = repr(data)
    assert all(told.count(secret) == 1 for secret in SECRETS)


def test_all_of_it_is_erased_and_nobody_elses(world: World, course: Course, karin: Member) -> None:
    other = world.member(course, name="Peter Nyström")
    for member in (karin, other):
        write(world, member)
    with world.core.units.writing():
        erased = {kind.name: kind.rows for kind in plugin.erase(karin.person)}
    assert {model.__tablename__: erased[model.__tablename__] for model in MODELS} == {
        model.__tablename__: 1 for model in MODELS
    }
    with world.core.units.reading() as unit:
        for model in MODELS:
            assert set(unit.session.scalars(sa.select(model.person_id))) == {other.person_id}


def test_what_is_written_does_not_stand_in_the_database(world: World, karin: Member) -> None:
    write(world, karin)
    with world.core.units.engine.connect() as connection:
        raw = repr(
            [
                [bytes(value) if isinstance(value, memoryview) else value for value in row]
                for model in MODELS
                for row in connection.execute(sa.select(model.__table__))
            ]
        )
    assert "sealed" not in raw
    assert not [secret for secret in SECRETS if secret in raw]


# ---- her own file ----


def rows_of(world: World, course: Course, member: Member, locale: str) -> tuple[list[Any], list[list[Any]]]:
    export = next(one for one in plugin.exports(course.cohort) if one.key == "time_audit")
    assert export.roles == {Role.MANAGER}
    scope = ExportScope(course.cohort.id, member.person_id, Role.MANAGER, locale)
    with world.app.test_request_context(headers={"Accept-Language": locale}), world.core.units.reading():
        rows = [list(row) for row in export.rows(scope)]
        headers = [str(title) for title in export.headers(scope)]
        assert export.count(scope) == len(rows)
        assert all(len(row) == len(headers) for row in rows)
    return headers, rows


def test_her_file_holds_her_time_of_this_course_and_nobody_elses(world: World, course: Course, karin: Member) -> None:
    write(world, karin)
    write(world, world.member(course, name="Peter Nyström"))
    elsewhere = world.course(beside=course)
    write(world, world.member(elsewhere, person=karin.person))
    owner = owner_of(karin)
    with world.core.units.writing():
        audit = rounds.rounds(owner)[0].audit
        time.add_row(owner, audit.id, Stretch(TODAY, Category.LEADER_CONTRIBUTION, 15))
        time.add_row(owner, audit.id, Stretch(TODAY, Category.OTHER, 10, starts_at=0))
    headers, rows = rows_of(world, course, karin, "en")
    assert headers == ["Day", "Began", "Minutes", "Time to", "Stands up to a challenge"]
    assert rows == [
        [TODAY, "00:00", 10, "Other", "Yes"], [TODAY, "09:05", 30, "Meetings", "No"],
        [TODAY, None, 15, "Leader contribution", "Yes"],
    ]  # fmt: skip
    assert rows_of(world, course, karin, "sv")[1][1] == [TODAY, "09:05", 30, "Möten", "Nej"]


def test_the_file_of_somebody_who_noted_nothing_is_empty(world: World, course: Course, karin: Member) -> None:
    assert rows_of(world, course, karin, "lv")[1] == []


# ---- the practice cohort ----


def seeded(world: World, course: Course, clock: OffsetClock, today: date) -> Member:
    """The best known manager of a practice cohort that is made on that day."""

    @contextmanager
    def at(moment: datetime) -> Iterator[None]:
        offset = clock.offset
        clock.put(moment.astimezone(UTC))
        yield
        clock.offset = offset

    clock.put(MORNING + (today - TODAY))
    star = world.member(course, Role.MANAGER, demo.STAR)
    cast = DemoCast(
        [star], world.member(course, Role.COACH, "Amira"), world.member(course, Role.TRAINING, "Johan"), today, at
    )
    with world.core.units.writing():
        plugin.seed_demo(course.cohort, cast)
    return star


def test_the_practice_cohort_has_the_worked_example_and_a_second_round(
    world: World, course: Course, clock: OffsetClock
) -> None:
    owner = owner_of(seeded(world, course, clock, TODAY))
    with world.core.units.reading():
        second, first = rounds.rounds(owner)
        before, after = (calculations.shares(found.spent) for found in (first, second))
        assert sum(first.noted.values()) == sum(second.noted.values()) == 2400
        assert (before[Category.LEADER_CONTRIBUTION], after[Category.LEADER_CONTRIBUTION]) == (0.125, 0.2)
        assert calculations.seed_share(before) == pytest.approx(0.875)
        assert not first.is_open
        assert not second.is_open
        assert len(rounds.candidates(second)) >= 3
        weeks = contributions.weekly(contributions.recent(owner), TODAY)
        assert all(week.count and week.rated for week in weeks)
        found = leader_time.blocks(owner)
        assert all(week.planned for week in leader_time.trend(found, TODAY))
        assert any(block.local_date > TODAY for block in found)
        cards = polarities.pole_cards(owner)
        assert [len(card.readings) for card in cards] == [8, 7]


@pytest.mark.once
@pytest.mark.parametrize("offset", [-1, 4, 5, 6])
def test_the_practice_cohort_can_be_made_on_any_day(
    world: World, course: Course, clock: OffsetClock, offset: int
) -> None:
    today = TODAY + timedelta(offset)
    owner = owner_of(seeded(world, course, clock, today))
    with world.core.units.reading() as unit:
        assert [found.is_open for found in rounds.rounds(owner)] == [False, False]
        for model in (Contribution, LeaderTime, TimeRow):
            assert max(unit.session.scalars(sa.select(model.created_at))) <= world.core.units.clock.now()
        assert max(unit.session.scalars(sa.select(Contribution.local_date))) <= today
