"""The manager's pages: beginning, rating, bad input, and her own profile."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

import plugins.group_maturity
from plugins.group_maturity import operations
from plugins.group_maturity.forms import ContributionForm, answer_words
from plugins.group_maturity.models import Status
from service.contract import Conflict, Invalid
from tests.plugins.group_maturity import wanting
from tests.plugins.group_maturity.rating import GM24, NAMES, begin, filled, stored, submit
from tests.support import OffsetClock, World

pytestmark = pytest.mark.once


def kept(world: World) -> dict[str, int | None]:
    """The answers of the one rating there is."""
    (rating,) = stored(world)
    with world.core.units.reading():
        return operations.answers_of(rating)


def checked(page: str) -> dict[str, str]:
    """The chosen answers on a page."""
    return dict(re.findall(r'<input type="radio" name="(\w+)" value="(\w+)" checked>', page))


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_every_page_carries_the_notice_and_its_language(world: World, locale: str) -> None:
    browser = world.enter(world.course(), locale=locale)
    notice = (GM24.validation.notice or {})[locale]
    path = submit(browser)
    draft = begin(browser)
    for where in ("/group_maturity/", draft, f"{path}/profile"):
        page = browser.get(where)
        assert page.status_code == 200
        assert notice in unescape(page.text)
        assert f'<html lang="{locale}"' in page.text


def test_the_first_visit_says_what_it_is_and_the_one_thing_to_do(world: World) -> None:
    page = world.enter(world.course()).get("/group_maturity/")
    assert "Rate your group</button>" in page.text
    assert "Who sees this?" in page.text
    assert "Your ratings" not in page.text


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_the_form_asks_all_30_in_the_instruments_order(world: World, locale: str) -> None:
    browser = world.enter(world.course(), locale=locale)
    page = unescape(browser.get(begin(browser)).text)
    places = [page.index(f"{GM24.items[name].text[locale]}</legend>") for name in NAMES]
    assert places == sorted(places)
    assert page.count('role="radiogroup"') == 30
    assert page.count('type="radio"') == 30 * 6
    assert GM24.response_scale.not_applicable.labels[locale] in page
    assert "style=" not in page


def test_a_latvian_page_says_that_its_wording_is_a_draft(world: World) -> None:
    course = world.course()
    latvian, english = world.enter(course, locale="lv"), world.enter(course, locale="en")
    assert "melnraksts" in latvian.get(begin(latvian)).text
    assert "is a draft" not in english.get(begin(english)).text


def test_shared_first_words_are_read_aloud_only() -> None:
    assert answer_words(GM24, "sv") == ("Stämmer", ["inte alls", "dåligt", "delvis", "ganska bra", "helt"])
    assert answer_words(GM24, "en") == ("", list(GM24.response_scale.labels["en"]))


def test_a_draft_keeps_half_of_it_for_later(world: World) -> None:
    browser = world.enter(world.course())
    path = begin(browser)
    half = dict(list(filled().items())[:12]) | {"B3": "na"}
    answer = browser.post(path, {**half, "action": "draft"})
    assert answer.status_code == 303
    assert "12 of 30 statements are answered" in browser.get("/group_maturity/").text
    assert checked(browser.get(path).text) == half
    assert begin(browser) == path
    assert [rating.status for rating in stored(world)] == [Status.DRAFT]


def test_submitting_with_some_missing_names_them_and_keeps_the_rest(world: World) -> None:
    browser = world.enter(world.course())
    path = begin(browser)
    given = filled()
    del given["C2"], given["M6"]
    answer = browser.post(path, {**given, "action": "submit"})
    assert answer.status_code == 422
    assert "2 statements are still to be answered." in answer.text
    assert 'href="#C2"' in answer.text
    assert answer.text.count("This one is still unanswered.") == 2
    assert answer.text.count('aria-invalid="true"') == 2
    assert checked(answer.text) == given
    assert checked(browser.get(path).text) == given
    assert stored(world)[0].status is Status.DRAFT


def test_cannot_judge_is_an_answer(world: World) -> None:
    browser = world.enter(world.course())
    path = begin(browser)
    assert browser.post(path, {**dict.fromkeys(NAMES, "na"), "action": "submit"}).status_code == 303
    page = browser.get(f"{path}/profile")
    assert "Too little to name a stage" in page.text
    assert page.text.count("too little judged") == 4
    assert "Too little was judged to count together." in page.text
    assert "To talk about in the group" not in page.text


@pytest.mark.parametrize("action", ["draft", "submit"])
def test_an_answer_that_was_not_offered_is_refused_beside_its_statement(world: World, action: str) -> None:
    browser = world.enter(world.course())
    path = begin(browser)
    for value in ("0", "6", "-1", "3.5", "1e0", "None", "\0", "٣", "x" * 100_000):
        answer = browser.post(path, {**filled(), "D4": value, "action": action})
        assert answer.status_code == 422
        where = answer.text.index('id="D4"')
        assert "Choose one of the answers shown." in answer.text[where : answer.text.index("</fieldset>", where)]
        assert answer.text.count("Choose one of the answers shown.") == 1
    assert kept(world) == {}


def test_an_unknown_statement_is_refused_by_name(world: World) -> None:
    browser = world.enter(world.course())
    path = begin(browser)
    for name in ("A7", "Z1", "<b>", "a\0b", "M7" * 200):
        answer = browser.post(path, {**filled(), name: "3", "action": "submit"})
        assert answer.status_code == 422
        assert "does not belong to these statements" in answer.text
        assert "<b>." not in answer.text
        assert name[:40].replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert stored(world)[0].status is Status.DRAFT


def test_submitting_twice_is_one_rating_and_changes_nothing(world: World) -> None:
    browser = world.enter(world.course())
    path = submit(browser)
    before = stored(world)[0]
    again = browser.post(path, {**filled({"A": 5, "B": 5, "C": 1, "D": 1, "M": 1}), "action": "submit"})
    assert again.status_code == 303
    assert again.headers["Location"].endswith("/profile")
    assert browser.get(path).headers["Location"].endswith("/profile")
    after = stored(world)
    assert [rating.answers_sealed for rating in after] == [before.answers_sealed]


def test_a_draft_has_no_profile_and_no_contribution_yet(world: World) -> None:
    browser = world.enter(world.course())
    path = begin(browser)
    assert browser.get(f"{path}/profile").headers["Location"].endswith(path)
    assert browser.post(f"{path}/contribution", {"contribution": "x"}).headers["Location"].endswith(path)
    assert stored(world)[0].contribution_sealed is None


def test_the_profile_shows_picture_table_stage_and_questions(world: World) -> None:
    browser = world.enter(world.course())
    page = unescape(browser.get(f"{submit(browser)}/profile").text)
    assert "Your picture resembles <span>Collaborating</span>" in page
    assert "The limits between the stages are provisional." in page
    found = re.search(r'<script type="application/json">(.+?)</script>', page)
    assert found is not None
    chart = json.loads(found.group(1))
    assert chart["x"]["labels"] == ["Orienting", "Testing", "Coordinating", "Collaborating"]
    assert chart["series"][0]["data"] == [25, 0, 75, 100]
    for title, number in zip(chart["x"]["labels"], chart["series"][0]["data"], strict=True):
        assert f'<th scope="row">{title}</th><td class="num">{number}</td>' in page
    assert "Together: 88 of 100" in page
    assert "50 of 100, as you see it yourself." in page
    assert GM24.interpretation.stage_texts["4"]["en"] in page
    assert GM24.interpretation.discussion_questions["4"]["en"][2] in page
    assert page.count("Partly true") == 6
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_mixed_picture_is_said_to_be_mixed(world: World) -> None:
    browser = world.enter(world.course())
    page = browser.get(f"{submit(browser, {'A': 2, 'B': 2, 'C': 3, 'D': 5, 'M': 3})}/profile").text
    assert f"<span>{GM24.stages[-1].title['en']}</span>" in page
    assert "limits between the stages" not in page
    assert GM24.interpretation.discussion_questions["mixed"]["en"][0] in page


def test_each_rating_is_a_wave_with_its_day(world: World, clock: OffsetClock) -> None:
    browser = world.enter(world.course())
    first = submit(browser)
    clock.advance(timedelta(hours=1))
    second = submit(browser, {"A": 5, "B": 1, "C": 1, "D": 1, "M": 2})
    assert first != second
    start = browser.get("/group_maturity/").text
    assert start.index(second) < start.index(first)
    assert "Rate again" in start
    assert first in browser.get(f"{second}/profile").text
    assert "<span>Orienting</span>" in browser.get(f"{second}/profile").text
    assert "<span>Collaborating</span>" in browser.get(f"{first}/profile").text


def test_a_contribution_is_kept_as_one_line_and_can_be_taken_away(world: World) -> None:
    browser = world.enter(world.course())
    path = submit(browser)
    answer = browser.post(
        f"{path}/contribution", {"contribution": "  Hand over <one>\r\n decision a day. ", "action": "save"}
    )
    assert answer.status_code == 303
    page = browser.get(f"{path}/profile?saved=yes").text
    assert "Hand over &lt;one&gt; decision a day.</textarea>" in page
    assert "Saved." in page
    assert browser.post(f"{path}/contribution", {"contribution": " "}).status_code == 303
    assert stored(world)[0].contribution_sealed is None


@pytest.mark.parametrize("text", ["x" * 201, "x" * 100_000, "a\0b"])
def test_a_contribution_that_cannot_be_kept_is_refused_and_stays_on_the_page(world: World, text: str) -> None:
    browser = world.enter(world.course())
    path = submit(browser)
    answer = browser.post(f"{path}/contribution", {"contribution": text})
    assert answer.status_code == 422
    assert 'id="contribution-error"' in answer.text
    assert text in answer.text
    assert stored(world)[0].contribution_sealed is None


def test_half_a_surrogate_pair_is_refused_by_the_form_and_never_an_error(world: World) -> None:
    browser = world.enter(world.course())
    path = submit(browser)
    with browser.app.test_request_context(headers={"Accept-Language": "en"}):
        form = ContributionForm(data={"contribution": "a\ud800b"})
        assert form.validate() is False
        assert "cannot be saved" in str(form.contribution.errors[0])
    raw = f"csrf_token={browser.token}&contribution=a%ED%A0%80b".encode()
    answer = browser.client.post(
        f"{browser.path}{path}/contribution", data=raw, base_url="http://127.0.0.1:5055", headers=browser.headers,
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert answer.status_code in {303, 422}


def test_a_megabyte_is_too_much(world: World) -> None:
    browser = world.enter(world.course())
    answer = browser.post(f"{submit(browser)}/contribution", {"contribution": "x" * 1_100_000})
    assert answer.status_code == 413


def test_a_contribution_becomes_a_habit_where_a_plugin_wants_it(make_app: Callable[..., Flask]) -> None:
    parts: dict[str, Any] = {"group_maturity": plugins.group_maturity, "wanting": wanting}
    world = World(make_app(plugins=parts))
    browser = world.enter(world.course())
    path = submit(browser)
    wanting.offered.clear()
    empty = browser.post(f"{path}/contribution", {"contribution": " ", "action": "habit"})
    assert empty.status_code == 422
    assert "Write a sentence first" in empty.text
    answer = browser.post(f"{path}/contribution", {"contribution": "Hand over a decision.", "action": "habit"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/made-it")
    proposal = wanting.offered[0]
    assert (proposal.kind, proposal.title, proposal.source) == ("habit", "Hand over a decision.", "group_maturity")
    assert proposal.source_ref == stored(world)[0].id
    assert len(wanting.offered) == 1


def test_where_no_plugin_wants_it_the_sentence_is_kept_and_that_is_said(world: World) -> None:
    browser = world.enter(world.course())
    path = submit(browser)
    answer = browser.post(f"{path}/contribution", {"contribution": "Hand over a decision.", "action": "habit"})
    assert "saved=no_habits" in answer.headers["Location"]
    page = browser.get(f"{path}/profile?saved=no_habits").text
    assert "The habits are not on in this course" in page
    assert "Hand over a decision." in page


def test_operations_refuse_by_themselves(world: World) -> None:
    course = world.course()
    member = world.member(course)
    with world.core.units.writing():
        rating = operations.begin(course.cohort, member.person_id)
        complete: dict[str, int | None] = dict.fromkeys(NAMES, 3)
        for wrong in ({"A1": 0}, {"A1": 6}, {"A1": True}, {"A1": "3"}, {"Q1": 3}):
            with pytest.raises(Invalid) as refused:
                operations.save(rating, {**complete, **wrong})  # type: ignore[dict-item]
            assert refused.value.fields.keys() == wrong.keys()
        with pytest.raises(Invalid) as refused:
            operations.submit(rating, {"A1": 3})
        assert refused.value.fields.keys() == set(NAMES) - {"A1"}
        with pytest.raises(Invalid, match="contribution"):
            operations.write_contribution(rating, "x" * 201)
        assert operations.retest_on(rating, 90, "Europe/Stockholm") is None
        operations.submit(rating, complete)
        with pytest.raises(Conflict):
            operations.save(rating, complete)


def test_what_is_not_there_is_not_found(world: World) -> None:
    browser = world.enter(world.course())
    nothing = f"/group_maturity/ratings/{uuid.uuid4()}"
    assert [browser.get(nothing).status_code, browser.get(f"{nothing}/profile").status_code] == [404, 404]
    assert [browser.post(nothing).status_code, browser.post(f"{nothing}/contribution").status_code] == [404, 404]
