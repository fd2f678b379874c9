"""What a launch writes, and where it leads."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from service.access import Role
from service.audit import AuditEvent, verify
from service.cohorts.models import Cohort, CohortPlugin, Launch, Member, OrganisationPlugin, Person
from service.db import Base
from service.demo.practice import REMOVE
from service.lti.limits import Limit, TooMany
from service.lti.models import Platform, PlatformState
from service.lti.routes import EXTENSION, PER_MINUTE
from tests.functional.lti.support import Lti, accepted, refused
from tests.support import BASE, parts

CONTEXT: dict[str, Any] = {"id": "2", "title": "Enhetschefer 2026"}


def test_a_launch_leads_to_the_placed_item(lti: Lti) -> None:
    client = lti.browser()
    answer = lti.launch(client)
    launch_id = accepted(answer)
    assert answer.location == f"/l/{launch_id}/ledarsteg/"
    assert client.get(answer.location, base_url=BASE).get_data(as_text=True) == "ledarsteg:"
    assert (lti.only(Launch).id, lti.only(Person).name, lti.only(Cohort).title) == (
        launch_id,
        "Karin Lindqvist",
        "Enhetschefer 2026",
    )
    assert lti.only(Member).role is Role.MANAGER


def test_a_launch_is_in_the_audit_trail(lti: Lti) -> None:
    launch_id = accepted(lti.launch())
    event = lti.only(AuditEvent)
    assert (event.action, event.outcome, event.reason, event.object_ref) == ("launch", "allow", "", str(launch_id))
    assert (event.chain, event.actor_id, event.cohort_id) == (
        lti.organisation_id,
        lti.only(Person).id,
        lti.only(Cohort).id,
    )
    accepted(lti.forged(roles=[]))
    with parts(lti.app).units.reading() as unit:
        assert verify(unit.session, lti.organisation_id) is None
    assert sorted(event.reason for event in lti.all(AuditEvent)) == ["", "role_unmapped"]


@pytest.mark.parametrize(
    ("said", "known"),
    [({"timezone": "Europe/Riga"}, "Europe/Riga"), ({"timezone": "99"}, ""), ({"timezone": "$Person.address.timezone"}, ""),
     ({"timezone": "../../etc/passwd"}, ""), ({"timezone": 2}, ""), ({"timezone": "EUROPE/RIGA"}, ""), ({}, "")],
)  # fmt: skip
def test_the_platform_s_time_zone_is_believed_where_there_is_such_a_zone(
    lti: Lti, said: dict[str, Any], known: str
) -> None:
    accepted(lti.forged(custom=said))
    assert lti.only(Person).zone == known


def test_a_platform_that_says_no_zone_takes_none_away_and_never_her_own(lti: Lti) -> None:
    for said, known in (("Europe/Riga", "Europe/Riga"), ("99", "Europe/Riga"), ("Asia/Tokyo", "Asia/Tokyo")):
        accepted(lti.forged(custom={"timezone": said}))
        assert lti.only(Person).zone == known
    with parts(lti.app).units.writing() as unit:
        unit.session.execute(sa.update(Person).values(own_zone="Europe/Paris"))
    accepted(lti.forged(custom={"timezone": "America/Lima"}))
    assert (lti.only(Person).zone, lti.only(Person).own_zone) == ("America/Lima", "Europe/Paris")


def target(lti: Lti, path: str) -> str:
    client = lti.browser()
    fields = {**lti.fields(), "target_link_uri": BASE + path}
    begun = lti.begin(client, fields)
    answer = lti.post(client, {"id_token": lti.token(begun, target_link_uri=BASE + path), "state": begun.state})
    return re.sub("^/l/[0-9a-f-]{36}", "", answer.location)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "/"), ("/", "/"), ("/lti/launch", "/"), ("/to/handledning", "/handledning/"), ("/to/handledning/", "/handledning/"), ("/to/ledarsteg/vanor/3f-a_b", "/ledarsteg/vanor/3f-a_b"),
        ("/to/ledarsteg/a/", "/ledarsteg/a/"), ("/to/ledarsteg?item=1", "/ledarsteg/"), ("/to/okand", "/"), ("/to/ledarsteg/../../g/x", "/"), ("/to/ledarsteg//evil.example", "/"),
        ("/to/ledarsteg/%2e%2e", "/"), ("/to/", "/"), ("/l/x", "/"), ("/to/ledarsteg/a%0d%0a", "/"), ("/to/ledarsteg\\x", "/"), ("?x", "/"), ("#x", "/"),
    ],
)  # fmt: skip
def test_targets(lti: Lti, path: str, expected: str) -> None:
    assert target(lti, path) == expected


def test_an_item_whose_plugin_is_off_says_so(lti: Lti) -> None:
    accepted(lti.launch())
    lti.change(CohortPlugin, enabled=False)
    assert target(lti, "/to/ledarsteg/vanor") == "/off/ledarsteg"


def test_a_new_cohort_begins_as_its_organisation_has_chosen(lti: Lti) -> None:
    with parts(lti.app).units.writing() as unit:
        unit.session.add(OrganisationPlugin(organisation_id=lti.organisation_id, plugin="ledarsteg", enabled=False))
    assert lti.launch().location.endswith("/off/ledarsteg")
    assert {row.plugin: row.enabled for row in lti.all(CohortPlugin)} == {"ledarsteg": False, "handledning": True}


def test_a_second_launch_writes_only_what_is_new(lti: Lti) -> None:
    there = set(sa.inspect(parts(lti.app).units.engine).get_table_names()) - {"audit_chain"}
    tables = [table for table in Base.metadata.sorted_tables if table.name in there]

    def rows() -> dict[str, list[Any]]:
        # The note of a launch is written a moment later, by a thread: now.
        lti.app.extensions[EXTENSION].notes.flush()
        with parts(lti.app).units.reading() as unit:
            return {table.name: unit.session.execute(sa.select(table)).all() for table in tables}

    accepted(lti.forged())
    before = rows()
    accepted(lti.forged())
    after = rows()
    new = {name: len(after[name]) - len(before[name]) for name in after if after[name] != before[name]}
    assert new == {"used_nonce": 1, "launch": 1, "audit_event": 1, "launch_note": 1}


def test_what_the_platform_says_anew_is_kept(lti: Lti) -> None:
    accepted(lti.forged())
    accepted(
        lti.forged(name="Karin Ek", locale="lv-LV", context={**CONTEXT, "title": "Nytt\nnamn"}, roles=["Instructor"])
    )
    person, cohort, member = lti.only(Person), lti.only(Cohort), lti.only(Member)
    assert (person.name, person.locale, cohort.title, member.role) == ("Karin Ek", "lv", "Nytt namn", Role.COACH)
    # A platform that stops sharing names takes them away; a title that is not said stays.
    nameless = dict.fromkeys(("name", "given_name", "family_name"), REMOVE)
    accepted(lti.forged(context={"id": "2"}, **nameless))
    assert (lti.only(Person).name, lti.only(Cohort).title) == ("", "Nytt namn")


def test_a_member_who_had_left_is_back(lti: Lti) -> None:
    accepted(lti.forged())
    lti.change(Member, active=False)
    accepted(lti.forged())
    assert lti.only(Member).active


def test_names_and_titles_are_made_fit_for_pages(lti: Lti) -> None:
    accepted(lti.forged(name="  Åsa\u0000\ud800\r\n Öhr " + "x" * 300, context={"id": "2", "title": "T" * 999}))
    assert lti.only(Person).name == ("Åsa Öhr " + "x" * 300)[:200]
    assert len(lti.only(Cohort).title) == 300


@pytest.mark.parametrize(
    ("claims", "header", "expected"),
    [
        ({"locale": "lv"}, "en", "lv"), ({"locale": "en_US"}, "sv", "en"), ({"launch_presentation": {"locale": "en-GB"}}, "lv", "en"), ({"locale": "fi", "launch_presentation": {"locale": "lv"}}, "en", "lv"),
        ({"launch_presentation": REMOVE, "custom": {"locale": "lv"}}, "en", "lv"), ({"launch_presentation": REMOVE, "custom": {"locale": 3}}, "en", "en"),
        ({"launch_presentation": REMOVE, "custom": REMOVE}, "en;q=0.5, lv", "lv"), ({"launch_presentation": None, "custom": None}, "fi", "sv"),
    ],
)  # fmt: skip
def test_the_language_of_a_launch(lti: Lti, claims: dict[str, Any], header: str, expected: str) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    accepted(
        lti.post(
            client, {"id_token": lti.token(begun, **claims), "state": begun.state}, headers={"Accept-Language": header}
        )
    )
    assert lti.only(Launch).locale == expected


def test_a_person_keeps_the_language_her_platform_once_said(lti: Lti) -> None:
    accepted(lti.forged(locale="lv"))
    accepted(lti.forged(launch_presentation=REMOVE))
    assert {launch.locale for launch in lti.all(Launch)} == {"lv"}


@pytest.mark.parametrize(
    ("presentation", "header", "framed"),
    [
        (REMOVE, None, True),
        ({"document_target": "iframe"}, None, True),
        ({"document_target": "window"}, None, False),
        ({"document_target": "iframe"}, "document", False),
        ({"document_target": "window"}, "iframe", True),
    ],
)
def test_frame_or_window(lti: Lti, presentation: Any, header: str | None, framed: bool) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    headers = {"Sec-Fetch-Dest": header} if header else {}
    accepted(
        lti.post(
            client,
            {"id_token": lti.token(begun, launch_presentation=presentation), "state": begun.state},
            headers=headers,
        )
    )
    assert lti.only(Launch).in_frame is framed


@pytest.mark.parametrize(
    ("url", "kept", "origin"),
    [
        ("https://kurs.example.org:8443/back?x=1", True, " https://kurs.example.org:8443"), ("http://kurs.example.org/back", False, ""), ("javascript:alert(1)", False, ""),
        ("https://a b.example/;script-src *", False, ""), ("https://[::1]/", False, ""), ("https://x:y/", False, ""), ("//kurs.example.org", False, ""),
    ],
)  # fmt: skip
def test_who_may_frame_us(lti: Lti, url: str, kept: bool, origin: str) -> None:
    accepted(lti.forged(launch_presentation={"return_url": url}))
    launch = lti.only(Launch)
    assert (launch.return_url, launch.frame_origins) == (url if kept else "", lti.lms.base_url + origin)


def test_the_registrations_own_hosts_may_frame_us(lti: Lti) -> None:
    lti.change(Platform, auth_login_url="https://sso.example.org/auth?tenant=7")
    client = lti.browser()
    answer = lti.login(client)
    assert answer.location.startswith("https://sso.example.org/auth?tenant=7&scope=openid&")
    lti.change(Platform, auth_login_url=f"{lti.lms.base_url}/auth")
    begun = lti.begin(client)
    lti.change(Platform, auth_login_url="https://sso.example.org/auth")
    accepted(lti.post(client, lti.answered(begun)))
    launch = lti.only(Launch)
    assert launch.frame_origins == f"{lti.lms.base_url} https://sso.example.org"
    assert launch.return_url.startswith(f"{lti.lms.base_url}/return")


def test_what_a_platform_answers_instead_of_a_token(lti: Lti) -> None:
    client = lti.browser()
    begun = lti.begin(client)
    refused(
        lti,
        lambda: lti.post(client, {"error": "access_denied", "error_description": "<b>", "state": begun.state}),
        "platform_error",
    )


def test_a_made_up_student_is_marked(lti: Lti) -> None:
    accepted(lti.forged(roles=["http://purl.imsglobal.org/vocab/lti/system/person#TestUser", "Learner"]))
    assert (lti.only(Person).is_test, lti.only(Launch).role) == (True, Role.MANAGER)


def test_pending_deployments_cannot_fill_the_table(lti: Lti, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.lti import people
    from service.lti.models import Deployment

    monkeypatch.setattr(people, "MAX_PENDING", 2)
    for number in range(4):
        assert lti.forged(deployment_id=f"new {number}").status_code == 403
    assert len(lti.all(Deployment)) == 3


def test_our_keys_are_public_and_nothing_else(lti: Lti) -> None:
    client = lti.browser()
    answer = client.get("/lti/jwks", base_url=BASE)
    keys = answer.get_json()["keys"]
    assert [set(key) for key in keys] == [{"kty", "use", "alg", "kid", "n", "e"}] * 2
    assert answer.headers["Cache-Control"] == "max-age=3600"
    again = client.get("/lti/jwks", base_url=BASE, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/lti/jwks", base_url=BASE).get_json() == answer.get_json()


def test_a_flood_from_one_address_is_told_to_wait(lti: Lti) -> None:
    lti.app.config[PER_MINUTE] = 3
    client = lti.browser()
    fields = lti.fields()
    for _ in range(3):
        assert client.post("/lti/login", data=fields, base_url=BASE).status_code == 303
    answer = refused(
        lti, lambda: client.post("/lti/login", data=fields, base_url=BASE), "launch_rate", code="E-RATE", status=429
    )
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    # Another address is not held up, and launches are counted by themselves.
    assert (
        client.post("/lti/login", data=fields, base_url=BASE, environ_overrides={"REMOTE_ADDR": "10.0.0.9"}).status_code
        == 303
    )
    refused(lti, lambda: lti.post(client, {}), "state")


def test_a_limit_forgets_with_the_minute() -> None:
    limit = Limit("test", "memory://")
    with time_machine.travel(datetime(2026, 11, 24, 9, 0, 5, tzinfo=UTC), tick=False) as moment:
        limit.take("a", 1)
        with pytest.raises(TooMany) as refused:
            limit.take("a", 1)
        assert 1 <= (refused.value.retry_after or 0) <= 60
        limit.take("b", 1)
        moment.shift(61)
        limit.take("a", 1)


def test_a_store_that_is_down_stops_nobody() -> None:
    limit = Limit("test", "redis://127.0.0.1:1/0")
    limit.take("a", 1)
    limit.take("a", 1)


def test_a_platform_disabled_a_moment_ago_launches_no_more(lti: Lti) -> None:
    # An earlier launch read the registration a moment ago and keeps it; this launch's own transaction asks again.
    accepted(lti.forged())
    accepted(lti.forged())
    client = lti.browser()
    begun = lti.begin(client)
    form = lti.answered(begun)
    lti.change(Platform, noticed=False, state=PlatformState.DISABLED)
    refused(lti, lambda: lti.post(client, form), "platform_disabled", audited=True)
