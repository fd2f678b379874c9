"""The manager's way with a measurement on her pages: plan, open, hand out, see that it is enough, end, read, share, ask again."""

import json
import random
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import plugins.group_maturity
from plugins.group_maturity.models import Measurement, SelfRating, State
from plugins.group_maturity.operations import closing
from service.access import Role
from tests.plugins.group_maturity import wanting
from tests.plugins.group_maturity.measuring import GM24, Open, at_random, levels, open_one, run_jobs
from tests.plugins.group_maturity.rating import filled, submit
from tests.support import Browser, Course, OffsetClock, World

START = "/group_maturity/"
MADE = "/group_maturity/measurements/"
COLLABORATING = {"A": 2, "B": 1, "C": 4, "D": 5}


def planned(world: World, **changes: Any) -> dict[str, Any]:
    """A plan form as a browser sends it."""
    today = world.core.units.clock.now().date()
    form: dict[str, Any] = {
        "label": "Dagteamet", "size": "8", "languages": ["sv", "en"], "mode": "codes", "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=14)).isoformat(), "instrument": f"{GM24.key} {GM24.version}", "version": "",
    }  # fmt: skip
    return {**form, **changes}


def begin_plan(browser: Browser, world: World, **changes: Any) -> str:
    """Plans a measurement and returns its path behind the launch."""
    answer = browser.post(f"{MADE}new", planned(world, **changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removeprefix(browser.path)


def rows(world: World) -> list[Measurement]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(Measurement).order_by(Measurement.created_at, Measurement.wave)))


def words_on(page: str) -> list[str]:
    """The words of the links on the page that hands them out."""
    return re.findall(r"/g/([0-9a-z-]+)/group_maturity/", page)


def answered(going_on: Open, number: int, answers: dict[str, int] | None = None) -> None:
    """Lets so many of the group answer, nearly alike."""
    chance = random.Random(number)
    for word in going_on.words[:number]:
        given = (answers or levels(COLLABORATING)) | dict(list(at_random(chance).items())[:1])
        assert going_on.answer(word, given).status_code == 200


def reported(world: World, course: Course, browser: Browser, number: int = 8, **changes: Any) -> tuple[Open, str]:
    """A measurement of this manager that has a report, and its path."""
    going_on = open_one(world, course, manager=browser.member, **changes)
    answered(going_on, number)
    going_on.close()
    return going_on, f"{MADE}{going_on.id}"


def text_of(page: str) -> str:
    """The words of a page on one line."""
    words = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", unescape(page), flags=re.DOTALL).split()
    return " ".join(words).replace(" :", ":")


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_from_a_plan_to_a_report_that_is_shared(world: World) -> None:
    course = world.course()
    coach = world.member(course, Role.COACH, "Amira Haddad")
    browser = world.enter(course)
    assert "Plan a measurement" in browser.get(START).text
    path = begin_plan(browser, world)
    draft = text_of(browser.get(path).text)
    assert "Ready to open?" in draft
    assert "Nothing is shown unless at least 5 have answered" in draft
    own = browser.post(f"{path}/own").headers["Location"].removeprefix(browser.path)
    assert browser.post(own, {**filled(), "action": "draft"}).headers["Location"].endswith(path)
    assert "You have begun your own picture" in browser.get(path).text
    browser.post(own, {**filled(), "action": "submit"})
    assert "Your own picture is made." in browser.get(path).text

    opened = browser.post(f"{path}/open").headers["Location"].removeprefix(browser.path)
    words = words_on(browser.get(opened).text)
    assert len(set(words)) == 8
    going_on = Open(world, course, browser.member, rows(world)[0].id, words)  # type: ignore[arg-type]
    answered(going_on, 4)
    before = text_of(browser.get(path).text)
    assert "How many it is until then is shown to nobody." in before
    assert "It can be closed before its day only when at least 5" in text_of(browser.get(f"{path}/end").text)
    refused = browser.post(f"{path}/close")
    assert refused.status_code == 422
    assert "Fewer than 5 have answered." in refused.text
    assert rows(world)[0].state is State.OPEN
    for word in words[4:]:
        going_on.answer(word, levels(COLLABORATING))
    assert "Enough have answered" in browser.get(path).text
    assert browser.post(f"{path}/close").headers["Location"].endswith(path)
    assert "The answers are being counted" in browser.get(path).text
    run_jobs(world)

    report = unescape(browser.get(path).text)
    assert "You see the same group" in report
    assert "8–12 answers" in report
    assert GM24.interpretation.group_texts["4"]["en"] in report
    assert (GM24.validation.notice or {})["en"] in report
    shared = browser.post(f"{path}/share", {"coach": str(coach.person_id), "with_own": "yes"})
    assert shared.headers["Location"].endswith(f"{path}#sharing")
    assert "Reads this report and your own picture since" in browser.get(path).text
    seen = world.enter(course, member=coach).get(f"/group_maturity/shared/{rows(world)[0].id}")
    assert seen.status_code == 200
    assert "Karin Lindqvist" in seen.text
    browser.post(f"{path}/unshare", {"coach": str(coach.person_id)})
    assert world.enter(course, member=coach).get(f"/group_maturity/shared/{rows(world)[0].id}").status_code == 404


def test_while_it_is_open_the_page_says_enough_and_nothing_more(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    going_on = open_one(world, course, manager=browser.member)
    pages = []
    for word in going_on.words:
        pages.append(browser.get(f"{MADE}{going_on.id}").text)
        going_on.answer(word, levels(COLLABORATING))
    pages.append(browser.get(f"{MADE}{going_on.id}").text)
    told = [text_of(page) for page in pages]
    assert len(set(told)) == 2
    assert told[:5] == [told[0]] * 5
    assert told[5:] == [told[5]] * 4


# --- planning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": " "}, "Write what the group is called."),
        ({"label": "x" * 81}, "at most 80 characters"),
        ({"label": "a\0b"}, "cannot be saved"),
        ({"size": ""}, "Write how many you are."),
        ({"size": "many"}, "Write a whole number, in digits."),
        ({"size": "0"}, "at most 200"),
        ({"size": "201"}, "at most 200"),
        ({"languages": []}, "Choose at least one language."),
        ({"languages": ["de"]}, "Choose at least one of the languages shown."),
        ({"mode": "post"}, "Choose how the group gets in."),
        ({"opens_on": "18/12/2026"}, "Write the day as year, month and day"),
        ({"opens_on": "2020-01-01"}, "It cannot open in the past."),
        ({"opens_on": ""}, "Choose the day on which it opens."),
        ({"closes_on": "2020-01-01"}, "It closes after it opens"),
        ({"instrument": "other 1.0.0"}, "Choose one of the instruments shown."),
    ],
)
def test_a_wrong_plan_is_told_beside_its_field_and_stays_typed(world: World, wrong: dict[str, Any], said: str) -> None:
    browser = world.enter(world.course())
    answer = browser.post(f"{MADE}new", planned(world, **wrong))
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert re.search(r"1 thing needs|2 things need", answer.text)
    if "label" not in wrong:
        assert 'value="Dagteamet"' in answer.text
    assert rows(world) == []


def test_a_group_is_measured_again_from_where_it_was_and_not_from_the_beginning(world: World) -> None:
    browser = world.enter(world.course())
    begin_plan(browser, world)
    answer = browser.post(f"{MADE}new", planned(world, label=" dagteamet ", size="9"))
    assert answer.status_code == 422
    assert "There is a measurement of this group already." in answer.text


def test_the_form_sent_as_it_is_shown_needs_only_a_name_and_a_number(world: World) -> None:
    browser = world.enter(world.course(), locale="lv")
    shown = unescape(browser.get(f"{MADE}new").text)
    form: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="(instrument|version)" value="(.*?)">', shown))
    form |= dict(re.findall(r'id="(opens_on|closes_on)" name="\w+"[^>]* value="([0-9-]+)"', shown))
    form |= dict(re.findall(r'type="\w+" name="(languages|mode)" value="(\w+)" checked', shown))
    # What nobody has reviewed is never chosen by itself.
    assert form["languages"] == "sv"
    assert browser.post(f"{MADE}new", {**form, "label": "Dagteamet", "size": "7"}).status_code == 303


def test_a_plan_sent_twice_is_one_draft(world: World) -> None:
    browser = world.enter(world.course())
    assert begin_plan(browser, world) == begin_plan(browser, world)
    assert len(rows(world)) == 1


def test_two_windows_that_change_one_plan_lose_nothing(world: World) -> None:
    browser = world.enter(world.course())
    path = begin_plan(browser, world)
    shown = browser.get(f"{path}/change").text
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version is not None
    assert browser.post(f"{path}/change", planned(world, size="9", version=version[1])).status_code == 303
    late = browser.post(f"{path}/change", planned(world, size="12", version=version[1]))
    assert late.status_code == 409
    assert 'value="12"' in late.text
    assert "Dagteamet, 9 people" in late.text
    assert rows(world)[0].size == 9
    newer = re.search(r'name="version" value="(\d+)"', late.text)
    assert newer is not None
    assert browser.post(f"{path}/change", planned(world, size="12", version=newer[1])).status_code == 303
    assert rows(world)[0].size == 12
    wrong = browser.post(f"{path}/change", planned(world, size="0", version="x" * 20))
    assert wrong.status_code == 409
    wrong = browser.post(f"{path}/change", planned(world, size="0", version=str(rows(world)[0].version)))
    assert wrong.status_code == 422
    assert browser.post(f"{path}/change", planned(world, size="")).status_code == 422


def test_a_group_below_the_minimum_cannot_open_is_told_why_and_offered_paper(world: World) -> None:
    browser = world.enter(world.course())
    path = begin_plan(browser, world, size="4")
    page = text_of(browser.get(path).text)
    assert "The group is too small to be measured." in page
    assert "You are 4 and at least 5 must answer" in page
    assert "Get the conversation cards" in page
    assert "Open the measurement" not in page
    assert browser.post(f"{path}/open").status_code == 422
    assert rows(world)[0].state is State.DRAFT
    cards = browser.get(f"{path}/conversation.pdf")
    assert (cards.mimetype, cards.data[:5]) == ("application/pdf", b"%PDF-")
    assert browser.get("/group_maturity/conversation.pdf").data[:5] == b"%PDF-"


def test_a_language_that_nobody_has_reviewed_is_used_only_knowingly(world: World) -> None:
    browser = world.enter(world.course())
    path = begin_plan(browser, world, languages=["sv", "lv"])
    assert "I know that the wording in Latviešu is a draft" in browser.get(path).text
    refused = browser.post(f"{path}/open")
    assert refused.status_code == 422
    assert "has not been reviewed by a native speaker" in refused.text
    assert browser.post(f"{path}/open", {"draft_languages": "yes"}).status_code == 303
    assert rows(world)[0].state is State.OPEN


def test_what_is_open_cannot_be_planned_or_opened_again(world: World) -> None:
    browser = world.enter(world.course())
    path = begin_plan(browser, world)
    browser.post(f"{path}/open")
    key = rows(world)[0].box_key_sealed
    for again in (
        browser.post(f"{path}/open"), browser.get(f"{path}/change"), browser.post(f"{path}/change", planned(world)),
        browser.get(f"{path}/again"), browser.post(f"{path}/again", planned(world)),
        browser.post(f"{path}/share", {"coach": str(uuid.uuid4())}),
    ):  # fmt: skip
        assert again.status_code == 303
        assert again.headers["Location"].endswith(path)
    assert (rows(world)[0].box_key_sealed, len(rows(world))) == (key, 1)


def test_a_plan_is_deleted_and_an_open_measurement_given_up(world: World) -> None:
    browser = world.enter(world.course())
    path = begin_plan(browser, world)
    assert browser.post(f"{path}/discard").headers["Location"].endswith(START)
    assert rows(world) == []
    path = begin_plan(browser, world)
    browser.post(f"{path}/open")
    words = words_on(browser.get(f"{path}/codes").text)
    assert browser.get(f"{path}/end").status_code == 200
    assert browser.post(f"{path}/discard").headers["Location"].endswith(path)
    assert "This measurement was given up" in browser.get(path).text
    assert (
        world.app.test_client().get(f"/g/{words[0]}/group_maturity/", base_url="http://127.0.0.1:5055").status_code
        == 404
    )
    for gone in ("/codes", "/codes.pdf", "/end"):
        assert browser.get(path + gone).headers["Location"].endswith(path)
    assert browser.post(f"{path}/close").headers["Location"].endswith(path)
    assert begin_plan(browser, world)


def test_what_has_closed_is_not_given_up(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    _, path = reported(world, course, browser)
    assert "said=closed" in browser.post(f"{path}/discard").headers["Location"]
    assert rows(world)[0].state is State.REPORTED


# --- handing out ------------------------------------------------------------------------------------------------------


def test_codes_are_whole_addresses_in_an_order_that_tells_nothing(world: World) -> None:
    browser = world.enter(world.course())
    path = begin_plan(browser, world)
    browser.post(f"{path}/open")
    page = unescape(browser.get(f"{path}/codes").text)
    listed = re.search(r"<textarea[^>]*id=\"addresses\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert listed is not None
    lines = listed[1].split("\n")
    assert len(lines) == 8
    assert lines == sorted(lines)
    assert all(line.startswith("http://127.0.0.1:5055/g/") for line in lines)
    assert "Hur har vi det i Dagteamet?" in page
    assert "How are we doing in Dagteamet?" in page
    assert "En påminnelse till alla" in page
    slips = browser.get(f"{path}/codes.pdf")
    assert (slips.mimetype, slips.data[:5]) == ("application/pdf", b"%PDF-")


def test_one_link_has_a_qr_code_and_is_said_to_be_weaker(world: World) -> None:
    browser = world.enter(world.course())
    path = begin_plan(browser, world, mode="link")
    browser.post(f"{path}/open")
    page = browser.get(f"{path}/codes").text
    assert len(set(words_on(page))) == 1
    assert "It closes after 8 answers. Codes protect better." in page
    assert re.search(r'<span role="img" aria-label="[^"]+"><svg', page)
    assert "style=" not in page
    assert browser.get(f"{path}/codes.pdf").headers["Location"].endswith(path)


# --- her own picture --------------------------------------------------------------------------------------------------


def test_a_rating_made_before_is_taken_and_one_begun_elsewhere_is_told(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    rating = submit(browser).rsplit("/", 1)[-1]
    path = begin_plan(browser, world)
    assert "Use the one you made" in browser.get(path).text
    assert browser.post(f"{path}/own", {"take": "nonsense"}).status_code == 404
    assert browser.post(f"{path}/own", {"take": str(uuid.uuid4())}).status_code == 404
    assert browser.post(f"{path}/own", {"take": rating}).headers["Location"].endswith(path)
    assert "Your own picture is made." in browser.get(path).text
    other = begin_plan(browser, world, label="Nattpatrullen")
    third = begin_plan(browser, world, label="Köket")
    begun = browser.post(f"{other}/own").headers["Location"]
    assert "You have begun a rating that belongs elsewhere." in browser.get(third).text
    told = browser.post(f"{third}/own").headers["Location"]
    assert "own=elsewhere" in told
    assert begun.rsplit("/", 1)[-1] in browser.get(third).text
    assert browser.post(f"{third}/own", {"take": rating}).headers["Location"].endswith("own=elsewhere")


# --- the report -------------------------------------------------------------------------------------------------------


def test_without_her_own_picture_the_report_asks_for_it_and_says_when_it_came_late(
    world: World, clock: OffsetClock
) -> None:
    course = world.course()
    browser = world.enter(course)
    _, path = reported(world, course, browser)
    page = unescape(browser.get(path).text)
    assert "Your own picture is missing." in page
    assert "Possible blind spots" not in page
    assert "leader-title" not in page
    assert "The group's answers resemble" in page
    clock.advance(timedelta(days=2))
    browser = world.enter(course, member=browser.member)
    own = browser.post(f"{path}/own").headers["Location"].removeprefix(browser.path)
    profile = browser.post(own, {**filled({"A": 5, "B": 4, "C": 2, "D": 1, "M": 3}), "action": "submit"}).headers[
        "Location"
    ]
    assert path in browser.get(profile.removeprefix(browser.path)).text
    page = text_of(browser.get(path).text)
    assert "You made your own picture after the measurement had closed." in page
    assert "Widest gap:" in page
    assert GM24.interpretation.gap_texts["D"].group_higher["en"] in page
    assert "A gap does not say who is right." in page


def test_the_picture_and_its_table_say_the_same_with_folded_ends(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    going_on = open_one(world, course, manager=browser.member, size=10)
    for word in going_on.words:
        going_on.answer(word, levels({"A": 1, "B": 3, "C": 4, "D": 5}))
    going_on.close()
    path = f"{MADE}{going_on.id}"
    browser.post(f"{path}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    page = unescape(browser.get(path).text)
    found = re.search(r'<script type="application/json">(.+?)</script>', page)
    assert found is not None
    group, you = json.loads(found[1])["series"]
    assert group["data"] == [10, 50, 75, 90]
    assert group["words"] == ["≤\u200910", "50", "75", "≥\u200990"]
    assert you["words"] == ["25", "≤\u200910", "75", "≥\u200990"]
    table = re.search(r"<table class=\"sv-table compact\">.*?</table>", page, re.DOTALL)
    assert table is not None
    told = text_of(table[0])
    assert "Orienting ≤ 10 25 at least +15 very strong a low number" in told
    assert "Testing 50 ≤ 10 at least −40" in told
    assert "Coordinating 75 75 0 very strong" in told
    assert "Collaborating ≥ 90 ≥ 90 0 very strong" in told
    assert "Statement by statement" in page


def test_with_fewer_than_eight_answers_nothing_is_said_of_agreement(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    _, path = reported(world, course, browser, 7)
    page = text_of(browser.get(path).text)
    assert "5–7 answers" in page
    assert "With fewer than eight answers nothing is said" in page
    assert "very strong." not in page
    assert "Statement by statement" not in page


def test_answers_in_camps_are_mixed_and_the_mean_is_said_to_say_little(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    going_on = open_one(world, course, manager=browser.member, size=8)
    for place, word in enumerate(going_on.words):
        going_on.answer(
            word, levels({"A": 5, "B": 1, "C": 1, "D": 1} if place % 2 else {"A": 1, "B": 1, "C": 5, "D": 5})
        )
    going_on.close()
    page = text_of(browser.get(f"{MADE}{going_on.id}").text)
    assert GM24.stages[-1].title["en"] in page
    assert "Orienting: none. The answers point in all directions." in page
    assert GM24.interpretation.discussion_questions["mixed"]["en"][0] in page


def test_the_same_sentence_for_no_answer_and_for_one_too_few(world: World) -> None:
    course = world.course()
    pages = []
    for number in (0, 4):
        browser = world.enter(course, name=f"Manager {number}")
        going_on = open_one(world, course, manager=browser.member)
        answered(going_on, number)
        with world.app.app_context(), world.core.units.writing() as unit:
            row = unit.session.get_one(Measurement, going_on.id)
            row.closes_on = row.opens_on - timedelta(days=1)
            unit.session.flush()
            closing.close_due()
        run_jobs(world)
        page = text_of(browser.get(f"{MADE}{going_on.id}").text)
        assert "The result is not shown" in page
        assert "Fewer than 5 people answered." in page
        assert "counts as made in the course" in page
        pages.append(page.replace(f"Manager {number}", "Manager"))
        for wanted in ("report.pdf", "report.json"):
            assert browser.get(f"{MADE}{going_on.id}/{wanted}").status_code == 404
        contribution = browser.post(f"{MADE}{going_on.id}/contribution", {"contribution": "x"})
        assert contribution.headers["Location"].endswith(str(going_on.id))
    assert pages[0] == pages[1]


def test_the_one_contribution_becomes_a_goal_or_a_habit_where_a_plugin_wants_it(make_app: Callable[..., Flask]) -> None:
    parts: dict[str, Any] = {"group_maturity": plugins.group_maturity, "wanting": wanting}
    world = World(make_app(plugins=parts))
    course = world.course()
    browser = world.enter(course)
    _, path = reported(world, course, browser)
    assert browser.post(f"{path}/contribution", {"contribution": "x"}).headers["Location"].endswith(path)
    browser.post(f"{path}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    wanting.offered.clear()
    said = {"contribution": "Hand over a decision.", "action": "save"}
    assert "saved=yes#leader" in browser.post(f"{path}/contribution", said).headers["Location"]
    assert "Hand over a decision.</textarea>" in browser.get(path).text
    habit = browser.post(f"{path}/contribution", {**said, "action": "habit"})
    assert habit.headers["Location"] == "/made-it"
    goal = browser.post(f"{path}/contribution", {**said, "action": "goal"})
    assert "saved=no_goals" in goal.headers["Location"]
    assert "There is nowhere in this course to make a goal of it" in browser.get(f"{path}?saved=no_goals").text
    assert [offer.title for offer in wanting.offered] == ["Hand over a decision."]
    empty = browser.post(f"{path}/contribution", {"contribution": " ", "action": "goal"})
    assert empty.status_code == 422
    assert "Write a sentence first" in empty.text


def test_where_the_group_was_asked_about_her_she_sees_both_pictures_of_herself(world: World) -> None:
    course = world.course(plugins={"group_maturity": {"ask_group_about_manager": True}})
    browser = world.enter(course)
    path = begin_plan(browser, world, size="10")
    assert "The group is also asked six statements about you." in browser.get(path).text
    browser.post(f"{path}/open")
    going_on = Open(world, course, browser.member, rows(world)[0].id, words_on(browser.get(f"{path}/codes").text))  # type: ignore[arg-type]
    about = dict.fromkeys(GM24.forms["group_about_manager"], 2)
    for word in going_on.words:
        assert going_on.answer(word, levels(COLLABORATING) | about).status_code == 200
    going_on.close()
    browser.post(f"{path}/own", {"take": submit(browser, COLLABORATING | {"M": 5}).rsplit("/", 1)[-1]})
    page = text_of(browser.get(path).text)
    assert "It is one person's feedback: use it for a conversation." in page
    assert "Own leader contribution" in page
    assert GM24.interpretation.gap_texts["M"].own_higher["en"] in page
    group = text_of(going_on.visit(going_on.words[0], "?lang=en").text)
    assert "The group's answers resemble" in group
    assert "Own leader contribution" not in group
    assert "contribution" not in group


# --- taking it along --------------------------------------------------------------------------------------------------


def test_the_json_holds_what_the_page_shows_and_the_notice(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    _, path = reported(world, course, browser)
    browser.post(f"{path}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    answer = browser.get(f"{path}/report.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="gruppmatning.json"'
    told = json.loads(answer.data)
    assert told["schema"] == "group_measurement/2"
    assert (told["instrument"], told["version"], told["sha256"]) == (GM24.key, GM24.version, GM24.sha256)
    assert told["notice"] == (GM24.validation.notice or {})["en"]
    assert (told["n_band"], told["stage"], told["own_stage"], told["wave"]) == ("8-12", "4", "4", 1)
    assert [one["scale"] for one in told["scales"]] == ["A", "B", "C", "D", "M"]
    assert told["scales"][2]["self"] == {"value": 75, "edge": None}
    assert told["scales"][4]["pomp_rounded"] is None
    assert str(8) not in {str(value) for value in told.values()}


def test_from_ten_answers_the_files_hold_every_statement_too(world: World) -> None:
    import io

    from pypdf import PdfReader

    course = world.course()
    browser = world.enter(course, locale="en")
    for number, told in ((9, 0), (10, 24)):
        _, path = reported(world, course, browser, number, size=12, label=f"Team {number}")
        statements = json.loads(browser.get(f"{path}/report.json").data)["statements"]
        assert len([one for one in statements if one["pomp_rounded"] is not None]) == told
        paper = PdfReader(io.BytesIO(browser.get(f"{path}/report.pdf").data))
        words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
        assert ("Statement by statement" in words) == bool(told)
        assert (GM24.items["D6"].text["en"] in words) == bool(told)


def test_the_pdf_is_tagged_in_her_language_and_holds_the_notice(world: World) -> None:
    import io

    from pypdf import PdfReader

    course = world.course()
    browser = world.enter(course, locale="sv")
    _, path = reported(world, course, browser)
    browser.post(f"{path}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    answer = browser.get(f"{path}/report.pdf")
    assert answer.mimetype == "application/pdf"
    paper = PdfReader(io.BytesIO(answer.data))
    root: Any = paper.trailer["/Root"]
    assert root["/Lang"] == "sv"
    assert root["/MarkInfo"]["/Marked"]
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "Dagteamet" in words
    assert "Det är inte GDQ eller något annat publicerat test" in words
    assert "Gruppens svar liknar Samverkan." in words
    assert "Möjliga blinda fläckar" in words


# --- the next wave ----------------------------------------------------------------------------------------------------


def test_the_second_wave_waits_adds_up_and_stands_beside_the_first(world: World, clock: OffsetClock) -> None:
    course = world.course()
    browser = world.enter(course)
    first, path = reported(world, course, browser, 8)
    assert "the same questions tell what has changed" in text_of(browser.get(path).text)
    form = browser.get(f"{path}/again").text
    assert 'value="Dagteamet"' in form
    assert "You were 8 the last time." in form
    wrong = browser.post(f"{path}/again", planned(world, size="9", joined="0", left="0"))
    assert wrong.status_code == 422
    assert "does not add up" in wrong.text
    assert browser.post(f"{path}/again", planned(world, size="")).status_code == 422
    again = browser.post(f"{path}/again", planned(world, joined="0", left="0")).headers["Location"]
    again = again.removeprefix(browser.path)
    assert browser.post(f"{path}/again", planned(world)).headers["Location"].endswith(path)
    assert browser.get(f"{path}/again").headers["Location"].endswith(path)
    assert "The group was asked lately." in browser.get(again).text
    assert browser.post(f"{again}/open").status_code == 422

    clock.advance(timedelta(days=91))
    browser = world.enter(course, member=browser.member)
    version = str(rows(world)[1].version)
    later = planned(world, joined="0", left="0", version=version)
    assert browser.post(f"{again}/change", later).status_code == 303
    browser.post(f"{again}/open")
    second = Open(world, course, first.manager, rows(world)[1].id, words_on(browser.get(f"{again}/codes").text))
    for word in second.words:
        second.answer(word, levels({"A": 4, "B": 1, "C": 4, "D": 5}))
    second.close()
    page = text_of(browser.get(again).text)
    assert "What has changed since" in page
    assert re.search(r"Orienting 3\d 75 higher|Orienting 25 75 higher", page)
    assert "as before" in page
    assert "The next wave is begun." in browser.get(path).text
    assert path in browser.get(again).text


def test_when_few_came_or_went_only_the_direction_is_told(world: World, clock: OffsetClock) -> None:
    course = world.course()
    browser = world.enter(course)
    first, path = reported(world, course, browser, 8)
    clock.advance(timedelta(days=91))
    browser = world.enter(course, member=browser.member)
    again = (
        browser.post(f"{path}/again", planned(world, joined="1", left="1"))
        .headers["Location"]
        .removeprefix(browser.path)
    )
    assert 'name="joined"' in browser.get(f"{again}/change").text
    browser.post(f"{again}/open")
    second = Open(world, course, first.manager, rows(world)[1].id, words_on(browser.get(f"{again}/codes").text))
    for word in second.words:
        second.answer(word, levels({"A": 4, "B": 1, "C": 4, "D": 5}))
    second.close()
    browser.post(f"{again}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    page = text_of(browser.get(again).text)
    assert "Which way the group has gone" in page
    assert "Why there are no numbers this time" in page
    assert "Orienting higher" in page
    assert "8–12" not in page
    assert "Possible blind spots" not in page
    assert 'data-chart="dots"' not in browser.get(again).text
    told = json.loads(browser.get(f"{again}/report.json").data)
    assert (told["numbered"], told["scales"][0]["pomp_rounded"], told["scales"][0]["change"]) == (False, None, "higher")
    assert browser.get(f"{again}/report.pdf").data[:5] == b"%PDF-"


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_another_manager_and_another_role_find_nothing(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    _, path = reported(world, course, browser)
    other = world.enter(course, name="Petra")
    for where in (
        "",
        "/codes",
        "/change",
        "/again",
        "/end",
        "/report.pdf",
        "/report.json",
        "/codes.pdf",
        "/conversation.pdf",
    ):
        assert other.get(path + where).status_code == 404
        assert world.enter(course, Role.COACH, "Amira").get(path + where).status_code == 403
    for where in ("/open", "/close", "/discard", "/own", "/share", "/unshare", "/contribution"):
        assert other.post(path + where, {"coach": str(uuid.uuid4())}).status_code == 404
    assert browser.post(f"{path}/share", {"coach": "nonsense"}).status_code == 404
    assert browser.post(f"{path}/share", {"coach": str(other.person.id)}).status_code == 404
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(SelfRating)) == 0
