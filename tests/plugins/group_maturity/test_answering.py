"""Answering: what a pass opens, what counts once, and what is refused with the same page."""

import re
import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from plugins.group_maturity.models import Inbox, Measurement, Mode, State
from plugins.group_maturity.operations import answering, box, measurements
from plugins.group_maturity.operations.answering import Kept
from plugins.group_maturity.operations.box import Box, Room
from plugins.group_maturity.settings import GroupSettings
from service import history
from service.contract import Invalid, NotFound, leave_no_history
from service.unit import Turn
from tests.plugins.group_maturity.measuring import ABOUT, GM24, GROUP, SETTINGS, Open, levels, open_one, plan
from tests.support import BASE, Course, OffsetClock, World

ROOM = Room(8, 24)
ONE = levels({"A": 2, "B": 1, "C": 4, "D": 5})


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


def inside(going_on: Open) -> Box:
    with going_on.world.core.units.reading() as unit:
        return answering.box_of(unit.session.get_one(Measurement, going_on.id))


# --- counting once ----------------------------------------------------------------------------------------------------


def test_sending_twice_counts_once_and_says_thank_you_twice(world: World, course: Course) -> None:
    going_on = open_one(world, course)
    first = going_on.answer(going_on.words[0], ONE, form="shown-once")
    again = going_on.answer(going_on.words[0], ONE, form="shown-once")
    assert (first.status_code, again.status_code) == (200, 200)
    assert without_nonce(first.text) == without_nonce(again.text)
    assert len(inside(going_on).ballots) == 1


def test_a_used_expired_foreign_or_guessed_pass_gets_the_same_page(
    world: World, course: Course, clock: OffsetClock
) -> None:
    going_on, other = open_one(world, course), open_one(world, course, label="Natt")
    with world.core.units.writing() as unit:
        measurements.give_up(unit.session.get_one(Measurement, other.id))
    going_on.answer(going_on.words[0], ONE)
    answers = [
        going_on.visit(word, path)
        for word in (going_on.words[0], other.words[0], "k7mq-2rxd-9htw-4bvn")
        for path in ("", "answer")
    ] + [going_on.answer(word, ONE) for word in (going_on.words[0], other.words[0], "k7mq-2rxd-9htw-4bvn")]
    clock.advance(timedelta(days=15))
    answers += [going_on.visit(going_on.words[1]), going_on.answer(going_on.words[1], ONE)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_incident(answer.text) for answer in answers}) == 1


def without_incident(page: str) -> str:
    return re.sub(r"[0-9A-F]{8}", "", page)


def without_nonce(page: str) -> str:
    return re.sub(r'nonce="[^"]*"', "", page)


def test_a_form_without_its_mark_is_a_form_of_its_own(world: World, course: Course) -> None:
    going_on = open_one(world, course, mode=Mode.LINK)
    client = world.app.test_client()
    for _ in range(2):
        answer = client.post(
            f"/g/{going_on.words[0]}/group_maturity/answer", data=dict.fromkeys(GROUP, "3"), base_url=BASE
        )
        assert answer.status_code == 200
    assert len(inside(going_on).ballots) == 2


# --- what may be answered ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"A1": "6"}, "A1"), ({"A1": "0"}, "A1"), ({"A1": "-1"}, "A1"), ({"A1": "x"}, "A1"), ({"A1": "²"}, "A1"),
        ({"A1": "99999"}, "A1"), ({"Z9": "3"}, "Z9"), ({"M1": "3"}, "M1"),
    ],
)  # fmt: skip
def test_an_answer_that_was_not_offered_is_refused_and_the_form_still_filled_in(
    world: World, course: Course, changes: dict[str, str], why: str
) -> None:
    going_on = open_one(world, course)
    answer = going_on.answer(going_on.words[0], {**ONE, **changes})
    assert answer.status_code == 422
    assert answer.text.count(" checked") == len(GROUP) - (why == "A1")
    assert inside(going_on).ballots == ()
    assert going_on.answer(going_on.words[0], ONE).status_code == 200


def test_a_form_on_which_nothing_is_judged_is_refused(world: World, course: Course) -> None:
    going_on = open_one(world, course)
    for answers in ({}, dict.fromkeys(GROUP, "na"), {"A1": ""}):
        assert going_on.answer(going_on.words[0], answers).status_code == 422
    assert going_on.answer(going_on.words[0], {"A1": 3, "A2": "na"}).status_code == 200


def test_cannot_judge_and_skipped_lie_in_the_box_alike(world: World, course: Course) -> None:
    going_on = open_one(world, course, mode=Mode.LINK)
    for answers in ({**ONE, "A1": "na"}, {name: value for name, value in ONE.items() if name != "A1"}):
        going_on.answer(going_on.words[0], answers)
    ballots = inside(going_on).ballots
    assert ballots[0] == ballots[1]
    assert ballots[0][0] == box.NOT_ANSWERED


def test_the_group_is_asked_about_the_manager_only_where_that_is_on(world: World, course: Course) -> None:
    going_on = open_one(world, course, settings=GroupSettings(ask_group_about_manager=True))
    page = going_on.visit(going_on.words[0], "answer").text
    assert 'name="M6"' in page
    assert "Vår chef har" in page
    assert going_on.answer(going_on.words[0], {**ONE, **dict.fromkeys(ABOUT, 4)}).status_code == 200
    assert 'name="M6"' not in open_one(world, course).visit(open_one(world, course).words[0], "answer").text


def test_packing_and_unpacking_is_the_same(world: World, course: Course) -> None:
    going_on = open_one(world, course)
    given = {**dict.fromkeys(GROUP, 5), "A1": None, "B2": 1}
    with world.core.units.reading() as unit:
        measurement = unit.session.get_one(Measurement, going_on.id)
        packed = answering.packed(measurement, GM24, given)
        assert answering.unpacked(measurement, GM24, packed) == given
        with pytest.raises(Invalid, match="A1"):
            answering.check(GROUP, GM24, {"A1": True})


# --- late, foreign, and at the same time ------------------------------------------------------------------------------


def test_an_answer_that_comes_while_it_is_being_closed_is_refused(world: World, course: Course) -> None:
    going_on = open_one(world, course)
    with world.core.units.writing() as unit:
        unit.session.get_one(Measurement, going_on.id).state = State.CLOSED
    assert going_on.answer(going_on.words[0], ONE).status_code == 404
    assert inside(going_on).ballots == ()


def test_nothing_is_taken_without_a_box(world: World, course: Course) -> None:
    going_on = open_one(world, course)
    with world.core.units.writing() as unit:
        unit.session.execute(sa.delete(Inbox))
    assert going_on.visit(going_on.words[0]).status_code == 404
    assert going_on.answer(going_on.words[0], ONE).status_code == 404
    assert inside(going_on) == Box()


def test_a_measurement_of_another_cohort_is_not_found(world: World, course: Course) -> None:
    going_on, beside = open_one(world, course), world.course(beside=course)
    with world.core.units.writing():
        for cohort, subject in ((beside.cohort, going_on.id), (course.cohort, uuid.uuid4()), (course.cohort, None)):
            with pytest.raises(NotFound):
                answering.submit(cohort, subject, uuid.uuid4(), "form", ONE)
            with pytest.raises(NotFound):
                answering.open_to(cohort, subject, uuid.uuid4())


def test_who_may_read_the_report_on_her_link(world: World, course: Course) -> None:
    going_on = open_one(world, course)
    closed_to = open_one(world, course, label="Natt", settings=GroupSettings(group_reads_report=False))
    for one in (going_on, closed_to):
        for word in one.words:
            one.answer(word, ONE)
        with world.core.units.reading(), pytest.raises(NotFound):
            answering.readable_by_group(course.cohort, one.id)
        one.close()
    with world.core.units.reading():
        assert answering.readable_by_group(course.cohort, going_on.id).id == going_on.id
        with pytest.raises(NotFound):
            answering.readable_by_group(course.cohort, closed_to.id)


def test_many_at_once_and_the_same_one_twice(world: World, course: Course) -> None:
    """Real threads on a real database: nobody's answer is lost, and one form sent from two threads counts once."""
    going_on = open_one(world, course, size=12)
    words = [word for word in going_on.words for _ in range(2)]
    statuses: list[int] = []
    barrier = threading.Barrier(len(words))

    def send(word: str) -> None:
        barrier.wait()
        statuses.append(going_on.answer(word, ONE, form=f"form of {word}").status_code)

    threads = [threading.Thread(target=send, args=(word,)) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 24
    found = inside(going_on)
    assert (len(found.ballots), len(found.marks)) == (12, 24)


# --- what the box gives away ------------------------------------------------------------------------------------------


def test_a_box_is_always_as_long_and_never_the_same() -> None:
    key, measurement = box.new_key(), uuid.uuid4()
    boxes = [Box()]
    for number in range(8):
        boxes.append(boxes[-1].with_ballot(bytes([number + 1] * 24), {box.mark("form", bytes([number]))}))
    sealed = [box.seal(key, measurement, one, ROOM) for one in boxes]
    assert len({len(one) for one in sealed}) == 1
    assert len(set(sealed)) == 9
    assert [box.unseal(key, measurement, one, ROOM) for one in sealed] == boxes
    assert box.seal(key, measurement, boxes[3], ROOM) != sealed[3]


def test_a_box_opens_only_with_its_key_where_it_lies() -> None:
    key, measurement = box.new_key(), uuid.uuid4()
    sealed = box.seal(key, measurement, Box(), ROOM)
    for wrong in ((box.new_key(), measurement), (key, uuid.uuid4())):
        with pytest.raises(InvalidTag):
            box.unseal(*wrong, sealed, ROOM)


def test_a_box_that_is_too_small_or_an_answer_of_another_form_is_refused() -> None:
    key, measurement = box.new_key(), uuid.uuid4()
    for one, size in ((Box(ballots=(b"x" * 24,) * 9, marks=frozenset({b"m" * 16})), 2), (Box(ballots=(b"x" * 23,)), 8)):
        with pytest.raises(ValueError, match="too small"):
            box.seal(key, measurement, one, Room(size, 24))


def test_answers_are_mixed_every_time() -> None:
    one = Box()
    for number in range(30):
        one = one.with_ballot(bytes([number]), ())
    assert sorted(one.ballots) == [bytes([number]) for number in range(30)]
    orders = {one.with_ballot(b"z", ()).ballots for _ in range(5)}
    assert len(orders) == 5
    assert one.ballots not in {order[:-1] for order in orders}


def test_marks_of_passes_and_forms_do_not_meet() -> None:
    assert box.mark("pass", b"x") != box.mark("form", b"x")
    assert len(box.mark("pass", b"x")) == 16


def test_no_answer_and_no_mark_lies_in_the_files(world: World, course: Course) -> None:
    """Neither in the database nor in its log, in any spelling; and the log is empty after an answer."""
    engine = world.core.units.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its files itself")
    going_on = open_one(world, course)
    going_on.answer(going_on.words[0], ONE, form="kanariefagel")
    file = Path(engine.url.database or "")
    log = Path(f"{file}-wal")
    assert not log.exists() or log.stat().st_size == 0
    data = file.read_bytes()
    with world.core.units.reading() as unit:
        packed = answering.packed(unit.session.get_one(Measurement, going_on.id), GM24, ONE)
    for secret in (packed, packed.hex().encode(), b"kanariefagel", *inside(going_on).marks, going_on.words[0].encode()):
        assert secret not in data
    assert GM24.key.encode() in data


def test_after_closing_nothing_of_the_box_is_left_in_the_files(world: World, course: Course) -> None:
    engine = world.core.units.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its files itself")
    going_on = open_one(world, course)
    for word in going_on.words:
        going_on.answer(word, ONE)
    with world.core.units.reading() as unit:
        sealed = unit.session.scalars(sa.select(Inbox.sealed)).one()
        key = unit.session.get_one(Measurement, going_on.id).box_key_sealed
    file = Path(engine.url.database or "")
    assert sealed[100:140] in file.read_bytes()
    assert key in file.read_bytes()
    going_on.close()
    history.empty_log(engine, Turn())
    data = b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*"))
    assert sealed[100:140] not in data
    assert key not in data


def test_emptying_the_log_waits_for_nobody(world: World, course: Course) -> None:
    engine = world.core.units.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no log of ours to empty")
    with world.core.units.reading() as reader:
        reader.session.execute(sa.text("SELECT count(*) FROM person"))
        going_on = open_one(world, course)
        assert going_on.answer(going_on.words[0], ONE).status_code == 200
        history.empty_log(engine, Turn())
    with history._one_at_a_time:
        history.empty_log(engine, Turn())
    history.empty_log(engine, Turn())
    with world.core.units.writing():
        leave_no_history()


def test_a_log_that_cannot_be_emptied_stops_nobody(world: World, monkeypatch) -> None:
    engine = world.core.units.engine

    def away() -> None:
        raise sa.exc.OperationalError("PRAGMA", None, Exception("away"))

    monkeypatch.setattr(engine, "raw_connection", away)
    history.empty_log(engine, Turn())


def test_submitting_tells_whether_it_was_kept_now(world: World, course: Course) -> None:
    going_on = open_one(world, course, mode=Mode.LINK)
    with world.core.units.writing():
        given = (course.cohort, going_on.id, uuid.uuid4(), "form", ONE)
        assert [answering.submit(*given), answering.submit(*given)] == [Kept.NOW, Kept.BEFORE]


def test_a_plan_is_for_a_day_where_the_cohort_is(world: World, course: Course) -> None:
    with world.core.units.reading():
        assert plan(world, course).opens_on == measurements.today(course.cohort)
    assert SETTINGS.min_respondents == 5
