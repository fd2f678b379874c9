"""Every page of the core for every role: what opens, what is refused, and what is not there without a course."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from service.access import Role
from service.cohorts.models import Launch
from service.cohorts.pages import PAGES
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import Browser, World

ROLES = tuple(Role)
ANY = dict.fromkeys(ROLES, 200)
FORBIDDEN = {Role.MANAGER: 403, Role.COACH: 403, Role.TRAINING: 403, Role.CANDIDATE: 403, Role.NONE: 403}
TRAINING_ONLY = FORBIDDEN | {Role.TRAINING: 200}
# What a well-formed request to each of the core's endpoints is answered, by role.
EXPECTED: dict[str, dict[Role, int]] = {
    "home": {Role.MANAGER: 200, Role.COACH: 303, Role.TRAINING: 303, Role.CANDIDATE: 200, Role.NONE: 403},
    "cohort": FORBIDDEN | {Role.COACH: 200, Role.TRAINING: 200},
    "programme": TRAINING_ONLY,
    "switches": TRAINING_ONLY,
    "switch_many": FORBIDDEN | {Role.TRAINING: 303},
    "switch": FORBIDDEN | {Role.TRAINING: 303},
    "switch_default": FORBIDDEN | {Role.TRAINING: 303},
    "switch_cohort": FORBIDDEN | {Role.TRAINING: 303},
    "settings": TRAINING_ONLY,
    # The plugin that the test asks for has no words for its settings.
    "settings_of": FORBIDDEN | {Role.TRAINING: 404},
    "settings_write": FORBIDDEN | {Role.TRAINING: 404},
    "completion_own": FORBIDDEN | {Role.MANAGER: 303},
    # The member that the test names has chosen nothing.
    "completion_approve": FORBIDDEN | {Role.TRAINING: 404},
    "words": TRAINING_ONLY,
    "words_write": FORBIDDEN | {Role.TRAINING: 303},
    # There is no change of the id that the test asks for.
    "undo": FORBIDDEN | {Role.TRAINING: 404},
    "terms": TRAINING_ONLY,
    # No term is named by the form of this test.
    "terms_write": FORBIDDEN | {Role.TRAINING: 404},
    "members": TRAINING_ONLY,
    "grant": FORBIDDEN | {Role.TRAINING: 303},
    "revoke": FORBIDDEN | {Role.TRAINING: 303},
    "roster": FORBIDDEN | {Role.COACH: 303, Role.TRAINING: 303},
    "roster_ask": FORBIDDEN | {Role.COACH: 303, Role.TRAINING: 303},
    "who": ANY,
    "off": ANY,
    "window": ANY,
    "leave": ANY,
    "language": dict.fromkeys(ROLES, 303),
    "audit": ANY,
    "zone": ANY,
    # The test names no zone.
    "zone_choose": dict.fromkeys(ROLES, 422),
    "mail": FORBIDDEN | dict.fromkeys((Role.MANAGER, Role.COACH, Role.TRAINING), 200),
    # No mail server is set here, and she has given no address.
    "mail_give": FORBIDDEN | dict.fromkeys((Role.MANAGER, Role.COACH, Role.TRAINING), 404),
    "mail_choose": FORBIDDEN | dict.fromkeys((Role.MANAGER, Role.COACH, Role.TRAINING), 404),
    "mail_remove": FORBIDDEN | dict.fromkeys((Role.MANAGER, Role.COACH, Role.TRAINING), 303),
    "claim": FORBIDDEN | {Role.CANDIDATE: 422},
    "completion": TRAINING_ONLY,
    "completion_now": FORBIDDEN | {Role.TRAINING: 303},
    "review_nobody": FORBIDDEN | {Role.COACH: 200},
    "review": FORBIDDEN | {Role.COACH: 200},
    "data": ANY,
    "data_copy": FORBIDDEN | dict.fromkeys((Role.MANAGER, Role.COACH, Role.TRAINING), 303),
    "thread": FORBIDDEN | {Role.MANAGER: 200},
    "changes": FORBIDDEN | {Role.COACH: 200, Role.TRAINING: 200},
    "retention": TRAINING_ONLY,
    # There is no rule of the name that the test asks for.
    "retention_change": FORBIDDEN | {Role.TRAINING: 404},
    "privacy": TRAINING_ONLY,
    "privacy_nobody": TRAINING_ONLY,
    "privacy_person": TRAINING_ONLY,
    "privacy_erase": FORBIDDEN | {Role.TRAINING: 422},
    # The platform asked for nothing in these launches.
    "place": FORBIDDEN | dict.fromkeys((Role.COACH, Role.TRAINING, Role.CANDIDATE), 404),
    "place_answer": FORBIDDEN | dict.fromkeys((Role.COACH, Role.TRAINING, Role.CANDIDATE), 404),
    "place_back": FORBIDDEN | dict.fromkeys((Role.COACH, Role.TRAINING, Role.CANDIDATE), 404),
    "copy": FORBIDDEN | {Role.COACH: 303, Role.TRAINING: 303},
    "connections": TRAINING_ONLY,
    "connections_launches": TRAINING_ONLY,
    # There is no launch, platform, deployment or invite with the id that the test asks for.
    "connections_launch": FORBIDDEN | {Role.TRAINING: 404},
    "connections_platform": FORBIDDEN | {Role.TRAINING: 404},
    "connections_deployment": FORBIDDEN | {Role.TRAINING: 404},
    "connections_revoke": FORBIDDEN | {Role.TRAINING: 404},
    "connections_cohort": FORBIDDEN | {Role.TRAINING: 303},
    "connections_invite": TRAINING_ONLY,
    "connections_test": TRAINING_ONLY,
    # The plugin that the test asks for says nothing of being complete.
    "completion_switch": FORBIDDEN | {Role.TRAINING: 404},
}
FORMS: dict[str, dict[str, Any]] = {
    "switch": {"state": "on"}, "switch_default": {"state": "on"}, "switch_cohort": {"state": "on"}, "words_write": {"seen": "{}"}, "completion_own": {"state": "off"}, "completion_approve": {"state": "on"}, "switch_many": {"plugin": "one", "state": "on", "all": "on"}, "grant": {"role": "coach"},
    "completion_switch": {"state": "on"}, "copy": {"take": "defaults"}, "connections_platform": {"state": "disable"},
    "connections_deployment": {"state": "disable"}, "connections_cohort": {"state": "back"}, "connections_invite": {"name": "Umeå"},
    "revoke": {"role": "coach"}, "language": {"locale": "sv"}, "claim": {"code": "wrong"},
}  # fmt: skip


@pytest.fixture
def world(make_app: Callable[..., Flask]) -> World:
    return World(make_app(plugins=plugins(plugin("one"), plugin("two"))))


def ask(inside: Browser, name: str, cohort: Any, member: Any) -> int:
    method, path = next((page[0], page[1]) for page in PAGES if page[3] == name)
    key = "two" if name == "off" else "one"
    values = {"<plugin>": key, "<uuid:cohort>": str(cohort), "<uuid:member>": str(member.id)}
    values["<uuid:person>"] = str(member.person_id)
    path = re.sub(r"<[^>]+>", lambda found: values.get(found.group(), str(member.id)), path)
    return (inside.get(path) if method == "GET" else inside.post(path, FORMS.get(name))).status_code


def test_every_page_is_in_the_table() -> None:
    assert set(EXPECTED) == {page[3] for page in PAGES}


@pytest.mark.parametrize("role", ROLES)
def test_what_each_role_may(world: World, role: Role) -> None:
    course = world.course(plugins={"one": {}})
    member = world.member(course)
    answers = {}
    for name in EXPECTED:
        answers[name] = ask(world.enter(course, role), name, course.cohort.id, member)
    assert answers == {name: expected[role] for name, expected in EXPECTED.items()}


@pytest.mark.parametrize("name", [page[3] for page in PAGES if page[0] == "POST"])
def test_a_form_without_its_token_changes_nothing(world: World, name: str) -> None:
    course = world.course(plugins={"one": {}})
    inside = world.enter(course, Role.TRAINING)
    method_path = next(page[1] for page in PAGES if page[3] == name)
    member = world.member(course)
    values = {"<plugin>": "two", "<uuid:cohort>": str(course.cohort.id), "<uuid:member>": str(member.id)}
    values["<uuid:person>"] = str(member.person_id)
    path = re.sub(r"<[^>]+>", lambda found: values.get(found.group(), str(member.id)), method_path)
    for extra in ({"csrf_token": ""}, {"csrf_token": "0" * 64}):
        answer = inside.post(path, FORMS.get(name, {}) | extra)
        assert answer.status_code == 403
        assert "E-CSRF" in answer.text
    answer = inside.post(path, FORMS.get(name), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.COACH, "/cohort", 404), (Role.TRAINING, "/cohort", 404), (Role.TRAINING, "/members", 404),
        (Role.TRAINING, "/switches", 200), (Role.MANAGER, "/who", 200), (Role.MANAGER, "/off/one", 200),
        (Role.MANAGER, "/one/", 404),
    ],
)  # fmt: skip
def test_without_a_course(world: World, role: Role, path: str, status: int) -> None:
    inside = world.enter(world.course(), role)
    with world.core.units.writing() as unit:
        launch = unit.session.get_one(Launch, inside.launch_id)
        launch.cohort_id = launch.member_id = None
    assert inside.get(path).status_code == status
    if role is Role.TRAINING:
        assert inside.post("/switches/one", {"state": "off"}).status_code == 404
    if role is not Role.CANDIDATE:
        assert inside.post("/data/copy").status_code == 404


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH, Role.TRAINING, Role.CANDIDATE])
def test_pages_are_drawn_in_every_language_without_inline_style(world: World, role: Role, locale: str) -> None:
    course = world.course()
    member = world.member(course)
    inside = world.enter(course, role, locale=locale)
    values = {"<plugin>": "two", "<uuid:member>": str(member.id), "<uuid:person>": str(member.person_id)}
    for _method, path, _view, name in PAGES:
        if _method == "GET" and EXPECTED[name][role] == 200:
            text = inside.get(re.sub(r"<[^>]+>", lambda found: values[found.group()], path)).text
            assert f'lang="{locale}"' in text or "page of two" in text or "Redirecting" in text
            assert not re.search(r"<[^>]+\s(style|on\w+)=", text)
            assert "%(" not in text
