"""Every address of core and plugins, with its plugin off, a wrong role, another cohort, another site: none is forgotten."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from service.access import Role
from service.contract import issue_pass, issue_token, revoke_pass
from service.db import Base
from service.guests.door import STRANGE_PER_MINUTE
from tests.contract.rules import UNSAFE, Address, behind, outside
from tests.support import BASE, Browser, Course, World, parts

pytestmark = pytest.mark.once


MEMBERS = (Role.MANAGER, Role.COACH, Role.TRAINING)
# The core's pages that belong to nobody's role: where one is told that there is no role, and how to leave.
FOR_ALL = frozenset(Role)


def ask(browser: Browser, address: Address, path: str | None = None, **kw: object) -> TestResponse:
    if address.method == "GET":
        return browser.get(path or address.path, **kw)
    assert address.method == "POST", f"{address}: teach this test the method"
    return browser.post(path or address.path, **kw)


def wrong(answers: dict[str, tuple[int, str]], status: int, code: str) -> dict[str, tuple[int, str]]:
    """Those answers that are not the refusal expected."""
    return {where: answer for where, answer in answers.items() if answer != (status, code)}


def told(response: TestResponse) -> tuple[int, str]:
    found = re.search(r"E-[A-Z]+", response.text)
    return response.status_code, found.group() if found else ""


def test_there_are_addresses_to_test(app: Flask) -> None:
    plugins = {address.plugin for address in behind(app, "l")}
    assert {None, "example"} <= plugins
    assert {address.plugin for address in behind(app, "g")} >= {"example"}


def test_every_endpoint_declares_a_permission_or_is_public_with_a_reason(app: Flask) -> None:
    known = parts(app).host.permissions
    bare = [str(address) for door in "lg" for address in behind(app, door) if address.permission not in known]
    assert bare == []
    assert [endpoint for endpoint, reason in outside(app) if len(reason.split()) < 4] == []


def test_a_plugin_that_is_off_is_not_there_for_anybody(app: Flask, world: World) -> None:
    course = world.course(plugins={})
    answers = {}
    for role in MEMBERS:
        browser = world.enter(course, role)
        answers |= {f"{role} {a}": told(ask(browser, a)) for a in behind(app, "l") if a.plugin is not None}
    assert answers
    assert wrong(answers, 404, "E-NOTFOUND") == {}


def test_a_wrong_role_is_told_so(app: Flask, world: World) -> None:
    course = world.course()
    forbidden, roleless = {}, {}
    for role in Role:
        browser = world.enter(course, role)
        for address in behind(app, "l"):
            if role in parts(app).host.permissions[address.permission].roles:
                continue
            seen = forbidden if role in MEMBERS else roleless
            seen[f"{role} {address}"] = told(ask(browser, address))
    assert forbidden
    assert roleless
    assert wrong(forbidden, 403, "E-FORBIDDEN") == {}
    assert wrong(roleless, 403, "E-NOROLE") == {}


def test_no_plugin_lets_in_who_has_no_role(app: Flask) -> None:
    """Behind the launch door, nobody without a role reaches a plugin; guests have a door of their own."""
    permissions = parts(app).host.permissions
    loose = [
        str(a) for a in behind(app, "l") if a.plugin and permissions[a.permission].roles & {Role.NONE, Role.CANDIDATE}
    ]
    assert loose == []


def test_without_the_browsers_secret_nothing_opens(app: Flask, world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    answers = {}
    for address in behind(app, "l"):
        stranger = Browser(app, app.test_client(), browser.launch_id, browser.secret, browser.person, browser.member)
        answers[str(address)] = told(ask(stranger, address))
    assert wrong(answers, 401, "E-SESSION") == {}


def test_another_browsers_launch_does_not_open(app: Flask, world: World) -> None:
    course = world.course()
    mine, hers = world.enter(course), world.enter(course, name="Anna Berg")
    mixed = Browser(app, mine.client, hers.launch_id, mine.secret, mine.person, mine.member)
    answers = {str(address): told(ask(mixed, address)) for address in behind(app, "l")}
    assert wrong(answers, 401, "E-SESSION") == {}


def test_a_form_without_its_token_is_refused(app: Flask, world: World) -> None:
    course = world.course()
    browsers = {role: world.enter(course, role) for role in MEMBERS}
    other_tab = world.enter(
        course,
        member=browsers[Role.MANAGER].member,
        client=browsers[Role.MANAGER].client,
        secret=browsers[Role.MANAGER].secret,
    )
    answers = {}
    unsafe = [address for address in behind(app, "l") if address.method in UNSAFE]
    # Every address gets every token, and every role sends every token: the door compares it before it asks for the role.
    turns = cycle(browsers.items())
    for address in unsafe:
        for token in ("", "0" * 64, "ä", other_tab.token):
            role, browser = next(turns)
            answers[f"{role} {address} {token[:4]}"] = told(ask(browser, address, data={"csrf_token": token}))
    assert len(answers) == len(unsafe) * 4
    assert wrong(answers, 403, "E-CSRF") == {}


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
     {"Origin": "https://elsewhere.example.org"}, {"Origin": "null"}],
)  # fmt: skip
def test_a_form_from_another_site_is_refused_though_it_has_the_token(
    app: Flask, world: World, headers: dict[str, str]
) -> None:
    browser = world.enter(world.course())
    answers = {str(a): told(ask(browser, a, headers=headers)) for a in behind(app, "l") if a.method in UNSAFE}
    assert wrong(answers, 403, "E-CSRF") == {}


# --- objects of others ------------------------------------------------------------------------------------------------


# What belongs to the organisation is there in each of its cohorts.
ORGANISATIONS = frozenset({"ledarsteg_step"})


def tables_of(plugin: str) -> frozenset[str]:
    """The tables of a plugin whose rows have an id."""
    return frozenset(
        name for name, table in Base.metadata.tables.items() if name.startswith(f"{plugin}_") and "id" in table.c
    )


def ids_of(app: Flask, names: frozenset[str]) -> dict[str, uuid.UUID]:
    """An id of each of these tables that has a row, by the table's name."""
    with parts(app).units.reading() as unit:
        first = {name: unit.session.scalar(sa.select(Base.metadata.tables[name].c.id).limit(1)) for name in names}
        return {name: found for name, found in first.items() if found is not None}


def test_every_plugin_seeds_something(app: Flask, seeded: Course) -> None:
    assert [plugin.key for plugin in parts(app).host if not ids_of(app, tables_of(plugin.key))] == []
    assert seeded.cohort.title == "Fylld"


def test_objects_of_another_cohort_are_not_there(app: Flask, world: World, seeded: Course) -> None:
    elsewhere = world.course("Annan", beside=seeded)
    assert strays(app, {role: world.enter(elsewhere, role) for role in MEMBERS}, without=ORGANISATIONS) == {}


def test_an_organisations_objects_are_not_there_for_another(app: Flask, world: World, seeded: Course) -> None:
    """What is a cohort's own is kept from the cohort beside it already: the test before."""
    elsewhere = world.course("Annan")
    theirs = frozenset(name for name, table in Base.metadata.tables.items() if "organisation_id" in table.c)
    assert theirs >= ORGANISATIONS
    assert strays(app, {role: world.enter(elsewhere, role) for role in MEMBERS}, only=theirs) == {}


def test_a_managers_objects_are_not_there_for_a_newcomer_of_her_own_cohort(
    app: Flask, world: World, seeded: Course
) -> None:
    assert strays(app, {Role.MANAGER: world.enter(seeded, Role.MANAGER, "Ny Chef")}) == {}


def strays(
    app: Flask,
    browsers: dict[Role, Browser],
    *,
    only: frozenset[str] | None = None,
    without: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """What a plugin's addresses answered to ids that are not the browser's, other than 404."""
    ids = {
        plugin.key: ids_of(app, (tables_of(plugin.key) if only is None else tables_of(plugin.key) & only) - without)
        for plugin in parts(app).host
    }
    assert any(ids.values())
    found = {}
    for address in behind(app, "l"):
        if address.plugin is None or not address.ids:
            continue
        for role in parts(app).host.permissions[address.permission].roles & set(browsers):
            others = set(answers_to(app, browsers[role], address, ids[address.plugin])) - {404}
            if others:
                found[f"{role} {address.method} {address.endpoint}"] = min(others)
    return found


def answers_to(app: Flask, browser: Browser, address: Address, ids: dict[str, uuid.UUID]) -> list[int]:
    """What an address answers to an id that nobody has, and to each id of the tables where it looks for such an id.

    A table that it does not look into tells it nothing: the id of one of its rows is nobody's there.
    """
    left = dict(ids)
    waiting, statuses = [uuid.uuid4()], []
    while waiting:
        some_id = waiting.pop()
        with looked_for(app, some_id) as tables:
            statuses.append(ask(browser, address, address.with_id(app, some_id)).status_code)
        waiting += [left.pop(table) for table in sorted(tables & set(left))]
    return statuses


@contextmanager
def looked_for(app: Flask, some_id: uuid.UUID) -> Iterator[set[str]]:
    """The tables named by the statements that carry this id."""
    engine, tables = parts(app).units.engine, set[str]()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said = str(parameters)
        if some_id.hex in said or str(some_id) in said:
            tables.update(re.findall(r"\w+", statement))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield tables
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


# --- guests -----------------------------------------------------------------------------------------------------------


def knock(app: Flask, address: Address, word: str, **headers: str) -> tuple[int, str]:
    path = f"/g/{word}{address.path}"
    return told(app.test_client().open(path, method=address.method, base_url=BASE, headers=headers))


def a_pass(app: Flask, course: Course, plugin: str, *, days: int = 1, revoked: bool = False) -> str:
    with parts(app).units.writing() as unit:
        pass_id, word = issue_pass(course.cohort, plugin, expires_at=unit.now() + timedelta(days=days))
        if revoked:
            revoke_pass(pass_id)
    return word


def test_no_guest_page_opens_without_a_valid_pass(app: Flask, world: World) -> None:
    app.config[STRANGE_PER_MINUTE] = 10_000
    on, off = world.course(), world.course(plugins={})
    answers = {}
    for address in behind(app, "g"):
        plugin = address.plugin or ""
        other = next(key for key in ("ledarsteg", "example") if key != plugin)
        words = {
            "guessed": "guessed", "expired": a_pass(app, on, plugin, days=-1), "revoked": a_pass(app, on, plugin, revoked=True),
            "of another plugin": a_pass(app, on, other), "switched off": a_pass(app, off, plugin), "NUL": "%00", "long": "x" * 5000,
        }  # fmt: skip
        answers |= {f"{kind}: {address}": knock(app, address, word) for kind, word in words.items()}
    assert answers
    assert wrong(answers, 404, "E-NOTFOUND") == {}


def test_a_guests_form_from_another_site_is_refused(app: Flask, world: World) -> None:
    course = world.course()
    answers = {}
    for address in behind(app, "g"):
        if address.method in UNSAFE:
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example.org"}):
                answers[f"{address} {headers}"] = knock(
                    app, address, a_pass(app, course, address.plugin or ""), **headers
                )
    assert answers
    assert wrong(answers, 403, "E-CSRF") == {}


def test_a_pass_of_a_disabled_deployment_does_not_open(app: Flask, world: World) -> None:
    from service.lti.models import Deployment, DeploymentState

    course = world.course()
    word = a_pass(app, course, "example")
    with parts(app).units.writing() as unit:
        unit.session.execute(
            sa.update(Deployment).where(Deployment.id == course.deployment.id).values(state=DeploymentState.PENDING)
        )
    assert {knock(app, a, word) for a in behind(app, "g") if a.plugin == "example"} == {(404, "E-NOTFOUND")}


def test_a_valid_pass_opens_and_ends_when_the_guest_is_done(app: Flask, world: World) -> None:
    word = a_pass(app, world.course(), "example")
    client = app.test_client()
    shown = client.get(f"/g/{word}/example/", base_url=BASE)
    assert shown.status_code == 200
    assert "Set-Cookie" not in shown.headers
    assert shown.headers["Referrer-Policy"] == "strict-origin"
    assert (
        client.post(f"/g/{word}/example/done", base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"}).status_code
        == 200
    )
    assert client.get(f"/g/{word}/example/", base_url=BASE).status_code == 404


# --- secret addresses -------------------------------------------------------------------------------------------------


def test_no_feed_of_any_plugin_opens_where_it_is_off(app: Flask, world: World) -> None:
    """Every feed that is declared, also tomorrow: its address works where the plugin is on and for nobody else."""
    feeds = parts(app).host.feeds
    assert ("example", "days") in feeds
    for plugin, purpose in feeds:
        on, off = (world.course(plugins=switched) for switched in ({plugin: {}}, {}))
        for course, expected in ((on, 200), (off, 404)):
            member = world.member(course)
            with app.app_context(), parts(app).units.writing():
                _, address = issue_token(course.cohort, member, plugin, purpose)
            answer = app.test_client().get(address.removeprefix(BASE), base_url=BASE)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (expected, False), (plugin, purpose)
