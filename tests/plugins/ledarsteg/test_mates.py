"""Step-mates: who asks, answers and ends it in whatever order there is one pair; she sees what is shared, and can nudge."""

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

import plugins.ledarsteg as plugin
from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import State
from plugins.ledarsteg.models import Habit, Mate, Nudge, SkipReason
from plugins.ledarsteg.operations import Note, With, mates, others
from plugins.ledarsteg.operations.mates import Pairing, Standing
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Course, OffsetClock, World


@pytest.fixture
def peter(world: World, course: Course) -> Member:
    """Another manager of the cohort."""
    return world.member(course, name="Peter Nyström")


@pytest.fixture
def lena(world: World, course: Course) -> Member:
    """A third one."""
    return world.member(course, name="Lena Bergvall")


def ask(world: World, who: Member, whom: Member) -> None:
    with world.core.units.writing():
        mates.ask(owner_of(who), whom.person_id, [whom.person_id])


def standing(world: World, member: Member) -> Pairing:
    with world.core.units.reading():
        return mates.pairing(owner_of(member))


def accept(world: World, member: Member) -> None:
    ((row, _person),) = standing(world, member).asked_by
    with world.core.units.writing():
        mates.accept(owner_of(member), row.id)


def end(world: World, member: Member) -> None:
    row = standing(world, member).row
    assert row is not None
    with world.core.units.writing():
        mates.end(owner_of(member), row.id)


def pair(world: World, one: Member, other: Member) -> None:
    ask(world, one, other)
    accept(world, other)


def share(world: World, member: Member, habit: Habit) -> None:
    with world.core.units.writing():
        operations.share(owner_of(member), habit.id, With.MATE)


def test_a_habit_is_shared_with_a_step_mate_when_there_is_one(
    world: World, course: Course, karin: Member, peter: Member
) -> None:
    """To say yes to somebody shows her nothing: what is shared is said afterwards, habit by habit."""
    habit, inside = make(world, karin), world.enter(course, member=karin)
    page = f"/ledarsteg/{habit.id}"
    answer = inside.post(f"{page}/share", {"whom": "mate", "shared": "on"})
    assert answer.status_code == 422
    assert "You have no step-mate to share it with. Ask somebody first." in answer.text
    assert "Find a step-mate" in inside.get(page).text
    pair(world, karin, peter)
    with world.core.units.reading():
        assert mates.shared_with_mate(owner_of(peter), karin.person, "UTC") == []
    assert inside.post(f"{page}/share", {"whom": "mate", "shared": "on"}).status_code == 303
    assert "You and your step-mate, who sees the title" in inside.get(page).text
    assert inside.post(f"{page}/share", {"whom": "coach", "shared": "on"}).status_code == 303
    assert "You, the coaches of the course and your step-mate." in inside.get(page).text


def trail(world: World) -> list[str]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.seq)))


# ---- becoming step-mates, and ending it ----


def test_one_asks_the_other_accepts_and_either_ends_it(world: World, karin: Member, peter: Member) -> None:
    ask(world, karin, peter)
    assert standing(world, karin).standing is Standing.ASKED
    assert (standing(world, peter).standing, len(standing(world, peter).asked_by)) == (Standing.NONE, 1)
    accept(world, peter)
    for one, other in ((karin, peter), (peter, karin)):
        seen = standing(world, one)
        assert seen.standing is Standing.ACTIVE
        assert seen.mate is not None
        assert seen.mate.id == other.person_id
        assert not seen.asked_by
    end(world, karin)
    assert standing(world, karin) == standing(world, peter) == Pairing(Standing.NONE, asked_by=[])
    assert trail(world) == ["ledarsteg.mate_ask", "ledarsteg.mate_accept", "ledarsteg.mate_end"]


def test_asked_twice_is_asked_once(world: World, karin: Member, peter: Member) -> None:
    for _ in range(2):
        ask(world, karin, peter)
    assert len(standing(world, peter).asked_by) == 1
    accept(world, peter)
    ask(world, karin, peter)
    ask(world, peter, karin)
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Mate)) == 1


def test_who_asks_somebody_that_has_asked_her_has_accepted(world: World, karin: Member, peter: Member) -> None:
    ask(world, karin, peter)
    ask(world, peter, karin)
    assert standing(world, karin).standing is standing(world, peter).standing is Standing.ACTIVE


def test_both_at_once_become_one_pair(world: World, karin: Member, peter: Member) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda both: ask(world, *both), [(karin, peter), (peter, karin)]))
    assert standing(world, karin).standing is Standing.ACTIVE
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Mate)) == 1


def test_there_is_one_step_mate_at_a_time(world: World, karin: Member, peter: Member, lena: Member) -> None:
    pair(world, karin, peter)
    with pytest.raises(Invalid) as refused:
        ask(world, karin, lena)
    assert "End that first" in str(refused.value.fields["mate"])
    ask(world, lena, karin)  # that she has one is not told
    with pytest.raises(Invalid):
        accept(world, karin)
    end(world, peter)
    accept(world, karin)
    assert standing(world, lena).standing is Standing.ACTIVE


def test_there_is_one_open_question_at_a_time(world: World, karin: Member, peter: Member, lena: Member) -> None:
    ask(world, karin, peter)
    with pytest.raises(Invalid) as refused:
        ask(world, karin, lena)
    assert "Take that back first" in str(refused.value.fields["mate"])
    end(world, karin)
    ask(world, karin, lena)
    assert not standing(world, peter).asked_by


def test_who_accepts_takes_her_own_question_back(world: World, karin: Member, peter: Member, lena: Member) -> None:
    ask(world, karin, peter)
    ask(world, lena, karin)
    accept(world, karin)
    assert not standing(world, peter).asked_by
    assert standing(world, lena).standing is Standing.ACTIVE


def test_accepting_or_ending_twice_is_once(world: World, karin: Member, peter: Member) -> None:
    ask(world, karin, peter)
    ((row, _),) = standing(world, peter).asked_by
    for work in (mates.accept, mates.accept):
        with world.core.units.writing():
            work(owner_of(peter), row.id)
    for _ in range(2):
        with world.core.units.writing():
            mates.end(owner_of(karin), row.id)
    assert trail(world).count("ledarsteg.mate_end") == 1
    with world.core.units.writing(), pytest.raises(NotFound):
        mates.accept(owner_of(peter), row.id)


def test_a_question_is_declined_by_ending_it_and_can_be_asked_again(world: World, karin: Member, peter: Member) -> None:
    ask(world, karin, peter)
    ((row, _),) = standing(world, peter).asked_by
    with world.core.units.writing():
        mates.end(owner_of(peter), row.id)
    assert standing(world, karin).standing is Standing.NONE
    ask(world, karin, peter)
    assert len(standing(world, peter).asked_by) == 1


def test_nobody_but_the_two_can_answer_or_end(
    world: World, course: Course, karin: Member, peter: Member, lena: Member
) -> None:
    ask(world, karin, peter)
    ((row, _),) = standing(world, peter).asked_by
    works: list[Callable[[operations.Owner, uuid.UUID], None]] = [mates.accept, mates.end]
    for work in works:
        with world.core.units.writing(), pytest.raises(NotFound):
            work(owner_of(lena), row.id)
    with world.core.units.writing(), pytest.raises(NotFound):
        mates.accept(owner_of(karin), row.id)  # she cannot answer her own question
    for wrong in (karin.person_id, uuid.uuid4()):
        with world.core.units.writing(), pytest.raises(NotFound):
            mates.ask(owner_of(karin), wrong, [karin.person_id])
    assert standing(world, karin).standing is Standing.ASKED


def leave(world: World, member: Member) -> None:
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).where(Member.id == member.id).values(active=False))


def test_a_step_mate_who_left_ends_it_and_the_page_says_so(
    world: World, course: Course, karin: Member, peter: Member, lena: Member
) -> None:
    pair(world, karin, peter)
    habit = make(world, karin)
    share(world, karin, habit)
    leave(world, peter)
    assert standing(world, karin).standing is Standing.LEFT
    page = world.enter(course, member=karin).get("/ledarsteg/mate").text
    assert "Peter Nyström is no longer in the course" in page
    ask(world, karin, lena)
    assert standing(world, karin).standing is Standing.ASKED
    assert "ledarsteg.mate_left" in trail(world)
    accept(world, lena)
    with world.core.units.reading() as unit:  # the next one does not inherit what was shared with the last
        assert unit.session.scalar(sa.select(Habit.shared_mate).where(Habit.id == habit.id)) is False


def test_a_question_to_and_from_who_left_is_gone(world: World, karin: Member, peter: Member, lena: Member) -> None:
    ask(world, karin, peter)
    ask(world, lena, karin)
    leave(world, peter)
    leave(world, lena)
    seen = standing(world, karin)
    assert (seen.standing, seen.asked_by) == (Standing.NONE, [])


def test_ending_it_ends_what_was_shared_both_ways(world: World, karin: Member, peter: Member) -> None:
    pair(world, karin, peter)
    for member in (karin, peter):
        share(world, member, make(world, member))
        make(world, member, shared=True)  # with the coach: that stays
    end(world, karin)
    with world.core.units.reading() as unit:
        assert not list(unit.session.scalars(sa.select(Habit.id).where(Habit.shared_mate)))
        assert len(list(unit.session.scalars(sa.select(Habit.id).where(Habit.shared)))) == 2
    assert trail(world).count("ledarsteg.unshare_mate") == 2


def test_erasing_one_of_two_leaves_the_other_without(world: World, karin: Member, peter: Member) -> None:
    pair(world, karin, peter)
    with world.core.units.writing():
        plugin.erase(peter.person)
    assert standing(world, karin).standing is Standing.NONE


def test_how_it_stands_is_one_statement(world: World, karin: Member, peter: Member) -> None:
    pair(world, karin, peter)
    with world.core.units.reading(), counting(world) as counted:
        mates.pairing(owner_of(karin))
    assert len(counted) == 1


# ---- what she sees, and the nudge ----


def test_she_sees_title_two_weeks_and_words_of_what_is_shared_and_nothing_else(
    world: World, course: Course, karin: Member, peter: Member, clock: OffsetClock
) -> None:
    pair(world, karin, peter)
    shared, private, coach = (
        make(world, karin),
        make(world, karin, "Kept to myself"),
        make(world, karin, "For the coach", shared=True),
    )
    share(world, karin, shared)
    with world.core.units.writing():
        owner = owner_of(karin)
        for habit in (shared, private, coach):
            operations.mark(owner, habit.id, TODAY, Note(State.SKIP, reason=SkipReason.ILL, text="A line of mine"))
    page = world.enter(course, member=peter).get("/ledarsteg/mate").text
    assert "Hand over a decision" in page
    assert "begins" in page
    assert "skipped" in page
    strip = page[page.index("sv-strip") : page.index("</table>")]
    assert strip.count('role="cell"') == 15
    assert "%" not in strip
    for hers in ("Kept to myself", "For the coach", "asks me to decide", "A line of mine", "Ill", "in a row"):
        assert hers not in page
    with world.core.units.reading() as unit:
        events = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "ledarsteg.view_mate"))
        assert [(event.actor_id, event.object_ref) for event in events] == [(peter.person_id, str(karin.person_id))]


def test_a_day_is_hers_and_not_her_step_mates(world: World, course: Course, karin: Member, peter: Member) -> None:
    with world.core.units.writing() as unit:
        unit.session.execute(
            sa.update(type(karin.person)).where(sa.column("id") == karin.person_id).values(zone="Pacific/Auckland")
        )
    pair(world, karin, peter)
    habit = make(world, karin)
    share(world, karin, habit)
    with world.core.units.reading():
        mate = mates.pairing(owner_of(peter)).mate
        assert mate is not None
        (log,) = mates.shared_with_mate(owner_of(peter), mate, course.cohort.zone)
    assert log.today == TODAY  # 20:30 on the same day there
    assert mate.zone == "Pacific/Auckland"


def test_a_nudge_has_no_words_and_comes_once_a_day_for_each_habit(
    world: World, course: Course, karin: Member, peter: Member, clock: OffsetClock
) -> None:
    pair(world, karin, peter)
    habit = make(world, karin)
    share(world, karin, habit)
    inside = world.enter(course, member=peter)
    for _ in range(2):
        assert inside.post(f"/ledarsteg/mate/nudge/{habit.id}").status_code == 303
    assert "You have nudged about Hand over a decision today" in inside.get("/ledarsteg/mate").text
    clock.advance(timedelta(1))
    assert "Nudge about Hand over a decision" in world.enter(course, member=peter).get("/ledarsteg/mate").text
    with world.core.units.writing():
        mates.nudge(owner_of(peter), habit.id)
    with world.core.units.reading():
        assert others.news(owner_of(karin)).nudges == {habit.id: 2}
        assert not others.news(owner_of(peter))
    assert {column.key for column in sa.inspect(Nudge).columns} == {
        "id",
        "habit_id",
        "person_id",
        "from_id",
        "sent_at",
        "seen_at",
    }
    hers = world.enter(course, member=karin)
    assert "Your step-mate nudges you about a habit" in hers.get("/").text
    assert hers.post("/ledarsteg/nudges/seen").status_code == 303
    assert "nudges you" not in hers.get("/").text
    assert hers.post("/ledarsteg/nudges/seen", headers={"HX-Request": "true"}).status_code == 200
    with world.core.units.reading():
        assert not others.news(owner_of(karin))


def test_only_a_step_mate_nudges_and_only_about_what_is_shared(
    world: World, course: Course, karin: Member, peter: Member, lena: Member
) -> None:
    habit = make(world, karin)
    inside, third = world.enter(course, member=peter), world.enter(course, member=lena)
    path = f"/ledarsteg/mate/nudge/{habit.id}"
    assert inside.post(path).status_code == 404
    pair(world, karin, peter)
    assert inside.post(path).status_code == 404
    share(world, karin, habit)
    assert third.post(path).status_code == 404
    assert world.enter(course, member=karin).post(path).status_code == 404
    assert inside.post(path).status_code == 303
    with world.core.units.writing():
        operations.unshare(owner_of(karin), habit.id, With.MATE)
    assert inside.post(path).status_code == 404
    assert "Nothing is shared with you just now" in inside.get("/ledarsteg/mate").text


def test_the_coach_and_the_training_department_learn_nothing_of_it(
    world: World, course: Course, karin: Member, peter: Member
) -> None:
    pair(world, karin, peter)
    share(world, karin, make(world, karin))
    for role in (Role.COACH, Role.TRAINING):
        inside = world.enter(course, role, "Amira Haddad")
        assert inside.get("/ledarsteg/mate").status_code == 403
        assert "Hand over a decision" not in inside.get("/cohort").text


# ---- the page ----


def test_the_journey_from_asking_to_ending(world: World, course: Course, karin: Member, peter: Member) -> None:
    world.member(course, Role.COACH, "Amira Haddad")
    hers, his = world.enter(course, member=karin), world.enter(course, member=peter)
    page = hers.get("/ledarsteg/mate").text
    assert re.findall(r"<option[^>]*>(.*?)</option>", page) == ["Peter Nyström"]
    assert hers.post("/ledarsteg/mate/ask", {"mate": str(peter.person_id)}).status_code == 303
    assert "You have asked Peter Nyström" in hers.get("/ledarsteg/mate").text
    assert "Somebody asks you to be a step-mate" in his.get("/").text
    page = his.get("/ledarsteg/mate").text
    assert "Karin Lindqvist asks you" in page
    accepted = re.search(r'action="[^"]*(/ledarsteg/mate/[^"]*/accept)"', page)
    assert accepted
    assert his.post(accepted[1]).status_code == 303
    page = hers.get("/ledarsteg/mate").text
    assert "<bdi>Peter Nyström</bdi></h1>" in page
    ended = re.search(r'action="[^"]*(/ledarsteg/mate/[^"]*/end)"', page)
    assert ended
    assert hers.post(ended[1]).status_code == 303
    assert "Ask somebody" in his.get("/ledarsteg/mate").text


def test_what_cannot_be_says_why(world: World, course: Course, karin: Member, peter: Member, lena: Member) -> None:
    hers = world.enter(course, member=karin)
    answer = hers.post("/ledarsteg/mate/ask", {"mate": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "sv-error" in answer.text
    ask(world, karin, peter)
    answer = hers.post("/ledarsteg/mate/ask", {"mate": str(lena.person_id)})
    assert (answer.status_code, "Take that back first" in answer.text) == (422, True)
    accept(world, peter)
    ask(world, lena, karin)
    ((row, _),) = standing(world, karin).asked_by
    answer = hers.post(f"/ledarsteg/mate/{row.id}/accept")
    assert (answer.status_code, "End that first" in answer.text) == (422, True)


def test_alone_in_a_course_there_is_nobody_to_ask(world: World, course: Course, karin: Member) -> None:
    assert "There is nobody to ask yet" in world.enter(course, member=karin).get("/ledarsteg/mate").text


@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_every_language_shows_the_page(world: World, course: Course, karin: Member, peter: Member, locale: str) -> None:
    inside = world.enter(course, member=karin, locale=locale)
    assert inside.get("/ledarsteg/mate").status_code == 200
    pair(world, karin, peter)
    share(world, peter, make(world, peter))
    make(world, karin)
    assert inside.get("/ledarsteg/mate").status_code == 200
