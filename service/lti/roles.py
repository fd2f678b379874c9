"""What the platform's roles mean here. Exact names only: an unknown vocabulary never makes anybody more than nobody.

Names are those of LTI 1.3 core, appendix A.2; the short forms of context roles (A.2.3, deprecated) are still sent by
certification suites and by the roster of Moodle. `urn:lti:` names belong to LTI 1.1 and mean nothing in a 1.3 launch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.access import Role

_LIS = "http://purl.imsglobal.org/vocab/lis/v2"
INSTRUCTOR = f"{_LIS}/membership#Instructor"
LEARNER = f"{_LIS}/membership#Learner"
TEACHING_ASSISTANT = f"{_LIS}/membership/Instructor#TeachingAssistant"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

ADMINISTRATORS = frozenset({f"{_LIS}/institution/person#Administrator", f"{_LIS}/system/person#Administrator"})
"""Those who run the platform. They may prove that they belong to the training department; nothing more by itself."""

COACHES = frozenset({INSTRUCTOR, "Instructor"})
LEARNERS = frozenset({LEARNER, "Learner"})
ASSISTANTS = frozenset({TEACHING_ASSISTANT, "Instructor#TeachingAssistant", "TeachingAssistant"})
"""A platform sends these beside the plain Instructor; an assistant is never a coach by the platform's word alone."""


@dataclass(frozen=True)
class Meaning:
    """What a launch's roles come to."""

    role: Role
    is_test: bool


def meaning_of(roles: Sequence[str]) -> Meaning:
    """Returns the tool role that the platform's role names give, and whether this is the platform's made-up student.

    An administrator outranks an instructor, since a platform sends both for an administrator who is not in the course.
    """
    given = frozenset(roles)
    is_test = TEST_USER in given
    if given & ADMINISTRATORS:
        return Meaning(Role.CANDIDATE, is_test)
    if given & COACHES and not given & ASSISTANTS:
        return Meaning(Role.COACH, is_test)
    if given & LEARNERS:
        return Meaning(Role.MANAGER, is_test)
    return Meaning(Role.NONE, is_test)
