"""What people write in their own words: asked for only where that is on, mixed, read by the manager alone and only from ten."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from plugins.group_maturity import rows
from plugins.group_maturity.calculations.suppression import Rules, comments_shown
from plugins.group_maturity.models import Measurement, Report
from plugins.group_maturity.operations import answering, box, sharing
from plugins.group_maturity.operations.box import Box, Room
from plugins.group_maturity.settings import GroupSettings
from service.cohorts.models import Role
from service.contract import Invalid, Person
from tests.plugins.group_maturity.measuring import Open, levels, open_one
from tests.support import Course, OffsetClock, World, forgotten

ASKS = GroupSettings(ask_for_words=True)
ONE = levels({"A": 2, "B": 1, "C": 4, "D": 5})
TEXT = "Vi lyssnar färdigt på varandra"
# A text as whoever knows everybody's writing would look for it.
LONGEST = "\U0001f33f" * 250


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


def ended(world: World, course: Course, *, answered: int = 10, written: int = 5, size: int = 12) -> Open:
    """A closed measurement in which so many answered, the first of them also in their own words."""
    going_on = open_one(world, course, settings=ASKS, size=size)
    for number in range(answered):
        words = {"words": f"{TEXT} {number}"} if number < written else {}
        assert going_on.answer(going_on.words[number], ONE | words).status_code == 200
    going_on.close()
    return going_on


def page_of(going_on: Open) -> str:
    browser = going_on.world.enter(going_on.course, member=going_on.manager)
    return str(browser.get(f"/group_maturity/measurements/{going_on.id}").text)


# --- when it may be read ----------------------------------------------------------------------------------------------


@given(answered=st.integers(0, 60), written=st.integers(0, 60), minimum=st.integers(4, 20), wanted=st.integers(1, 20))
def test_texts_are_shown_only_when_enough_answered_and_enough_of_them_wrote(
    answered: int, written: int, minimum: int, wanted: int
) -> None:
    rules = Rules(minimum=minimum, comment_from=max(wanted, 10))
    shown = comments_shown(answered, written, rules)
    assert shown == (answered >= max(10, wanted, minimum) and written >= minimum)
    # More answers and more texts never take away what was to be read.
    assert not shown or comments_shown(answered + 1, written + 1, rules)


@pytest.mark.parametrize(
    ("answered", "written", "shown"), [(10, 5, True), (9, 9, False), (10, 4, False), (10, 0, False)]
)
def test_the_manager_reads_them_from_ten_answers_and_five_texts(
    world: World, course: Course, answered: int, written: int, shown: bool
) -> None:
    text = page_of(ended(world, course, answered=answered, written=written))
    assert (TEXT in text) == shown
    assert (
        "Nothing is shown. It is only when at least ten have answered and 5 have written something." in text
    ) != shown


def test_nothing_and_too_little_written_look_alike_and_nothing_of_it_is_kept(world: World, course: Course) -> None:
    pages, kept = [], []
    for written in (0, 4):
        going_on = ended(world, world.course(), written=written)
        section = page_of(going_on).split('id="written"')[1].split("</section>")[0]
        pages.append(section)
        with world.core.units.reading() as unit:
            kept.append(
                unit.session.scalars(
                    sa.select(Report.comments_sealed).where(Report.measurement_id == going_on.id)
                ).one()
            )
    assert pages[0] == pages[1]
    assert not any(kept)


def test_nobody_else_reads_them_and_no_file_holds_them(world: World, course: Course) -> None:
    coach = world.enter(course, Role.COACH, "Maria Coach")
    going_on = ended(world, course)
    browser = world.enter(course, member=going_on.manager)
    here = f"/group_maturity/measurements/{going_on.id}"
    with world.core.units.writing() as unit:
        measurement = unit.session.get_one(Measurement, going_on.id)
        sharing.share(measurement, course.cohort, coach.member.person_id, with_own=True)
    assert TEXT in browser.get(here).text
    for text in (
        coach.get(f"/group_maturity/shared/{going_on.id}").text,
        browser.get(f"{here}/report.json").text,
        going_on.visit(going_on.words[0], "?lang=en").text,
    ):
        assert "5-7" in text or "8–12" in text or "8-12" in text
        assert "lyssnar" not in text


# --- asking -----------------------------------------------------------------------------------------------------------


def test_it_is_off_until_it_is_switched_on_and_never_asked_in_a_group_too_small_to_be_read(
    world: World, course: Course
) -> None:
    for going_on in (open_one(world, course), open_one(world, course, settings=ASKS, size=9, label="Natt")):
        assert not going_on.row().comments
        assert "words I write" not in going_on.visit(going_on.words[0], "?lang=en").text
        assert 'name="words"' not in going_on.visit(going_on.words[0], "answer").text
        assert going_on.answer(going_on.words[0], ONE | {"words": TEXT}).status_code == 422
        assert going_on.answer(going_on.words[0], ONE).status_code == 200


def test_who_answers_reads_beforehand_who_reads_it_and_what_gives_her_away(world: World, course: Course) -> None:
    going_on = open_one(world, course, settings=ASKS, size=10)
    first, form = [going_on.visit(going_on.words[0], f"{path}?lang=en").text for path in ("", "answer")]
    assert "But your way of writing may be known" in first
    assert "deleted 90 days after closing" in first
    assert "Write so that nobody knows you by it" in form
    browser = world.enter(course, member=going_on.manager)
    assert "may write a few lines in their own words" in browser.get(f"/group_maturity/measurements/{going_on.id}").text


def test_a_text_that_is_too_long_is_told_and_everything_else_stays_filled_in(world: World, course: Course) -> None:
    going_on = open_one(world, course, settings=ASKS, size=10)
    said = going_on.answer(going_on.words[0], ONE | {"words": "x" * 251})
    assert said.status_code == 422
    assert "Skriv högst 250 tecken." in said.text
    assert "x" * 251 in said.text
    assert said.text.count(" checked") == 24
    assert going_on.answer(going_on.words[0], ONE | {"words": LONGEST}).status_code == 200


def test_a_text_is_kept_without_what_nobody_sees(world: World, course: Course) -> None:
    going_on = open_one(world, course, settings=ASKS, size=10)
    with world.core.units.writing():
        answering.submit(course.cohort, going_on.id, uuid.uuid4(), "a", ONE, " Va\u030ar\u200b  plan\x00 \n håller ")
    with world.core.units.reading() as unit:
        assert answering.box_of(unit.session.get_one(Measurement, going_on.id)).comments == ("Vår plan håller",)
    with world.core.units.writing(), pytest.raises(Invalid) as refused:
        answering.submit(course.cohort, going_on.id, uuid.uuid4(), "b", ONE, "y" * 251)
    assert refused.value.fields == {"words": "Write at most 250 characters."}


# --- the box and the database -----------------------------------------------------------------------------------------


def test_a_box_with_texts_is_always_as_long_and_gives_them_back() -> None:
    key, measurement, room = box.new_key(), uuid.uuid4(), Room(10, 24, 1000)
    boxes = [Box()]
    for number in range(10):
        text = LONGEST if number % 2 else ""
        boxes.append(
            boxes[-1].with_ballot(bytes([number + 1] * 24), {bytes([number]) * 16, bytes([99 - number]) * 16}, text)
        )
    sealed = [box.seal(key, measurement, one, room) for one in boxes]
    assert len({len(one) for one in sealed}) == 1
    assert [box.unseal(key, measurement, one, room) for one in sealed] == boxes
    with pytest.raises(ValueError, match="no room for texts"):
        box.seal(key, measurement, boxes[2], Room(10, 24))


def test_nothing_says_which_text_came_with_which_answer() -> None:
    together = 0
    for _ in range(400):
        one = Box().with_ballot(b"a", (), "a").with_ballot(b"b", (), "b")
        together += one.ballots[0].decode() == one.comments[0]
    # Half of them by chance; beyond these ends once in a million such tests.
    assert 150 < together < 250


def test_a_text_lies_nowhere_in_plain_and_is_deleted_after_ninety_days(
    world: World, course: Course, clock: OffsetClock, tmp_path: Path
) -> None:
    going_on = ended(world, course)
    data = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"lyssnar" not in data
    with world.core.units.reading() as unit:
        kept = unit.session.scalars(sa.select(Report).where(Report.measurement_id == going_on.id)).one()
        assert sorted(json.loads(kept.comments)) == [f"{TEXT} {number}" for number in range(5)]
    clock.advance(timedelta(days=91))
    assert forgotten(world.app, course.organisation.id, "group_maturity.words") == {}
    assert "Those have passed, and it is deleted." in page_of(going_on)
    with world.core.units.reading() as unit:
        kept = unit.session.scalars(sa.select(Report).where(Report.measurement_id == going_on.id)).one()
        # One day more than a page shows it: days end at different times in different places.
        assert kept.comments_sealed is not None
    clock.advance(timedelta(days=1))
    assert forgotten(world.app, course.organisation.id, "group_maturity.words") == {"group_maturity_report": 1}
    with world.core.units.reading() as unit:
        kept = unit.session.scalars(sa.select(Report).where(Report.measurement_id == going_on.id)).one()
        assert kept.comments_sealed is None


def test_they_are_in_the_managers_own_copy_and_go_with_her(world: World, course: Course) -> None:
    going_on = ended(world, course)
    with world.core.units.writing() as unit:
        person = unit.session.get_one(Person, going_on.manager.person_id)
        copy = {one.name: one.rows for one in rows.personal_data(person)}["group_maturity_measurement"]
        assert sorted(copy[0]["what_the_group_wrote"]) == [f"{TEXT} {number}" for number in range(5)]
        rows.erase(person)
    with world.core.units.reading() as unit:
        report = unit.session.scalars(sa.select(Report)).one()
        assert report.comments_sealed is None
        assert report.figures["numbered"]
