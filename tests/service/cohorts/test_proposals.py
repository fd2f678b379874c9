"""One plugin's result becomes another's beginning, and the thread keeps them together."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask

from service.access import requires
from service.cohorts.models import ProposalLink
from service.contract import propose
from service.contract.records import Adopted, Proposal, TimelineEvent
from tests.service.cohorts.conftest import Trail
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import World

MakeApp = Callable[..., Flask]
SOURCE, TARGET = uuid.uuid4(), uuid.uuid4()


def offering() -> Any:
    """A plugin with a page that offers a goal."""

    def blueprint() -> Blueprint:
        pages = Blueprint("giver", __name__)

        def offer() -> str:
            adopted = propose("goal", "Decide without me", "giver", SOURCE)
            return str(adopted.ref) if adopted else "nobody"

        pages.add_url_rule("/", "today", requires("giver.use")(lambda: "page"))
        pages.add_url_rule("/offer", "offer", requires("giver.use")(offer), methods=["POST"])
        return pages

    def timeline(cohort: Any, member: Any) -> list[TimelineEvent]:
        return [TimelineEvent(date(2026, 1, 10), "Answers", "The source", "done", ref=SOURCE)]

    return plugin("giver", blueprint=blueprint, timeline=timeline)


def taking(asked: list[Proposal]) -> Any:
    """A plugin that makes every goal its own."""

    def adopt(cohort: Any, member: Any, proposal: Proposal) -> Adopted | None:
        asked.append(proposal)
        return Adopted("taker", TARGET, "taker.today") if proposal.kind == "goal" else None

    def timeline(cohort: Any, member: Any) -> list[TimelineEvent]:
        return [
            TimelineEvent(date(2026, 1, 20), "Habit", "In between", "part"),
            TimelineEvent(date(2026, 2, 1), "Goal", "The target", "part", ref=TARGET),
        ]

    return plugin("taker", adopt=adopt, timeline=timeline)


def links(world: World) -> list[ProposalLink]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(ProposalLink)))


def test_the_core_carries_a_proposal_and_keeps_the_link(make_app: MakeApp, trail: Trail) -> None:
    asked: list[Proposal] = []
    world = World(make_app(plugins=plugins(offering(), taking(asked))))
    course = world.course()
    manager, other = world.enter(course), world.enter(course, name="Eva Sundin")
    text = manager.get("/").text
    assert text.index("The source") < text.index("In between") < text.index("The target")
    assert manager.post("/giver/offer").text == str(TARGET)
    assert asked == [Proposal("goal", "Decide without me", "giver", SOURCE)]
    (link,) = links(world)
    assert (link.person_id, link.cohort_id) == (manager.person.id, course.cohort.id)
    assert (link.source_plugin, link.source_ref, link.target_plugin, link.target_ref) == (
        "giver",
        SOURCE,
        "taker",
        TARGET,
    )
    text = manager.get("/").text
    assert text.index("The source") < text.index("The target") < text.index("In between")
    text = other.get("/").text
    assert text.index("The source") < text.index("In between") < text.index("The target")
    assert trail(world, course) == [("proposal.adopt", "allow", "goal")]


def test_a_plugin_that_is_off_is_not_asked(make_app: MakeApp, trail: Trail) -> None:
    asked: list[Proposal] = []
    world = World(make_app(plugins=plugins(offering(), taking(asked))))
    course = world.course(plugins={"giver": {}})
    assert world.enter(course).post("/giver/offer").text == "nobody"
    assert (asked, links(world), trail(world, course)) == ([], [], [])


def test_what_fails_in_the_other_plugin_keeps_nothing(make_app: MakeApp) -> None:
    def adopt(cohort: Any, member: Any, proposal: Proposal) -> Adopted | None:
        raise RuntimeError("boom")

    world = World(make_app(plugins=plugins(offering(), plugin("taker", adopt=adopt))))
    assert world.enter(world.course()).post("/giver/offer").status_code == 500
    assert links(world) == []
