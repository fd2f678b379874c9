"""Roles and permissions as data. Every route declares one; an endpoint without one stops the start."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What a person may be in a cohort. LMS roles open the door; these decide what is behind it."""

    MANAGER = "manager"
    COACH = "coach"
    TRAINING = "training"
    # An LMS administrator who has not yet proved to be of the training department.
    CANDIDATE = "candidate"
    # Launched correctly, with no role that means something here.
    NONE = "none"


GRANTABLE = (Role.MANAGER, Role.COACH, Role.TRAINING)
EVERYONE = frozenset(Role)
MEMBERS = frozenset(GRANTABLE)


@dataclass(frozen=True)
class Permission:
    """A named right and the roles that have it in their own cohort."""

    key: str
    roles: frozenset[Role]


CORE_PERMISSIONS = (
    Permission("core.any", EVERYONE),
    Permission("core.member", MEMBERS),
    Permission("core.claim_training", frozenset({Role.CANDIDATE})),
    Permission("core.manager", frozenset({Role.MANAGER})),
    Permission("core.cohort_report", frozenset({Role.COACH, Role.TRAINING})),
    Permission("core.programme", frozenset({Role.TRAINING})),
    # What each of them may ask for is the exports' own to say.
    Permission("core.exports", MEMBERS),
    Permission("core.switch_plugins", frozenset({Role.TRAINING})),
    Permission("core.manage_members", frozenset({Role.TRAINING})),
    # An administrator of the platform may build her own course before she has proved to be of the training department.
    Permission("core.place_items", frozenset({Role.COACH, Role.TRAINING, Role.CANDIDATE})),
    Permission("core.copy_course", frozenset({Role.COACH, Role.TRAINING})),
    Permission("core.roster", frozenset({Role.COACH, Role.TRAINING})),
    Permission("core.own_choice", frozenset({Role.MANAGER})),
    Permission("core.completion", frozenset({Role.TRAINING})),
    Permission("core.connections", frozenset({Role.TRAINING})),
    Permission("core.review", frozenset({Role.COACH})),
    Permission("core.privacy", frozenset({Role.TRAINING})),
    # What each of them reads there is the page's own to say.
    Permission("core.changes", frozenset({Role.COACH, Role.TRAINING})),
    Permission("core.retention", frozenset({Role.TRAINING})),
)


def requires(permission: str) -> Callable[[View], View]:
    """Declares the permission a route needs. The door checks it before the view runs."""

    def declare(view: View) -> View:
        view.stegvis_permission = permission  # type: ignore[attr-defined]  # views carry their declaration
        return view

    return declare


def public(why: str) -> Callable[[View], View]:
    """Declares a route that anybody may reach, and why that is right."""

    def declare(view: View) -> View:
        view.stegvis_public = why  # type: ignore[attr-defined]  # views carry their declaration
        return view

    return declare


def permission_of(view: Callable[..., Any]) -> str | None:
    """Returns the permission a view declares."""
    return getattr(view, "stegvis_permission", None)


def is_public(view: Callable[..., Any]) -> bool:
    """Tells whether a view is declared public."""
    return bool(getattr(view, "stegvis_public", ""))
