"""The training department's pages about connections: what is shown to whom, and what can be changed."""

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask

from service.access import Role
from service.audit import AuditEvent, Outcome
from service.cohorts.models import Cohort, CohortPlugin, Organisation, Person
from service.lti import connection_words as words
from service.lti import revalidation
from service.lti.models import Deployment, DeploymentState, Invite, Platform, PlatformKeys, PlatformState
from service.lti.note_models import KeysFetched, LaunchNote
from service.lti.service_models import (
    Delivery,
    DeliveryState,
    LineItem,
    PlatformHealth,
    RosterState,
    RosterSync,
)
from tests.functional.lti.support import Lti
from tests.support import Browser, Course, OffsetClock, World, parts


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@pytest.fixture
def training(world: World, course: Course) -> Browser:
    return world.enter(course, Role.TRAINING, "Johan Ekström")


def add(app: Flask, *rows: object) -> None:
    with parts(app).units.writing() as unit:
        for row in rows:
            unit.session.add(row)
            unit.session.flush()


def change(app: Flask, row: object, **values: object) -> None:
    with parts(app).units.writing() as unit:
        found = unit.session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(found, name, value)


def again(app: Flask, row: object) -> object:
    with parts(app).units.reading() as unit:
        return unit.session.get_one(type(row), row.id)


def audited(app: Flask, action: str) -> list[AuditEvent]:
    with parts(app).units.reading() as unit:
        return [event for event in unit.session.query(AuditEvent) if event.action == action]


def second_platform(app: Flask, course: Course, state: PlatformState, **values: object) -> Platform:
    platform = Platform(
        public_id=uuid.uuid4().hex[:12], name="Umeå Canvas", issuer="https://canvas.example.org", client_id="9", auth_login_url="https://canvas.example.org/auth",
        token_url="https://canvas.example.org/token", jwks_url="https://canvas.example.org/jwks", organisation_id=course.organisation.id,
        created_at=parts(app).units.clock.now(), state=state, **values,
    )  # fmt: skip
    add(app, platform)
    return platform


def pending_deployment(app: Flask, course: Course, number: str = "77") -> Deployment:
    deployment = Deployment(
        platform_id=course.platform.id, organisation_id=course.organisation.id, deployment_id=number,
        state=DeploymentState.PENDING, created_at=parts(app).units.clock.now(),
    )  # fmt: skip
    add(app, deployment)
    return deployment


def note(app: Flask, platform: Platform | None, outcome: str = "accepted", **values: object) -> LaunchNote:
    row = LaunchNote(
        at=values.pop("at", parts(app).units.clock.now()), platform_id=platform.id if platform else None, outcome=outcome,
        **{"deployment": "1", "message": "LtiResourceLinkRequest", "binding": "cookie", "evidence": {}, **values},
    )  # fmt: skip
    add(app, row)
    return row


# who sees what


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH])
@pytest.mark.parametrize("path", ["/connections", "/connections/launches"])
def test_only_training_sees_connections(world: World, course: Course, role: Role, path: str) -> None:
    inside = world.enter(course, role)
    assert inside.get(path).status_code == 403
    assert "/connections" not in inside.get("/who").text


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_the_page_of_an_organisation_that_has_just_begun(world: World, course: Course, locale: str) -> None:
    inside = world.enter(course, Role.TRAINING, locale=locale)
    answer = inside.get("/connections")
    assert answer.status_code == 200
    assert "Lärplattform" in answer.text
    assert inside.get("/connections/launches").status_code == 200


def test_the_tab_is_marked_on_all_its_pages(training: Browser) -> None:
    for path in ("/connections", "/connections/launches"):
        assert re.search(r'/connections" aria-current="page">Connections', training.get(path).text)


def test_without_a_platform_of_its_own_the_page_says_what_to_do(app: Flask, world: World, course: Course, training: Browser) -> None:  # fmt: skip
    elsewhere = world.course("Annan")
    change(app, course.platform, organisation_id=elsewhere.organisation.id)
    assert "No platform of your own is connected" in training.get("/connections").text


def test_another_organisations_things_are_neither_listed_nor_changed(
    app: Flask, world: World, course: Course, training: Browser
) -> None:
    foreign = world.course("Främmande kurs")
    change(app, foreign.platform, name="Främmande plattform", public_id="frammande")
    on_ours = Deployment(
        platform_id=course.platform.id, organisation_id=foreign.organisation.id, deployment_id="deras-nummer",
        state=DeploymentState.PENDING, created_at=parts(app).units.clock.now(),
    )  # fmt: skip
    add(app, on_ours)
    theirs, on_their_deployment = (
        note(app, foreign.platform, incident="AAAA0001"), note(app, course.platform, incident="AAAA0002", deployment="deras-nummer"),
    )  # fmt: skip
    nobodys = note(app, None, "state", incident="AAAA0003")
    mine = note(app, course.platform, incident="AAAA0004")
    shown = training.get("/connections").text + training.get("/connections/launches").text
    assert "AAAA0004" in shown
    for word in ("Främmande", "frammande", "deras-nummer", "AAAA0001", "AAAA0002", "AAAA0003"):
        assert word not in shown
    assert training.get(f"/connections/launches/{mine.id}").status_code == 200
    for one in (theirs, on_their_deployment, nobodys):
        assert training.get(f"/connections/launches/{one.id}").status_code == 404
    assert training.get(f"/connections/launches/{uuid.uuid4()}").status_code == 404
    for path, form in (
        (f"platforms/{foreign.platform.id}", {"state": "disable"}), (f"deployments/{foreign.deployment.id}", {"state": "disable"}),
        (f"deployments/{on_ours.id}", {"state": "activate", "compared": "yes"}), (f"cohorts/{foreign.cohort.id}", {"state": "away"}),
        (f"invites/{uuid.uuid4()}", {}), (f"platforms/{uuid.uuid4()}", {"state": "disable"}),
    ):  # fmt: skip
        assert training.post(f"/connections/{path}", form).status_code == 404, path
    assert again(app, foreign.platform).state is PlatformState.ACTIVE
    assert again(app, foreign.deployment).state is DeploymentState.ACTIVE
    assert again(app, on_ours).state is DeploymentState.PENDING
    assert again(app, foreign.cohort).archived_at is None


def test_the_address_of_a_changed_course_tells_nothing_of_anothers(world: World, training: Browser) -> None:
    assert training.get(f"/connections?cohort={world.course('Annan').cohort.id}").status_code == 404


# platforms


def test_a_platform_that_registered_itself_is_approved(app: Flask, course: Course, training: Browser) -> None:
    platform = second_platform(app, course, PlatformState.PENDING)
    before = training.get("/connections").text
    assert "1 connection needs you" in before
    assert before.index("Umeå Canvas") < before.index("Lärplattform")
    assert training.post(f"/connections/platforms/{platform.id}", {"state": "enable"}).status_code == 303
    assert again(app, platform).state is PlatformState.ACTIVE
    (event,) = audited(app, "platform.active")
    assert (event.reason, event.object_ref, event.actor_id) == ("was_pending", str(platform.id), training.person.id)
    assert "needs you" not in training.get("/connections").text


def test_a_platform_is_disabled_and_enabled_once_each(app: Flask, course: Course, training: Browser) -> None:
    platform = second_platform(app, course, PlatformState.ACTIVE)
    for _ in range(2):
        training.post(f"/connections/platforms/{platform.id}", {"state": "disable"})
    assert again(app, platform).state is PlatformState.DISABLED
    assert "Enable again" in training.get("/connections").text
    training.post(f"/connections/platforms/{platform.id}", {"state": "enable"})
    assert again(app, platform).state is PlatformState.ACTIVE
    assert (len(audited(app, "platform.disabled")), len(audited(app, "platform.active"))) == (1, 1)


def test_nobody_saws_off_the_branch_she_sits_on(app: Flask, course: Course, training: Browser) -> None:
    for path in (f"platforms/{course.platform.id}", f"deployments/{course.deployment.id}"):
        answer = training.post(f"/connections/{path}", {"state": "disable"})
        assert answer.status_code == 409
        assert "You came in through this connection" in answer.text
    assert again(app, course.platform).state is PlatformState.ACTIVE
    assert training.get("/connections").status_code == 200


def test_what_cannot_be_read_changes_nothing(app: Flask, course: Course, training: Browser) -> None:
    platform = second_platform(app, course, PlatformState.ACTIVE)
    for path in (f"platforms/{platform.id}", f"deployments/{course.deployment.id}"):
        assert training.post(f"/connections/{path}", {"state": "delete"}).status_code == 422
    assert again(app, platform).state is PlatformState.ACTIVE


def test_what_was_not_granted_is_said_in_sentences(app: Flask, course: Course, training: Browser) -> None:
    score = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    second_platform(app, course, PlatformState.ACTIVE, asked={"scopes": [score], "claims": ["name"]}, granted={"scopes": [], "claims": ["name"]})  # fmt: skip
    text = training.get("/connections").text
    assert "completion is not sent" in text
    assert score not in text


# deployments


def test_a_pending_installation_is_activated_after_its_number_was_compared(
    app: Flask, course: Course, training: Browser
) -> None:
    deployment = pending_deployment(app, course)
    assert "1 connection needs you" in training.get("/connections").text
    path = f"/connections/deployments/{deployment.id}"
    refused = training.post(path, {"state": "activate"})
    assert refused.status_code == 422
    assert "Compare the number" in refused.text
    assert again(app, deployment).state is DeploymentState.PENDING
    assert training.post(path, {"state": "activate", "compared": "yes"}).status_code == 303
    assert again(app, deployment).state is DeploymentState.ACTIVE
    training.post(path, {"state": "disable"})
    training.post(path, {"state": "disable"})
    assert again(app, deployment).state is DeploymentState.DISABLED
    assert [event.reason for event in audited(app, "deployment.active")] == ["was_pending"]
    assert [event.reason for event in audited(app, "deployment.disabled")] == ["was_active"]


def test_disabling_ends_what_is_open_at_once(app: Flask, world: World, course: Course, training: Browser) -> None:
    deployment = pending_deployment(app, course)
    change(app, deployment, state=DeploymentState.ACTIVE)
    beside = world.course("Bredvid", beside=course)
    change(app, beside.cohort, deployment_id=deployment.id)
    manager = world.enter(Course(course.organisation, course.platform, deployment, beside.cohort))
    assert manager.get("/who").status_code == 200
    training.post(f"/connections/deployments/{deployment.id}", {"state": "disable"})
    ended = manager.get("/who")
    assert ended.status_code == 401
    assert "E-SESSION" in ended.text
    denied = [event for event in audited(app, "session") if event.outcome == Outcome.DENY]
    assert [event.reason for event in denied] == ["platform_disabled"]
    training.post(f"/connections/deployments/{deployment.id}", {"state": "activate", "compared": "yes"})
    assert manager.get("/who").status_code == 200


# how it works


def test_how_a_platform_works_is_said_in_words(app: Flask, clock: OffsetClock, course: Course, training: Browser) -> None:  # fmt: skip
    now, ours = clock.now(), course.platform.id
    add(
        app, KeysFetched(platform_id=ours, at=now, agent="Moodle"),
        PlatformKeys(platform_id=ours, jwks={"keys": []}, fetched_at=now, tried_at=now, error="status_503"),
        PlatformHealth(platform_id=ours, failures=5, closed_until=now + timedelta(minutes=3), reason="timeout"),
    )  # fmt: skip
    text = training.get("/connections").text
    assert "The latest try failed: status 503" in text
    assert "it did not answer in time. It is left alone until" in text
    with parts(app).units.writing() as unit:
        health = unit.session.get_one(PlatformHealth, ours)
        health.closed_until, health.failures, health.reason = None, 1, "connection"
    assert "The latest call failed: nothing answered" in training.get("/connections").text
    with parts(app).units.writing() as unit:
        health = unit.session.get_one(PlatformHealth, ours)
        health.failures, health.last_ok_at = 0, now
    assert "The latest call failed" not in training.get("/connections").text


@pytest.mark.parametrize(
    ("seconds", "words_shown"),
    [(41.0, "41 seconds ahead of ours. Launches are refused from 60 seconds"), (-45.0, "45 seconds behind ours. Launches are refused from 120 seconds")],
)  # fmt: skip
def test_a_clock_that_is_off_is_spoken_of_before_it_breaks(
    app: Flask, course: Course, training: Browser, seconds: float, words_shown: str
) -> None:
    for _ in range(3):
        note(app, course.platform, skew=seconds, evidence={"claims": {"iat": 1000, "exp": 1060}})
    note(app, course.platform, skew=0.0, evidence={"claims": {"iat": 1000, "exp": 1060}})
    text = training.get("/connections").text
    assert words_shown in text
    assert "1 connection needs you" in text


def test_rosters_and_the_gradebook_per_course(app: Flask, world: World, clock: OffsetClock, course: Course, training: Browser) -> None:  # fmt: skip
    now = clock.now()
    text = training.get("/connections").text
    assert "not offered by the platform" in text
    change(app, course.cohort, memberships_url="http://localhost/members")
    add(app, RosterSync(cohort_id=course.cohort.id, state=RosterState.REFUSED, reason="scope_not_granted", done_at=now))
    text = training.get("/connections").text
    assert "the platform refuses it" in text
    assert "the platform has not granted it" in text
    with parts(app).units.writing() as unit:
        unit.session.query(CohortPlugin).filter_by(cohort_id=course.cohort.id).update({"completion": True})
    assert "nothing to send yet" in training.get("/connections").text
    item = LineItem(cohort_id=course.cohort.id, plugin="ledarsteg", url="http://localhost/item")
    add(app, item)
    person = world.person(course)
    for state, shown in (
        (DeliveryState.SENT, "everything is sent"),
        (DeliveryState.WAITING, "something is on its way"),
        (DeliveryState.REFUSED, "something was not taken"),
    ):
        with parts(app).units.writing() as unit:
            unit.session.query(Delivery).delete()
        delivery = Delivery(
            line_item_id=item.id, platform_id=course.platform.id, person_id=person.id, state=state, decided_at=now, due_at=now
        )  # fmt: skip
        add(app, delivery)
        assert shown in training.get("/connections").text


# courses that are put away


def test_a_course_is_put_away_and_taken_back(app: Flask, world: World, course: Course, training: Browser) -> None:
    coach, manager = world.enter(course, Role.COACH), world.enter(course)
    banner = "This course has been put away."
    path = f"/connections/cohorts/{course.cohort.id}"
    for _ in range(2):
        assert training.post(path, {"state": "away"}).status_code == 303
    assert again(app, course.cohort).archived_at is not None
    shown = training.get(f"/connections?cohort={course.cohort.id}").text
    assert "has been put away." in shown
    assert "Undo" in shown
    assert banner in coach.get("/cohort").text
    assert banner in training.get("/members").text
    assert banner not in manager.get("/").text
    assert manager.get("/").status_code == 200
    for _ in range(2):
        training.post(path, {"state": "back"})
    assert again(app, course.cohort).archived_at is None
    assert banner not in coach.get("/cohort").text
    assert "is back." in training.get(f"/connections?cohort={course.cohort.id}").text
    assert (len(audited(app, "cohort.archive")), len(audited(app, "cohort.restore"))) == (1, 1)


def test_launching_a_course_that_was_put_away_still_works(lti: Lti) -> None:
    assert lti.launch().status_code == 303
    lti.change(Cohort, archived_at=parts(lti.app).units.clock.now())
    assert lti.launch().status_code == 303
    assert lti.only(Cohort).archived_at is not None


# invites and the self-test


def test_an_invite_is_shown_once_and_can_be_taken_back(app: Flask, course: Course, training: Browser) -> None:
    made = training.post("/connections/invites", {"name": "Umeå Moodle", "activates": "yes"})
    assert made.status_code == 200
    secret = re.search(r"/lti/register/([\w-]{20,})", made.text)
    assert secret is not None
    assert "One-time code" not in made.text  # the organisation has a training member: the one who is looking
    later = training.get("/connections").text
    assert secret[1] not in later
    assert "Umeå Moodle" in later
    with parts(app).units.reading() as unit:
        (invite,) = unit.session.query(Invite)
    assert invite.activates
    assert training.post(f"/connections/invites/{invite.id}").status_code == 303
    assert "taken back" in training.get("/connections").text
    assert training.post(f"/connections/invites/{invite.id}").status_code == 404
    assert len(audited(app, "invite.make")) == len(audited(app, "invite.revoke")) == 1


def test_an_invite_without_a_name_is_asked_for_again(app: Flask, training: Browser) -> None:
    answer = training.post("/connections/invites", {"name": "x" * 201})
    assert answer.status_code == 422
    assert "1 to 200 characters" in answer.text
    assert "x" * 201 in answer.text


def test_the_self_test_says_what_fails(training: Browser) -> None:
    # Nothing listens at the public address of a test.
    answer = training.post("/connections/test")
    assert answer.status_code == 200
    assert "A platform could not verify what Stegvis sends" in answer.text


# launches


def test_launches_are_listed_newest_first_with_words(app: Flask, clock: OffsetClock, course: Course, training: Browser) -> None:  # fmt: skip
    now = clock.now()
    note(
        app, course.platform, "early", at=now - timedelta(minutes=1), incident="0A1B2C3D", skew=75.0, binding="storage"
    )
    note(app, course.platform, at=now)
    note(app, course.platform, "something_new", at=now - timedelta(minutes=2), message="", binding="")
    text = training.get("/connections/launches").text
    assert text.index("Let in") < text.index("clock is ahead") < text.index("something_new")
    for shown in ("0A1B2C3D", "+75 s", "far off", "s storage", "2 of the latest launches were refused"):
        assert shown in text
    only = training.get("/connections/launches?show=refused").text
    assert "Let in" not in only
    assert "0A1B2C3D" in only
    for one in ("early", "something_new", "accepted"):
        assert words.outcome(one)


def test_a_real_launch_is_listed_at_once(lti: Lti, world: World) -> None:
    lti.launch()
    lti.forged(deployment_id="9")
    person, platform, cohort = lti.only(Person), lti.only(Platform), lti.only(Cohort)
    deployment = next(one for one in lti.all(Deployment) if one.deployment_id == "1")
    course = Course(lti.only(Organisation), platform, deployment, cohort)
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    text = training.get("/connections/launches").text
    assert "Let in" in text
    assert "The installation waits to be activated" in text
    assert person.name not in text
    for found in re.findall(r"/connections/launches/([0-9a-f-]{36})", text):
        page = training.get(f"/connections/launches/{found}")
        assert page.status_code == 200
        assert person.name not in page.text
        assert "What it lacks" in page.text


def test_every_word_of_an_outcome_and_a_check_has_a_sentence() -> None:
    for check, reasons in revalidation.CHECKS.items():
        assert check in words.CHECKS
        for reason in reasons:
            assert reason in words.OUTCOMES
