"""Stands in for what Open edX's LTI code asks the rest of Open edX: the course, its people, its activity, and its gradebook.

Open edX keeps these questions in one module, `lti_consumer.plugin.compat`; nothing else of it is replaced.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from lti_consumer.exceptions import LtiError
from lti_consumer.models import (
    CourseAllowPIISharingInLTIFlag,
    Lti1p3Passport,
    LtiAgsLineItem,
    LtiConfiguration,
    LtiDlContentItem,
)
from lti_consumer.plugin import compat
from opaque_keys.edx.keys import CourseKey, UsageKey

COOKIE = "openedx_user"
PEOPLE = {
    "learner": SimpleNamespace(
        id=1, role="student", external_user_id="0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c01", name="Astrid Lind"
    ),
    "instructor": SimpleNamespace(
        id=2, role="instructor", external_user_id="0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c02", name="Björn Ek"
    ),
    # Private by default: Open edX sends names only where the course may share them.
    "nameless": SimpleNamespace(
        id=3, role="student", external_user_id="0b9c3c1e-8a68-4a3c-9b0f-6f4f3f1a7c03", name=None
    ),
}
# What has reached the gradebook: person → (score from 0 to 1, maximum, comment).
GRADEBOOK: dict[str, tuple[float, float, str | None]] = {}


class Activity:
    """The placed activity, an XBlock in Open edX."""

    def __init__(self, location: UsageKey) -> None:
        self.location = location
        self.scope_ids = SimpleNamespace(usage_id=location)
        self.display_name = "Stegvis"
        self.weight = 1
        self.has_score = True
        self.accept_grades_past_due = True

    def is_past_due(self) -> bool:
        return False

    def max_score(self) -> float:
        return 1.0

    def set_user_module_score(self, user: Any, score: float, maximum: float, comment: str | None) -> None:
        GRADEBOOK[user.external_user_id] = (score, maximum, comment)


def who_is_there(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Knows the person by a cookie, as Open edX's session would."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = PEOPLE.get(request.COOKIES.get(COOKIE, ""), SimpleNamespace(id=None, role=None))
        return respond(request)

    return middleware


def _by_external_id(external_user_id: str) -> SimpleNamespace:
    found = [person for person in PEOPLE.values() if person.external_user_id == external_user_id]
    if not found:
        raise LtiError("Invalid User")
    return found[0]


def _members(_course: CourseKey) -> dict[int, dict[str, Any]]:
    return {
        person.id: {"id": person.id, "roles": [person.role], **({"name": person.name} if person.name else {})}
        for person in PEOPLE.values()
    }


def _may_write(user: Any, _course: CourseKey) -> bool:
    return user.role in ("instructor", "staff")


def open_doors() -> None:
    """Answers Open edX's questions from here, and registers the tool as an author in Studio would."""
    compat.load_enough_xblock = compat.load_block_as_user = Activity
    compat.get_course_members = _members
    compat.batch_get_or_create_externalids = lambda _users: {person.id: person for person in PEOPLE.values()}
    compat.get_user_from_external_user_id = _by_external_id
    compat.user_has_studio_write_access = _may_write
    compat.get_course_by_id = lambda key: key
    compat.user_course_access = compat.user_has_access = lambda *_args, **_named: True
    tool = settings.TOOL
    passport = Lti1p3Passport.objects.create(
        lti_1p3_client_id=tool["client_id"], lti_1p3_tool_keyset_url=tool["keyset_url"]
    )
    LtiConfiguration.objects.create(
        version=LtiConfiguration.LTI_1P3, config_store=LtiConfiguration.CONFIG_ON_DB, lti_1p3_passport=passport,
        location=UsageKey.from_string(activity_key()), lti_1p3_oidc_url=tool["login_url"], lti_1p3_launch_url=tool["launch_url"],
        lti_advantage_enable_nrps=True, lti_advantage_deep_linking_enabled=True,
        lti_advantage_deep_linking_launch_url=tool["launch_url"],
    )  # fmt: skip


def activity_key() -> str:
    """The key of the one placed activity."""
    return settings.TOOL["context_id"].replace("course-v1:", "block-v1:") + "+type@lti_consumer+block@stegvis"


def begin_anew(ags_mode: str, *, names: bool) -> None:
    """Forgets what a tool has left, and sets what an author may set: how grades are handed in, and whether names are shared."""
    LtiDlContentItem.objects.all().delete()
    LtiAgsLineItem.objects.all().delete()
    GRADEBOOK.clear()
    LtiConfiguration.objects.update(lti_advantage_ags_mode=ags_mode)
    CourseAllowPIISharingInLTIFlag.objects.create(
        course_id=CourseKey.from_string(settings.TOOL["context_id"]), enabled=names
    )
