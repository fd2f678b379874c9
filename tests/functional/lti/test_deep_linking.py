"""Choosing content for a course: Deep Linking 2.0 against the practice LMS, and what is refused."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import CohortPlugin, Grant, Launch
from service.demo.people import INSTRUCTOR, LEARNER
from service.demo.practice import REMOVE, PracticeLms
from service.demo.tokens import peek
from service.lti import deeplink
from service.lti.item_models import DeepLinkRequest, PlacedItem, ResourceLink
from service.lti.models import Platform, ToolKey, ToolKeyState
from tests.functional.lti.content import (
    DL,
    LTI,
    PLUGINS,
    TEACHER,
    Chooser,
    asked,
    choosing,
    form_of,
    reachable,
    returned,
    texts_of,
)
from tests.functional.lti.support import Lti, accepted, refused
from tests.support import BASE, parts

HABITS, PLAN, COACHING = "ledarsteg.habits", "ledarsteg.plan", "handledning.coaching"
SETTINGS = "deep_linking_settings"
RECORDED = Path(__file__).parents[2] / "fixtures" / "moodle" / "deep-linking.json"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The tool with two plugins that have something to place."""
    return make_app(plugins=PLUGINS)


@pytest.fixture
def lti(app: Flask, lms: PracticeLms) -> Iterator[Lti]:
    """The tool, registered, with its key set where the platform can fetch it."""
    with reachable(app, lms) as found:
        yield found


def answer_of(page: Any) -> dict[str, Any]:
    """The claims of the answer that a page carries."""
    return peek(form_of(page).values["JWT"])[1]


def request_for(return_url: str, **more: Any) -> dict[str, Any]:
    """The claims of a request for links, as little as a platform may say."""
    settings = {"deep_link_return_url": return_url, "accept_types": ["ltiResourceLink"]}
    return {"message_type": "LtiDeepLinkingRequest", "roles": [INSTRUCTOR], "locale": "en", SETTINGS: settings, **more}


# The certification cases (1EdTech LTI Advantage certification guide, Deep Linking).


def test_d01_a_request_without_target_link_uri(lti: Lti) -> None:
    address = f"{lti.lms.base_url}/courses/1/deep_links"
    answer = lti.forged(**request_for(address, target_link_uri=REMOVE, resource_link=REMOVE))
    assert answer.location == f"/l/{accepted(answer)}/place"
    assert lti.only(DeepLinkRequest).accept_multiple


def test_d02_the_answer_is_received_and_placed(lti: Lti) -> None:
    response = choosing(lti).place(HABITS)
    assert [link.title for link in response.links] == ["Mina små steg"]
    assert lti.lms.link("enhetschefer", response.links[0]).custom == {"item": str(lti.only(PlacedItem).id)}


def test_d03_the_answer_is_a_deep_linking_response(lti: Lti) -> None:
    assert choosing(lti).place(HABITS).claims[LTI + "message_type"] == "LtiDeepLinkingResponse"


def test_d04_the_times_of_the_answer(lti: Lti) -> None:
    response = choosing(lti).place(HABITS)
    now = int(parts(lti.app).units.clock.now().timestamp())
    # Moodle refuses what was issued even two seconds ahead of its own clock.
    assert -75 < response.claims["iat"] - now <= -55
    assert 280 < response.claims["exp"] - now <= 300


def test_d05_the_answer_is_signed_with_a_key_of_ours(lti: Lti) -> None:
    header = choosing(lti).place(HABITS).header
    signing = [key.kid for key in lti.all(ToolKey) if key.state is ToolKeyState.CURRENT]
    assert [header["kid"]] == signing
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")


def test_d06_the_claims_of_the_answer(lti: Lti) -> None:
    claims = choosing(lti, data="säckar").place(HABITS).claims
    required = {name: claims[name] for name in ("iss", "aud", LTI + "deployment_id", LTI + "version", DL + "data")}
    assert required == {
        "iss": lti.tool.client_id, "aud": lti.lms.base_url, LTI + "deployment_id": "1", LTI + "version": "1.3.0",
        DL + "data": "säckar",
    }  # fmt: skip
    assert len(claims["nonce"]) >= 32
    assert claims[DL + "msg"] == "1 activity from Stegvis"
    assert DL + "errormsg" not in claims


def test_d07_the_items_of_the_answer(lti: Lti) -> None:
    sent = {"title." + PLAN: "Planen, vecka 3", "column." + PLAN: "y"}
    response = choosing(lti, deep_linking={"accept_lineitem": True}).place(HABITS, PLAN, **sent)
    rows = {row.key: row for row in lti.all(PlacedItem)}
    image = {"url": f"{BASE}/static/activity.png", "width": 128, "height": 128}
    plain = {"type": "ltiResourceLink", "icon": image, "thumbnail": image, "iframe": {"width": 960, "height": 800}}
    habits, plan = rows["habits"].id, rows["plan"].id
    assert response.items == [
        {**plain, "title": "Mina små steg", "text": "Ett litet steg i taget.", "url": f"{BASE}/to/ledarsteg?item={habits}",
         "custom": {"item": str(habits)}},
        {**plain, "title": "Planen, vecka 3", "text": "Om det händer, så gör jag.",
         "url": f"{BASE}/to/ledarsteg/plan/ny?item={plan}", "custom": {"item": str(plan)},
         "lineItem": {"label": "Planen, vecka 3", "scoreMaximum": 1, "resourceId": str(plan), "tag": "ledarsteg"}},
    ]  # fmt: skip
    # Two items of one page: the same form sent again would place neither twice.
    assert (rows["plan"].title, rows["plan"].has_line_item, rows["habits"].has_line_item) == (
        "Planen, vecka 3",
        True,
        False,
    )


def test_d08_the_placed_item_is_launched(lti: Lti) -> None:
    response = choosing(lti).place(PLAN, COACHING, **{"column." + PLAN: "y"})
    first, second = response.links
    assert lti.launch(fields=lti.fields(link=first)).location.endswith("/ledarsteg/plan/ny")
    assert lti.launch(fields=lti.fields(link=second)).location.endswith("/handledning/")
    links = {link.link_id: link for link in lti.all(ResourceLink)}
    items = {row.key: row.id for row in lti.all(PlacedItem)}
    assert (links[first.id].plugin, links[first.id].item_id) == ("ledarsteg", items["plan"])
    assert links[first.id].lineitem_url.startswith(lti.lms.base_url)
    assert (links[second.id].plugin, links[second.id].item_id, links[second.id].lineitem_url) == (
        "handledning", items["coaching"], "",
    )  # fmt: skip


# What is asked for and what is not (our own cases).


def test_g39_two_items_where_one_was_asked_for(lti: Lti) -> None:
    chooser = choosing(lti, deep_linking={"accept_multiple": "false"})
    page = chooser.get()
    assert 'type="radio"' in page.text
    assert 'type="checkbox"' not in page.text.replace('type="checkbox" id="offer', "")
    answer = chooser.post(item=[HABITS, COACHING])
    assert answer.status_code == 422
    assert "takes one activity" in answer.text
    assert lti.all(PlacedItem) == []
    assert len(chooser.place(COACHING).links) == 1


def test_g40_a_platform_that_takes_no_links(lti: Lti) -> None:
    chooser = choosing(lti, deep_linking={"accept_types": ["html", "file"]})
    assert "Nothing can be placed here" in texts_of(chooser.get())
    assert "Nothing can be placed here" in texts_of(chooser.post(item=[HABITS]))
    response = returned(lti, chooser.post("/place/back"))
    assert response.items == []
    assert "takes something else" in response.claims[DL + "errormsg"]
    assert DL + "msg" not in response.claims
    assert lti.all(PlacedItem) == []


HOSTILE = [
    '{base}/deep_links?"><script>alert(1)</script>', "{base}/deep links", "{base}\\@evil.example/", "{base}/<b>", "{base}/`",
    "javascript:alert(1)//{base}", "data:text/html,x", "https://evil.example/deep_links", "//evil.example/", "",
    "https://user:pw@localhost/", "{host}", "ftp://localhost/x", "http://evil.example/", "https://localhost:99999/",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_g41_a_hostile_return_address(lti: Lti, address: str) -> None:
    url = address.replace("{base}", lti.lms.base_url).replace(
        "{host}", lti.lms.base_url.replace("http://", "http://x@")
    )
    refused(
        lti, lambda: asked(lti, deep_linking={"deep_link_return_url": url}), "return_url",
        audited_as="return_url",
    )  # fmt: skip
    (event,) = [event for event in lti.all(AuditEvent) if event.outcome == "deny"]
    assert (event.action, event.reason) == ("deeplink", "return_url")
    assert lti.all(DeepLinkRequest) == []


def test_g41_that_the_message_names_an_origin_elsewhere_does_not_make_it_known(lti: Lti) -> None:
    claims = request_for("https://skola.example/svar", launch_presentation={"return_url": "https://skola.example/kurs"})
    refused(lti, partial(lti.forged, **claims), "return_url", audited_as="return_url")


def test_g41_whatever_stands_in_a_kept_address_is_escaped(lti: Lti) -> None:
    chooser = choosing(lti)
    row = lti.only(DeepLinkRequest)
    lti.change(DeepLinkRequest, return_url=row.return_url + "&x='onclick=alert(1)//&amp;")
    page = chooser.post(item=[HABITS])
    assert "'onclick" not in page.text
    assert form_of(page).action.endswith("&x='onclick=alert(1)//&amp;")
    # An address that is no longer the platform's own is not answered at all.
    lti.change(DeepLinkRequest, return_url="https://evil.example/")
    assert chooser.post(item=[HABITS]).status_code == 404


@pytest.mark.parametrize("data", ["", "a", 'x"\\\n\t<&>åäö🙂 +%2B=', '{"id": 7}', "y" * 16_000])
def test_g42_data_comes_back_as_it_was(lti: Lti, data: str) -> None:
    assert choosing(lti, data=data).place(HABITS).claims[DL + "data"] == data


def test_g42_no_data_where_none_came(lti: Lti) -> None:
    chooser = choosing(lti)
    assert DL + "data" not in chooser.place(HABITS).claims
    assert DL + "data" not in returned(lti, chooser.post("/place/back")).claims


# Who may choose, and where.


def test_a_learner_may_not_choose(lti: Lti) -> None:
    for role in (LEARNER, "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"):
        claims = request_for(lti.lms.base_url, roles=[role])
        attempt = partial(lti.forged, **claims)
        refused(lti, attempt, "deeplink_role", audited_as="role", code="E-FORBIDDEN", status=403)
    assert {event.action for event in lti.all(AuditEvent) if event.outcome == "deny"} == {"deeplink"}


def test_nobody_else_finds_the_page(lti: Lti) -> None:
    client = lti.browser()
    path = f"/l/{accepted(lti.launch(client))}"
    chooser = Chooser(lti, client, path)
    assert (chooser.get().status_code, chooser.post(item=[HABITS]).status_code) == (403, 403)
    # A coach who came to open an activity was not asked to choose anything.
    path = f"/l/{accepted(lti.launch(client, lti.fields(TEACHER)))}"
    chooser = Chooser(lti, client, path)
    answers = [chooser.get(), chooser.post(item=[HABITS]), chooser.post("/place/back")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_without_a_course_nothing_can_be_placed(lti: Lti) -> None:
    client = lti.browser()
    for role in (INSTRUCTOR, "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"):
        answer = lti.forged(client=client, **request_for(f"{lti.lms.base_url}/x", context=REMOVE, roles=[role]))
        chooser = Chooser(lti, client, f"/l/{accepted(answer)}")
        assert answer.location == chooser.path + "/place"
        assert "Open a course, turn editing on" in texts_of(chooser.get())
        assert "Open a course, turn editing on" in texts_of(chooser.post(item=[HABITS]))
        assert "from inside one" in answer_of(chooser.post("/place/back"))[DL + "errormsg"]
    assert lti.all(PlacedItem) == []


def test_what_is_off_is_chosen_by_the_training_department_alone(lti: Lti) -> None:
    chooser = choosing(lti)
    with parts(lti.app).units.writing() as unit:
        launch = unit.session.get_one(Launch, uuid.UUID(chooser.path[3:]))
        unit.session.get_one(CohortPlugin, (launch.cohort_id, "handledning")).enabled = False
        person_id = launch.person_id
    page = chooser.get()
    assert f'value="{COACHING}"' not in page.text
    assert "Off in this course Handledning handledning Ask the training department" in texts_of(page)
    answer = chooser.post(item=[COACHING])
    assert (answer.status_code, "can no longer be chosen" in answer.text) == (422, True)
    with parts(lti.app).units.writing() as unit:
        unit.session.add(Grant(
            organisation_id=lti.organisation_id, cohort_id=None, person_id=person_id, role=Role.TRAINING, granted_at=unit.now()
        ))  # fmt: skip
    assert "handledning is off in this course" in texts_of(chooser.get())
    (link,) = chooser.place(COACHING).links
    assert lti.launch(fields=lti.fields(link=link)).location.endswith("/off/handledning")


def test_where_everything_is_off_there_is_only_the_way_back(lti: Lti) -> None:
    chooser = choosing(lti)
    lti.change(CohortPlugin, enabled=False)
    assert "Nothing that Stegvis offers is switched on in this course." in texts_of(chooser.get())
    assert chooser.post(item=[HABITS]).status_code == 200
    assert lti.all(PlacedItem) == []
    assert answer_of(chooser.post("/place/back"))[DL + "msg"] == "Nothing was chosen in Stegvis."


def test_where_no_plugin_offers_anything_the_platform_is_told(make_app: Callable[..., Flask], lms: PracticeLms) -> None:
    bare = Lti(make_app(plugins={}), lms)
    bare.register()
    chooser = choosing(bare)
    assert "switched on in this course" in texts_of(chooser.get())
    assert "switched on in this course" in answer_of(chooser.post("/place/back"))[DL + "errormsg"]


# The form.


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose something first."), ({"item": []}, "Choose something first."),
        ({"item": ["ledarsteg.okand"]}, "can no longer be chosen"), ({"item": [HABITS, "x.y"]}, "can no longer be chosen"),
        ({"item": HABITS, "title." + HABITS: "  "}, "Give it a name"),
        ({"item": HABITS, "title." + HABITS: "å" * 201}, "201 characters"),
        ({"item": HABITS, "title." + HABITS: "a\0b"}, "cannot be kept"), ({"item": HABITS, "title." + HABITS: "a\nb"}, "cannot be kept"),
    ],
)  # fmt: skip
def test_a_form_with_something_wrong_places_nothing(lti: Lti, sent: dict[str, Any], sentence: str) -> None:
    chooser = choosing(lti)
    answer = chooser.post(**{"title." + COACHING: "Kvar", "column." + COACHING: "y", **sent})
    assert (answer.status_code, sentence in texts_of(answer)) == (422, True)
    assert 'value="Kvar"' in answer.text
    assert lti.all(PlacedItem) == []


def test_the_same_form_twice_places_once(lti: Lti) -> None:
    chooser = choosing(lti)
    first = chooser.place(HABITS, HABITS)
    second = chooser.place(HABITS, **{"title." + HABITS: "x" * 200})
    assert (first.items[0]["custom"], len(first.items)) == (second.items[0]["custom"], 1)
    assert lti.only(PlacedItem).title == "x" * 200
    assert lti.only(DeepLinkRequest).answered_at is not None
    assert [event.action for event in lti.all(AuditEvent)].count("item.place") == 1


@pytest.mark.parametrize(
    ("targets", "sentence", "keys"),
    [
        (["iframe", "window"], "inside the course page", {"iframe"}), (["frame"], "inside the course page", {"iframe"}),
        (["window"], "window of its own", {"window"}), ([], "decides how it opens", set()), (REMOVE, "decides how it opens", set()),
    ],
)  # fmt: skip
def test_how_it_opens(lti: Lti, targets: Any, sentence: str, keys: set[str]) -> None:
    chooser = choosing(lti, deep_linking={"accept_presentation_document_targets": targets})
    assert sentence in texts_of(chooser.get())
    (item,) = chooser.place(HABITS).items
    assert {"iframe", "window"} & set(item) == keys


@pytest.mark.parametrize(
    ("accepts", "family", "offered"),
    [(True, "", True), ("true", "", True), (False, "moodle", False), (REMOVE, "", True), (REMOVE, "canvas", False)],
)
def test_columns_are_offered_where_the_platform_takes_them(lti: Lti, accepts: Any, family: str, offered: bool) -> None:
    # Moodle does not say that it takes them; the practice LMS calls itself Moodle unless the registration knows better.
    lti.change(Platform, family=family)
    chooser = choosing(lti, deep_linking={"accept_lineitem": accepts})
    assert ("column in the gradebook" in chooser.get().text) is offered
    (item,) = chooser.place(HABITS, **{"column." + HABITS: "y"}).items
    assert ("lineItem" in item, lti.only(PlacedItem).has_line_item) == (offered, offered)


def test_a_platform_without_a_product_takes_what_it_says(lti: Lti) -> None:
    for product in (REMOVE, {"product_family_code": 7}):
        accepted(lti.forged(**request_for(lti.lms.base_url, tool_platform=product)))
    assert {row.accept_line_item for row in lti.all(DeepLinkRequest)} == {False}


# Where an answer may go.


def platform(**addresses: str) -> Platform:
    base = {"issuer": "https://lms.example", "auth_login_url": "https://login.lms.example/auth",
            "token_url": "https://api.lms.example:8443/token", "jwks_url": "https://keys.lms.example/jwks"}  # fmt: skip
    return Platform(**{**base, **addresses})


CANVAS = {"issuer": "https://canvas.instructure.com", "auth_login_url": "https://sso.canvaslms.com/auth",
          "token_url": "https://sso.canvaslms.com/token", "jwks_url": "https://sso.canvaslms.com/jwks"}  # fmt: skip


@pytest.mark.parametrize(
    ("url", "addresses", "origin"),
    [
        ("https://lms.example/x?y=1", {}, "https://lms.example"), ("https://login.lms.example/", {}, "https://login.lms.example"),
        ("https://api.lms.example:8443/", {}, "https://api.lms.example:8443"), ("https://keys.lms.example/", {}, "https://keys.lms.example"),
        ("https://api.lms.example/", {}, ""), ("https://other.lms.example/", {}, ""), ("http://lms.example/", {}, ""),
        ("https://vallinge.instructure.com/x", CANVAS, "https://vallinge.instructure.com"),
        ("https://vallinge.beta.instructure.com/x", CANVAS, "https://vallinge.beta.instructure.com"),
        ("http://vallinge.instructure.com/x", CANVAS, ""), ("https://evilinstructure.com/x", CANVAS, ""),
        ("https://canvas.vallinge.example/x", CANVAS, ""), ("https://vallinge.instructure.com/x", {}, ""),
        ("http://localhost:8090/x", {"issuer": "http://localhost:8090"}, ""),
    ],
)  # fmt: skip
def test_where_an_answer_may_go(url: str, addresses: dict[str, str], origin: str) -> None:
    assert deeplink.returns_to(url, platform(**addresses), demo=False) == origin


def test_in_a_demonstration_an_answer_may_go_to_this_computer() -> None:
    here = platform(issuer="http://localhost:8090")
    assert deeplink.returns_to("http://localhost:8090/x", here, demo=True) == "http://localhost:8090"
    assert deeplink.returns_to("http://localhost:8091/x", here, demo=True) == ""
    there = platform(issuer="http://lms.example")
    assert deeplink.returns_to("http://lms.example/x", there, demo=True) == ""


# What a real Moodle asks, and what it takes.


def test_a_request_as_moodle_sends_it(lti: Lti) -> None:
    recorded = json.loads(RECORDED.read_text())["claims"]
    settings = recorded["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
    address = settings["deep_link_return_url"].replace("http://localhost:8090", lti.lms.base_url)
    client = lti.browser()
    begun = lti.begin(client)
    honest = lti.lms.claims("karin-lindqvist", "enhetschefer", nonce=begun.nonce, tool=lti.tool)
    fresh = ("nonce", "iat", "exp", "iss", "aud", LTI + "target_link_uri")
    claims = {
        **recorded,
        **{name: honest[name] for name in fresh},
        DL + "deep_linking_settings": {**settings, "deep_link_return_url": address},
    }
    answer = lti.post(client, {"id_token": lti.lms.sign(claims), "state": begun.state})
    chooser = Chooser(lti, client, f"/l/{accepted(answer)}")
    row = lti.only(DeepLinkRequest)
    assert (row.accept_types, row.accept_multiple, row.accept_line_item, row.data) == (
        ["ltiResourceLink"],
        True,
        True,
        None,
    )
    page = chooser.post(item=[HABITS])
    sent = form_of(page)
    assert parse_qs(urlsplit(sent.action).query).keys() == {"course", "id", "sesskey"}
    # The recorded Moodle answers 404 to an empty text where it wants an object, and to a token from the future.
    (item,) = answer_of(page)[DL + "content_items"]
    assert all(value not in ("", {}, None) for value in item.values())


def test_an_hour_later_it_may_still_be_answered(lti: Lti, clock: Any) -> None:
    chooser = choosing(lti)
    clock.advance(timedelta(hours=1))
    lti.lms.clock_offset = 3600.0
    assert len(chooser.place(HABITS).links) == 1
