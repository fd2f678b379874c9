"""Notices of platforms: asking for them, taking the genuine ones once, and refusing all others."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from service.audit import AuditEvent
from service.cohorts.models import Cohort
from service.demo.claims import COPY_NOTICE, SCOPE_MEMBERS, SCOPE_NOTICES
from service.demo.config import LmsConfig
from service.demo.faults import Fault
from service.demo.lms import running
from service.demo.people import INSTRUCTOR
from service.demo.practice import REMOVE, PracticeLms
from service.demo.tokens import with_overrides
from service.jobs.models import Job, JobState
from service.jobs.work import perform
from service.lti.item_models import CopyNotice
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from tests.functional.lti.content import LTI, PLUGINS, reachable
from tests.functional.lti.support import OTHER_CLIENT, SECOND_DEPLOYMENT, TOOL, Lti, accepted
from tests.support import BASE, OffsetClock, parts

NOTICE, CONTEXT, ORIGINS = LTI + "notice", LTI + "context", LTI + "origin_contexts"


@pytest.fixture(scope="module")
def canvas() -> Iterator[PracticeLms]:
    """A platform with Canvas's manners."""
    with running(LmsConfig("http://localhost:0", TOOL, (SECOND_DEPLOYMENT, OTHER_CLIENT), family="canvas")) as lms:
        yield lms


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The tool with two small plugins."""
    return make_app(plugins=PLUGINS)


@pytest.fixture
def lti(app: Flask, canvas: PracticeLms) -> Iterator[Lti]:
    """The tool, registered with the platform, with its key set where the platform can fetch it."""
    keys = list(canvas.keys._keys)
    canvas.notice_handlers.clear()
    with reachable(app, canvas) as found:
        jwks_url = found.tool.jwks_url
        found.tool = canvas.replace_tool("ovning", jwks_url=jwks_url)
        yield found
    canvas.replace_tool("ovning", jwks_url=TOOL.jwks_url, scopes=None)
    canvas.faults.clear()
    canvas.clock_offset, canvas.keys._keys = 0.0, keys


def claims_of(lti: Lti, course: str = "enhetschefer", **changes: Any) -> dict[str, Any]:
    """The claims of a notice that the platform would send of a copy of `course`'s."""
    honest = {**lti.lms.copy_notice(lti.tool, course), ORIGINS: ["71"]}
    return dict(with_overrides(honest, changes))


def post(lti: Lti, *tokens: Any, public_id: str = "", **kw: Any) -> TestResponse:
    public_id = public_id or lti.only(Platform).public_id
    body = kw.pop("data", None) or json.dumps({"notices": [{"jwt": token} for token in tokens]})
    return lti.browser().post(
        f"/lti/notices/{public_id}", data=body, content_type="application/json", base_url=BASE, **kw
    )


def send(lti: Lti, header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> TestResponse:
    """Sends one notice with something changed in it."""
    return post(lti, lti.lms.sign(claims_of(lti, **changes), header_overrides=header, key=key))


def refused(lti: Lti, reason: str, answer: TestResponse) -> None:
    """Asserts that a notice was refused, counted, and not kept."""
    assert (answer.status_code, "E-LAUNCH" in answer.text) == (401, True)
    assert lti.counted("E-LAUNCH", f"notice_{reason}") == 1
    assert lti.all(CopyNotice) == []


# Taking notices.


def test_a_genuine_notice_is_taken(lti: Lti) -> None:
    answer = send(lti)
    assert (answer.status_code, answer.data) == (202, b"")
    row = lti.only(CopyNotice)
    assert (row.context_id, row.origins) == (lti.lms.course("enhetschefer").id, ["71"])
    # A later word about the same course replaces the earlier one.
    assert send(lti, **{ORIGINS: ["72", "71"]}).status_code == 202
    assert lti.only(CopyNotice).origins == ["72", "71"]


def test_g61_a_notice_with_a_bad_signature(lti: Lti) -> None:
    token = lti.lms.sign(claims_of(lti))
    head, body, signature = token.split(".")
    other = lti.lms.sign(claims_of(lti, **{ORIGINS: ["99"]})).split(".")[1]
    for forged in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-8]}AAAAAAAA", f"{head}.{body}."):
        assert post(lti, forged).status_code == 401
    assert lti.counted("E-LAUNCH", "notice_signature") + lti.counted("E-LAUNCH", "notice_format") == 3
    assert lti.all(CopyNotice) == []


def test_g61_a_notice_signed_by_somebody_else(lti: Lti) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused(lti, "signature", send(lti, key=stranger))


def test_g61_a_notice_sent_again(lti: Lti) -> None:
    token = lti.lms.sign(claims_of(lti))
    assert post(lti, token).status_code == 202
    assert post(lti, token).status_code == 401
    # The same notice in a new envelope is the same notice.
    claims = claims_of(lti)
    again = [lti.lms.sign({**claims, "nonce": uuid.uuid4().hex, ORIGINS: [origin]}) for origin in ("73", "74")]
    assert [post(lti, token).status_code for token in again] == [202, 401]
    assert lti.counted("E-LAUNCH", "notice_replay") == 2
    assert lti.only(CopyNotice).origins == ["73"]


@pytest.mark.parametrize(
    ("reason", "header", "changes"),
    [
        ("kid", {"kid": REMOVE}, {}), ("kid_unknown", {"kid": "okand"}, {}), ("alg", {"alg": "HS256"}, {}), ("iss", {}, {"iss": "https://evil.example"}),
        ("aud", {}, {"aud": "annan"}), ("aud", {}, {"aud": REMOVE}), ("expired", {}, {"iat": 1, "exp": 2}), ("time", {}, {"exp": REMOVE}),
        ("lifetime", {}, {"exp": 4_000_000_000}), ("deployment", {}, {LTI + "deployment_id": "99"}), ("claims", {}, {LTI + "deployment_id": REMOVE}),
        ("version", {}, {LTI + "version": "1.1"}), ("claims", {}, {LTI + "version": REMOVE}), ("claims", {}, {NOTICE: REMOVE}),
        ("claims", {}, {NOTICE: {"type": COPY_NOTICE}}), ("claims", {}, {NOTICE: {"id": "", "type": COPY_NOTICE}}), ("claims", {}, {ORIGINS: "71"}),
        ("type", {}, {NOTICE: {"id": "1", "type": "LtiAssetProcessorSubmissionNotice"}}), ("claims", {}, {ORIGINS: [71]}), ("claims", {}, {CONTEXT: {"id": 7}}),
    ],
)  # fmt: skip
def test_g61_a_notice_with_something_wrong(
    lti: Lti, reason: str, header: dict[str, Any], changes: dict[str, Any]
) -> None:
    refused(lti, reason, send(lti, header, **changes))


def test_g61_an_old_notice_and_one_from_the_future(lti: Lti) -> None:
    for seconds, reason in ((-700.0, "old"), (120.0, "early")):
        lti.lms.clock_offset = seconds
        refused(lti, reason, send(lti))


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"notices": {}}', '{"notices": []}', '{"notices": ["x"]}', '{"notices": [{}]}', '{"notices": [{"jwt": 7}]}', "\x00", '{"notices": [], "notices": []}'],
)  # fmt: skip
def test_g61_a_body_that_is_none(lti: Lti, body: str) -> None:
    assert post(lti, data=body or b" ").status_code == 400


def test_g61_more_than_is_taken_at_once(lti: Lti) -> None:
    assert post(lti, data=b'{"notices": "' + b"x" * (256 * 1024) + b'"}').status_code == 413
    assert post(lti, *["x.y.z"] * 51).status_code == 400
    lti.app.config["LTI_PER_MINUTE"] = 1
    assert [send(lti).status_code for _ in range(2)][-1] == 429


def test_g61_a_platform_that_is_not_there_or_disabled(lti: Lti) -> None:
    token = lti.lms.sign(claims_of(lti))
    assert post(lti, token, public_id="okand").status_code == 401
    lti.change(Platform, state=PlatformState.DISABLED)
    assert post(lti, token).status_code == 401
    assert lti.counted("E-LAUNCH", "notice_platform") == 2


def test_g61_a_deployment_that_is_not_active(lti: Lti) -> None:
    lti.change(Deployment, state=DeploymentState.PENDING)
    refused(lti, "deployment", send(lti))


def test_one_bad_notice_does_not_hold_back_another(lti: Lti) -> None:
    good, bad = lti.lms.sign(claims_of(lti)), lti.lms.sign(claims_of(lti, aud="annan"))
    assert post(lti, bad, good).status_code == 401
    assert lti.only(CopyNotice).origins == ["71"]
    assert [event.outcome for event in lti.all(AuditEvent)].count("deny") == 0


def test_a_notice_that_says_nothing_of_copies(lti: Lti) -> None:
    assert send(lti, **{NOTICE: {"id": "1", "type": "LtiHelloWorldNotice"}}).status_code == 202
    assert send(lti, **{ORIGINS: REMOVE}).status_code == 202
    assert send(lti, **{CONTEXT: REMOVE}).status_code == 202
    assert send(lti, nonce=REMOVE, azp=lti.tool.client_id).status_code == 202
    assert lti.only(CopyNotice).origins == ["71"]


def test_a_key_that_is_new(lti: Lti, clock: OffsetClock) -> None:
    assert send(lti).status_code == 202
    lti.lms.rotate_keys()
    clock.advance(timedelta(seconds=61))
    lti.lms.clock_offset = 61.0
    assert send(lti).status_code == 202


# What becomes of it.


def opened(lti: Lti, context_id: str, **claims: Any) -> Cohort:
    context = {"id": context_id, "title": f"Kurs {context_id}"}
    accepted(lti.forged(context=context, roles=[INSTRUCTOR], **{"custom": {}, **claims}))
    (found,) = [cohort for cohort in lti.all(Cohort) if cohort.context_id == context_id]
    assert isinstance(found, Cohort)
    return found


def test_a_copied_course_is_known_when_it_is_opened(lti: Lti) -> None:
    source = opened(lti, "71")
    assert send(lti, **{CONTEXT: {"id": "72"}}).status_code == 202
    assert opened(lti, "72").copied_from_id == source.id
    # What the launch says itself comes first.
    nearer = opened(lti, "70")
    assert send(lti, **{CONTEXT: {"id": "73"}}).status_code == 202
    assert opened(lti, "73", custom={"context_id_history": "70"}).copied_from_id == nearer.id


def test_a_copied_course_is_known_when_content_is_first_chosen_for_it(lti: Lti) -> None:
    source = opened(lti, "71")
    assert send(lti, **{CONTEXT: {"id": "72"}}).status_code == 202
    settings = {"deep_link_return_url": lti.lms.base_url, "accept_types": ["ltiResourceLink"]}
    request: dict[str, Any] = {"message_type": "LtiDeepLinkingRequest", "deep_linking_settings": settings}
    assert opened(lti, "72", **request).copied_from_id == source.id
    assert opened(lti, "71", **request).copied_from_id is None


def test_a_course_that_was_opened_before_the_notice_came(lti: Lti, clock: OffsetClock) -> None:
    source, copied = opened(lti, "71"), opened(lti, "72")
    assert copied.copied_from_id is None
    assert send(lti, **{CONTEXT: {"id": "72"}, ORIGINS: ["99"]}).status_code == 202
    assert opened(lti, "72").copied_from_id is None
    assert send(lti, **{CONTEXT: {"id": "72"}}).status_code == 202
    assert opened(lti, "72").copied_from_id == source.id
    # Canvas sends the same notice when something is brought into a course that has long been running.
    opened(lti, "73")
    clock.advance(timedelta(days=31))
    lti.lms.clock_offset = 31 * 86400.0
    assert send(lti, **{CONTEXT: {"id": "73"}}).status_code == 202
    assert opened(lti, "73").copied_from_id is None


# Asking for notices.


def job(lti: Lti) -> Job:
    found = lti.only(Job)
    assert isinstance(found, Job)
    return found


def test_notices_are_asked_for_once(lti: Lti) -> None:
    accepted(lti.launch())
    address = f"{lti.lms.base_url}/notice-handlers/1"
    assert (job(lti).kind, job(lti).subject_id) == ("notices.subscribe", lti.only(Deployment).id)
    assert (lti.only(Deployment).notices_url, lti.only(Deployment).notices_since) == (address, None)
    perform(lti.app, job(lti).id)
    assert job(lti).state is JobState.DONE
    assert lti.only(Deployment).notices_since is not None
    handler = f"{BASE}/lti/notices/{lti.only(Platform).public_id}"
    assert lti.lms.handlers_of(lti.tool) == {COPY_NOTICE: handler}
    accepted(lti.launch())
    assert len(lti.all(Job)) == 1


@pytest.mark.parametrize(
    "said",
    [REMOVE, {"notice_types_supported": [COPY_NOTICE]}, {"platform_notification_service_url": "http://localhost/x"},
     {"platform_notification_service_url": "http://localhost/x", "notice_types_supported": ["LtiHelloWorldNotice"]}],
)  # fmt: skip
def test_nothing_is_asked_where_nothing_is_offered(lti: Lti, said: Any) -> None:
    accepted(lti.forged(**{LTI + "platformnotificationservice": said}))
    assert lti.all(Job) == []


def test_a_platform_that_does_not_grant_it_is_not_asked_again(lti: Lti) -> None:
    lti.tool = lti.lms.replace_tool("ovning", scopes=(SCOPE_MEMBERS,))
    service = {"platform_notification_service_url": f"{lti.lms.base_url}/notice-handlers/1", "notice_types_supported": [COPY_NOTICE], "scope": [SCOPE_NOTICES]}  # fmt: skip
    for _ in range(2):
        accepted(lti.forged(**{LTI + "platformnotificationservice": service}))
        perform(lti.app, job(lti).id)
    assert job(lti).state is JobState.CANCELLED
    assert lti.only(Deployment).notices_since is None


def test_a_platform_that_will_not_take_our_address(lti: Lti) -> None:
    lti.lms.faults.notice_handlers = Fault(status=400)
    accepted(lti.launch())
    perform(lti.app, job(lti).id)
    assert (job(lti).state, job(lti).reason) == (JobState.CANCELLED, "status_400")


def test_a_platform_that_is_down_is_asked_again_by_a_later_launch(lti: Lti, clock: OffsetClock) -> None:
    lti.lms.faults.notice_handlers = Fault(status=503)
    accepted(lti.launch())
    for turn in range(3):
        perform(lti.app, job(lti).id)
        assert job(lti).state is (JobState.DEAD if turn == 2 else JobState.QUEUED)
        clock.advance(timedelta(minutes=2))
    assert lti.only(Deployment).notices_url == ""
    lti.lms.faults.clear()
    lti.lms.clock_offset = 360.0
    accepted(lti.launch())
    with parts(lti.app).units.reading() as unit:
        (waiting,) = unit.session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED))
    perform(lti.app, waiting)
    assert lti.only(Deployment).notices_since is not None
