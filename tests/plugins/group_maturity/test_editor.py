"""A training department's own instruments: uploaded, declared, used, retired, and what is refused with which lines."""

import uuid
from importlib import resources

import pytest
import sqlalchemy as sa

from plugins.group_maturity.instruments import LIBRARY, OWN, InstrumentRefused, newest, parse
from plugins.group_maturity.models import InstrumentVersion, Measurement
from plugins.group_maturity.operations import instruments, measurements, ratings
from service.access import Role
from service.contract import Conflict, Invalid, NotFound
from tests.plugins.group_maturity.measuring import SETTINGS, plan
from tests.support import Course, World

pytestmark = pytest.mark.once


FOLDER = resources.files("plugins.group_maturity.instruments")
BUNDLED = FOLDER.joinpath("stegvis.gm24-0.2.0.yaml").read_text(encoding="utf-8")
THEIRS = BUNDLED.replace("key: stegvis.gm24", "key: norra.puls").replace("\nversion: 0.2.0", "\nversion: 1.0.0")
CLOSED = THEIRS.replace(
    "{id: CC-BY-4.0, holder: Stegvis, permission_ref: null}",
    '{id: "all rights reserved", holder: Somebody, permission_ref: "Letter 12"}',
)


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@pytest.fixture
def person(world: World, course: Course) -> uuid.UUID:
    return world.member(course, Role.TRAINING).person_id


def upload(world: World, course: Course, person: uuid.UUID, source: str = THEIRS) -> InstrumentVersion:
    with world.core.units.writing():
        return instruments.upload(course.organisation.id, person, source)


def usable(world: World, course: Course) -> list[str]:
    with world.core.units.reading():
        return [f"{one.key} {one.version}" for one in instruments.usable(course.organisation.id)]


def test_an_uploaded_version_can_be_used_by_its_organisation_alone(
    world: World, course: Course, person: uuid.UUID
) -> None:
    row = upload(world, course, person)
    assert (row.key, row.version, row.sha256) == ("norra.puls", "1.0.0", parse(THEIRS).sha256)
    assert usable(world, course) == ["stegvis.gm24 0.2.0", "norra.puls 1.0.0"]
    stranger = world.course()
    assert usable(world, stranger) == ["stegvis.gm24 0.2.0"]
    with world.core.units.reading():
        assert instruments.find(course.organisation.id, "norra.puls", "1.0.0").sha256 == row.sha256
        assert instruments.get(course.organisation.id, row.id, lock=False).id == row.id
        assert [one.id for one in instruments.uploaded(course.organisation.id)] == [row.id]
        for wrong in (
            lambda: instruments.find(stranger.organisation.id, "norra.puls", "1.0.0"),
            lambda: instruments.find(course.organisation.id, "norra.puls", "1.0.1"),
            lambda: instruments.get(stranger.organisation.id, row.id),
            lambda: instruments.get(course.organisation.id, uuid.uuid4()),
        ):
            with pytest.raises(NotFound):
                wrong()


def test_only_the_newest_of_a_key_is_offered(world: World, course: Course, person: uuid.UUID) -> None:
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        upload(world, course, person, THEIRS.replace("version: 1.0.0", f"version: {version}"))
    assert usable(world, course) == ["stegvis.gm24 0.2.0", "norra.puls 1.10.0"]


def test_the_same_file_twice_is_one_version(world: World, course: Course, person: uuid.UUID) -> None:
    assert upload(world, course, person).id == upload(world, course, person, THEIRS + "\n# a remark\n").id


def test_a_version_is_replaced_until_something_was_made_with_it(
    world: World, course: Course, person: uuid.UUID
) -> None:
    changed = THEIRS.replace("Vår grupp just nu", "Vår grupp idag")
    first = upload(world, course, person)
    second = upload(world, course, person, changed)
    assert (first.id, first.sha256 != second.sha256) == (second.id, True)
    manager = world.member(course)
    with world.app.app_context(), world.core.units.writing():
        made = measurements.create(
            course.cohort, manager.person_id, plan(world, course, instrument=("norra.puls", "1.0.0")), SETTINGS
        )
    with pytest.raises(InstrumentRefused, match=r"version: .*1\.0\.0"):
        upload(world, course, person)
    with world.core.units.writing() as unit:
        row = instruments.get(course.organisation.id, second.id, lock=True)
        with pytest.raises(Conflict):
            instruments.delete(row)
        kept = unit.session.get_one(Measurement, made.id)
        assert measurements.instrument_of(kept).title["sv"] == "Vår grupp idag"
        assert kept.instrument_sha256 == row.sha256


def test_an_own_rating_uses_it_up_as_well_and_another_organisations_does_not(
    world: World, course: Course, person: uuid.UUID
) -> None:
    row = upload(world, course, person)
    stranger = world.course()
    upload(world, stranger, world.member(stranger, Role.TRAINING).person_id)
    manager = world.member(stranger)
    with world.app.app_context(), world.core.units.writing():
        made = measurements.create(
            stranger.cohort, manager.person_id, plan(world, stranger, instrument=("norra.puls", "1.0.0")), SETTINGS
        )
        rating = ratings.begin(stranger.cohort, manager.person_id, made)
        assert ratings.instrument_of(rating).key == "norra.puls"
        assert not instruments.used(row)
        measurements.give_up(made)
        assert instruments.used(instruments.uploaded(stranger.organisation.id)[0])
        instruments.delete(instruments.get(course.organisation.id, row.id))
    assert usable(world, course) == ["stegvis.gm24 0.2.0"]


def test_what_comes_with_the_service_is_not_uploaded_over(world: World, course: Course, person: uuid.UUID) -> None:
    with pytest.raises(InstrumentRefused, match="key: "):
        upload(world, course, person, BUNDLED.replace("\nversion: 0.2.0", "\nversion: 9.0.0"))


def test_texts_that_are_not_free_need_a_word_that_they_may_be_used(
    world: World, course: Course, person: uuid.UUID
) -> None:
    row = upload(world, course, person, CLOSED)
    assert usable(world, course) == ["stegvis.gm24 0.2.0"]
    with world.core.units.writing():
        row = instruments.get(course.organisation.id, row.id)
        for wrong in ("  ", "x" * 301):
            with pytest.raises(Invalid, match="reference"):
                instruments.declare(row, person, wrong)
        instruments.declare(row, person, "  Avtal\n2026-14 ")
        assert (row.licence_ref, row.declared_by) == ("Avtal 2026-14", person)
    assert usable(world, course) == ["stegvis.gm24 0.2.0", "norra.puls 1.0.0"]
    upload(world, course, person, CLOSED.replace("Vår grupp just nu", "Vår grupp idag"))
    assert usable(world, course) == ["stegvis.gm24 0.2.0"]


def test_a_retired_version_is_read_and_not_begun_with(world: World, course: Course, person: uuid.UUID) -> None:
    row = upload(world, course, person)
    with world.core.units.writing():
        row = instruments.get(course.organisation.id, row.id)
        instruments.retire(row)
        first = row.retired_at
        instruments.retire(row)
        assert row.retired_at == first
        assert instruments.find(course.organisation.id, "norra.puls", "1.0.0").key == "norra.puls"
    assert usable(world, course) == ["stegvis.gm24 0.2.0"]
    with world.core.units.writing():
        instruments.restore(instruments.get(course.organisation.id, row.id))
    assert usable(world, course) == ["stegvis.gm24 0.2.0", "norra.puls 1.0.0"]


def test_a_bad_file_is_refused_with_all_that_is_wrong_and_where(
    world: World, course: Course, person: uuid.UUID
) -> None:
    lines = THEIRS.splitlines()

    def line_of(text: str) -> int:
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    bad = THEIRS.replace("[A1, B1, C1, D1,\n          A2", "[A1, B1, C1, Q9,\n          A2", 1)
    bad = bad.replace("  round_pomp_to: 5", "  round_pomp_to: five")
    bad = bad.replace('      lv: "Pirms ķeramies pie darba', '      fi: "Pirms ķeramies pie darba', 1)
    with pytest.raises(InstrumentRefused) as refused:
        upload(world, course, person, bad)
    found = {problem.part: problem.line for problem in refused.value.problems}
    assert found["items.A1.text"] == line_of('sv: "Vi väntar på att chefen') - 1
    assert found["reporting.round_pomp_to"] == line_of("round_pomp_to")
    assert [problem.line for problem in refused.value.problems] == sorted(found.values())
    assert usable(world, course) == ["stegvis.gm24 0.2.0"]
    with pytest.raises(InstrumentRefused) as refused:
        upload(
            world, course, person, THEIRS.replace("[A1, B1, C1, D1,\n          A2", "[A1, B1, C1, Q9,\n          A2", 1)
        )
    (problem,) = refused.value.problems
    assert (problem.part, problem.line) == ("forms.group", line_of("  group: [A1"))
    assert "Q9" in problem.why


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("a: 1\nb: [\n", 3, ""),
        ("a: 1\na: 2\n", 2, "stands twice"),
        ("\n\n- x\n", 1, "no parts"),
        ("stages: D >= 70\n", 1, ""),
    ],
)  # fmt: skip
def test_lines_of_what_cannot_be_read_at_all(source: str, line: int, why: str) -> None:
    with pytest.raises(InstrumentRefused) as refused:
        parse(source)
    assert refused.value.problems[0].line == line
    assert any(why in problem.why for problem in refused.value.problems)


def test_an_expression_for_an_operator_says_what_was_wanted() -> None:
    text = BUNDLED.replace("when: {D: {gte: 70}, C: {gte: 60}, B: {lte: 40}}", 'when: "D >= 70 and C >= 60"')
    assert text != BUNDLED
    with pytest.raises(InstrumentRefused) as refused:
        parse(text)
    (problem,) = refused.value.problems
    assert problem.part == "stages.0.when"
    assert "not as a text or an expression" in problem.why


def test_a_measurement_is_bound_to_its_version_by_hash(world: World, course: Course) -> None:
    manager = world.member(course)
    with world.app.app_context(), world.core.units.writing() as unit:
        made = measurements.create(course.cohort, manager.person_id, plan(world, course), SETTINGS)
        assert made.instrument_sha256 == newest(LIBRARY, OWN).sha256
        assert unit.session.scalar(sa.select(Measurement.instrument_version)) == "0.2.0"
