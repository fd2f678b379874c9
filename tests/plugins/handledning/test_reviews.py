"""Looking at one's own notes before a manager gets them: each coach her own, once, and nothing goes out by itself."""

import json
import threading
import time
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from plugins.handledning import data, operations
from plugins.handledning.models import Engagement, Ground, Note, NoteReview, NoteType, ReviewDecision
from plugins.handledning.operations import Party, keeping, reviews
from plugins.handledning.operations.notes import NoteDraft, change_note, remove_note, write_note
from plugins.handledning.operations.reviews import Choice, Overdue
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import Cohort, Member
from service.errors import Conflict, Invalid, NotFound
from service.exports.models import ExportFile
from service.jobs import outbox, work
from tests.plugins.handledning.everything import fill
from tests.plugins.handledning.support import Pair, chosen, pair
from tests.support import OffsetClock, World, forgotten, parts

WORD = "Zqtveksamtillsinbrorxk"
RELEASED, REDACTED, REFUSED = ReviewDecision


@pytest.fixture
def two(world: World) -> Pair:
    return pair(world)


def note(two: Pair, body: str = WORD) -> uuid.UUID:
    with two.writing():
        return write_note(two.as_coach(lock=True), uuid.uuid4(), NoteDraft(body, shared=False, type=NoteType.PLAIN)).id


def ask(two: Pair) -> list[Any]:
    with two.writing():
        return list(data.left_out(two.manager_member.person, asked=True))


def told(two: Pair) -> list[Any]:
    with two.reading():
        return [one for one in data.left_out(two.manager_member.person, asked=False) if one.number]


def review(two: Pair) -> NoteReview:
    with two.reading():
        return reviews.reviews_of(two.coach)[0]


def decide(two: Pair, choice: Choice) -> NoteReview:
    with two.writing():
        return reviews.decide(two.coach, review(two).id, choice)


def given(two: Pair) -> list[Any]:
    with two.reading():
        mine = {part.name: part for part in data.personal_data(two.manager_member.person)}
        found = mine["handledning_note_review"]
        assert found.late
        return list(found.rows)


def test_asking_begins_a_review_of_each_note_once(two: Pair) -> None:
    note(two)
    with two.writing():
        write_note(two.as_coach(lock=True), uuid.uuid4(), NoteDraft("For both", shared=True))
        write_note(two.as_manager(lock=True), uuid.uuid4(), NoteDraft("Hers", shared=False))
    assert told(two) == []  # nothing is begun by looking
    for _ in range(2):
        ask(two)
    note(two, "Another")
    ask(two)
    with two.reading():
        assert len(reviews.reviews_of(two.coach)) == 2
        standing = reviews.standing_of(two.manager.person_id)
    assert (standing.waiting, standing.overdue, standing.refused) == (2, 0, 0)
    [one] = told(two)
    assert (one.number, one.overdue) == (2, False)
    assert WORD not in repr(given(two))


def test_two_requests_at_once_ask_once(two: Pair) -> None:
    """The second waits for the first and does not see what it wrote."""
    note(two)
    begun, found = threading.Event(), []

    def first() -> None:
        with two.writing():
            reviews.ask(two.manager.person_id)
            begun.set()
            time.sleep(0.3)

    def second() -> None:
        begun.wait()
        with two.writing():
            found.append(reviews.ask(two.manager.person_id))

    both = [threading.Thread(target=one) for one in (first, second)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert found  # it got through
    with two.reading():
        assert len(reviews.reviews_of(two.coach)) == 1


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (Choice(RELEASED), WORD),
        (Choice(REDACTED, Ground.OTHER_PEOPLE, "… till …"), "… till …"),
        (Choice(REFUSED, Ground.SECRECY), ""),
    ],
)
def test_she_gets_what_is_given_out_and_reads_why_not_the_rest(two: Pair, choice: Choice, text: str) -> None:
    note(two)
    ask(two)
    decide(two, choice)
    [row] = given(two)
    assert (row["text"], row["decision"], row["ground"]) == (text, choice.decision, choice.ground)
    assert [one.number for one in told(two)] == ([1] if choice.decision is REFUSED else [])
    with two.reading() as unit:
        assert unit.session.scalars(sa.select(Note)).one().body == WORD  # the coach's own stays hers
        event = unit.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == "handledning.decide_review")
        ).one()
        assert event.reason == choice.decision.value
        assert WORD not in repr(vars(event))


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (Choice(REDACTED, None, "x"), "ground"),
        (Choice(REFUSED), "ground"),
        (Choice(REDACTED, Ground.SECRECY, " "), "text"),
        (Choice(REDACTED, Ground.SECRECY, f" {WORD} "), "text"),
    ],
)
def test_a_choice_that_is_not_complete_is_not_taken(two: Pair, choice: Choice, field: str) -> None:
    note(two)
    ask(two)
    with pytest.raises(Invalid) as refused:
        decide(two, choice)
    assert list(refused.value.fields) == [field]
    assert review(two).decided_at is None


def test_it_is_decided_once(two: Pair) -> None:
    note(two)
    ask(two)
    first = decide(two, Choice(RELEASED))
    assert decide(two, Choice(RELEASED)).version == first.version
    with pytest.raises(Conflict):
        decide(two, Choice(REFUSED, Ground.SECRECY))
    assert review(two).decision is RELEASED


def test_nothing_goes_out_by_itself_and_what_is_overdue_is_told(two: Pair, clock: OffsetClock) -> None:
    note(two)
    ask(two)
    clock.advance(timedelta(days=31))
    [one] = told(two)
    assert (one.number, one.overdue) == (1, True)
    assert given(two) == []
    with two.reading():
        assert reviews.overdue_in(two.course.cohort.id) == Overdue(1, 0)
        assert reviews.overdue_in(uuid.uuid4()) == Overdue(0, 0)
    decide(two, Choice(RELEASED))  # late, and taken
    assert given(two)[0]["text"] == WORD
    with two.reading():
        assert reviews.overdue_in(two.course.cohort.id) == Overdue(0, 0)


def test_a_note_that_is_asked_for_stays_as_it_is_until_it_is_decided(two: Pair) -> None:
    note_id = note(two)
    ask(two)
    for change in (lambda who: change_note(who, note_id, 1, "other"), lambda who: remove_note(who, note_id)):
        with pytest.raises(Invalid), two.writing():
            change(two.as_coach(lock=True))
    decide(two, Choice(RELEASED))
    with two.writing():
        remove_note(two.as_coach(lock=True), note_id)
    assert given(two)[0]["text"] == WORD
    with two.reading():
        found, gone = reviews.review_of(two.coach, review(two).id)
    assert (found.note_id, gone) == (None, None)


def test_nobody_but_its_coach_reaches_a_review(two: Pair, world: World) -> None:
    note(two)
    ask(two)
    review_id = review(two).id
    other = world.member(two.course, Role.COACH, "Another Coach")
    strangers = [
        two.manager,
        Party.of(two.course.cohort, two.coach.person_id, Role.TRAINING),
        Party.of(two.course.cohort, other.person_id, Role.COACH),
        Party.of(world.course().cohort, two.coach.person_id, Role.COACH),  # another organisation
    ]
    for stranger in strangers:
        with two.reading():
            assert reviews.reviews_of(stranger) == []
            assert reviews.undecided(stranger) == {}
        with pytest.raises(NotFound), two.writing():
            reviews.decide(stranger, review_id, Choice(RELEASED))
    with two.reading():
        assert list(reviews.undecided(two.coach)) == [two.manager.person_id]


def test_an_erased_coach_takes_the_undecided_with_her_and_leaves_what_was_given(two: Pair) -> None:
    note(two)
    ask(two)
    decide(two, Choice(RELEASED))
    note(two, "Another")
    ask(two)
    with two.writing():
        data.erase(two.coach_member.person)
    [row] = given(two)
    assert row["text"] == WORD
    with two.reading() as unit:
        left = unit.session.scalars(sa.select(NoteReview)).one()
        assert (left.coach_id, left.note_id) == (None, None)


def test_an_erased_manager_takes_all_of_it_with_her(two: Pair) -> None:
    note(two)
    ask(two)
    with two.writing():
        data.erase(two.manager_member.person)
    with two.reading() as unit:
        assert unit.session.scalars(sa.select(NoteReview)).all() == []


def test_a_coach_is_told_that_a_manager_was_erased(two: Pair, clock: OffsetClock) -> None:
    coach = two.enter(two.coach_member)
    assert "has been erased" not in coach.get("/handledning/").text
    with two.writing():
        data.erase(two.manager_member.person)
    page = coach.get("/handledning/").text
    assert "1 manager of yours has been erased." in page
    assert two.manager_member.person.name not in page
    clock.advance(timedelta(days=61))
    assert "has been erased" not in two.enter(two.coach_member).get("/handledning/").text


# --- the pages --------------------------------------------------------------------------------------------------------


def test_the_pages_of_each(two: Pair, world: World) -> None:
    note_id = note(two)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert manager.post("/data/copy").status_code == 303
    page = manager.get("/data").text
    assert "Your coach is looking at them, until" in page
    assert WORD not in page
    assert "1 of your own notes is asked for." in coach.get("/handledning/").text
    assert "asks for your notes about her: decide by" in coach.get("/cohort").text
    training = world.enter(two.course, Role.TRAINING, "Johan Ekström")
    assert "decide by" not in training.get("/cohort").text
    one = f"/handledning/reviews/{review(two).id}"
    assert one.removeprefix("/") in coach.get("/handledning/reviews").text
    assert WORD in coach.get(one).text
    for other in (manager, training):
        assert other.get(one).status_code == (403 if other is training else 404)
    assert training.get("/handledning/reviews").status_code == 403
    assert one.removeprefix("/") not in manager.get("/handledning/reviews").text
    stays = f"/handledning/notes/{note_id}"
    for path, form in ((stays, {"body": "other", "version": "1"}), (f"{stays}/remove", {})):
        answer = coach.post(path, form)
        assert answer.status_code == 422
        assert "The manager has asked for this note." in answer.text
    for form, sentence in (
        ({}, "Not a valid choice"),
        ({"decision": "redacted", "text": "…"}, "Say why she does not get all of it."),
        ({"decision": "redacted", "ground": "secrecy", "text": ""}, "Write what she gets"),
        ({"decision": "redacted", "ground": "secrecy", "text": WORD}, "Nothing is left out here."),
        ({"decision": "refused", "ground": "nonsense"}, "Say why she does not get all of it."),
    ):
        answer = coach.post(one, form)
        assert answer.status_code == 422
        assert sentence in answer.text, form
    assert coach.post(one, {"decision": "redacted", "ground": "other_people", "text": "… till …"}).status_code == 303
    assert "given out in part" in coach.get("/handledning/reviews?saved=1").text
    assert "… till …" in coach.get(one).text
    late = coach.post(one, {"decision": "released"})
    assert late.status_code == 409
    assert "This was decided in another window." in late.text
    assert "Only what was given out afterwards" in manager.get("/data").text
    assert manager.post("/data/copy", {"late": "1"}).status_code == 303


def test_what_was_given_out_comes_alone_when_she_asks_for_it(two: Pair) -> None:
    note(two)
    manager = two.enter(two.manager_member)
    manager.post("/data/copy")
    decide(two, Choice(RELEASED))
    manager.post("/data/copy", {"late": "1"})
    app = two.world.app
    with parts(app).units.reading() as unit:
        due = outbox.due()
    for job_id in due:
        work.perform(app, job_id)
    with parts(app).units.reading() as unit:
        made = {row.kind: row.file_key for row in unit.session.scalars(sa.select(ExportFile))}
    with zipfile.ZipFile(parts(app).settings.export_dir / made["own_data_supplement"]) as archive:
        told = json.loads(archive.read("data.json"))
    assert [(part["part"], [kind["name"] for kind in part["kinds"]]) for part in told["parts"]] == [
        ("handledning", ["handledning_note_review"])
    ]
    assert told["parts"][0]["kinds"][0]["rows"][0]["text"] == WORD


def test_a_note_that_is_gone_cannot_be_decided_of(two: Pair) -> None:
    note(two)
    ask(two)
    with two.writing() as unit:
        unit.session.execute(sa.update(NoteReview).values(note_id=None))
    with pytest.raises(NotFound):
        decide(two, Choice(RELEASED))


def test_the_training_department_is_told_how_many_are_overdue(two: Pair, world: World, clock: OffsetClock) -> None:
    note(two)
    ask(two)
    training = world.enter(two.course, Role.TRAINING, "Johan Ekström")
    assert "overdue" not in training.get("/handledning/training").text
    clock.advance(timedelta(days=31))
    training = world.enter(two.course, member=training.member)
    assert "1 note is overdue." in training.get("/handledning/training").text
    manager = two.enter(two.manager_member)
    assert "Overdue" in manager.get("/data").text


# --- a coach who has left the course -----------------------------------------------------------------------------------


def leave_the_course(two: Pair) -> None:
    with two.writing() as unit:
        unit.session.get_one(Member, two.coach_member.id).active = False


def test_a_coach_who_has_left_decides_from_another_course_of_hers(two: Pair, world: World, clock: OffsetClock) -> None:
    note(two)
    ask(two)
    beside = world.course("Ledarskap HT27", beside=two.course)
    here = world.member(beside, Role.COACH, person=two.coach_member.person)
    leave_the_course(two)
    [one] = told(two)
    assert (one.number, one.overdue) == (1, False)
    assert "has left the course" in str(one.state)
    me = Party.of(beside.cohort, here.person_id, Role.COACH)
    with two.reading():
        assert reviews.undecided(me) == {}  # nobody of this course has asked her
    coach = world.enter(beside, member=here)
    assert "1 of your own notes is asked for." in coach.get("/handledning/").text
    page = coach.get("/handledning/reviews").text
    assert two.course.cohort.title in page
    clock.advance(timedelta(days=31))
    [one] = told(two)
    assert (one.number, one.overdue) == (1, True)
    coach = world.enter(beside, member=here)
    address = f"/handledning/reviews/{review(two).id}"
    assert coach.post(address, {"decision": "released"}).status_code == 303
    assert given(two)[0]["text"] == WORD
    assert told(two) == []


def test_a_coach_who_is_a_manager_now_finds_them_on_her_home(two: Pair) -> None:
    note(two)
    ask(two)
    with two.writing() as unit:
        unit.session.get_one(Member, two.coach_member.id).role = Role.MANAGER
    two.coach_member.role = Role.MANAGER
    her = two.enter(two.coach_member)
    page = her.get("/").text
    assert "1 of your own notes is asked for." in page
    assert "/handledning/reviews" in page
    address = f"/handledning/reviews/{review(two).id}"
    assert WORD in her.get(address).text
    assert her.post(address, {"decision": "refused", "ground": "secrecy"}).status_code == 303
    assert "is asked for" not in her.get("/").text


def test_nobody_decides_in_the_place_of_a_coach_who_has_left(two: Pair, world: World, clock: OffsetClock) -> None:
    """Whoever takes over, the training department and the manager herself: none reads a word of it, and all are told the truth."""
    note(two)
    ask(two)
    leave_the_course(two)
    after = world.member(two.course, Role.COACH, "Next Coach")
    with two.writing():
        operations.choose_coach(two.manager, after.person_id)
    clock.advance(timedelta(days=31))
    address = f"/handledning/reviews/{review(two).id}"
    for member in (after, two.manager_member):
        browser = world.enter(two.course, member=member)
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"decision": "released"}).status_code == 404
    training = world.enter(two.course, Role.TRAINING, "Johan Ekström")
    assert training.get(address).status_code == 403
    page = training.get("/handledning/training").text
    assert "1 note is overdue." in page
    assert "The coach who wrote one of them has left the course." in page
    assert WORD not in page
    hers = world.enter(two.course, member=two.manager_member).get("/data").text
    assert "She alone can decide" in hers
    assert "Overdue" in hers
    assert given(two) == []


def test_a_note_that_does_not_open_is_refused_or_nothing(two: Pair) -> None:
    note(two)
    ask(two)
    with two.writing() as unit:
        unit.session.execute(sa.update(Note).values(body_sealed=b"damaged"))
    address = f"/handledning/reviews/{review(two).id}"
    coach = two.enter(two.coach_member)
    assert "This text could not be read." in coach.get(address).text
    for form in ({"decision": "released"}, {"decision": "redacted", "ground": "secrecy", "text": "x"}):
        answer = coach.post(address, form)
        assert answer.status_code == 422
        assert "Choose that she does not get it." in answer.text
    assert coach.post(address, {"decision": "refused", "ground": "coach_herself"}).status_code == 303


# --- what is kept long enough -----------------------------------------------------------------------------------------


def end(two: Pair) -> None:
    with two.writing() as unit:
        unit.session.execute(sa.update(Engagement).values(status="closed", ended_at=unit.now()))


def organisation(two: Pair) -> uuid.UUID:
    return two.course.organisation.id


def test_what_was_written_goes_half_a_year_after_the_end_and_papers_two_years(two: Pair, clock: OffsetClock) -> None:
    fill(two)
    end(two)
    app = two.world.app
    clock.advance(timedelta(days=182))
    assert forgotten(app, organisation(two), "handledning.content") == {}
    clock.advance(timedelta(days=2))
    gone = forgotten(app, organisation(two), "handledning.content")
    assert {"handledning_note", "handledning_goal", "handledning_homework", "handledning_trust_pulse"} <= gone.keys()
    assert not {"handledning_agreement", "handledning_contract", "handledning_coaching_session"} & gone.keys()
    manager = two.enter(two.manager_member)
    for path in (
        "/",
        "/handledning/",
        f"/handledning/engagements/{two.engagement.id}",
        f"/handledning/engagements/{two.engagement.id}/notes",
    ):
        assert manager.get(path).status_code == 200, path
    clock.advance(timedelta(days=547))
    gone = forgotten(app, organisation(two), "handledning.papers")
    assert {
        "handledning_agreement",
        "handledning_contract",
        "handledning_coaching_session",
        "handledning_engagement",
    } <= gone.keys()
    with two.reading() as unit:
        assert unit.session.scalars(sa.select(Engagement)).all() == []


def test_an_engagement_that_nobody_ended_is_over_with_its_cohort(two: Pair, world: World, clock: OffsetClock) -> None:
    note(two)
    other = pair(world)
    note(other, "Of another organisation")
    with two.writing() as unit:
        unit.session.execute(sa.update(Cohort).where(Cohort.id == two.course.cohort.id).values(archived_at=unit.now()))
    clock.advance(timedelta(days=184))
    gone = forgotten(world.app, organisation(two), "handledning.content")
    assert gone["handledning_note"] == 1
    with two.reading() as unit:
        ended = {one.id: one.ended_at is not None for one in unit.session.scalars(sa.select(Engagement))}
    assert ended == {two.engagement.id: True, other.engagement.id: False}


def test_engagements_without_a_word_hold_up_none(two: Pair, world: World, clock: OffsetClock) -> None:
    """One at a time, in any order: those with nothing to delete are noted on the way to those with something."""
    note(two)
    silent = [chosen(world, two.course, f"Chef {number}") for number in range(3)]
    with two.writing() as unit:
        unit.session.execute(sa.update(Cohort).where(Cohort.id == two.course.cohort.id).values(archived_at=unit.now()))
    clock.advance(timedelta(days=184))
    assert forgotten(world.app, organisation(two), "handledning.content", at_once=1)["handledning_note"] == 1
    with two.reading() as unit:
        noted = unit.session.scalars(sa.select(Engagement.id).where(Engagement.forgotten_at.is_not(None)))
        assert {one.engagement.id for one in (two, *silent)} == set(noted)


def test_places_on_lists_go_with_the_cohort(two: Pair, world: World, clock: OffsetClock) -> None:
    fill(two)
    with two.writing() as unit:
        unit.session.execute(sa.update(Cohort).where(Cohort.id == two.course.cohort.id).values(archived_at=unit.now()))
    clock.advance(timedelta(days=366))
    gone = forgotten(world.app, organisation(two), "handledning.places")
    assert gone
    assert gone.keys() <= {"handledning_coach_listing", "handledning_coach_proposal"}


def test_every_table_with_content_is_in_one_rule() -> None:
    """A table that is added is kept as long as the content of its engagement, without anybody's having to think of it."""
    content = {model.__tablename__ for model, _where in keeping._content(sa.select(Engagement.id))}
    papers = {model.__tablename__ for model, _where in keeping._papers(sa.select(Engagement.id))}
    others = {"handledning_coach_listing", "handledning_coach_proposal", "handledning_coach_profile"}
    nobodys = {"handledning_question", "handledning_evaluation", "handledning_programme_group"}
    every = {model.__tablename__ for model in data.tables()}
    assert content | papers | others | nobodys == every
    assert not content & papers


def test_a_manager_is_told_before_it_goes(two: Pair, clock: OffsetClock) -> None:
    note(two)
    end(two)
    clock.advance(timedelta(days=120))
    assert "Take a copy first." not in two.enter(two.manager_member).get("/").text
    clock.advance(timedelta(days=10))
    page = two.enter(two.manager_member).get("/").text
    assert "Take a copy first." in page
    assert "/data" in page
    clock.advance(timedelta(days=60))
    forgotten(two.world.app, organisation(two), "handledning.content")
    assert "Take a copy first." not in two.enter(two.manager_member).get("/").text
