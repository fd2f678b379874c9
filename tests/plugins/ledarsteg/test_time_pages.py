"""The pages about time, contributions and both-and: what they say, what they keep when something is wrong, and whose they are."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from plugins.ledarsteg import operations
from plugins.ledarsteg.calculations import Category
from plugins.ledarsteg.cards import numbers
from plugins.ledarsteg.models import Target
from plugins.ledarsteg.operations import contributions, leader_time, polarities, rounds, time
from plugins.ledarsteg.operations.contributions import Given
from plugins.ledarsteg.operations.leader_time import Block
from plugins.ledarsteg.operations.time import Stretch
from service.access import Role
from service.cohorts.models import Member
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Browser, Course, OffsetClock, World

pytestmark = pytest.mark.once


HTMX = {"HX-Request": "true"}
ROW = {"day": str(TODAY), "category": "meetings", "stands": "no", "what": "Status meeting", "chip": "30", "key": "k1"}
CONTRIBUTION = {"day": str(TODAY), "number": "2", "target": "group", "quality": "4", "note": "Asked first", "key": "k1"}


@pytest.fixture
def inside(world: World, course: Course, karin: Member) -> Browser:
    """Karin's browser."""
    return world.enter(course, member=karin)


def words(text: str) -> str:
    """The words of a page, without its head."""
    body = re.sub(r"<(script|style|template).*?</\1>", " ", text[text.find("<main") :], flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def do(world: World, work: Callable[[], Any]) -> Any:
    """Does something as an operation."""
    with world.core.units.writing():
        return work()


def begin(world: World, karin: Member) -> str:
    """A round that begins today; the address of its page."""
    return f"/ledarsteg/time/{do(world, lambda: time.start_round(owner_of(karin), TODAY)).id}"


def add(world: World, karin: Member, page: str, *rows: Stretch) -> list[UUID]:
    audit_id = UUID(page.rsplit("/", 1)[1])
    return [do(world, lambda row=row: time.add_row(owner_of(karin), audit_id, row)).id for row in rows]


def finished(world: World, karin: Member, clock: OffsetClock, *, leading: int = 60, other: int = 420) -> str:
    """A finished round of three days: so many minutes of leader contributions and of meetings a day."""
    first = owner_of_today(world, karin)
    audit = do(world, lambda: time.start_round(owner_of(karin), first))
    page = f"/ledarsteg/time/{audit.id}"
    for offset in range(3):
        day = first + timedelta(offset)
        add(
            world, karin, page, Stretch(day, Category.LEADER_CONTRIBUTION, leading),
            Stretch(day, Category.MEETINGS, other, challengeable=True, what="Status meeting"),
        )  # fmt: skip
        clock.advance(timedelta(days=1))
    do(world, lambda: time.finish_round(owner_of(karin), audit.id))
    clock.advance(timedelta(days=4))
    return page


def owner_of_today(world: World, karin: Member) -> Any:
    with world.core.units.reading():
        return owner_of(karin).today()


# ---- the time audit ----


def test_the_first_page_says_what_to_do_first(inside: Browser) -> None:
    said = words(inside.get("/ledarsteg/time").text)
    assert "Begin by seeing where your time goes" in said
    assert said.index("Who sees this?") < said.index("Begin the time audit")
    answer = inside.post("/ledarsteg/time", {"first_day": str(TODAY)})
    assert (answer.status_code, answer.location) == (303, f"{inside.path}/ledarsteg/time")
    assert "Where does your time go?" in words(inside.get("/ledarsteg/time").text)


@pytest.mark.parametrize(
    ("first_day", "said"),
    [
        ("", "Choose the day you begin."), ("yesterday", "Choose the day you begin."), ("2026-11-23", "within two weeks"),
        ("2026-11-28", "Monday to Friday"), ("9" * 500, "Choose the day you begin."),
    ],
)  # fmt: skip
def test_a_first_day_that_is_none_is_named(inside: Browser, first_day: str, said: str) -> None:
    answer = inside.post("/ledarsteg/time", {"first_day": first_day})
    assert answer.status_code == 422
    assert 'id="first_day-error"' in answer.text
    assert said in words(answer.text)
    assert f'value="{first_day}"' in answer.text


def test_a_first_day_that_is_none_is_named_beside_a_finished_round(
    world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    finished(world, karin, clock)
    answer = world.enter(course, member=karin).post("/ledarsteg/time", {"first_day": "x"})
    assert answer.status_code == 422
    assert "Choose the day you begin." in answer.text
    assert "of your time went to leader contributions" in answer.text


def test_a_row_is_noted_without_javascript(inside: Browser, world: World, karin: Member) -> None:
    page = begin(world, karin)
    form = inside.get(page).text
    assert f'value="{TODAY}" checked' in form
    assert 'name="chip" value="30"' in form
    for _ in range(2):
        answer = inside.post(page + "/rows", {**ROW, "starts_at": "09:05"})
        assert answer.status_code == 303
    said = words(inside.get(page).text)
    assert "Tuesday, November 24, 30 minutes" in said
    assert "Meetings 30 minutes 09:05 Status meeting perhaps can go" in said
    assert said.count("Status meeting") == 1
    assert "1 of 5 days has a note." in said
    assert "2 more days with a note are needed" in said


def test_htmx_gets_the_round_with_what_was_noted_and_its_undo(inside: Browser, world: World, karin: Member) -> None:
    page = begin(world, karin)
    answer = inside.post(page + "/rows", {**ROW, "chip": "", "minutes": "37"}, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    said = words("<main>" + answer.text)
    assert "Noted. Tuesday, November 24: Meetings, 37 minutes, Status meeting" in said
    undo = re.search(r'action="([^"]+/delete)"', answer.text)
    assert undo is not None
    assert inside.post(undo[1].removeprefix(inside.path)).status_code == 303
    assert "Status meeting" not in inside.get(page).text


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"category": ""}, "category", "Choose one of the answers."), ({"category": "sleep"}, "category", "Choose one of the answers."),
        ({"stands": "perhaps"}, "stands", "Choose one of the answers."), ({"day": "2026-11-25"}, "day", "Choose one of the answers."),
        ({"chip": ""}, "minutes", "Write how many minutes"), ({"chip": "", "minutes": "x"}, "minutes", "Write a whole number"),
        ({"chip": "", "minutes": "1500"}, "minutes", "You wrote 1500."), ({"chip": "0"}, "minutes", "at least one minute"),
        ({"starts_at": "25:00"}, "starts_at", "Write the time as in 13:00."), ({"what": "x" * 501}, "what", "at most 500"),
        ({"what": "a\0b"}, "what", "cannot be read"),
    ],
    ids=str,
)  # fmt: skip
def test_a_row_that_cannot_be_kept_is_named_and_the_form_stays_filled_in(
    inside: Browser, world: World, karin: Member, changes: dict[str, str], field: str, said: str
) -> None:
    page = begin(world, karin)
    for headers in ({}, HTMX):
        answer = inside.post(page + "/rows", {**ROW, **changes}, headers=headers)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert len(set(re.findall(r'id="(\w+)-error"', answer.text))) == 1
        assert said in words("<main" + answer.text)
        if "what" not in changes:
            assert "Status meeting" in answer.text
        if "category" not in changes:
            assert 'value="meetings" checked' in answer.text
        if not {"chip", "minutes"} & set(changes):
            assert 'value="30"' in answer.text.split('id="minutes"')[1]
    with world.core.units.reading():
        assert rounds.rounds(owner_of(karin))[0].rows == []


def test_a_chip_counts_where_a_number_was_typed_too(inside: Browser, world: World, karin: Member) -> None:
    page = begin(world, karin)
    assert inside.post(page + "/rows", {**ROW, "chip": "45", "minutes": "not a number"}).status_code == 303
    with world.core.units.reading():
        assert [row.minutes for row in rounds.rounds(owner_of(karin))[0].rows] == [45]


def test_25_hours_in_a_day_are_refused_with_what_it_has(inside: Browser, world: World, karin: Member) -> None:
    page = begin(world, karin)
    add(world, karin, page, Stretch(TODAY, Category.OTHER, 1430))
    answer = inside.post(page + "/rows", ROW)
    assert answer.status_code == 422
    assert "A day has 1440 minutes, and this day has 1430 already. You wrote 30." in answer.text


def test_a_row_is_changed_and_taken_away_on_a_page_of_its_own(inside: Browser, world: World, karin: Member) -> None:
    page = begin(world, karin)
    (row_id,) = add(world, karin, page, Stretch(TODAY, Category.MEETINGS, 30, True, 545, "Status meeting"))
    form = inside.get(f"/ledarsteg/time/rows/{row_id}").text
    for kept in ('value="meetings" checked', 'value="no" checked', 'value="09:05"', "Status meeting", 'value="30"'):
        assert kept in form
    changed = {**ROW, "chip": "", "minutes": "50", "what": "Planning", "revision": "1"}
    assert inside.post(f"/ledarsteg/time/rows/{row_id}", {**changed, "minutes": "1500"}).status_code == 422
    assert inside.post(f"/ledarsteg/time/rows/{row_id}", {**changed, "category": ""}).status_code == 422
    assert inside.post(f"/ledarsteg/time/rows/{row_id}", changed).status_code == 303
    assert "Planning" in inside.get(page).text
    assert inside.post(f"{page}/rows/{row_id}/delete").status_code == 303
    assert inside.post(f"{page}/rows/{row_id}/delete").status_code == 303
    assert inside.get(f"/ledarsteg/time/rows/{row_id}").status_code == 404


def test_two_tabs_that_change_a_row_see_both_versions(inside: Browser, world: World, karin: Member) -> None:
    (row_id,) = add(world, karin, begin(world, karin), Stretch(TODAY, Category.MEETINGS, 30))
    mine = {**ROW, "chip": "", "minutes": "20", "what": "Of the second tab", "revision": "1"}
    assert inside.post(f"/ledarsteg/time/rows/{row_id}", {**mine, "what": "Of the first tab"}).status_code == 303
    answer = inside.post(f"/ledarsteg/time/rows/{row_id}", mine)
    assert answer.status_code == 409
    said = words(answer.text)
    assert "Saved is: Tuesday, November 24: Meetings, 20 minutes, Of the first tab" in said
    assert 'value="Of the second tab"' in answer.text
    assert 'name="revision" type="hidden" value="2"' in answer.text
    assert inside.post(f"/ledarsteg/time/rows/{row_id}", {**mine, "revision": "2"}).status_code == 303


def test_a_round_that_cannot_be_finished_says_what_it_needs(inside: Browser, world: World, karin: Member) -> None:
    page = begin(world, karin)
    answer = inside.post(page + "/finish")
    assert answer.status_code == 422
    assert "Not finished yet. 3 more days with a note are needed" in words(answer.text)
    assert inside.post(page + "/discard").status_code == 303
    assert "Begin by seeing where your time goes" in inside.get("/ledarsteg/time").text


def test_a_round_that_begins_later_says_when(inside: Browser, world: World, karin: Member) -> None:
    do(world, lambda: time.start_round(owner_of(karin), TODAY + timedelta(6)))
    said = words(inside.get("/ledarsteg/time").text)
    assert "The round begins Monday, November 30" in said
    assert "How many minutes?" not in said


def test_a_finished_round_shows_shares_what_may_go_and_what_is_freed(
    world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    make(world, karin)
    page = finished(world, karin, clock)
    inside = world.enter(course, member=karin)
    said = words(inside.get(page).text).replace("\N{NO-BREAK SPACE}", " ")
    for told in (
        "12.5 % of your time went to leader contributions", "Round 1, from November 24 to November 26.",
        "Leader contribution 12.5 %", "Fire-fighting to old habits 87.5 %", "May not stand up to a challenge 87.5 %",
        "Noted 24 hours on 3 days", "Most went to: meetings, 87.5 %.", "Meetings 21 hours 87.5 %", "Routines 0 minutes 0 %",
        "Status meeting Meetings 35 hours 21 hours noted", "frees 45 minutes a week",
    ):  # fmt: skip
        assert told in said
    assert inside.get("/ledarsteg/time").text.count("<h1>") == 1
    link = re.search(r'href="([^"]+/new\?from_row=([^"]+))"', inside.get(page).text)
    assert link is not None
    with world.core.units.reading():
        assert time.drop_words(owner_of(karin), UUID(link[2])) == "Status meeting"
    assert inside.post(page + "/reopen").status_code == 303
    assert "Where does your time go?" in inside.get(page).text


def test_a_second_round_is_compared_in_percentage_points_and_in_words(
    world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    first = finished(world, karin, clock)
    second = finished(world, karin, clock, leading=96, other=384)
    inside = world.enter(course, member=karin)
    said = words(inside.get("/ledarsteg/time").text).replace("\N{NO-BREAK SPACE}", " ")
    for told in (
        "Leader contributions: 20 %, 7.5 percentage points more", "12.5 % last time",
        "What grew most: leader contribution, by 7.5 percentage points. What shrank most: meetings, by 7.5.",
        "Leader contribution 4 h 48 min 20 % 12.5 % +7.5", "Meetings 19 h 12 min 80 % 87.5 % \N{MINUS SIGN}7.5",
    ):  # fmt: skip
        assert told in said
    assert second in inside.get(first).text
    assert "So far nothing is chosen away" in said
    refused = inside.post(first + "/reopen")
    assert refused.status_code == 422
    assert "another round since" in refused.text
    assert "12.5" in inside.get(first).text
    assert "Do it again" not in inside.get(first).text


def test_a_second_round_like_the_first_says_so(world: World, karin: Member, course: Course, clock: OffsetClock) -> None:
    finished(world, karin, clock)
    finished(world, karin, clock)
    said = words(world.enter(course, member=karin).get("/ledarsteg/time").text)
    assert "as much as before" in said
    assert "The shares are as they were in the round before." in said


def test_a_round_without_anything_that_may_go_says_so(
    world: World, karin: Member, course: Course, clock: OffsetClock
) -> None:
    audit = do(world, lambda: time.start_round(owner_of(karin), TODAY))
    page = f"/ledarsteg/time/{audit.id}"
    for offset in range(3):
        add(world, karin, page, Stretch(TODAY + timedelta(offset), Category.OTHER, 60))
        clock.advance(timedelta(days=1))
    do(world, lambda: time.finish_round(owner_of(karin), audit.id))
    assert "You noted nothing that may go." in words(world.enter(course, member=karin).get(page).text)


# ---- leader time ----


def test_leader_time_is_planned_and_kept_with_one_tap_each(inside: Browser, world: World, karin: Member) -> None:
    assert "Set aside time for leading" in words(inside.get("/ledarsteg/time/leader").text)
    for _ in range(2):
        assert inside.post("/ledarsteg/time/leader", {"day": str(TODAY), "chip": "45", "key": "k"}).status_code == 303
    text = inside.get("/ledarsteg/time/leader").text
    assert "<h1>45 minutes for leading this week</h1>" in text
    keep = re.search(r'action="([^"]+/keep)"', text)
    assert keep is not None
    assert text.count("/keep") == 1
    for chip, said in (("45", "kept as planned"), ("0", "not kept")):
        assert inside.post(keep[1].removeprefix(inside.path), {"chip": chip}).status_code == 303
        assert said in words(inside.get("/ledarsteg/time/leader").text)
    assert inside.post(keep[1].removeprefix(inside.path), {"minutes": "20"}).status_code == 303
    said = words(inside.get("/ledarsteg/time/leader").text)
    assert "20 minutes of 45 minutes kept" in said
    assert "20 minutes kept of 45 minutes planned in eight weeks." in said
    assert "Nov 23 45 minutes 20 minutes" in said
    time_page = words(inside.get("/ledarsteg/time").text)
    assert "Plan leader time" in time_page


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"day": ""}, "day", "Choose a day."), ({"day": "x"}, "day", "Choose a day."),
        ({"day": "2027-06-01"}, "day", "eight weeks ahead"), ({"chip": ""}, "minutes", "Write how many minutes"),
        ({"chip": "", "minutes": "1500"}, "minutes", "You wrote 1500."),
    ],
)  # fmt: skip
def test_leader_time_that_cannot_be_planned_is_named(
    inside: Browser, fields: dict[str, str], field: str, said: str
) -> None:
    answer = inside.post("/ledarsteg/time/leader", {"day": str(TODAY), "chip": "45", **fields})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert said in words(answer.text)


def test_what_was_kept_is_asked_for_again_where_it_cannot_be(inside: Browser, world: World, karin: Member) -> None:
    block = do(world, lambda: leader_time.plan_block(owner_of(karin), Block(TODAY, 30)))
    for minutes, said in (
        ("x", "Write a whole number"),
        ("1441", "1441 would be kept"),
        ("", "Write how many minutes"),
    ):
        answer = inside.post(f"/ledarsteg/time/leader/{block.id}/keep", {"minutes": minutes})
        assert answer.status_code == 422
        assert said in words(answer.text)
        assert f'value="{minutes}" aria-invalid="true"' in answer.text


def test_a_block_is_changed_and_two_tabs_see_both_versions(inside: Browser, world: World, karin: Member) -> None:
    block = do(world, lambda: leader_time.plan_block(owner_of(karin), Block(TODAY, 30, 20)))
    page = f"/ledarsteg/time/leader/{block.id}"
    form = inside.get(page).text
    for kept in (f'value="{TODAY}"', 'value="30"', 'value="20"'):
        assert kept in form
    mine = {"day": str(TODAY), "minutes": "45", "kept": "", "revision": "1"}
    for wrong in ({"minutes": ""}, {"minutes": "1500"}, {"kept": "1441"}, {"day": ""}, {"kept": "x"}):
        assert inside.post(page, {**mine, **wrong}).status_code == 422
    assert inside.post(page, mine).status_code == 303
    answer = inside.post(page, {**mine, "minutes": "60"})
    assert answer.status_code == 409
    assert "Saved is: Tuesday, November 24: 45 minutes" in words(answer.text)
    assert 'value="60"' in answer.text
    assert inside.post(page, {**mine, "kept": "45", "revision": "2"}).status_code == 303
    answer = inside.post(page, mine)
    assert "45 minutes, kept as planned" in words(answer.text)
    assert inside.post(page + "/delete").status_code == 303
    assert inside.get(page).status_code == 404


# ---- contributions ----


def test_a_contribution_is_noted_and_shown_in_two_pictures(inside: Browser, world: World, karin: Member) -> None:
    fields = {**CONTRIBUTION, "effects": ["1", "4"], "sides": ["1", "4"]}
    for _ in range(2):
        answer = inside.post("/ledarsteg/contributions", fields)
        assert (answer.status_code, answer.location) == (303, f"{inside.path}/ledarsteg/contributions")
    said = words(inside.get("/ledarsteg/contributions").text).replace("\N{NO-BREAK SPACE}", " ")
    for told in (
        "2 contributions in eight weeks.", "2 contributions are rated.", "Nov 23 4 2",
        "November 24 2 The group 4 Asked first Ability, Collaboration, Hard, Soft", "Tough care: both sides are there", "50 % hard",
    ):  # fmt: skip
        assert told in said
    assert said.count("Asked first") == 1
    assert "Asked first" in inside.get("/ledarsteg/contributions/all").text


def test_an_empty_page_has_the_form_and_no_pictures(inside: Browser) -> None:
    said = words(inside.get("/ledarsteg/contributions").text)
    assert said.index("Who sees this?") < said.index("Save the contribution")
    assert "in eight weeks. The last week" not in said
    assert "Nothing can be told yet." in said
    assert "Nothing noted yet" in inside.get("/ledarsteg/contributions/all").text


def test_a_step_of_today_fills_the_form_in_and_saving_leads_back(inside: Browser, world: World, karin: Member) -> None:
    habit = make(world, karin)
    text = inside.get(f"/ledarsteg/contributions?habit={habit.id}&day={TODAY - timedelta(1)}").text
    assert f'selected value="{habit.id}"' in text
    assert f'value="{TODAY - timedelta(1)}"' in text
    assert 'name="origin" type="hidden" value="home"' in text
    answer = inside.post("/ledarsteg/contributions", {**CONTRIBUTION, "habit": str(habit.id), "origin": "home"})
    assert answer.location == inside.path + "/"
    with world.core.units.reading():
        assert contributions.recent(owner_of(karin))[0].habit_id == habit.id
    for query in ("habit=x&day=x", "habit=&day="):
        assert f'value="{TODAY}"' in inside.get(f"/ledarsteg/contributions?{query}").text


def test_a_step_of_somebody_else_is_not_found(inside: Browser, world: World, course: Course) -> None:
    theirs = make(world, world.member(course, name="Peter Nyström"), "of somebody else")
    assert inside.get(f"/ledarsteg/contributions?habit={theirs.id}").status_code == 404
    answer = inside.post("/ledarsteg/contributions", {**CONTRIBUTION, "habit": str(theirs.id)})
    assert answer.status_code == 422
    assert "of somebody else" not in answer.text


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"day": ""}, "day", "Choose a day."), ({"day": str(TODAY + timedelta(1))}, "day", "not come yet"),
        ({"day": str(TODAY - timedelta(15))}, "day", "14 days"), ({"number": ""}, "number", "Write how many they were."),
        ({"number": "x"}, "number", "Write a whole number"), ({"number": "0"}, "number", "You wrote 0."),
        ({"number": "101"}, "number", "You wrote 101."), ({"target": ""}, "target", "Choose one of the answers."),
        ({"quality": "9"}, "quality", "Choose one of the answers."), ({"effects": ["16"]}, "effects", "Choose among the answers shown."),
        ({"sides": ["x"]}, "sides", "Choose among the answers shown."), ({"note": "x" * 501}, "note", "at most 500"),
        ({"habit": "x"}, "habit", "Choose one of the answers."),
    ],
    ids=str,
)  # fmt: skip
def test_a_contribution_that_cannot_be_kept_is_named_and_the_form_stays_filled_in(
    inside: Browser, world: World, karin: Member, changes: dict[str, Any], field: str, said: str
) -> None:
    row = do(world, lambda: contributions.log_contribution(owner_of(karin), Given(TODAY, Target.SELF)))
    for path in ("/ledarsteg/contributions", f"/ledarsteg/contributions/{row.id}"):
        answer = inside.post(path, {**CONTRIBUTION, "habit": "none", "revision": "1", **changes})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert len(set(re.findall(r'id="(\w+)-error"', answer.text))) == 1
        assert said in words(answer.text)
        if field != "note":
            assert "Asked first" in answer.text
    with world.core.units.reading():
        assert [row.target for row in contributions.recent(owner_of(karin))] == [Target.SELF]


def test_a_contribution_is_changed_and_two_tabs_see_both_versions(inside: Browser, world: World, karin: Member) -> None:
    habit = make(world, karin)
    row = do(
        world,
        lambda: contributions.log_contribution(
            owner_of(karin), Given(TODAY, Target.SELF, 2, 3, effects=2, sides=2, habit_id=habit.id, note="Asked first")
        ),
    )
    do(world, lambda: operations.retire(owner_of(karin), habit.id))
    page = f"/ledarsteg/contributions/{row.id}"
    form = inside.get(page).text
    for kept in ('value="self" checked', 'value="3" checked', "Asked first", f'selected value="{habit.id}"'):
        assert kept in form
    assert form.count('value="2" checked') == 2
    mine = {**CONTRIBUTION, "habit": str(habit.id), "revision": "1"}
    assert inside.post(page, mine).status_code == 303
    answer = inside.post(page, {**mine, "note": "Of the second tab"})
    assert answer.status_code == 409
    assert "Saved is: Tuesday, November 24: 2 contributions, The group, rating 4, Asked first" in words(answer.text)
    assert "Of the second tab" in answer.text
    assert inside.post(page, {**mine, "revision": "2", "quality": "none"}).status_code == 303
    assert inside.post(page + "/delete").status_code == 303
    assert inside.get(page).status_code == 404


# ---- both-and ----


def test_a_week_is_read_by_slider_or_by_number(inside: Browser, world: World, karin: Member) -> None:
    card = polarities.builtin_id(owner_of(karin))
    page = inside.get("/ledarsteg/balance").text
    assert 'type="range"' in page
    assert 'type="number"' in page
    this, before = "2026-11-23", "2026-11-09"
    for fields, kept in (
        ({"monday": this, "slider": "35", "value": "", "was": ""}, 35),
        ({"monday": this, "slider": "35", "value": "-40", "was": "35"}, -40),
        ({"monday": this, "slider": "55", "value": "-40", "was": "-40"}, 55),
        ({"monday": this, "slider": "0", "value": "\N{MINUS SIGN}7", "was": "55"}, -7),
        ({"monday": this, "slider": "", "value": "-7", "was": "-7"}, -7),
    ):
        answer = inside.post(f"/ledarsteg/balance/{card}", fields)
        assert answer.status_code == 303
        with world.core.units.reading():
            found = polarities.pole_cards(owner_of(karin))[0].readings
        assert list(found.values()) == [kept]
    inside.post(f"/ledarsteg/balance/{card}", {"monday": before, "slider": "-7", "value": "100", "was": "-7"})
    said = words(inside.get("/ledarsteg/balance").text)
    assert "This week (\N{MINUS SIGN}7) Last week The week before that (+100)" in said
    assert "Neither end is the right one." in said
    assert "Nov 9 +100 Nov 16 \N{EN DASH} Nov 23 \N{MINUS SIGN}7" in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"slider": "", "value": ""}, "Move the slider"), ({"value": "101"}, "You wrote 101."),
        ({"slider": "-101", "value": ""}, "You wrote -101."), ({"value": "much"}, "Write a whole number from -100 to 100."),
        ({"monday": "2026-11-02"}, "Choose one of the answers."), ({"monday": ""}, "Choose one of the answers."),
    ],
)  # fmt: skip
def test_a_reading_that_cannot_be_is_named(inside: Browser, karin: Member, fields: dict[str, str], said: str) -> None:
    card = polarities.builtin_id(owner_of(karin))
    answer = inside.post(
        f"/ledarsteg/balance/{card}", {"monday": "2026-11-23", "slider": "0", "value": "5", "was": "", **fields}
    )
    assert answer.status_code == 422
    assert said in words(answer.text)


def test_a_card_of_ones_own_is_made_ended_and_taken_up_again(inside: Browser, world: World, karin: Member) -> None:
    card = {"left": "Speed", "right": "Participation", "key": "k"}
    wrong = inside.post("/ledarsteg/balance", {**card, "left": " "})
    assert wrong.status_code == 422
    assert "Write what one side is." in wrong.text
    assert 'value="Participation"' in wrong.text
    for _ in range(2):
        assert inside.post("/ledarsteg/balance", card).status_code == 303
    assert inside.get("/ledarsteg/balance").text.count("<h3>Speed and Participation</h3>") == 1
    with world.core.units.reading():
        own = polarities.pole_cards(owner_of(karin))[1].polarity.id
    inside.post(f"/ledarsteg/balance/{own}", {"monday": "2026-11-23", "slider": "20", "value": "", "was": ""})
    assert inside.post(f"/ledarsteg/balance/{own}/end").status_code == 303
    text = inside.get("/ledarsteg/balance").text
    assert text.index("Ended cards") < text.index("Speed and Participation")
    refused = inside.post(f"/ledarsteg/balance/{own}", {"monday": "2026-11-23", "slider": "20", "value": "", "was": ""})
    assert refused.status_code == 422
    assert "This card is ended." in refused.text
    assert inside.post(f"/ledarsteg/balance/{own}/resume").status_code == 303
    assert "Ended cards" not in inside.get("/ledarsteg/balance").text
    builtin = polarities.builtin_id(owner_of(karin))
    refused = inside.post(f"/ledarsteg/balance/{builtin}/end")
    assert refused.status_code == 422
    assert "Tough care is there for everybody." in words(refused.text)


@pytest.mark.parametrize(
    ("hard", "soft", "said"),
    [(9, 1, "mostly the hard side"), (1, 9, "mostly the soft side"), (7, 5, "both sides are there")],
)
def test_the_balance_of_contributions_is_said_in_words_and_number(
    inside: Browser, world: World, karin: Member, hard: int, soft: int, said: str
) -> None:
    for number, sides in ((hard, 1), (soft, 6)):
        do(
            world,
            lambda number=number, sides=sides: contributions.log_contribution(
                owner_of(karin), Given(TODAY, Target.GROUP, number, sides=sides)
            ),
        )
    told = words(inside.get("/ledarsteg/balance").text)
    assert f"Tough care: {said}" in told
    assert f"{hard} of your leader contributions were the hard side and {soft} the soft one" in told
    assert f"Balance {'0.83' if (hard, soft) == (7, 5) else '0.2'}, where 1 is equal" in told


# ---- all of them ----

PAGES = ("time", "time/leader", "contributions", "contributions/all", "balance")


def fill(world: World, karin: Member, clock: OffsetClock, number: int) -> str:
    """Something of everything, `number` of each."""
    page = finished(world, karin, clock)
    owner = owner_of(karin)
    today = owner_of_today(world, karin)
    for index in range(number):
        do(world, lambda index=index: leader_time.plan_block(owner, Block(today + timedelta(index), 30)))
        do(world, lambda index=index: contributions.log_contribution(owner, Given(today, Target.SELF, note=str(index))))
        do(world, lambda index=index: polarities.make_card(owner, f"One {index}", "Other"))
    return page


def test_every_language_shows_every_page(world: World, course: Course, karin: Member, clock: OffsetClock) -> None:
    finished(world, karin, clock)
    round_page = fill(world, karin, clock, 1)
    for locale in ("sv", "en", "lv"):
        inside = world.enter(course, member=karin, locale=locale)
        for path in (round_page, *(f"/ledarsteg/{page}" for page in PAGES)):
            answer = inside.get(path)
            assert answer.status_code == 200
            assert f'<html lang="{locale}"' in answer.text
            assert "!" not in words(answer.text)


def test_the_parts_are_linked_and_the_current_one_is_told(inside: Browser) -> None:
    for page, title in (
        ("time", "Time"),
        ("time/leader", "Time"),
        ("contributions", "Contributions"),
        ("balance", "Contributions"),
    ):
        nav = inside.get(f"/ledarsteg/{page}").text.split('class="sv-sections"')[1].split("</nav>")[0]
        assert re.findall(r'aria-current="page">([^<]+)<', nav) == [title]
        for target in ("/ledarsteg/", "/ledarsteg/time", "/ledarsteg/contributions"):
            assert f'href="{inside.path}{target}"' in nav


def test_the_statements_of_a_page_do_not_grow_with_what_is_on_it(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    counts: list[list[int]] = []
    for number in (1, 9):
        round_page = fill(world, karin, clock, number)
        inside = world.enter(course, member=karin)
        counts.append([])
        for path in (round_page, *(f"/ledarsteg/{page}" for page in PAGES)):
            with counting(world) as counted:
                assert inside.get(path).status_code == 200
            counts[-1].append(len(counted))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 9


def test_what_is_typed_is_shown_as_typed(inside: Browser, world: World, karin: Member) -> None:
    evil = "<script>alert(1)</script>"
    page = begin(world, karin)
    inside.post(page + "/rows", {**ROW, "what": evil})
    inside.post("/ledarsteg/contributions", {**CONTRIBUTION, "note": evil})
    inside.post("/ledarsteg/balance", {"left": evil, "right": evil, "key": "k"})
    for path in (page, "/ledarsteg/contributions", "/ledarsteg/balance"):
        text = inside.get(path).text
        assert evil not in text
        assert html.escape(evil) in text


@pytest.mark.parametrize("role", [Role.COACH, Role.TRAINING])
def test_nobody_else_has_these_pages(world: World, course: Course, role: Role) -> None:
    inside = world.enter(course, role, "Amira Haddad")
    for page in PAGES:
        assert inside.get(f"/ledarsteg/{page}").status_code == 403


def test_numbers_are_written_as_people_write_them(world: World) -> None:
    with world.app.test_request_context(headers={"Accept-Language": "sv"}):
        assert [numbers.decimal(value) for value in (26.25, 12.5, 20.0, -3.75, 0.04)] == [
            "26,3",
            "12,5",
            "20",
            "−3,8",
            "0",
        ]
        assert [numbers.change(value) for value in (7.5, -7.5, 0.01, -0.01)] == ["+7,5", "−7,5", "0", "0"]
        assert numbers.change_words(1) == "1 procentenhet mer"
        assert numbers.change_words(-2.5) == "2,5 procentenheter mindre"
        assert (numbers.began(None), numbers.began(545)) == ("", "09.05")
        assert numbers.day_title(TODAY) == "Tisdag 24 november"
