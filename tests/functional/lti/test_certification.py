"""The certification cases of LTI 1.3 core, by name: known bad payloads (A), teachers (B), students (C).

The cases are those of the 1EdTech LTI 1.3 certification guide (known bad payloads, valid teacher and student launches).
"""

from typing import Any

import pytest

from service.access import Role
from service.cohorts.models import Cohort, Launch, Member, Person
from service.demo.practice import REMOVE
from tests.functional.lti.support import Lti, accepted, refused
from tests.service.lti.test_roles import TABLE

MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership"
PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
UNKNOWN = "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"
NAMES = ("name", "given_name", "family_name")
NOBODY: dict[str, Any] = {"name": REMOVE, "given_name": REMOVE, "family_name": REMOVE, "email": REMOVE}


def test_a01_no_kid_in_the_header(lti: Lti) -> None:
    refused(lti, lambda: lti.forged({"kid": REMOVE}), "kid")


def test_a02_incorrect_kid_in_the_header(lti: Lti) -> None:
    refused(lti, lambda: lti.forged({"kid": "imstester_66067"}), "kid_unknown")


def test_a03_wrong_lti_version(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(version="11.3"), "version", audited=True)


def test_a04_no_lti_version(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(version=REMOVE), "version", audited=True)


def test_a05_invalid_lti_message(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(raw=lambda _claims: b'{"name": "badltilaunch"}'), "time")


@pytest.mark.parametrize(
    ("claim", "reason", "audited"),
    [
        ("aud", "aud", False),
        ("iss", "iss", False),
        ("sub", "sub", True),
        ("deployment_id", "claims", True),
        ("roles", "claims", True),
    ],
)
def test_a06_missing_lti_claims(lti: Lti, claim: str, reason: str, audited: bool) -> None:
    refused(lti, lambda: lti.forged(**{claim: REMOVE}), reason, audited=audited)


def test_a07_timestamps_incorrect(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(iat=11111, exp=22222), "expired")


def test_a08_message_type_claim_missing(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(message_type=REMOVE), "message_type", audited=True)


def test_a09_role_claim_missing(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(roles=REMOVE), "claims", audited=True)


def test_a10_deployment_id_claim_missing(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(deployment_id=REMOVE), "claims", audited=True)


def test_a11_resource_link_id_claim_missing(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(resource_link=REMOVE), "claims", audited=True)
    refused(lti, lambda: lti.forged(resource_link={"title": "utan id"}), "claims", audited=True)


def test_a12_user_claim_missing(lti: Lti) -> None:
    refused(lti, lambda: lti.forged(sub=REMOVE), "sub", audited=True)


def role_of(lti: Lti, **claims: Any) -> Role:
    launch_id = accepted(lti.forged(**claims))
    launch = lti.only(Launch)
    assert launch.id == launch_id
    if launch.cohort_id is not None:
        assert lti.only(Member).role is launch.role
    return Role(launch.role)


def test_b01_launch_as_instructor(lti: Lti) -> None:
    assert role_of(lti, roles=[f"{MEMBER}#Instructor"]) is Role.COACH


def test_b02_launch_with_multiple_roles(lti: Lti) -> None:
    assert role_of(lti, roles=[f"{MEMBER}#Instructor", f"{PERSON}#Staff", f"{PERSON}#Other"]) is Role.COACH


def test_b03_launch_with_short_role(lti: Lti) -> None:
    assert role_of(lti, roles=["Instructor"]) is Role.COACH


def test_b04_launch_with_unknown_role(lti: Lti) -> None:
    assert role_of(lti, roles=[UNKNOWN]) is Role.NONE


def test_b05_launch_with_no_role(lti: Lti) -> None:
    assert role_of(lti, roles=[""]) is Role.NONE


def test_b06_launch_with_email_only(lti: Lti) -> None:
    assert role_of(lti, roles=[f"{MEMBER}#Instructor"], **dict.fromkeys(NAMES, REMOVE)) is Role.COACH
    assert lti.only(Person).name == ""


def test_b07_launch_with_names_only(lti: Lti) -> None:
    assert role_of(lti, roles=[f"{MEMBER}#Instructor"], email=REMOVE, name=REMOVE) is Role.COACH
    assert lti.only(Person).name == "Karin Lindqvist"


def test_b08_launch_with_no_personal_data(lti: Lti) -> None:
    assert role_of(lti, roles=[f"{MEMBER}#Instructor"], **NOBODY) is Role.COACH
    assert lti.only(Person).display_name.startswith("#")


def test_b09_launch_with_email_and_no_context(lti: Lti) -> None:
    changes = dict.fromkeys((*NAMES, "context"), REMOVE)
    assert role_of(lti, roles=[f"{MEMBER}#Instructor"], **changes) is Role.COACH
    assert (lti.all(Cohort), lti.all(Member), lti.only(Launch).cohort_id) == ([], [], None)


def test_c01_launch_as_student(lti: Lti) -> None:
    assert role_of(lti, roles=[f"{MEMBER}#Learner"]) is Role.MANAGER


def test_c02_launch_with_multiple_roles(lti: Lti) -> None:
    assert role_of(lti, roles=[f"{MEMBER}#Learner", f"{PERSON}#Student", f"{MEMBER}#Mentor"]) is Role.MANAGER


def test_c03_launch_with_short_role(lti: Lti) -> None:
    assert role_of(lti, roles=["Learner"]) is Role.MANAGER


def test_c04_launch_with_unknown_role_beside_learner(lti: Lti) -> None:
    assert role_of(lti, roles=[UNKNOWN, f"{MEMBER}#Learner"]) is Role.MANAGER


def test_c05_launch_with_no_role(lti: Lti) -> None:
    assert role_of(lti, roles=[""]) is Role.NONE


def test_c06_launch_with_email_only(lti: Lti) -> None:
    assert role_of(lti, **dict.fromkeys(NAMES, REMOVE)) is Role.MANAGER


def test_c07_launch_with_names_only(lti: Lti) -> None:
    assert role_of(lti, email=REMOVE) is Role.MANAGER


def test_c08_launch_with_no_personal_data(lti: Lti) -> None:
    assert role_of(lti, **NOBODY) is Role.MANAGER
    assert lti.only(Person).name == ""


def test_c09_launch_with_email_and_no_context(lti: Lti) -> None:
    assert role_of(lti, context=REMOVE, **dict.fromkeys(NAMES, REMOVE)) is Role.MANAGER
    assert lti.only(Launch).cohort_id is None


def test_g56_every_row_of_the_table_of_roles(lti: Lti) -> None:
    """What each list of role names comes to in a real launch; the table is that of the roles' own tests."""
    for given, role in TABLE:
        before = {launch.id for launch in lti.all(Launch)}
        accepted(lti.forged(roles=given))
        (made,) = [launch for launch in lti.all(Launch) if launch.id not in before]
        assert made.role is role, given
