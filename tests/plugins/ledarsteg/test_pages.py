"""The pages: what they say, what they keep when something is wrong, and who may open them."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import State
from plugins.ledarsteg.operations import Note
from service.access import Role
from service.cohorts.models import Member
from tests.plugins.ledarsteg.support import TODAY, make, owner_of
from tests.support import Browser, Course, OffsetClock, World

TYPED = {
    "title": "Ask one question", "weekdays": ["0", "1", "2", "3", "4"], "minutes": "10", "cue": "the coffee is ready",
    "action": "ask what she needs", "coping": "Then after lunch", "drop": "Monday's report", "drop_minutes": "45",
}  # fmt: skip
HTMX = {"HX-Request": "true"}


@pytest.fixture
def inside(world: World, course: Course, karin: Member) -> Browser:
    """Karin's browser."""
    return world.enter(course, member=karin)


def visible(text: str) -> str:
    """The words of a page, without its head."""
    body = re.sub(r"<(script|style|template).*?</\1>", " ", text[text.find("<main") :], flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def the_habit(location: str, inside: Browser) -> str:
    return location.split(inside.path, 1)[1]


# ---- the first day ----


def test_an_empty_home_says_what_to_do_first(inside: Browser) -> None:
    words = visible(inside.get("/").text)
    assert "Begin with one small step" in words
    assert "Make your first step" in words
    assert "Your coach sees that you take part" in words
    assert "Two weeks" not in words
    assert "Make your first step" in visible(inside.get("/ledarsteg/").text)


def test_a_step_is_made_and_shown_with_its_plan(inside: Browser) -> None:
    form = inside.get("/ledarsteg/new")
    assert form.status_code == 200
    words = visible(form.text)
    assert words.index("Who sees this?") < words.index("Save the step")
    answer = inside.post("/ledarsteg/new", TYPED)
    assert answer.status_code == 303
    words = visible(inside.get(the_habit(answer.location, inside)).text)
    for said in (
        "Ask one question", "If the coffee is ready, then I ask what she needs", "Then after lunch",
        "Monday's report, 45 minutes a week", "Monday to Friday, since November 24", "10 minutes",
    ):  # fmt: skip
        assert said in words


def test_every_language_shows_every_page(world: World, course: Course, karin: Member) -> None:
    habit = make(world, karin)
    for locale in ("sv", "en", "lv"):
        inside = world.enter(course, member=karin, locale=locale)
        for path in ("/", "/ledarsteg/", "/ledarsteg/new", f"/ledarsteg/{habit.id}", f"/ledarsteg/{habit.id}/plan"):
            answer = inside.get(path)
            assert answer.status_code == 200
            assert "cannot be shown" not in answer.text
            assert f'<html lang="{locale}"' in answer.text


# ---- wrong input keeps what was typed and names the field ----


def rejected(inside: Browser, **changes: Any) -> str:
    answer = inside.post("/ledarsteg/new", {**TYPED, **changes})
    assert answer.status_code == 422
    return answer.text


def assert_named(text: str, field: str) -> None:
    assert f'id="{field}-error"' in text
    others = set(TYPED) - {field}
    assert not [other for other in others if f'id="{other}-error"' in text]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "   "), ("title", "x" * 10_000), ("title", "a\0b"), ("title", "half \ufffd pair"),
        ("cue", ""), ("cue", "y" * 100_000), ("action", ""), ("action", "z" * 501), ("coping", "c" * 100_000),
        ("drop", "d\0d"), ("drop", "d" * 100_000), ("minutes", "ten"), ("minutes", "-1"), ("minutes", "1.5"), ("minutes", "0"),
        ("minutes", "9" * 5000), ("drop_minutes", "10081"), ("drop_minutes", "x"), ("weekdays", []), ("weekdays", ["7"]),
        ("weekdays", ["x" * 1000]),
    ],
    ids=lambda value: str(value)[:12],
)  # fmt: skip
def test_a_wrong_field_is_named_and_everything_typed_is_kept(inside: Browser, field: str, value: Any) -> None:
    text = rejected(inside, **{field: value})
    assert_named(text, field)
    for name, typed in TYPED.items():
        if name not in {field, "weekdays"}:
            assert str(html.escape(str(typed), quote=True)) in text.replace("&#39;", "&#x27;")
    if isinstance(value, str) and value.strip() and "\0" not in value:
        assert value in text
    assert "Everything you wrote is still here." in text


@pytest.mark.parametrize("raw", [b"%ED%A0%80", b"%ed%bf%bf", b"%00", b"%FF%FE"])
def test_bytes_that_are_no_text_are_refused_by_name(inside: Browser, raw: bytes) -> None:
    rest = b"weekdays=1&cue=the+coffee+is+ready&action=ask+her&csrf_token=" + inside.token.encode()
    answer = inside.client.post(
        inside.path + "/ledarsteg/new", data=b"title=a" + raw + b"&" + rest, base_url="http://127.0.0.1:5055",
        content_type="application/x-www-form-urlencoded", headers=inside.headers,
    )  # fmt: skip
    assert answer.status_code in {303, 422} if raw == b"%FF%FE" else answer.status_code == 422
    if answer.status_code == 422:
        assert_named(answer.text, "title")


def test_a_body_beyond_the_limit_is_too_large(inside: Browser) -> None:
    assert inside.post("/ledarsteg/new", {**TYPED, "cue": "y" * 2_000_000}).status_code == 413


def test_markup_is_shown_as_typed(inside: Browser) -> None:
    evil = "<script>alert(1)</script>"
    answer = inside.post("/ledarsteg/new", {**TYPED, "title": evil, "cue": evil, "drop": evil})
    for path in ("/", the_habit(answer.location, inside)):
        text = inside.get(path).text
        assert evil not in text
        assert html.escape(evil) in text


def test_a_step_that_is_too_large_gets_advice_and_keeps_the_form(inside: Browser) -> None:
    answer = inside.post("/ledarsteg/new", {**TYPED, "minutes": "45"})
    assert answer.status_code == 200
    assert "This is larger than a small step." in answer.text
    assert 'value="45"' in answer.text
    assert "Ask one question" in answer.text
    assert "Make your first step" in inside.get("/ledarsteg/").text


def test_the_first_month_holds_as_many_steps_as_the_cohort_allows(world: World) -> None:
    course = world.course(plugins={"ledarsteg": {"max_active_first_month": 1}})
    inside = world.enter(course)
    assert inside.post("/ledarsteg/new", TYPED).status_code == 303
    answer = inside.post("/ledarsteg/new", {**TYPED, "title": "Another"})
    assert answer.status_code == 422
    assert_named(answer.text, "title")
    assert "at most 1 in the first month" in answer.text


def test_the_plan_can_be_changed(inside: Browser, world: World, karin: Member) -> None:
    path = f"/ledarsteg/{make(world, karin).id}"
    assert "ask what she suggests" in inside.get(path + "/plan").text
    wrong = inside.post(path + "/plan", {"cue": "the door opens", "action": ""})
    assert wrong.status_code == 422
    assert_named(wrong.text, "action")
    assert "the door opens" in wrong.text
    assert inside.post(path + "/plan", {"cue": "the door opens", "action": "look up"}).status_code == 303
    assert "the door opens, then I look up" in visible(inside.get(path).text)


# ---- noting ----


def test_noting_from_home_without_javascript(inside: Browser, world: World, karin: Member) -> None:
    habit = make(world, karin)
    home = inside.get("/").text
    assert "<h1>1 step left today</h1>" in home
    assert f'name="day" value="{TODAY}"' in home
    fields = {"day": str(TODAY), "from": "home"}
    answer = inside.post(f"/ledarsteg/{habit.id}/mark", {**fields, "state": "done"})
    assert (answer.status_code, answer.location) == (303, inside.path + "/")
    home = inside.get("/").text
    assert "<h1>Noted for today</h1>" in home
    assert "Done, noted at 08:30." in visible(home)
    assert "1 of 1 day" in visible(home)
    inside.post(f"/ledarsteg/{habit.id}/unmark", fields)
    assert "<h1>1 step left today</h1>" in inside.get("/").text


def test_htmx_gets_the_days_steps_the_two_weeks_and_the_heading(inside: Browser, world: World, karin: Member) -> None:
    habit = make(world, karin)
    fields = {"day": str(TODAY), "state": "skip", "reason": "ill"}
    answer = inside.post(f"/ledarsteg/{habit.id}/mark", fields, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    for part in (
        'id="ledarsteg-today"',
        'id="ledarsteg-strip" hx-swap-oob="true"',
        'hx-swap-oob="innerHTML:main h1">Noted for today',
    ):
        assert part in answer.text
    assert "Skipped, noted at 08:30." in answer.text
    assert "Ill" not in visible("<main" + answer.text)
    answer = inside.post(f"/ledarsteg/{habit.id}/unmark", {"day": str(TODAY)}, headers=HTMX)
    assert "data-focus" in answer.text
    assert ">1 step left today<" in answer.text


@pytest.mark.parametrize(
    "fields",
    [
        {"day": str(TODAY + timedelta(1)), "state": "done"}, {"day": str(TODAY - timedelta(15)), "state": "done"},
        {"day": "yesterday", "state": "done"}, {"day": "", "state": "done"}, {"day": str(TODAY), "state": "perfect"},
        {"day": str(TODAY)}, {"day": str(TODAY), "state": "skip", "reason": "x" * 1000}, {"day": "9" * 1000, "state": "done"},
        {"day": "0001-01-01", "state": "done"},
    ],
)  # fmt: skip
def test_a_note_that_cannot_be_kept_says_why(
    inside: Browser, world: World, karin: Member, fields: dict[str, str]
) -> None:
    habit = make(world, karin)
    for headers in ({}, HTMX):
        answer = inside.post(f"/ledarsteg/{habit.id}/mark", fields, headers=headers)
        assert answer.status_code == 422
        assert "Not noted." in answer.text
    assert "Not noted." in inside.post(f"/ledarsteg/{habit.id}/unmark", {**fields, "day": "x"}).text
    with world.core.units.reading():
        assert operations.one(owner_of(karin), habit.id).marks == {}


def test_a_day_is_filled_in_afterwards_on_the_habits_page(
    inside: Browser, world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    path = f"/ledarsteg/{make(world, karin).id}"
    clock.advance(timedelta(days=3))
    later = world.enter(course, member=karin)
    assert later.get(path).text.count('<option value="2026') == 4
    answer = later.post(path + "/mark", {"day": str(TODAY), "state": "done", "reason": "not_applicable"})
    assert the_habit(answer.location, later) == path
    assert "1 of 3 days" in visible(later.get(path).text)


def test_a_streak_is_said_without_praise(world: World, karin: Member, course: Course, clock: OffsetClock) -> None:
    habit = make(world, karin)
    for _ in range(3):
        with world.core.units.writing():
            operations.mark(owner_of(karin), habit.id, owner_of(karin).today(), Note(State.DONE))
        clock.advance(timedelta(days=1))
    words = visible(world.enter(course, member=karin).get("/").text)
    assert "3 of 3 days 3 days in a row" in words
    assert "!" not in words


def test_a_day_without_planned_steps_says_so(world: World, course: Course, karin: Member, inside: Browser) -> None:
    make(world, karin, weekdays=1)
    home = inside.get("/").text
    assert "<h1>Nothing planned today</h1>" in home
    assert "A day you missed can be filled in on the page of the habit." in home


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        (0b1111111, "Every day"),
        (0b0011111, "Monday to Friday"),
        (0b0010101, "Monday, Wednesday, Friday"),
        (0b1000000, "Sunday"),
    ],
)
def test_the_days_are_said_in_words(inside: Browser, world: World, karin: Member, weekdays: int, words: str) -> None:
    habit = make(world, karin, weekdays=weekdays)
    assert f"{words}, since November 24" in visible(inside.get(f"/ledarsteg/{habit.id}").text)


# ---- sharing, finishing ----


def test_sharing_is_one_button_that_says_who_will_see(inside: Browser, world: World, karin: Member) -> None:
    path = f"/ledarsteg/{make(world, karin).id}"
    assert "Only you. Your coach sees that you have a step" in visible(inside.get(path).text)
    assert inside.post(path + "/share", {"shared": "on"}).status_code == 303
    words = visible(inside.get(path).text)
    assert "You and the coaches of the course." in words
    assert "Stop sharing with your coach" in words
    inside.post(path + "/share", {"shared": "off"})
    assert "Share with your coach" in visible(inside.get(path).text)


def test_a_finished_habit_is_kept_and_can_be_taken_back_today(
    inside: Browser, world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    path = f"/ledarsteg/{make(world, karin).id}"
    inside.post(path + "/retire")
    assert "You finished this habit today." in inside.get(path).text
    assert "No habit is going on just now." in inside.get("/ledarsteg/").text
    assert inside.post(path + "/resume").status_code == 303
    inside.post(path + "/retire")
    clock.advance(timedelta(days=1))
    later = world.enter(course, member=karin)
    assert later.post(path + "/resume").status_code == 422
    assert "You finished this habit today." not in later.get(path).text


# ---- whose pages ----

PATHS = [
    ("get", ""),
    ("get", "/plan"),
    ("post", "/plan"),
    ("post", "/mark"),
    ("post", "/unmark"),
    ("post", "/share"),
    ("post", "/retire"),
    ("post", "/resume"),
]
FIELDS = {"day": str(TODAY), "state": "done", "cue": "a b c", "action": "d e", "shared": "on"}


@pytest.mark.parametrize(("method", "tail"), PATHS)
def test_another_managers_habit_is_not_found(
    world: World, course: Course, karin: Member, method: str, tail: str
) -> None:
    path = f"/ledarsteg/{make(world, karin, 'Hand over', shared=True).id}{tail}"
    for where in (course, world.course(beside=course), world.course()):
        somebody = world.enter(where, Role.MANAGER, "Peter Nyström")
        answer = somebody.get(path) if method == "get" else somebody.post(path, FIELDS)
        assert answer.status_code == 404
        assert "Hand over" not in answer.text


@pytest.mark.parametrize("role", [Role.COACH, Role.TRAINING])
def test_others_have_no_habits_of_their_own_here(world: World, course: Course, karin: Member, role: Role) -> None:
    inside = world.enter(course, role, "Amira Haddad")
    assert inside.get("/ledarsteg/").status_code == 403
    assert inside.get(f"/ledarsteg/{make(world, karin).id}").status_code == 403


def test_switched_off_is_not_found(world: World) -> None:
    inside = world.enter(world.course(plugins={}))
    assert inside.get("/ledarsteg/").status_code == 404
