"""The thread about a shared habit: both sides write, each sees what is new, and it is there only while it is shared."""

import re
import uuid

import pytest
import sqlalchemy as sa

from plugins.ledarsteg import operations
from plugins.ledarsteg.models import Comment
from plugins.ledarsteg.operations import others
from service.access import Role
from service.cohorts.models import Member
from service.contract import CannotOpen, Invalid
from tests.plugins.ledarsteg.support import counting, make, owner_of
from tests.support import Browser, Course, World


@pytest.fixture
def amira(world: World, course: Course) -> Browser:
    """A coach of the cohort."""
    return world.enter(course, Role.COACH, "Amira Haddad")


def form_id(page: str) -> str:
    found = re.search(r'name="form_id" value="([^"]+)"', page)
    assert found
    return found[1]


def news(world: World, member: Member) -> others.News:
    with world.core.units.reading():
        return others.news(owner_of(member))


def test_both_write_and_each_sees_what_is_new_until_she_has_seen_it(
    world: World, course: Course, karin: Member, amira: Browser
) -> None:
    habit = make(world, karin, shared=True)
    inside = world.enter(course, member=karin)
    hers, theirs = f"/ledarsteg/{habit.id}/comments", f"/ledarsteg/manager/{karin.id}"
    coach_says = f"{theirs}/{habit.id}/comment"
    answer = amira.post(
        coach_says, {"text": "What made it work\non Monday?", "form_id": form_id(amira.get(theirs).text)}
    )
    assert (answer.status_code, answer.location.split("#")[1]) == (303, f"thread-{habit.id}")
    assert news(world, karin).comments == {habit.id: 1}
    assert "What made it work\non Monday?" in inside.get(f"/ledarsteg/{habit.id}").text
    assert "A new comment on a habit." in inside.get("/").text
    page = inside.get(hers).text
    assert "What made it work\non Monday?" in page
    assert "Amira Haddad</bdi>" in page
    assert "<strong>new</strong>" in page
    assert "<strong>new</strong>" not in amira.get(theirs).text
    assert inside.post(f"{hers}/seen", headers={"HX-Request": "true"}).status_code == 204
    assert not news(world, karin)
    assert "<strong>new</strong>" not in inside.get(hers).text
    assert inside.post(hers, {"text": "They came prepared", "form_id": str(uuid.uuid4())}).status_code == 303
    page = amira.get(theirs).text
    assert page.index("What made it work") < page.index("They came prepared")
    assert "<strong>new</strong>" in page
    dashboard = amira.get("/cohort").text
    assert "Has written to you about a habit" in dashboard
    assert "1 new comment" in dashboard
    assert amira.post(f"{theirs}/{habit.id}/seen").status_code == 303
    assert "<strong>new</strong>" not in amira.get(theirs).text
    assert "Has written to you" not in amira.get("/cohort").text


def test_an_answer_means_that_the_question_was_read(
    world: World, course: Course, karin: Member, amira: Browser
) -> None:
    habit = make(world, karin, shared=True)
    amira.post(f"/ledarsteg/manager/{karin.id}/{habit.id}/comment", {"text": "Well?", "form_id": str(uuid.uuid4())})
    inside = world.enter(course, member=karin)
    inside.post(f"/ledarsteg/{habit.id}/comments", {"text": "Well!", "form_id": str(uuid.uuid4())})
    assert not news(world, karin)


def test_what_one_coach_wrote_is_not_new_to_another(
    world: World, course: Course, karin: Member, amira: Browser
) -> None:
    habit = make(world, karin, shared=True)
    amira.post(f"/ledarsteg/manager/{karin.id}/{habit.id}/comment", {"text": "Well?", "form_id": str(uuid.uuid4())})
    other = world.enter(course, Role.COACH, "Bo Ek")
    page = other.get(f"/ledarsteg/manager/{karin.id}").text
    assert "Amira Haddad</bdi>" in page
    assert "<strong>new</strong>" not in page
    other.post(f"/ledarsteg/manager/{karin.id}/{habit.id}/seen")
    assert news(world, karin).comments == {habit.id: 1}  # that a coach has seen it says nothing of the manager


def test_sent_twice_it_is_said_once(world: World, course: Course, karin: Member, amira: Browser) -> None:
    habit = make(world, karin, shared=True)
    inside, number = world.enter(course, member=karin), str(uuid.uuid4())
    for _ in range(2):
        assert inside.post(f"/ledarsteg/{habit.id}/comments", {"text": "Once", "form_id": number}).status_code == 303
    assert inside.get(f"/ledarsteg/{habit.id}/comments").text.count("Once") == 1
    # The same number in somebody else's form is another line.
    amira.post(f"/ledarsteg/manager/{karin.id}/{habit.id}/comment", {"text": "Twice", "form_id": number})
    assert "Twice" in inside.get(f"/ledarsteg/{habit.id}/comments").text


def test_a_form_without_a_number_is_sent_all_the_same(world: World, course: Course, karin: Member) -> None:
    habit = make(world, karin, shared=True)
    inside = world.enter(course, member=karin)
    inside.post(f"/ledarsteg/{habit.id}/comments", {"text": "Bare", "form_id": "none"})
    assert "Bare" in inside.get(f"/ledarsteg/{habit.id}/comments").text


def test_unshared_the_thread_is_the_managers_alone_and_shared_again_it_is_there_again(
    world: World, course: Course, karin: Member, amira: Browser
) -> None:
    habit, other = make(world, karin, shared=True), make(world, karin, "Another", shared=True)
    inside = world.enter(course, member=karin)
    theirs = f"/ledarsteg/manager/{karin.id}"
    inside.post(f"/ledarsteg/{habit.id}/comments", {"text": "Between us", "form_id": str(uuid.uuid4())})
    with world.core.units.writing():
        operations.unshare(owner_of(karin), habit.id)
    assert "Between us" not in amira.get(theirs).text
    assert "Has written to you" not in amira.get("/cohort").text
    for path in (f"{theirs}/{habit.id}/comment", f"{theirs}/{habit.id}/seen"):
        assert amira.post(path, {"text": "x", "form_id": str(uuid.uuid4())}).status_code == 404
    page = inside.get(f"/ledarsteg/{habit.id}/comments").text
    assert "Between us" in page
    assert "Only you, while the habit is not shared" in page
    assert "<textarea" not in page
    with world.core.units.writing():
        operations.share(owner_of(karin), habit.id)
    assert "Between us" in amira.get(theirs).text
    assert other.shared


def test_what_is_written_after_it_was_unshared_in_another_tab_is_not_lost(
    world: World, course: Course, karin: Member
) -> None:
    habit = make(world, karin)
    inside = world.enter(course, member=karin)
    assert "Nobody writes here yet" in inside.get(f"/ledarsteg/{habit.id}/comments").text
    answer = inside.post(f"/ledarsteg/{habit.id}/comments", {"text": "My long text", "form_id": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "Share it first" in answer.text
    assert "My long text" in answer.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  ", "Write something first."),
        ("x" * 1001, "You wrote 1001."),
        ("a\ufffd", "a character here that cannot be read"),
    ],
)
def test_what_cannot_be_sent_is_shown_again(
    world: World, course: Course, karin: Member, amira: Browser, text: str, says: str
) -> None:
    habit = make(world, karin, shared=True)
    make(world, karin, "Another", shared=True)
    inside = world.enter(course, member=karin)
    for browser, path in (
        (inside, f"/ledarsteg/{habit.id}/comments"), (amira, f"/ledarsteg/manager/{karin.id}/{habit.id}/comment"),
    ):  # fmt: skip
        answer = browser.post(path, {"text": text, "form_id": str(uuid.uuid4())})
        assert answer.status_code == 422
        assert says in answer.text
        assert answer.text.count("sv-error") == 1
        assert text.strip() in answer.text


def test_nobody_elses_thread_is_found(world: World, course: Course, karin: Member, amira: Browser) -> None:
    habit = make(world, karin, shared=True)
    peter = world.member(course, name="Peter Nyström")
    make(world, peter, shared=True)
    inside = world.enter(course, member=peter)
    assert inside.get(f"/ledarsteg/{habit.id}/comments").status_code == 404
    for path in (f"/ledarsteg/{habit.id}/comments", f"/ledarsteg/{habit.id}/comments/seen"):
        assert inside.post(path, {"text": "x", "form_id": str(uuid.uuid4())}).status_code == 404
    # A habit of one manager below another's page.
    for what in ("comment", "seen"):
        path = f"/ledarsteg/manager/{peter.id}/{habit.id}/{what}"
        assert amira.post(path, {"text": "x", "form_id": str(uuid.uuid4())}).status_code == 404
    elsewhere = world.enter(world.course(beside=course), Role.COACH, "Bo Ek")
    path = f"/ledarsteg/manager/{karin.id}/{habit.id}/comment"
    assert elsewhere.post(path, {"text": "x", "form_id": str(uuid.uuid4())}).status_code == 404


def test_the_operations_hold_without_a_form(world: World, karin: Member) -> None:
    habit = make(world, karin, shared=True)
    for text in ("", "x" * 1001):
        with world.core.units.writing(), pytest.raises(Invalid):
            operations.comments.say(owner_of(karin), habit.id, text, uuid.uuid4())


def test_what_is_said_lies_sealed_with_the_managers_key(
    world: World, course: Course, karin: Member, amira: Browser
) -> None:
    habit = make(world, karin, shared=True)
    amira.post(
        f"/ledarsteg/manager/{karin.id}/{habit.id}/comment", {"text": "Plain words", "form_id": str(uuid.uuid4())}
    )
    with world.core.units.writing() as unit:
        row = unit.session.scalars(sa.select(Comment)).one()
        assert b"Plain" not in (row.text_sealed or b"")
        assert row.person_id == karin.person_id
        unit.vault.destroy(karin.person_id, unit.now())
        with pytest.raises(CannotOpen):
            _ = row.text


def test_news_is_one_statement(world: World, karin: Member) -> None:
    make(world, karin, shared=True)
    with world.core.units.reading(), counting(world) as counted:
        others.news(owner_of(karin))
    assert len(counted) == 1
