"""Role names of platforms and what each comes to."""

import pytest

from service.access import Role
from service.lti.roles import meaning_of

LIS = "http://purl.imsglobal.org/vocab/lis/v2"
MEMBER = f"{LIS}/membership"
INSTITUTION = f"{LIS}/institution/person"
SYSTEM = f"{LIS}/system/person"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
NONE, MANAGER, COACH, CANDIDATE = Role.NONE, Role.MANAGER, Role.COACH, Role.CANDIDATE

TABLE = [
    # context roles
    ([f"{MEMBER}#Learner"], MANAGER),
    ([f"{MEMBER}#Instructor"], COACH),
    ([f"{MEMBER}#Administrator"], NONE),
    ([f"{MEMBER}#ContentDeveloper"], NONE),
    ([f"{MEMBER}#Mentor"], NONE),
    ([f"{MEMBER}#Manager"], NONE),
    ([f"{MEMBER}#Member"], NONE),
    ([f"{MEMBER}#Officer"], NONE),
    ([f"{MEMBER}#Instructor", f"{MEMBER}#Learner"], COACH),
    ([f"{MEMBER}#Learner", f"{MEMBER}#Mentor"], MANAGER),
    # sub-roles
    ([f"{MEMBER}/Instructor#TeachingAssistant"], NONE),
    ([f"{MEMBER}#Instructor", f"{MEMBER}/Instructor#TeachingAssistant"], NONE),
    ([f"{MEMBER}/Instructor#TeachingAssistant", f"{MEMBER}#Learner"], MANAGER),
    ([f"{MEMBER}/Instructor#PrimaryInstructor"], NONE),
    ([f"{MEMBER}#Instructor", f"{MEMBER}/Instructor#PrimaryInstructor"], COACH),
    ([f"{MEMBER}/Instructor#Grader"], NONE),
    ([f"{MEMBER}/Learner#GuestLearner"], NONE),
    ([f"{MEMBER}#Learner", f"{MEMBER}/Learner#ExternalLearner"], MANAGER),
    ([f"{MEMBER}/Administrator#Support"], NONE),
    # institution and system
    ([f"{INSTITUTION}#Administrator"], CANDIDATE),
    ([f"{SYSTEM}#Administrator"], CANDIDATE),
    ([f"{INSTITUTION}#Administrator", f"{MEMBER}#Instructor", f"{SYSTEM}#Administrator"], CANDIDATE),
    ([f"{INSTITUTION}#Administrator", f"{MEMBER}#Learner"], CANDIDATE),
    ([f"{INSTITUTION}#Instructor"], NONE),
    ([f"{INSTITUTION}#Instructor", f"{MEMBER}#Learner"], MANAGER),
    ([f"{INSTITUTION}#Student"], NONE),
    ([f"{INSTITUTION}#Learner"], NONE),
    ([f"{INSTITUTION}#Staff"], NONE),
    ([f"{INSTITUTION}#Faculty"], NONE),
    ([f"{SYSTEM}#SysAdmin"], NONE),
    ([f"{SYSTEM}#User"], NONE),
    ([f"{SYSTEM}#AccountAdmin"], NONE),
    # short forms
    (["Instructor"], COACH),
    (["Learner"], MANAGER),
    (["TeachingAssistant"], NONE),
    (["Instructor", "TeachingAssistant"], NONE),
    (["Instructor#TeachingAssistant"], NONE),
    (["Administrator"], NONE),
    (["Student"], NONE),
    (["instructor"], NONE),
    (["Learner "], NONE),
    # other vocabularies, and nothing
    (["urn:lti:role:ims/lis/Instructor"], NONE),
    (["urn:lti:sysrole:ims/lis/Administrator"], NONE),
    (["urn:lti:instrole:ims/lis/Administrator"], NONE),
    ([f"{LIS}/unknown/unknown#Helper"], NONE),
    ([f"{LIS}/unknown/unknown#Instructor"], NONE),
    ([f"{LIS}/unknown/unknown#Helper", f"{MEMBER}#Learner"], MANAGER),
    ([f"{LIS}/person#Administrator"], NONE),
    ([f"{LIS}/membership#instructor"], NONE),
    ([f"{LIS}/membership#Instructor/"], NONE),
    (["https://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"], NONE),
    (["http://evil.example/vocab/lis/v2/membership#Instructor"], NONE),
    ([""], NONE),
    ([], NONE),
    ([TEST_USER], NONE),
    ([TEST_USER, f"{MEMBER}#Learner"], MANAGER),
]


@pytest.mark.parametrize(
    ("roles", "expected"), TABLE, ids=lambda value: " ".join(value)[-60:] if isinstance(value, list) else value
)
def test_roles_mean(roles: list[str], expected: Role) -> None:
    assert meaning_of(roles).role is expected
    assert meaning_of(list(reversed(roles))).role is expected
    assert meaning_of(roles).is_test is (TEST_USER in roles)
