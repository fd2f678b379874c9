"""The service as a tool of Open edX: its own tokens, calls and choosing of content, against Open edX's own code."""

import html
import json
import re
import urllib.request
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.calculations import reviewed_week
from plugins.ledarsteg.operations import Owner, reviews
from plugins.ledarsteg.operations.reviews import Look
from service.access import Role
from service.audit import Actor
from service.cohorts import completion
from service.cohorts.models import Cohort, CohortPlugin, Launch, Member, Person
from service.jobs.models import Job, JobState
from service.jobs.work import perform
from service.lti import roster
from service.lti.item_models import PlacedItem
from service.lti.models import Platform
from service.lti.service_models import AccessToken, Delivery, DeliveryState
from service.lti.services import Services
from service.outbound import Outbound
from tests.functional.test_openedx_services import (
    LEARNER,
    LINE_ITEM_READ,
    LINE_ITEMS,
    MEMBERS,
    NRPS,
    ROSTER,
    SCORE,
    SCORES,
    chosen,
    endpoint,
    item,
    place_items,
    score,
)
from tests.live import Visitor, read_forms
from tests.openedx.running import OpenEdx, claims_of, path_of
from tests.support import parts

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]


@pytest.fixture
def services(openedx: OpenEdx) -> Services:
    core = parts(openedx.app)
    return Services(core.units, Outbound(core.settings))


def know_the_product(openedx: OpenEdx) -> None:
    """As `stegvis platform add --family openedx` would have registered it."""
    with parts(openedx.app).units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(family="openedx"))


def test_openedx_takes_the_services_token_and_it_is_asked_for_once(openedx: OpenEdx, services: Services) -> None:
    platform, said = openedx.the(Platform).id, endpoint(openedx)
    for _ in range(2):
        answer = services.call(platform, [LINE_ITEM_READ], "GET", said["lineitems"], accept=LINE_ITEMS)
        assert answer.status == 200
        assert [row["id"] for row in json.loads(answer.body)] == [said["lineitem"]]
    assert openedx.count(AccessToken) == 1


def test_the_services_score_reaches_the_gradebook_of_openedx(openedx: OpenEdx, services: Services) -> None:
    platform, said = openedx.the(Platform).id, endpoint(openedx)
    answer = services.call(
        platform, [SCORE], "POST", said["lineitem"] + "/scores", content_type=SCORES, body=json.dumps(score()).encode()
    )
    assert answer.status == 201
    assert openedx.left()["gradebook"] == {LEARNER: [1.0, 1.0, None]}


def test_the_service_reads_the_roster_of_openedx(openedx: OpenEdx, services: Services) -> None:
    service = claims_of(openedx.start("instructor").answer)[f"{NRPS}/claim/namesroleservice"]
    answer = services.call(
        openedx.the(Platform).id, [ROSTER], "GET", service["context_memberships_url"], accept=MEMBERS
    )
    assert answer.status == 200
    assert LEARNER in {row["user_id"] for row in json.loads(answer.body)["members"]}


def test_the_services_token_opens_no_more_than_it_was_asked_for(openedx: OpenEdx, services: Services) -> None:
    answer = services.call(openedx.the(Platform).id, [ROSTER], "GET", endpoint(openedx)["lineitems"], accept=LINE_ITEMS)
    assert answer.status == 403


def test_what_was_placed_in_openedx_opens_at_its_page(openedx: OpenEdx) -> None:
    """Open edX's login names the general launch address, and its token the item's."""
    know_the_product(openedx)
    assert place_items(openedx, "instructor", chosen(openedx, item(openedx))) == 200
    visitor = openedx.launch("learner")
    assert visitor.answer.status_code == 200, visitor.answer.text
    assert path_of(visitor.answer.url).startswith(f"/l/{openedx.the(Launch).id}/ledarsteg/")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/to/ledarsteg", "http://evil.example/to/ledarsteg"])
def test_what_was_placed_in_openedx_from_elsewhere_is_refused(openedx: OpenEdx, url: str) -> None:
    know_the_product(openedx)
    assert place_items(openedx, "instructor", chosen(openedx, item(openedx, url=url))) == 200
    assert openedx.launch("learner").answer.status_code == 401
    assert openedx.count(Launch) == 0


def test_of_a_product_that_is_not_known_login_and_token_must_name_the_same(openedx: OpenEdx) -> None:
    assert place_items(openedx, "instructor", chosen(openedx, item(openedx))) == 200
    assert openedx.launch("learner").answer.status_code == 401
    assert openedx.count(Launch) == 0


def choose(openedx: OpenEdx, *values: str) -> Visitor:
    """An author of Open edX who chooses these on the service's page, and whose browser carries the answer back."""
    visitor = openedx.launch("instructor", "choose")
    assert visitor.answer.status_code == 200, visitor.answer.text
    assert visitor.answer.url.endswith("/place")
    form = next(form for form in read_forms(visitor.answer.text) if form.action.endswith("/place"))
    fields = [("csrf_token", form.fields["csrf_token"])]
    fields += [pair for value in values for pair in (("item", value), (f"title.{value}", f"Vald: {value}"))]
    there = urljoin(visitor.answer.url, form.action)
    visitor._open(urllib.request.Request(there, data=urlencode(fields).encode()))
    back = next(form for form in read_forms(visitor.answer.text) if "JWT" in form.fields)
    assert back.action.startswith(openedx.issuer)
    visitor.post(back.action, back.fields)
    return visitor


def test_an_author_of_openedx_chooses_here_and_a_learner_opens_it(openedx: OpenEdx) -> None:
    know_the_product(openedx)
    assert choose(openedx, "ledarsteg.habits").answer.status_code == 200
    [kept] = openedx.left()["content"]
    row = openedx.the(PlacedItem)
    assert (kept["type"], kept["title"], kept["custom"]) == (
        "ltiResourceLink",
        "Vald: ledarsteg.habits",
        {"item": str(row.id)},
    )
    visitor = openedx.launch("learner")
    assert visitor.answer.status_code == 200, visitor.answer.text
    assert "/ledarsteg/" in path_of(visitor.answer.url)


def test_two_items_chosen_at_once_open_each_its_own_part(openedx: OpenEdx) -> None:
    know_the_product(openedx)
    assert choose(openedx, "ledarsteg.habits", "group_maturity.group_maturity").answer.status_code == 200
    assert len(openedx.left()["content"]) == 2
    visitor = openedx.start("learner")
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+/lti/login[^"]+)"', visitor.answer.text)]
    opened = []
    for link in links:
        visitor.get(link)
        visitor.follow_forms()
        opened.append(path_of(visitor.answer.url).split("/")[3])
    assert opened == ["ledarsteg", "group_maturity"]


def test_choosing_nothing_leaves_nothing_at_openedx(openedx: OpenEdx) -> None:
    visitor = openedx.launch("instructor", "choose")
    form = next(form for form in read_forms(visitor.answer.text) if form.action.endswith("/place"))
    visitor.post(urljoin(visitor.answer.url, f"{form.action}/back"), {"csrf_token": form.fields["csrf_token"]})
    back = next(form for form in read_forms(visitor.answer.text) if "JWT" in form.fields)
    assert visitor.post(back.action, back.fields).status_code == 200
    assert openedx.left()["content"] == []


def learner(openedx: OpenEdx) -> tuple[Cohort, Person]:
    with parts(openedx.app).units.reading() as unit:
        return unit.session.scalars(sa.select(Cohort)).one(), unit.session.scalars(
            sa.select(Person).where(Person.sub == LEARNER)
        ).one()


def complete_and_tell(openedx: OpenEdx) -> None:
    """The learner looks back on her week, the training department has completion told, and a worker does what is to be done."""
    cohort, person = learner(openedx)
    with parts(openedx.app).units.writing() as unit, openedx.app.app_context():
        unit.session.get_one(CohortPlugin, (cohort.id, "ledarsteg")).settings = {"reviews_asked": 1, "review_weeks": 1}
        owner = Owner(cohort.organisation_id, cohort.id, person.id, cohort.zone)
        reviews.write_review(owner, reviewed_week(owner.today()), Look("I asked first"), 0)
        completion.switch(cohort, "ledarsteg", True, Actor(cohort.organisation_id))
        completion.send_now(cohort, Actor(cohort.organisation_id))
    work(openedx)


def work(openedx: OpenEdx) -> None:
    """Does what waits, and what that decided on."""
    for _ in range(5):
        with parts(openedx.app).units.reading() as unit:
            waiting = list(unit.session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED)))
        for job_id in waiting:
            perform(openedx.app, job_id)


def scores_left(openedx: OpenEdx) -> list[tuple[Any, ...]]:
    return [(row["user"], row["given"], row["maximum"], row["comment"]) for row in openedx.left()["scores"]]


def test_a_completion_reaches_the_gradebook_of_openedx(openedx: OpenEdx) -> None:
    know_the_product(openedx)
    choose(openedx, "ledarsteg.habits")
    assert "/ledarsteg/" in path_of(openedx.launch("learner").answer.url)
    complete_and_tell(openedx)
    delivery = openedx.the(Delivery)
    assert (delivery.state, delivery.reason) == (DeliveryState.SENT, "")
    assert scores_left(openedx) == [(LEARNER, 1.0, 1.0, None)]
    assert openedx.left()["gradebook"] == {LEARNER: [1.0, 1.0, None]}


def test_a_completion_is_told_where_the_tool_makes_the_column(openedx: OpenEdx) -> None:
    """Whether Open edX publishes such a score depends on the column naming its activity (`resourceLinkId`)."""
    openedx.anew(ags_mode="programmatic")
    openedx.launch("learner")
    complete_and_tell(openedx)
    delivery = openedx.the(Delivery)
    assert (delivery.state, delivery.reason) == (DeliveryState.SENT, "")
    assert scores_left(openedx) == [(LEARNER, 1.0, 1.0, None)]
    assert [row["line_item"] for row in openedx.left()["scores"]] == ["Små steg"]


@pytest.mark.parametrize("names", [True, False])
def test_the_course_fills_itself_from_the_roster_of_openedx(openedx: OpenEdx, names: bool) -> None:
    openedx.anew(names=names)
    openedx.launch("instructor")
    core = parts(openedx.app)
    with openedx.app.app_context(), core.units.writing() as unit:
        roster.decide(unit.session.scalars(sa.select(Cohort)).one(), roster.By.ASKED)
    work(openedx)
    with core.units.reading() as unit:
        found = unit.session.execute(
            sa.select(Person.sub, Person.name, Member.role).join(Member, Member.person_id == Person.id)
        )
        members = {row.sub[-1]: (row.name, row.role) for row in found}
    # Whoever has launched keeps the name that the launch told.
    assert members == {
        "1": ("Astrid Lind" if names else "", Role.MANAGER),
        "2": ("Björn Ek", Role.COACH),
        "3": ("", Role.MANAGER),
    }
