"""What those who answer see: the information first, the form, one sentence of thanks, the report when they may, else one page."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugins.group_maturity import instruments as instruments_folder
from plugins.group_maturity.jobs import close_due
from plugins.group_maturity.operations import instruments as library
from plugins.group_maturity.settings import GroupSettings
from service.guests.models import GuestPass
from tests.plugins.group_maturity.measuring import ABOUT, GM24, GROUP, levels, open_one, run_jobs
from tests.plugins.group_maturity.rating import submit
from tests.plugins.group_maturity.test_manager_flow import COLLABORATING, answered, text_of
from tests.support import BASE, OffsetClock, World

pytestmark = pytest.mark.once


NOTICE = GM24.validation.notice or {}


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_the_information_comes_first_in_the_language_that_is_chosen(world: World, locale: str) -> None:
    going_on = open_one(world, world.course(), languages=("sv", "en", "lv"), draft_languages=True)
    page = going_on.visit(going_on.words[0], f"?lang={locale}").text
    said = unescape(page)
    assert f'<html lang="{locale}"' in page
    assert NOTICE[locale] in said
    assert said.count("Karin Lindqvist") >= 2
    assert f'href="/g/{going_on.words[0]}/group_maturity/answer?lang={locale}"' in page
    for other in {"sv", "en", "lv"} - {locale}:
        assert f'lang="{other}" hreflang="{other}"' in page
    assert ("melnraksts" in said) == (locale == "lv")
    assert "Set-Cookie" not in going_on.visit(going_on.words[0]).headers


def test_a_browser_s_own_language_is_taken_where_the_measurement_has_it(world: World) -> None:
    going_on = open_one(world, world.course(), languages=("sv", "en"))
    client = world.app.test_client()
    where = f"/g/{going_on.words[0]}/group_maturity/"
    spoken = {
        wanted: client.get(where, base_url=BASE, headers={"Accept-Language": wanted}).text.split('<html lang="')[1][:2]
        for wanted in ("sv", "en-GB", "lv", "de")
    }
    assert spoken == {"sv": "sv", "en-GB": "en", "lv": "sv", "de": "sv"}
    assert '<html lang="sv"' in going_on.visit(going_on.words[0], "?lang=lv").text


def test_the_information_says_what_is_shown_to_whom_and_what_is_not_kept(world: World) -> None:
    going_on = open_one(world, world.course())
    page = text_of(going_on.visit(going_on.words[0], "?lang=en").text)
    for said in (
        "How are you doing in Dagteamet?", "24 statements, under five minutes. It is voluntary.", "if at least 5 answer",
        "You can read the same report on this link", "We keep no name, no address and no time",
        "the answers are destroyed", "If you would rather not answer, just close the page.", "for Organisation 1",
    ):  # fmt: skip
        assert said in page
    assert "about my manager" not in page


def test_where_the_platform_keeps_names_to_itself_it_is_the_manager_who_asks(world: World) -> None:
    course = world.course()
    going_on = open_one(world, course, manager=world.member(course, name=""))
    page = text_of(going_on.visit(going_on.words[0], "?lang=en").text)
    assert "Your manager wants to know how the group works" in page
    assert "They are read by your manager" in page
    assert "#" not in page
    form = text_of(going_on.visit(going_on.words[0], "answer?lang=en").text)
    assert "Means are shown to your manager, if at least 5 answer." in form


def test_the_form_is_one_page_without_script_that_asks_every_statement(world: World) -> None:
    going_on = open_one(world, world.course())
    page = unescape(going_on.visit(going_on.words[0], "answer?lang=en").text)
    places = [page.index(f"{GM24.items[name].text['en']}</legend>") for name in GROUP]
    assert places == sorted(places)
    assert page.count('type="radio"') == 24 * 6
    assert page.count("Cannot judge") == 24
    assert NOTICE["en"] in page
    assert "style=" not in page
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) == 1
    assert re.search(r'nonce="[^"]+" src="/static/keep.js"', scripts[0])
    assert "24 of 24" in page


def in_german(source: str) -> str:
    """The bundled instrument under another key, with German (which the service does not speak) for Latvian."""

    def renamed(part: Any) -> Any:
        if isinstance(part, dict):
            return {("de" if key == "lv" else key): renamed(value) for key, value in part.items()}
        return [renamed(one) for one in part] if isinstance(part, list) else part

    data = {**renamed(yaml.safe_load(source)), "key": "kommunen.grupp", "version": "1.0.0", "supersedes": None}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def test_statements_in_a_language_that_the_page_does_not_speak_are_marked_with_it(world: World) -> None:
    course = world.course()
    manager = world.member(course)
    source = (Path(instruments_folder.__file__).parent / f"{GM24.key}-{GM24.version}.yaml").read_text()
    with world.core.units.writing():
        library.upload(course.organisation.id, manager.person_id, in_german(source))
    going_on = open_one(
        world,
        course,
        manager=manager,
        languages=("de", "sv"),
        instrument=("kommunen.grupp", "1.0.0"),
        draft_languages=True,
    )
    page = going_on.visit(going_on.words[0], "answer?lang=de").text
    assert '<html lang="sv"' in page
    assert page.count('class="sv-q" id=') == 24
    assert len(re.findall(r'<fieldset class="sv-q" id="\w+" role="radiogroup" lang="de">', page)) == 24
    assert "lang=de" in page
    swedish = going_on.visit(going_on.words[0], "answer?lang=sv").text
    assert 'lang="de">' not in swedish.split("<main")[1]


def test_what_was_filled_in_stays_when_something_is_wrong(world: World) -> None:
    going_on = open_one(world, world.course())
    word = going_on.words[0]
    nothing = going_on.answer(word, dict.fromkeys(GROUP, "na"))
    assert nothing.status_code == 422
    assert nothing.text.count('value="na" checked') == 24
    wrong = going_on.answer(word, {**levels(COLLABORATING), "B2": "9"}, form="mine")
    assert wrong.status_code == 422
    assert wrong.text.count(" checked") == 23
    assert wrong.text.count('aria-invalid="true"') == 1
    assert 'href="#B2"' in wrong.text
    assert 'name="form" value="mine"' in wrong.text
    assert 'data-keep="shown"' in wrong.text
    strange = going_on.answer(word, {**levels(COLLABORATING), "Z9": "3"})
    assert strange.status_code == 422
    assert strange.text.count(" checked") == 24
    assert not going_on.row().enough
    assert going_on.visit(word).status_code == 200


def test_thanks_are_said_in_the_language_of_the_form_and_empty_the_tab(world: World) -> None:
    going_on = open_one(world, world.course())
    page = world.app.test_client().post(
        f"/g/{going_on.words[0]}/group_maturity/answer?lang=en", base_url=BASE,
        data={name: str(value) for name, value in levels(COLLABORATING).items()} | {"form": "x"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert page.status_code == 200
    assert "Your answers are sent. Nobody knows that they are yours" in page.text
    assert "data-kept-done" in page.text
    assert "you can read the report on the same link, for 90 days" in page.text


def test_used_expired_foreign_guessed_and_too_late_are_one_page(world: World, clock: OffsetClock) -> None:
    course = world.course()
    used, late = open_one(world, course), open_one(world, course, manager=world.member(course, name="Petra"))
    used.answer(used.words[0], levels(COLLABORATING))
    pages = {
        "used": used.visit(used.words[0]), "guessed": used.visit("abcd-efgh-jkmn-pqrs"),
        "used again": used.answer(used.words[0], levels(COLLABORATING)),
    }  # fmt: skip
    with world.core.units.writing() as unit:
        row = unit.session.query(GuestPass).filter_by(subject_id=late.id).first()
        assert row is not None
    clock.advance(timedelta(days=20))
    pages["too late"] = late.visit(late.words[0])
    pages["too late to answer"] = late.answer(late.words[0], levels(COLLABORATING))
    clock.advance(timedelta(days=200))
    pages["expired"] = late.visit(late.words[0])
    told = {re.sub(r"[0-9A-F]{8}", "", answer.text) for answer in pages.values()}
    assert {answer.status_code for answer in pages.values()} == {404}
    assert len(told) == 1


def test_before_its_day_the_link_says_when(world: World) -> None:
    course = world.course()
    tomorrow = world.core.units.clock.now().date() + timedelta(days=2)
    going_on = open_one(world, course, opens_on=tomorrow)
    page = text_of(going_on.visit(going_on.words[0], "?lang=en").text)
    assert "It opens" in page
    assert "Then you can answer on this same link" in page


def test_the_group_reads_the_same_report_without_the_manager_s_own_answers(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    going_on = open_one(world, course, manager=browser.member)
    answered(going_on, 8)
    going_on.close()
    browser.post(f"/group_maturity/measurements/{going_on.id}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    mine = text_of(browser.get(f"/group_maturity/measurements/{going_on.id}").text)
    page = going_on.visit(going_on.words[0], "?lang=en")
    theirs = text_of(page.text)
    assert "Your own picture resembles" in mine
    assert "own picture" not in theirs
    assert "Possible blind spots" not in theirs
    assert "Gap" not in theirs
    assert NOTICE["en"] in theirs
    for said in (
        "8–12 answers",
        GM24.interpretation.group_texts["4"]["en"],
        GM24.interpretation.discussion_questions["4"]["en"][0],
    ):
        assert said in mine
        assert said in theirs
    assert '"name": "you"' not in page.text
    assert going_on.visit(going_on.words[0], "answer").status_code == 404


def test_where_too_few_answered_the_group_reads_the_same_sentence(world: World, clock: OffsetClock) -> None:
    going_on = open_one(world, world.course())
    answered(going_on, 2)
    clock.advance(timedelta(days=16))
    with world.app.app_context():
        close_due()
    run_jobs(world)
    page = text_of(going_on.visit(going_on.words[5], "?lang=en").text)
    assert "Fewer than 5 people answered." in page
    assert NOTICE["en"] in page


def test_where_the_group_may_not_read_it_the_links_are_gone(world: World) -> None:
    going_on = open_one(world, world.course(), settings=GroupSettings(group_reads_report=False))
    assert "You can read the same report" not in going_on.visit(going_on.words[0], "?lang=en").text
    thanks = going_on.answer(going_on.words[0], levels(COLLABORATING))
    assert "90" not in text_of(thanks.text)
    for word in going_on.words[1:]:
        going_on.answer(word, levels(COLLABORATING))
    going_on.close()
    assert going_on.visit(going_on.words[0]).status_code == 404


def test_statements_about_the_manager_are_said_to_be_and_may_be_skipped(world: World) -> None:
    settings = GroupSettings(ask_group_about_manager=True)
    going_on = open_one(world, world.course(), settings=settings)
    information = text_of(going_on.visit(going_on.words[0], "?lang=en").text)
    assert "Why are some of them about my manager?" in information
    assert "30 statements" in information
    page = unescape(going_on.visit(going_on.words[0], "answer?lang=en").text)
    for name in ABOUT:
        other = GM24.items[name].text_other
        assert other is not None
        assert f"{other['en']}</legend>" in page
        assert f"{GM24.items[name].text['en']}</legend>" not in page
    assert "About your manager" in page
    assert going_on.answer(going_on.words[0], levels(COLLABORATING)).status_code == 200
