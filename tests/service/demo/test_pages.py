"""The practice LMS's pages for teachers and administrators, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from service.demo.claims import DEEP_LINKING_SETTINGS, LTI
from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.practice import PracticeLms
from service.demo.tokens import peek
from tests.service.demo.conftest import TOOL, lms_config, read_form
from tests.service.demo.test_registration import SENT
from tests.service.demo.test_sign_in import request_for


@pytest.fixture
def lms() -> Iterator[PracticeLms]:
    with running(lms_config()) as lms:
        yield lms


def get(lms: PracticeLms, path: str) -> requests.Response:
    return requests.get(lms.base_url + path, timeout=5)


def frame_of(page: str) -> str:
    """Where a page's tool frame begins."""
    found = re.search(r'id="tool"[^>]* src="([^"]+)"', page)
    assert found
    return found[1].replace("&amp;", "&")


def launched(lms: PracticeLms, page: str) -> dict[str, Any]:
    """The claims that the tool in a page's frame would get."""
    login = read_form(get(lms, frame_of(page)).text).fields
    changes = {"redirect_uri": next(tool.launch_url for tool in lms.tools if tool.client_id == login["client_id"])}
    answer = requests.get(f"{lms.base_url}/auth", params=request_for(login, **changes), timeout=5)
    return peek(read_form(answer.text).fields["id_token"])[1]


def test_only_staff_see_and_reach_the_courses_care(lms: PracticeLms) -> None:
    for person, reaches in (("karin-lindqvist", False), ("amira-haddad", True), ("johan-ekstrom", True)):
        assert ("Lägg till aktivitet" in get(lms, f"/courses/enhetschefer/as/{person}").text) is reaches
        for place in ("choose", "grades", "roster", "review/ledarsteg/101"):
            assert get(lms, f"/courses/enhetschefer/{place}/as/{person}").status_code == (200 if reaches else 403)


def test_choosing_opens_deep_linking_at_the_chosen_tool(lms: PracticeLms) -> None:
    page = get(lms, "/courses/enhetschefer/choose/as/amira-haddad").text
    assert "client_id=annan" in page
    claims = launched(lms, get(lms, "/courses/enhetschefer/choose/as/amira-haddad?client_id=annan").text)
    assert (claims["aud"], claims[f"{LTI}/message_type"]) == ("annan", "LtiDeepLinkingRequest")
    assert "/courses/2/deep_links?" in claims[DEEP_LINKING_SETTINGS]["deep_link_return_url"]


def test_placed_activity_opens_the_tool_that_placed_it(lms: PracticeLms) -> None:
    (link,) = lms.add_links("2", [{"title": "Annat", "iframe": {"height": 700}}], tool=lms.client("annan"))
    page = get(lms, f"/courses/enhetschefer/as/karin-lindqvist/{link.key}").text
    assert 'height="700"' in page
    assert launched(lms, page)["aud"] == "annan"
    overview = get(lms, "/courses/enhetschefer/as/amira-haddad?added=1").text
    assert "En aktivitet har lagts till." in overview
    assert "<h1>Stegvis</h1>" in overview


def test_course_is_copied_by_a_button(lms: PracticeLms) -> None:
    answer = requests.post(f"{lms.base_url}/courses/enhetschefer/copy/as/amira-haddad", timeout=5)
    assert answer.url.endswith("/courses/enhetschefer-kopia-1/as/amira-haddad")
    assert "Enhetschefer 2026 kopia 1" in answer.text
    assert launched(lms, answer.text)[f"{LTI}/custom"]["context_history"] == "2"


def test_gradebook_shows_results_and_opens_a_review(lms: PracticeLms) -> None:
    (link,) = lms.add_links("2", [{"title": "Övning", "lineItem": {"label": "Övning klar", "scoreMaximum": 1}}])
    item = lms.gradebook.items("2", "ovning")[-1]
    score = {"userId": "101", "scoreGiven": 1, "scoreMaximum": 1, "gradingProgress": "FullyGraded", "comment": "Bra"}
    lms.gradebook.record(item, score | {"timestamp": datetime.now(UTC).isoformat()}, int(lms.now()))
    page = get(lms, "/courses/enhetschefer/grades/as/amira-haddad").text
    assert '<th scope="col">Övning klar</th>' in page
    assert "<td>1/1" in page
    assert page.count('<th scope="row">') == 13, "learners only"
    (address,) = re.findall(r'href="([^"]+)" aria-label="Granska Karin Lindqvist, Övning klar"', page)
    claims = launched(lms, get(lms, address.replace("&amp;", "&")).text)
    assert claims[f"{LTI}/message_type"] == "LtiSubmissionReviewRequest"
    assert (claims[f"{LTI}/for_user"], claims[f"{LTI}/resource_link"]["id"]) == ({"user_id": "101"}, link.id)


def test_roster_page_enrols_suspends_and_unenrols(lms: PracticeLms) -> None:
    def change(action: str) -> str:
        form = {"person": "108", "action": action}
        return requests.post(f"{lms.base_url}/courses/enhetschefer/roster/as/amira-haddad", data=form, timeout=5).text

    assert "Avregistrera Eva Sundin" in change("enrol")
    assert lms.is_gradable("2", "108")
    assert "Aktivera Eva Sundin" in change("suspend")
    assert not lms.is_gradable("2", "108")
    assert "Avregistrera Eva Sundin" not in change("unenrol")
    assert (
        requests.post(
            f"{lms.base_url}/courses/enhetschefer/roster/as/amira-haddad", data={"action": "x"}, timeout=5
        ).status_code
        == 400
    )


def test_administrator_sees_tools_and_activates_one(lms: PracticeLms) -> None:
    headers = {"Authorization": f"Bearer {lms.registration_token()}"}
    client_id = requests.post(f"{lms.base_url}/register", json=SENT, headers=headers, timeout=5).json()["client_id"]
    page = get(lms, "/admin").text
    assert client_id in page
    assert page.count("Väntar på aktivering") == 1
    pending = get(lms, f"/start/enhetschefer/ledarsteg?as=karin-lindqvist&client_id={client_id}")
    assert (pending.status_code, "<form" in pending.text) == (403, False)
    assert client_id not in get(lms, "/courses/enhetschefer/choose/as/amira-haddad").text
    answer = requests.post(f"{lms.base_url}/admin/tools/{client_id}/activate", timeout=5)
    assert "Väntar på aktivering" not in answer.text
    assert client_id in get(lms, "/courses/enhetschefer/choose/as/amira-haddad").text
    assert requests.post(f"{lms.base_url}/admin/tools/nope/activate", timeout=5).status_code == 404


def test_registration_page_frames_the_tool_with_its_token(lms: PracticeLms) -> None:
    page = get(lms, "/admin/register?address=http://127.0.0.1:9/lti/register/abc").text
    assert 'data-origin="http://127.0.0.1:9"' in page
    assert re.search(r'src="http://127.0.0.1:9/lti/register/abc\?openid_configuration=[^"]+registration_token=', page)
    tool = lms.add_pending(replace(TOOL, client_id="sig-sjalv", metadata=SENT))
    assert "en ändring av Stegvis (sig-sjalv)" in get(lms, "/admin").text
    update = get(lms, f"/admin/register?address=http://127.0.0.1:9/lti/register/abc&update={tool.client_id}").text
    token = re.search(r"registration_token=([^&\"]+)", update)
    assert token
    said = lms.token_claims(token[1])
    assert said is not None
    assert (said["sub"], said["scope"]) == ("sig-sjalv", "reg-update")
    wrong = get(lms, "/admin/register?address=javascript:alert(1)")
    assert "ingen webbadress" in wrong.text
    assert "<iframe" not in wrong.text


def test_privacy_page_opens_the_tool_without_a_course(lms: PracticeLms) -> None:
    claims = launched(lms, get(lms, "/admin/privacy?as=johan-ekstrom&about=101&client_id=ovning").text)
    assert (claims[f"{LTI}/message_type"], claims[f"{LTI}/for_user"]) == (
        "DataPrivacyLaunchRequest",
        {"user_id": "101"},
    )
    of_all = launched(lms, get(lms, "/admin/privacy?as=johan-ekstrom&client_id=ovning&about=").text)
    assert f"{LTI}/for_user" not in of_all
    assert get(lms, "/admin/privacy?as=nobody&client_id=ovning").status_code == 404


def test_platform_without_tools_and_one_with_a_crowd_have_pages() -> None:
    with running(LmsConfig("http://localhost:0")) as empty:
        assert "Inget verktyg är registrerat än." in get(empty, "/admin").text
        assert "Inget verktyg är aktiverat än." in get(empty, "/courses/enhetschefer/choose/as/amira-haddad").text
        empty.crowd("enhetschefer", 300)
        assert "till.</p>" in get(empty, "/").text
        assert len(get(empty, "/courses/enhetschefer/roster/as/amira-haddad").text) < 40_000


def test_moodle_has_no_storage_frame_and_canvas_has(lms: PracticeLms) -> None:
    assert "post_message_forwarding" not in get(lms, "/courses/enhetschefer/as/karin-lindqvist").text
    assert get(lms, "/storage").status_code == 404
    with running(LmsConfig("http://localhost:0", TOOL, family="canvas")) as canvas:
        page = get(canvas, "/courses/enhetschefer/as/karin-lindqvist").text
        assert '<iframe name="post_message_forwarding"' in page
        assert page.index("post_message_forwarding") < page.index('id="tool"'), "it is there before the tool asks"
        assert f'data-origins="{TOOL.origin}"' in get(canvas, "/storage").text
