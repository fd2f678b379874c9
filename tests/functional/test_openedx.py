"""Open edX, whose code is none of ours, launches into the running service from its login on."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from service.access import Role
from service.cohorts.models import Cohort, Launch, Member, Person
from service.lti.models import UsedNonce
from tests.live import TIMEOUT, Visitor, read_forms
from tests.openedx.running import COURSE, TITLE, OpenEdx
from tests.support import OffsetClock

pytestmark = [pytest.mark.process, pytest.mark.timeout(900)]


def test_openedx_begins_with_a_login_of_its_own_making(openedx: OpenEdx) -> None:
    answer = requests.get(f"{openedx.issuer}/start?who=learner", allow_redirects=False, timeout=TIMEOUT)
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Location"].startswith(f"{openedx.base_url}/lti/login?")
    assert asked["iss"] == [openedx.issuer]
    assert asked["lti_deployment_id"] == ["1"]


def test_a_learner_of_openedx_lands_on_her_own_page(openedx: OpenEdx) -> None:
    visitor = openedx.launch("learner")
    launch, member, person, cohort = (openedx.the(model) for model in (Launch, Member, Person, Cohort))
    assert visitor.answer.status_code == 200
    assert urlsplit(visitor.answer.url).path == f"/l/{launch.id}/"
    assert TITLE in visitor.answer.text
    assert (member.role, launch.role, launch.in_frame) == (Role.MANAGER, Role.MANAGER, True)
    assert (person.sub, person.name) == ("0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c01", "Astrid Lind")
    assert (cohort.context_id, cohort.title) == (COURSE, TITLE)
    assert openedx.count(UsedNonce) == 1


def test_an_instructor_of_openedx_coaches(openedx: OpenEdx) -> None:
    visitor = openedx.launch("instructor")
    launch = openedx.the(Launch)
    assert visitor.answer.status_code == 200
    assert urlsplit(visitor.answer.url).path.startswith(f"/l/{launch.id}/")
    assert openedx.the(Member).role is Role.COACH
    assert visitor.get(f"{openedx.base_url}/l/{launch.id}/cohort").status_code == 200
    assert visitor.get(f"{openedx.base_url}/l/{launch.id}/switches").status_code == 403


def test_two_people_of_one_course_share_its_cohort(openedx: OpenEdx) -> None:
    openedx.launch("learner")
    nameless = openedx.launch("nameless")
    assert nameless.answer.status_code == 200
    assert (openedx.count(Cohort), openedx.count(Person), openedx.count(Launch)) == (1, 2, 2)


def test_opening_it_again_makes_a_new_launch_of_the_same_person(openedx: OpenEdx) -> None:
    visitor = openedx.launch("learner")
    visitor.get(f"{openedx.issuer}/start?who=learner")
    visitor.follow_forms()
    assert (openedx.count(Person), openedx.count(Member), openedx.count(Launch), openedx.count(UsedNonce)) == (
        1,
        1,
        2,
        2,
    )


def _with_a_flipped_signature(fields: dict[str, str]) -> dict[str, str]:
    head, payload, signature = fields["id_token"].split(".")
    return {**fields, "id_token": ".".join((head, payload, ("A" if signature[0] != "A" else "B") + signature[1:]))}


def _with_anothers_claims(fields: dict[str, str]) -> dict[str, str]:
    head, payload, signature = fields["id_token"].split(".")
    return {**fields, "id_token": ".".join((head, payload[:-8] + "AAAAAAAA", signature))}


def _with_a_changed_state(fields: dict[str, str]) -> dict[str, str]:
    return {**fields, "state": fields["state"][:-4] + "AAAA"}


def _without_state(fields: dict[str, str]) -> dict[str, str]:
    return {"id_token": fields["id_token"]}


@pytest.mark.parametrize(
    "tamper", [_with_a_flipped_signature, _with_anothers_claims, _with_a_changed_state, _without_state]
)
def test_what_was_changed_on_the_way_from_openedx_is_refused(
    openedx: OpenEdx, tamper: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    visitor = openedx.start("learner")
    assert visitor.carries_a_token()
    form = visitor.form
    visitor.post(form.action, tamper(form.fields))
    assert visitor.answer.status_code in (400, 401)
    assert "E-LAUNCH" in visitor.answer.text or "E-MALFORMED" in visitor.answer.text
    assert (openedx.count(Launch), openedx.count(Person), openedx.count(Cohort)) == (0, 0, 0)


def test_a_token_of_openedx_opens_once(openedx: OpenEdx) -> None:
    visitor = openedx.start("learner")
    form = visitor.form
    assert visitor.post(form.action, form.fields).status_code == 200
    assert visitor.post(form.action, form.fields).status_code in (400, 401)
    assert openedx.count(Launch) == 1


def test_another_browser_cannot_use_a_token_of_openedx(openedx: OpenEdx) -> None:
    form = openedx.start("learner").form
    thief = Visitor()
    assert thief.post(form.action, form.fields).status_code in (400, 401)
    assert openedx.count(Launch) == 0


def test_openedx_refuses_a_return_address_that_is_not_the_tools(openedx: OpenEdx) -> None:
    """Open edX's own check runs: what the tool sends passes it, anything else does not."""
    visitor = openedx.start("learner")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(visitor.answer.url).query).items()}
    assert visitor.post(f"{openedx.issuer}/auth", asked).status_code == 200
    refused = visitor.post(f"{openedx.issuer}/auth", {**asked, "redirect_uri": "http://127.0.0.1:1/elsewhere"})
    assert refused.status_code == 400
    assert read_forms(refused.text) == []


def test_a_token_of_openedx_that_came_too_late_is_refused(openedx: OpenEdx, clock: OffsetClock) -> None:
    visitor = openedx.start("learner")
    form = visitor.form
    clock.advance(timedelta(hours=2))
    assert visitor.post(form.action, form.fields).status_code in (400, 401)
    assert openedx.count(Launch) == 0
