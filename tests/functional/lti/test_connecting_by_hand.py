"""What an operator and an administrator do by hand: invites at the command line, values to copy, and the self-test."""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response

from service.demo.lms import in_thread
from service.lti import selftest, toolkeys
from service.lti.cli import platform
from service.lti.models import Invite, Platform, ToolKey
from service.outbound import Outbound
from service.settings import Settings
from service.unit import Units
from tests.functional.lti.registering import Administrator, text
from tests.functional.lti.support import Lti
from tests.live import listening, serving
from tests.support import BASE, OffsetClock, parts


@pytest.fixture
def run(settings: Settings, app: Flask) -> Callable[..., Result]:
    def invoke(*arguments: str, **changes: Any) -> Result:
        return CliRunner().invoke(platform, list(arguments), obj=lambda: settings.model_copy(update=changes))

    return invoke


def test_an_invite_made_at_the_command_line_opens_the_page(run: Callable[..., Result], app: Flask) -> None:
    result = run("invite", "--organisation", "Vård och omsorg", "--for", "Umeå Moodle", "--activate")
    assert result.exit_code == 0, result.output
    found = re.search(rf"{BASE}/lti/register/(\S+)", result.output)
    assert found
    admin = Administrator(app)
    assert admin.open(found[1]).status_code == 200
    assert re.search(r"([0-9a-f]{4}-){5}[0-9a-f]{4}", result.output)
    listed = run("invites", "--organisation", "Vård och omsorg").output
    assert "open  Umeå Moodle" in listed
    assert "activates" in listed
    assert found[1] not in listed
    number = str(admin.only(Invite).id)
    assert run("revoke-invite", "--organisation", "Vård och omsorg", number).exit_code == 0
    assert admin.open(found[1]).status_code == 404
    assert "revoked  Umeå Moodle" in run("invites", "--organisation", "Vård och omsorg").output
    assert run("revoke-invite", "--organisation", "Vård och omsorg", number).exit_code == 2
    assert admin.events("invite.make") == [("allow", "activates")]
    assert admin.events("invite.revoke") == [("allow", "")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("invite", "--organisation", " ", "--for", "x"), "--organisation"), (("invite", "--organisation", "x", "--for", " "), "--for"),
        (("invites", "--organisation", "okand"), "none of that name"), (("revoke-invite", "--organisation", "okand", "0" * 32), "none of that name"),
    ],
)  # fmt: skip
def test_a_wrong_word_at_the_command_line_is_one_sentence(
    run: Callable[..., Result], arguments: tuple[str, ...], words: str
) -> None:
    result = run(*arguments)
    assert (result.exit_code, "Traceback" in result.output, words in result.output) == (2, False, True), result.output


# values to copy


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input":
            self.found[str(given["id"])] = str(given["value"])
        self._area = str(given["id"]) if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] = self.found.get(self._area, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._area = ""


def fields(page: str) -> dict[str, str]:
    reader = _Fields()
    reader.feed(page)
    return reader.found


def get(app: Flask, path: str, **headers: str) -> Any:
    return app.test_client().get(path, base_url=BASE, headers=headers)


def test_every_value_that_moodle_wants_can_be_copied_without_script(app: Flask, lti: Lti) -> None:
    own = lti.only(Platform).public_id
    for path, end in (("", ""), (f"/{own}", f"/{own}")):
        found = fields(text(get(app, f"/lti/config{path}/moodle")))
        assert found == {
            "value-name": "Stegvis", "value-url": f"{BASE}/lti/launch", "value-description": "Habits, coaching plans and group maturity",
            "value-keys": f"{BASE}/lti/jwks{end}", "value-login": f"{BASE}/lti/login{end}", "value-redirect": f"{BASE}/lti/launch", "value-content": f"{BASE}/lti/launch",
            "value-custom": "context_id_history=$Context.id.history\nlink_id_history=$ResourceLink.id.history\ntimezone=$Person.address.timezone\n"
            "course_start=$CourseSection.timeFrame.begin\ncourse_end=$CourseSection.timeFrame.end",
            "value-icon": f"{BASE}/static/favicon.svg", "value-canvas": f"{BASE}/lti/config{end}/canvas.json",
        }  # fmt: skip


def test_the_page_speaks_three_languages(app: Flask) -> None:
    shown = {code: text(get(app, f"/lti/config/moodle?lang={code}")) for code in ("sv", "en", "lv")}
    for code, page in shown.items():
        assert f'<html lang="{code}"' in page
    assert "Share launcher's email with tool" in unescape(shown["en"])
    assert '<html lang="lv"' in text(get(app, "/lti/config/moodle", **{"Accept-Language": "lv"}))
    assert '<html lang="sv"' in text(get(app, "/lti/config/moodle?lang=xx"))


def test_the_key_of_canvas(app: Flask, lti: Lti) -> None:
    own = lti.only(Platform).public_id
    for path, end in (("", ""), (f"/{own}", f"/{own}")):
        answer = get(app, f"/lti/config{path}/canvas.json")
        key = answer.get_json()
        assert (key["oidc_initiation_url"], key["public_jwk_url"]) == (
            f"{BASE}/lti/login{end}",
            f"{BASE}/lti/jwks{end}",
        )
        assert key["target_link_uri"] == f"{BASE}/lti/launch"
        assert "https://purl.imsglobal.org/spec/lti-ags/scope/score" in key["scopes"]
        (extension,) = key["extensions"]
        assert (extension["domain"], extension["privacy_level"]) == ("127.0.0.1:5055", "name_only")
        menu, *others = extension["settings"]["placements"]
        assert (menu["placement"], menu["default"], menu["visibility"]) == ("course_navigation", "disabled", "members")
        assert [(one["placement"], one["message_type"]) for one in others] == [
            ("assignment_selection", "LtiDeepLinkingRequest"), ("link_selection", "LtiDeepLinkingRequest"),
        ]  # fmt: skip


@pytest.mark.parametrize("path", ["/lti/config/okand/canvas.json", "/lti/config/okand/moodle"])
def test_no_configuration_of_a_registration_that_is_none(app: Flask, path: str) -> None:
    assert get(app, path).status_code == 404


# the self-test


@pytest.fixture
def live(make_app: Callable[..., Flask], settings: Settings) -> Iterator[tuple[Flask, str]]:
    with ExitStack() as stack:
        bound, base = stack.enter_context(listening())
        app = make_app(settings=settings.model_copy(update={"public_url": base}))
        stack.enter_context(serving(app, bound))
        yield app, base


def outcome(app: Flask, settings: Settings, public_url: str) -> tuple[int, str]:
    """How many steps were well, and the sentence of the one that was not."""
    steps = selftest.run(parts(app).units, Outbound(settings, 1.0), public_url)
    assert selftest.passed(steps) is steps[-1].ok
    assert all(step.ok for step in steps[:-1])
    return sum(step.ok for step in steps), str(steps[-1].sentence)


def test_the_self_test_passes(live: tuple[Flask, str], settings: Settings, run: Callable[..., Result]) -> None:
    app, base = live
    assert outcome(app, settings, base) == (5, "")
    result = run("selftest", public_url=base)
    assert (result.exit_code, result.output.count("ok  ")) == (0, 5), result.output


def test_the_self_test_at_the_command_line_says_what_is_wrong(run: Callable[..., Result]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = run("selftest", public_url=f"http://127.0.0.1:{port}")
    assert (result.exit_code, "FAIL" in result.output, "Nothing answers" in result.output) == (1, True, True)


@pytest.mark.parametrize(
    ("answer", "well", "words"),
    [
        (Response("<html>", 200, content_type="text/html"), 2, "a page instead"), (Response("hej", 200, content_type="text/plain"), 2, "not Stegvis"), (Response("{}", 200), 2, "page instead"),
        (Response('{"keys": [{"kty": "RSA"}]}', 200, content_type="application/json"), 2, "not Stegvis"), (Response("", 502), 1, "status 502"), (Response("", 301, {"Location": "/x"}), 1, "another one"),
        (Response("x" * 100_000, 200), 1, "not Stegvis"), (Response('{"keys": []}', 200, content_type="application/json"), 2, "not Stegvis"),
    ],
)  # fmt: skip
def test_what_stands_in_between_is_found_out(
    app: Flask, settings: Settings, answer: Response, well: int, words: str
) -> None:
    between = Flask("between")

    @between.get("/lti/jwks")
    def keys() -> Response:
        return answer

    with in_thread(between) as base:
        count, sentence = outcome(app, settings, base)
    assert (count, words in sentence) == (well, True), sentence


def test_another_installations_key_under_our_keys_name(app: Flask, settings: Settings) -> None:
    other = Flask("other")
    published: dict[str, Any] = {}

    @other.get("/lti/jwks")
    def keys() -> Any:
        return published

    units: Units = parts(app).units
    with units.writing():
        toolkeys.ensure(units.keyring)
    current, following = sorted(Administrator(app).all(ToolKey), key=lambda row: row.state)
    published["keys"] = [{**following.public_jwk, "kid": "gammal"}]
    with in_thread(other) as base:
        count, sentence = outcome(app, settings, base)
        assert (count, "others than ours" in sentence) == (3, True), sentence
        published["keys"] = [{**following.public_jwk, "kid": current.kid}]
        count, sentence = outcome(app, settings, base)
    assert (count, "another one" in sentence) == (3, True), sentence


def test_a_clock_that_is_wrong(live: tuple[Flask, str], settings: Settings, clock: OffsetClock) -> None:
    app, base = live
    clock.advance(timedelta(minutes=3))
    count, sentence = outcome(app, settings, base)
    assert count == 4
    assert re.search(r"differ by (179|18\d) seconds", sentence)


def test_an_answer_without_a_date_says_nothing_about_clocks(app: Flask, settings: Settings) -> None:
    units: Units = parts(app).units
    with units.writing():
        body = json.dumps(toolkeys.ensure(units.keyring)).encode()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            connection, _address = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                    % (len(body), body)
                )

        thread = threading.Thread(target=once)
        thread.start()
        assert outcome(app, settings, f"http://127.0.0.1:{server.getsockname()[1]}") == (5, "")
        thread.join()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://10.0.0.1", "private network"),
        ("http://192.0.2.1", "https"),
        ("https://finns-inte.invalid", "does not exist"),
        ("https://a:x", "not Stegvis"),
    ],
)
def test_an_address_that_platforms_could_not_call(app: Flask, settings: Settings, url: str, words: str) -> None:
    count, sentence = outcome(app, settings, url)
    assert (count, words in sentence) == (1, True), sentence
