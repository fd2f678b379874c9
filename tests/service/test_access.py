"""Roles and permissions as data."""

from service.access import (
    CORE_PERMISSIONS,
    EVERYONE,
    GRANTABLE,
    MEMBERS,
    Role,
    is_public,
    permission_of,
    public,
    requires,
)


def view() -> str:
    return "seen"


def test_a_view_declares_what_it_needs_and_stays_itself() -> None:
    declared = requires("core.member")(lambda: "seen")
    assert permission_of(declared) == "core.member"
    assert declared() == "seen"


def test_a_view_that_declares_nothing_has_no_permission_and_is_not_public() -> None:
    assert permission_of(view) is None
    assert not is_public(view)


def test_a_public_view_says_why() -> None:
    assert is_public(public("a reason")(lambda: ""))
    assert not is_public(public("")(lambda: ""))


def test_who_may_what_in_the_core() -> None:
    """The whole table: a role that gains a right here must be meant to."""
    assert {permission.key: permission.roles for permission in CORE_PERMISSIONS} == {
        "core.any": EVERYONE, "core.member": MEMBERS, "core.manager": {Role.MANAGER}, "core.claim_training": {Role.CANDIDATE},
        "core.cohort_report": {Role.COACH, Role.TRAINING}, "core.exports": {Role.MANAGER, Role.COACH, Role.TRAINING},
        "core.switch_plugins": {Role.TRAINING}, "core.manage_members": {Role.TRAINING},
        "core.place_items": {Role.COACH, Role.TRAINING, Role.CANDIDATE}, "core.copy_course": {Role.COACH, Role.TRAINING},
        "core.roster": {Role.COACH, Role.TRAINING}, "core.completion": {Role.TRAINING},
        "core.own_choice": {Role.MANAGER}, "core.programme": {Role.TRAINING},
        "core.changes": {Role.COACH, Role.TRAINING}, "core.retention": {Role.TRAINING},
        "core.connections": {Role.TRAINING}, "core.review": {Role.COACH}, "core.privacy": {Role.TRAINING},
    }  # fmt: skip


def test_nobody_is_granted_to_be_nobody() -> None:
    assert set(GRANTABLE) == MEMBERS == EVERYONE - {Role.CANDIDATE, Role.NONE}
