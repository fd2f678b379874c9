"""Launches that a real Moodle 5.0 sent, signed anew by a key of ours."""

import json
from pathlib import Path
from typing import Any

from service.access import Role
from service.cohorts.models import Cohort, Launch, Member, Person
from service.lti.models import Platform
from tests.functional.lti.support import Lti, accepted

FOLDER = Path(__file__).parents[2] / "fixtures" / "moodle"


def replay(lti: Lti, name: str) -> Launch:
    """Launches with the recorded claims; only what ties a token to one moment and one tool is replaced."""
    recorded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    client = lti.browser()
    begun = lti.begin(
        client,
        {
            **lti.fields(),
            **{k: v for k, v in recorded.get("login", {}).items() if k in ("login_hint", "lti_message_hint")},
        },
    )
    honest = lti.lms.claims("karin-lindqvist", "enhetschefer", nonce=begun.nonce, tool=lti.tool)
    fresh = ("nonce", "iat", "exp", "iss", "aud", "https://purl.imsglobal.org/spec/lti/claim/target_link_uri")
    claims = {**recorded["claims"], **{claim: honest[claim] for claim in fresh}}
    header = {**recorded["header"], "kid": lti.lms.keys.current.kid}
    launch_id = accepted(
        lti.post(client, {"id_token": lti.lms.sign(claims, header_overrides=header), "state": begun.state})
    )
    (launch,) = [launch for launch in lti.all(Launch) if launch.id == launch_id]
    return launch


def test_a_teacher(lti: Lti) -> None:
    launch = replay(lti, "resource-link-instructor")
    assert (launch.role, launch.locale, launch.in_frame) == (Role.COACH, "en", True)
    assert (lti.only(Person).name, lti.only(Person).sub) == ("Åsa Öhrström", "3")
    assert (lti.only(Cohort).title, lti.only(Cohort).context_id) == ("Ledarprogram 2026", "2")


def test_a_learner(lti: Lti) -> None:
    assert replay(lti, "resource-link-learner").role is Role.MANAGER
    assert lti.only(Member).role is Role.MANAGER


def test_an_administrator_who_is_not_enrolled_is_a_training_candidate(lti: Lti) -> None:
    assert replay(lti, "resource-link-admin-not-enrolled").role is Role.CANDIDATE


def test_a_learner_whose_name_is_not_shared(lti: Lti) -> None:
    lti.change(Platform, auto_activate=True)  # recorded from the platform's second installation of the tool
    launch = replay(lti, "resource-link-learner-privacy-noname-newwindow")
    person = lti.only(Person)
    assert (launch.role, person.name) == (Role.MANAGER, "")
    assert person.display_name == f"#{person.id.hex[:4]}"


def test_a_copied_course_is_a_new_cohort(lti: Lti) -> None:
    first = replay(lti, "resource-link-instructor")
    second = replay(lti, "resource-link-instructor-copied-course")
    assert first.cohort_id != second.cohort_id
    assert first.person_id == second.person_id
    assert len(lti.all(Cohort)) == 2
