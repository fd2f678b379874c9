"""A coach's dashboard: what was chosen stands in the address, and the rows are those that somebody else would count out."""

import itertools
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask

from bench.coach import fill
from bench.ledarsteg_year import Place
from bench.place import counted
from service.access import Role
from service.cohorts.board import curve
from service.cohorts.models import Member
from service.contract.reports import (
    Attention,
    Cell,
    CohortReport,
    Column,
    Filter,
    Later,
    TermMark,
)
from tests.plugins.handledning.support import START, pair
from tests.service.cohorts.fakes import plugin, plugins
from tests.service.cohorts.test_dashboard import rows
from tests.support import Browser, OffsetClock, World

MakeApp = Callable[..., Flask]
MANY = 31


@dataclass
class Made:
    """What is made up about one manager."""

    name: str
    mine: bool
    begun: bool
    number: int | None
    word: str
    weights: list[float]


def made_up(seed: int) -> list[Made]:
    chance = random.Random(seed)
    names = [f"Chef {number:02d}" for number in range(MANY)]
    return [
        Made(
            name, chance.random() < 0.5, chance.random() < 0.5, chance.choice([None, 0, 1, 2, 30]),
            chance.choice(["Alfa", "beta", "Gamma"]), [float(chance.randint(1, 3)) for _ in range(chance.choice([0, 0, 1, 2]))],
        )
        for name in names
    ]  # fmt: skip


def reporting(made: Sequence[Made]) -> Any:
    by_name = {one.name: one for one in made}

    def report(cohort: Any, members: Sequence[Any], audience: Role) -> CohortReport:
        del cohort, audience
        of = {member.id: by_name[member.person.name] for member in members}

        def cells(member_id: Any) -> dict[str, Cell]:
            one = of[member_id]
            return {"number": Cell(one.number, str(one.number)), "word": Cell(one.word, one.word)}

        persons = {member.person.name: member.person_id for member in members}
        return CohortReport(
            columns=[Column("number", "Number", "number"), Column("word", "Word", minor=True)],
            cells=Later(of, cells),
            attention=[Attention(key, "Because", weight=w) for key, one in of.items() for w in one.weights],
            filters=[Filter("mine", "Mine", {persons[one.name] for one in made if one.mine})],
            begun={persons[one.name] for one in made if one.begun},
        )

    return plugin("one", cohort_report=report)


KEEP: dict[str, Callable[[Made], bool]] = {
    "needs": lambda one: bool(one.weights), "one.mine": lambda one: one.mine, "new": lambda one: not one.begun,
}  # fmt: skip


def expected(made: Sequence[Made], show: Sequence[str], sort: str, order: str) -> list[str]:
    """The names in order, worked out in the plainest way."""
    kept = [one for one in made if all(KEEP[key](one) for key in show)]
    backwards = order == "desc"
    if sort == "name":
        kept.sort(key=lambda one: one.name, reverse=backwards)
    elif sort == "need":
        kept.sort(key=lambda one: (-max(one.weights, default=0), -len(one.weights), one.name))
        if backwards:
            kept.reverse()
    else:
        value = (lambda one: one.number) if sort == "one.number" else (lambda one: one.word.casefold())
        there = sorted((one for one in kept if value(one) is not None), key=value, reverse=backwards)
        kept = there + [one for one in kept if value(one) is None]
    return [one.name for one in kept]


def test_every_choice_gives_the_rows_that_a_plain_count_gives(make_app: MakeApp) -> None:
    made = made_up(7)
    world = World(make_app(plugins=plugins(reporting(made))))
    coach = cohort(world, made)
    shows = [show for size in range(4) for show in itertools.combinations(KEEP, size)]
    for show, sort, order in itertools.product(shows, ("need", "name", "one.number", "one.word"), ("asc", "desc")):
        asked = [*(("show", key) for key in show), ("sort", sort), ("order", order), ("page", "all")]
        text = coach.get(f"/cohort?{urlencode(asked)}").text
        assert rows(text) == expected(made, show, sort, order), asked
        left = [
            int(number) for number in re.findall(r'<li><a href="[^"]*"[^>]*>(?:Needs you|Mine|Not started) (\d+)', text)
        ]
        assert left == [len(expected(made, {*show, key}, "name", "")) for key in KEEP], asked


def cohort(world: World, made: Sequence[Made]) -> Browser:
    course = world.course()
    for one in made:
        world.member(course, Role.MANAGER, one.name)
    return world.enter(course, Role.COACH, "Amira Haddad")


def test_pages_hold_everybody_once_and_links_keep_what_was_chosen(make_app: MakeApp) -> None:
    made = made_up(3)
    world = World(make_app(plugins=plugins(reporting(made))))
    coach = cohort(world, made)
    first = coach.get("/cohort?sort=name&order=desc&q=chef").text
    names = [one.name for one in reversed(made)]
    assert rows(first) == names[:25]
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link is not None
    address = link.group(1).replace("&amp;", "&")
    assert {"sort=name", "order=desc", "q=chef", "page=2"} == set(address.partition("?")[2].split("&"))
    assert rows(coach.get(address.removeprefix(coach.path)).text) == names[25:]
    assert rows(coach.get("/cohort?sort=name&order=desc&page=all").text) == names


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("page=99", 6), ("page=-1", 25), ("page=%C2%B2", 25), ("page=99999999999999999999", 25), ("show=nothing", 25),
        ("sort=one.nothing", 25), ("sort=one", 25), ("order=sideways", 25), ("q=" + "x" * 300, 0), ("q=%00", 0),
        ("q=chef+03", 1), ("show=one.mine&show=one.mine", None),
    ],
)  # fmt: skip
def test_a_wrong_address_gets_a_sensible_page(make_app: MakeApp, asked: str, number: int | None) -> None:
    made = made_up(3)
    coach = cohort(World(make_app(plugins=plugins(reporting(made)))), made)
    answer = coach.get(f"/cohort?{asked}")
    assert answer.status_code == 200
    found = rows(answer.text)
    assert len(found) == (sum(one.mine for one in made) if number is None else number)
    if not found:
        assert "Nobody here by that choice" in answer.text


def test_a_remark_needs_nothing_and_who_rests_stands_last(make_app: MakeApp) -> None:
    def report(cohort: Any, members: Sequence[Any]) -> CohortReport:
        del cohort
        ids = {member.person.name: member.id for member in members}
        return CohortReport(attention=[
            Attention(ids["Anna"], "Rests", "since May", 0, "pause"), Attention(ids["Eva"], "Next session in 2 days", weight=0, mark=""),
        ])  # fmt: skip

    world = World(make_app(plugins=plugins(plugin("one", cohort_report=report))))
    course = world.course()
    for name in ("Anna", "Eva"):
        world.member(course, Role.MANAGER, name)
    text = world.enter(course, Role.COACH, "Amira Haddad").get("/cohort").text
    assert "Nobody needs you right now" in text
    assert rows(text) == ["Eva", "Anna"]
    assert (
        text.index("Going well</th>")
        < text.index("Next session in 2 days")
        < text.index("Paused</th>")
        < text.index("Rests")
    )


def test_what_fails_later_leaves_the_rest_too(make_app: MakeApp) -> None:
    def late(member_id: Any) -> Any:
        raise RuntimeError("boom")

    def bad(cohort: Any, members: Sequence[Any]) -> CohortReport:
        del cohort
        return CohortReport([Column("late", "Half a column")], Later([member.id for member in members], late))

    def details(shown: Sequence[Any]) -> CohortReport:
        return CohortReport(
            cells={one.id: {"c": Cell(1, "in detail", line=(0.1, 0.5), path="somewhere")} for one in shown},
            marks=[TermMark(one.id, date(2026, 11, 3), "met", "disc") for one in shown],
        )

    def good(cohort: Any, members: Sequence[Any]) -> CohortReport:
        del cohort
        cells = {member.id: {"c": Cell(1, "all is well")} for member in members}
        return CohortReport([Column("c", "Good column")], cells, details=details)

    shown = plugins(plugin("bad", cohort_report=bad, title="The bad part"), plugin("good", cohort_report=good))
    world = World(make_app(plugins=shown))
    course = world.course()
    world.member(course, Role.MANAGER, "Anna")
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    for asked in ("", "?sort=bad.late"):
        text = coach.get(f"/cohort{asked}").text
        assert text.count("The bad part cannot be shown just now.") == 1
        assert "Half a column" not in text
        assert f'<a href="{coach.path}/good/somewhere"><bdi>Anna</bdi></a>' in text
        assert "in detail" in text
        assert 'd="M2.0 16.4 L62.0 10.0"' in text
        assert '<th scope="row">Anna</th><td class="num">Nov 3</td>' in text
    assert curve([0.5]) == ""


def test_statements_are_as_many_for_sixty_managers_as_for_ten(make_app: MakeApp, clock: OffsetClock) -> None:
    clock.put(datetime(2026, 11, 24, 7, 30, tzinfo=UTC))
    app = make_app()
    world = World(app)
    numbers, weights = [], []
    for managers in (10, 60):
        course = world.course()
        coach = fill(Place(app, world, course, world.core.settings), course, managers)
        coach.get("/cohort")  # the first event of an organisation also begins its chain
        with counted(world.core.units.engine) as seen:
            answer = coach.get("/cohort")
        assert "cannot be shown" not in answer.text
        assert len(rows(answer.text)) == 0  # every name is a link
        numbers.append(len(seen))
        weights.append(len(answer.data))
    assert numbers[0] == numbers[1]
    assert weights[1] < 160_000


def test_another_coach_sees_participation_and_nothing_of_an_engagement(world: World, clock: OffsetClock) -> None:
    two = pair(world)
    two.talk(due=(START + timedelta(days=30)).date())
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).values(first_seen_at=START))
    clock.put(START + timedelta(days=40))
    own = two.enter(two.coach_member).get("/cohort").text
    other = world.enter(two.course, Role.COACH, "Henrik Dahlgren").get("/cohort").text
    of_the_two = (
        "Homework late",
        "building trust",
        "Since contact",
        f"/engagements/{two.engagement.id}",
        "session held",
    )
    for words in of_the_two:
        assert words in own
        assert words not in other
    assert "Your own managers 1" in own
    assert "Your own managers 0" in other
    assert "1 of 3 to 5" in other
    training = world.enter(two.course, Role.TRAINING, "Johan Ekström").get("/cohort").text
    assert all(words not in training for words in (*of_the_two, "Karin Lindqvist"))
    looked = two.enter(two.manager_member).get("/audit").text
    assert looked.count("The list of the course") == 2, looked
    assert "Henrik Dahlgren" in looked
