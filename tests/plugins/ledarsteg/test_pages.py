"""The pages: what they say, what they keep when something is wrong, and who may open them."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Direction, Kind, Per, Rhythm, State
from plugins.ledarsteg.models import InsightKind, Offer, TimeAudit, TimeRow
from plugins.ledarsteg.operations import Note, insights, journal
from plugins.ledarsteg.operations.insights import NewInsight
from service.access import Role
from service.cohorts.models import Member
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Browser, Course, OffsetClock, World

pytestmark = pytest.mark.once


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


def test_an_empty_home_says_what_to_do_first(inside: Browser, world: World) -> None:
    with counting(world) as counted:
        answer = inside.get("/")
    assert len(counted) <= 3 + 6, counted.statements
    words = visible(answer.text)
    things = ["Begin by seeing where your time goes", "Begin the time audit", "I have a step in mind already", "Your first week",
              "Time audit", "The Aha exercise", "One single step", "The Friday review", "What the course is told",
              "8 Friday reviews within 12 weeks", "Your coach sees that you take part"]  # fmt: skip
    assert sorted(things, key=words.index) == things
    assert "Two weeks" not in words
    for path in ("time", "aha", "new"):
        assert f'href="{inside.path}/ledarsteg/{path}"' in answer.text
    assert "Make your first step" in visible(inside.get("/ledarsteg/").text)


def test_the_first_week_leads_on_from_what_is_done(inside: Browser, world: World, karin: Member) -> None:
    """One thing at a time: the time audit, the Aha, the step."""

    def heading() -> str:
        return re.findall(r"<h1>(.*?)</h1>", inside.get("/").text)[0]

    mine = owner_of(karin)
    with world.core.units.writing() as unit:
        audit = TimeAudit(cohort_id=mine.cohort_id, person_id=mine.person_id, number=1, first_day=TODAY)
        unit.session.add(audit)
        unit.session.flush()
    assert heading() == "The time audit is under way"
    for day in range(3):
        with world.core.units.writing() as unit:
            unit.session.add(TimeRow(
                audit_id=audit.id, person_id=mine.person_id, local_date=TODAY + timedelta(day), minutes=30,
                category="meetings", challengeable=False, created_at=unit.now(),
            ))  # fmt: skip
        if day == 0:
            assert heading() == "The time audit is under way"
            assert "1 day is noted. Three days are enough." in visible(inside.get("/").text)
    assert heading() == "What is the core of leading?"
    assert re.search(
        r'<li>.*?Time audit.*?Done</span>.*?<li class="now">.*?The Aha exercise', inside.get("/").text, re.DOTALL
    )
    with world.core.units.writing():
        insights.capture(mine, NewInsight("k", "The talks are it", InsightKind.CROSSROADS))
    assert heading() == "Begin with one small step"
    make(world, karin)
    assert heading() == "1 step left today"


def test_who_says_not_now_to_the_exercise_is_led_to_the_step(inside: Browser, world: World, karin: Member) -> None:
    with world.core.units.writing():
        journal.put_away(owner_of(karin), Offer.AHA)
    words = visible(inside.get("/").text)
    assert "Begin with one small step" in words
    assert "Make your first step" in words
    assert "I have a step in mind already" not in words


def test_who_has_finished_every_habit_is_not_welcomed_anew(inside: Browser, world: World, karin: Member) -> None:
    habit = make(world, karin)
    with world.core.units.writing():
        operations.retire(owner_of(karin), habit.id)
    words = visible(inside.get("/").text)
    assert "No habit going on" in words
    assert "Make a new step" in words
    assert "Your first week" not in words


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
        for path in (
            "/",
            "/ledarsteg/",
            "/ledarsteg/new",
            f"/ledarsteg/{habit.id}",
            f"/ledarsteg/{habit.id}/change",
            "/ledarsteg/day",
        ):
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


def changed(**values: Any) -> dict[str, Any]:
    return {**TYPED, "revision": "1", "from_date": str(TODAY), "per": "day", "target": "", **values}


def test_the_habit_can_be_changed(inside: Browser, world: World, karin: Member) -> None:
    path = f"/ledarsteg/{make(world, karin).id}"
    assert "ask what she suggests" in inside.get(path + "/change").text
    wrong = inside.post(path + "/change", changed(cue="the door opens", action=""))
    assert wrong.status_code == 422
    assert_named(wrong.text, "action")
    assert "the door opens" in wrong.text
    assert_named(inside.post(path + "/change", changed(cue="")).text, "cue")
    assert_named(inside.post(path + "/change", changed(from_date=str(TODAY - timedelta(1)))).text, "from_date")
    assert_named(inside.post(path + "/change", changed(from_date="")).text, "from_date")
    assert inside.post(path + "/change", changed(cue="the door opens", action="look up")).status_code == 303
    assert "the door opens, then I look up" in visible(inside.get(path).text)


def test_two_tabs_that_change_one_habit_see_both_versions(inside: Browser, world: World, karin: Member) -> None:
    path = f"/ledarsteg/{make(world, karin).id}/change"
    assert inside.post(path, changed(title="Said first")).status_code == 303
    late = inside.post(path, changed(title="Said later"))
    assert late.status_code == 409
    words = visible(late.text)
    assert "changed in another tab" in words
    assert "Said first" in words
    assert 'value="Said later"' in late.text
    assert 'name="revision" type="hidden" value="2"' in late.text
    assert inside.post(path, changed(title="Said later", revision="2")).status_code == 303
    assert "Said later" in inside.get(path).text


def test_a_change_that_makes_the_step_large_gets_advice(inside: Browser, world: World, karin: Member) -> None:
    answer = inside.post(f"/ledarsteg/{make(world, karin).id}/change", changed(minutes="45"))
    assert answer.status_code == 200
    assert "larger than a small step" in answer.text
    assert inside.post(f"/ledarsteg/{make(world, karin).id}/change", changed(revision="x")).status_code == 409


def test_a_habit_by_the_week_is_made_and_said(inside: Browser) -> None:
    typed = {**TYPED, "kind": "minutes", "per": "week", "target": "45", "direction": "at_most", "weekdays": []}
    answer = inside.post("/ledarsteg/new", typed)
    assert "At most 45 min a week" in visible(inside.get(the_habit(answer.location, inside)).text)
    assert_named(inside.post("/ledarsteg/new", {**typed, "target": "0"}).text, "target")
    assert_named(inside.post("/ledarsteg/new", {**typed, "target": "99999"}).text, "target")
    too_often = inside.post("/ledarsteg/new", {**TYPED, "per": "week", "target": "8"})
    assert too_often.status_code == 422
    assert "Write at most 7 times a week" in too_often.text


def test_a_step_of_two_things_is_offered_as_two(inside: Browser) -> None:
    typed = {**TYPED, "title": "Ask one question and write it down", "form_id": "not a number"}
    asked = inside.post("/ledarsteg/new", typed)
    assert "This looks like more than one thing." in asked.text
    assert "All habits" in asked.text
    first = inside.post("/ledarsteg/new", {**typed, "split": "two"})
    assert "The first step is saved: Ask one question." in visible(first.text)
    assert 'value="write it down"' in first.text
    assert inside.post("/ledarsteg/new", {**typed, "split": "one"}).status_code == 303
    titles = visible(inside.get("/ledarsteg/").text)
    assert titles.count("Ask one question") == 2
    assert "Ask one question and write it down" in titles


def test_a_pause_is_made_shown_and_ended(inside: Browser, world: World, karin: Member) -> None:
    path = f"/ledarsteg/{make(world, karin).id}"
    for typed, field in (({"first": ""}, "first"), ({"first": str(TODAY), "last": str(TODAY - timedelta(3))}, "last")):
        wrong = inside.post(path + "/pause", typed)
        assert wrong.status_code == 422
        assert_named(wrong.text, field)
    assert inside.post(path + "/pause", {"first": str(TODAY), "last": ""}).status_code == 303
    shown = inside.get(path)
    assert "From November 24, 2026 until further notice" in visible(shown.text)
    home = visible(inside.get("/").text)
    assert "Nothing planned today" in home
    assert "Rests today" in home
    end = re.search(r'action="[^"]*(/pause/[0-9a-f-]+/end)"', shown.text)
    assert end is not None
    assert inside.post(path + end[1]).status_code == 303
    assert "1 step left today" in inside.get("/").text


def test_a_season_is_begun_on_a_later_day(
    inside: Browser, world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    path = f"/ledarsteg/{make(world, karin).id}"
    assert inside.post(path + "/season").status_code == 422
    inside.post(path + "/retire")
    clock.advance(timedelta(days=40))
    later = world.enter(course, member=karin)
    assert "Begin a new season" in later.get(path).text
    assert later.post(path + "/resume").status_code == 422
    begun = later.get(the_habit(later.post(path + "/season").location, later))
    assert "Season 2. Season 1, from November 24, 2026" in visible(begun.text)


def test_the_curve_and_the_year_come_with_tables(
    world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    for _ in range(70):
        with world.core.units.writing():
            operations.mark(owner_of(karin), habit.id, owner_of(karin).today(), Note(State.DONE))
        clock.advance(timedelta(days=1))
    page = world.enter(course, member=karin).get(f"/ledarsteg/{habit.id}")
    words = visible(page.text)
    assert "Habit strength 98 %, settled" in words
    assert 'data-chart="line"' in page.text
    assert "The year 2027" in words
    last_year = visible(world.enter(course, member=karin).get(f"/ledarsteg/{habit.id}?year=2026").text)
    assert "The year 2026" in last_year
    assert "December" in last_year
    assert re.search(r"November .*? 7 December", last_year) is not None
    for wrong in ("1066", "9999", "x"):
        assert world.enter(course, member=karin).get(f"/ledarsteg/{habit.id}?year={wrong}").status_code == 200


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
        'id="ledarsteg-steps"',
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


def test_minutes_are_noted_in_one_tap_in_two_or_in_writing(inside: Browser, world: World, karin: Member) -> None:
    habit = make(world, karin, kind=Kind.MINUTES, rhythm=Rhythm(target=15))
    home = visible(inside.get("/").text)
    assert "Done, 15 min" in home
    assert "5 min 10 min or" in home
    path, day = f"/ledarsteg/{habit.id}/mark", {"day": str(TODAY), "from": "home"}
    wrong = inside.post(path, {**day, "state": "part", "value": "1500"}, headers=HTMX)
    assert 'name="value"' in wrong.text
    assert 'value="1500"' in wrong.text
    for typed, said in (
        ({"state": "done"}, "Done, 15 min, noted at 08:30."),
        ({"state": "part", "chip": "5", "value": ""}, "5 min, noted at 08:30."),
        ({"state": "part", "value": "12"}, "12 min, noted at 08:30."),
    ):
        assert said in visible("<main" + inside.post(path, {**day, **typed}, headers=HTMX).text)
    for typed, sentence in (
        ({"state": "done", "value": "1500"}, "A day has 1440 minutes. You wrote 1500."),
        ({"state": "part", "value": "much"}, "Write a whole number, in digits."),
        ({"state": "part"}, "Write how much it was."),
    ):
        for headers in ({}, HTMX):
            answer = inside.post(path, {**day, **typed}, headers=headers)
            assert answer.status_code == 422
            assert sentence in answer.text
    assert "12 min" in visible(inside.get("/").text)


def test_what_has_no_usual_amount_asks_how_much(inside: Browser, world: World, karin: Member) -> None:
    make(world, karin, "Mail", kind=Kind.MINUTES, rhythm=Rhythm(target=30, direction=Direction.AT_MOST))
    make(world, karin, "Thanks", kind=Kind.COUNT, rhythm=Rhythm(per=Per.WEEK, target=5))
    home = visible(inside.get("/").text)
    assert home.count("How much?") == 2
    assert "0 times this week" in home
    assert "1 time 2 times 3 times or" in home


def test_a_week_that_is_done_says_so(
    inside: Browser, world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    habit = make(world, karin, rhythm=Rhythm(per=Per.WEEK, target=1))
    assert "0 of 1 this week" in visible(inside.get("/").text)
    inside.post(f"/ledarsteg/{habit.id}/mark", {"day": str(TODAY), "state": "done", "from": "home"})
    clock.advance(timedelta(days=1))
    words = visible(world.enter(course, member=karin).get("/").text)
    assert "Nothing planned today" in words
    assert "Done often enough this week" in words
    assert "1 of 1 this week" in words


def test_a_day_gone_by_has_a_page_of_its_own(
    inside: Browser, world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    habit = make(world, karin)
    clock.advance(timedelta(days=3))
    later = world.enter(course, member=karin)
    page = later.get("/ledarsteg/day")
    assert "<h1>Thursday, November 26</h1>" in page.text
    assert "The day before" in page.text
    assert "The day after" in page.text
    path, fields = f"/ledarsteg/{habit.id}/mark", {"day": str(TODAY), "state": "done", "from": "day"}
    answer = later.post(path, fields, headers=HTMX)
    assert "Done, noted at 08:30." in answer.text
    assert "innerHTML:main h1" not in answer.text
    assert later.post(path, fields).location.endswith(f"/ledarsteg/day?on={TODAY}")
    assert "Not noted." in later.post(path, {**fields, "state": "perfect"}, headers=HTMX).text
    assert "Nothing was planned that day" in later.get(f"/ledarsteg/day?on={TODAY - timedelta(2)}").text
    for asked, shown in (("2030-01-01", "Friday, November 27"), ("2001-01-01", "Friday, November 13")):
        assert f"<h1>{shown}</h1>" in later.get(f"/ledarsteg/day?on={asked}").text


def test_the_home_page_asks_the_database_six_times_and_a_note_four(
    inside: Browser, world: World, karin: Member
) -> None:
    """Beyond the three statements of the door, which brings the key of her own text along."""
    habits = [make(world, karin, str(number)) for number in range(5)]
    inside.get("/")
    with counting(world) as counted:
        assert inside.get("/").status_code == 200
    assert len(counted) <= 3 + 6, counted.statements
    path = f"/ledarsteg/{habits[0].id}/mark"
    for state in ("done", "skip"):
        with counting(world) as counted:
            answer = inside.post(path, {"day": str(TODAY), "state": state, "from": "home"}, headers=HTMX)
            assert answer.status_code == 200
        assert len(counted) <= 3 + 4, counted.statements


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
    assert "A day you missed can be filled in afterwards." in home


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
