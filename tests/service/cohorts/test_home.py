"""A member's own page: drawn from what the plugins answer, whatever becomes of one of them."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from service.access import Role
from service.cohorts.models import Launch, ProposalLink
from service.contract import NavItem, hook
from service.contract.records import Card, Place, TimelineEvent
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Browser, OffsetClock, World

MakeApp = Callable[..., Flask]


def broken(**_arguments: Any) -> Any:
    raise RuntimeError("boom")


def cards(*shown: Card) -> Callable[..., Any]:
    return lambda cohort, member: list(shown)


def test_cards_stand_where_they_belong(make_app: MakeApp) -> None:
    one = plugin(
        "one", templates={"a.html": "<h2>{{ what }}</h2>"},
        home_cards=cards(
            Card("one/a.html", {"what": "below"}, Place.BELOW), Card("one/a.html", {"what": "side"}, Place.SIDE),
            Card("one/a.html", {"what": "main & more", "heading": "Two steps left today"}),
        ),
    )  # fmt: skip
    world = World(make_app(plugins=plugins(one)))
    text = world.enter(world.course()).get("/").text
    assert "<h1>Two steps left today</h1>" in text
    order = [text.index(f"<h2>{what}</h2>") for what in ("main &amp; more", "side", "below")]
    assert order == sorted(order)
    assert text.index("<aside") < order[1] < text.index("</aside>") < order[2]


def test_the_day_is_the_persons_own(make_app: MakeApp, clock: OffsetClock) -> None:
    clock.put(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    world = World(make_app(plugins={}))
    text = world.enter(world.course()).get("/").text
    assert re.search(r'<p class="muted small">(.*?)</p>', text).group(1) == "Tuesday, November 24, week 48"  # type: ignore[union-attr]


def test_an_empty_page_says_what_to_expect(make_app: MakeApp) -> None:
    world = World(make_app(plugins={}))
    text = world.enter(world.course()).get("/").text
    assert "<h1>Today</h1>" in text
    assert "Nothing is switched on here yet" in text
    assert "Your coach sees that you take part" in text


def lazily(**_arguments: Any) -> Any:
    yield Card("good/a.html", {})
    raise RuntimeError("boom")


@pytest.mark.parametrize(
    "bad",
    [
        {"home_cards": broken},
        {"home_cards": lambda cohort, member: None},
        {"home_cards": lambda cohort, member: lazily()},
        {"home_cards": cards(Card("bad/absent.html", {}))},
        {"home_cards": cards(Card("bad/raises.html", {}, Place.SIDE))},
        {"home_cards": lambda cohort, member: ["not a card"]},
        {"timeline": broken},
        {"timeline": lambda cohort, member: ["not an event"]},
    ],
    ids=[
        "raises",
        "none",
        "half",
        "no-template",
        "template-raises",
        "wrong-kind",
        "timeline-raises",
        "timeline-wrong-kind",
    ],
)
def test_a_failing_plugin_costs_its_own_part_alone(make_app: MakeApp, bad: dict[str, Any]) -> None:
    good = plugin("good", templates={"a.html": "<p>all is well</p>"}, home_cards=cards(Card("good/a.html", {})))
    failing = plugin("bad", templates={"raises.html": "{{ 1 // 0 }}"}, title="The bad part", **bad)
    world = World(make_app(plugins=plugins(failing, good)))
    answer = world.enter(world.course()).get("/")
    assert answer.status_code == 200
    assert "<p>all is well</p>" in answer.text
    assert answer.text.count("The bad part cannot be shown just now.") == 1
    assert re.search(r'sv-id-small">[0-9A-Fa-f]{8}<', answer.text)
    assert "boom" not in answer.text


def event(at: date, title: str, state: str = "done", **values: Any) -> TimelineEvent:
    return TimelineEvent(at, "Habit", title, state, **values)


def test_the_thread_needs_two_events(make_app: MakeApp) -> None:
    told = [event(date(2026, 2, 1), "first")]
    world = World(make_app(plugins=plugins(plugin("one", timeline=lambda cohort, member: told))))
    inside = world.enter(world.course())
    assert "sv-thread" not in inside.get("/").text
    told.append(event(date(2026, 1, 1), "<b>earlier</b>", "part", url="/somewhere"))
    text = inside.get("/").text
    assert text.index("&lt;b&gt;earlier&lt;/b&gt;") < text.index("first")
    assert "<b>earlier" not in text


def test_the_thread_is_of_the_latest_and_keeps_what_is_going_on(make_app: MakeApp) -> None:
    told = [event(date(2025, 1, 1), "going on for long", "part"), event(date(2025, 2, 1), "over for long")]
    told += [event(date(2026, 1, day), f"day {day}") for day in range(1, 8)]
    world = World(make_app(plugins=plugins(plugin("one", timeline=lambda cohort, member: told))))
    text = world.enter(world.course()).get("/").text
    assert "over for long" not in text
    assert text.index("going on for long") < text.index("day 1") < text.index("day 7")


def test_plugins_may_read_person_and_cohort_from_the_member(make_app: MakeApp) -> None:
    def home_cards(cohort: Any, member: Any) -> list[Card]:
        return [Card("one/a.html", {"who": member.person.name, "where": member.cohort.title})]

    one = plugin("one", templates={"a.html": "{{ who }} in {{ where }}"}, home_cards=home_cards)
    world = World(make_app(plugins=plugins(one)))
    assert "Karin Lindqvist in Enhetschefer 2026" in world.enter(world.course()).get("/").text


@pytest.mark.parametrize(("role", "target"), [(Role.COACH, "/cohort"), (Role.TRAINING, "/switches")])
def test_others_go_to_their_own_first_page(make_app: MakeApp, role: Role, target: str) -> None:
    world = World(make_app(plugins={}))
    inside = world.enter(world.course(), role)
    answer = inside.get("/")
    assert answer.status_code == 303
    assert answer.location == inside.path + target


def test_without_a_role_there_is_no_page(make_app: MakeApp) -> None:
    world = World(make_app(plugins={}))
    answer = world.enter(world.course(), Role.NONE).get("/")
    assert answer.status_code == 403
    assert "E-NOROLE" in answer.text


def without_course(world: World, inside: Browser) -> None:
    with world.core.units.writing() as unit:
        launch = unit.session.get_one(Launch, inside.launch_id)
        launch.cohort_id = launch.member_id = None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH, Role.TRAINING, Role.NONE])
def test_without_a_course_the_page_says_where_to_open_it(make_app: MakeApp, role: Role) -> None:
    world = World(make_app(plugins={}))
    inside = world.enter(world.course(), role)
    without_course(world, inside)
    answer = inside.get("/")
    assert answer.status_code == 200
    assert "Open me from a course" in answer.text


def test_the_whole_thread_stands_term_by_term_and_says_what_grew_out_of_what(make_app: MakeApp) -> None:
    root, child = uuid.uuid4(), uuid.uuid4()
    told = [event(date(2026, 1, day), f"day {day}") for day in range(1, 10)]
    told += [event(date(2025, 10, 1), "a result", ref=root), event(date(2026, 2, 1), "a habit", "part", ref=child)]
    told += [event(date(2026, 8, 1), "again", "later")]
    world = World(make_app(plugins=plugins(plugin("one", timeline=lambda cohort, member: told))))
    course = world.course()
    inside = world.enter(course)
    link = ProposalLink(
        cohort_id=course.cohort.id, person_id=inside.person.id, source_plugin="one", source_ref=root, target_plugin="one",
        target_ref=child, at=world.core.units.clock.now(),
    )  # fmt: skip
    with world.core.units.writing() as unit:
        unit.session.add(link)
    assert "The whole thread, 12 points" in inside.get("/").text
    text = inside.get("/thread").text
    assert re.findall(r'<h2 id="term-\d"[^>]*>(.*?)</h2>', text) == [
        "Autumn term 2026", "Spring term 2026", "Autumn term 2025",
    ]  # fmt: skip
    assert text.count("<li") - text.count("</nav>") >= len(told)
    assert "Habit, Feb 1, out of: a result" in text
    told.clear()
    assert "Nothing here yet" in inside.get("/thread").text
    assert world.enter(course, Role.COACH).get("/thread").status_code == 403


def test_home_links_to_the_pages_that_show_how_it_goes(make_app: MakeApp) -> None:
    module = plugin("one")
    manifest = module.manifest()
    links = (
        NavItem("today", "Strength", frozenset({Role.MANAGER})),
        NavItem("today", "Not hers", frozenset({Role.COACH})),
    )
    module.manifest = hook(lambda: replace(manifest, shortcuts=links))
    module.manifest.__name__ = "manifest"
    inside = World(make_app(plugins=plugins(module)))
    text = (browser := inside.enter(inside.course())).get("/").text
    assert f'<a href="{browser.path}/one/">Strength</a>' in text
    assert "Not hers" not in text
