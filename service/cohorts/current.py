"""The current launch: who is here, in which cohort, as what. Loaded by the door, read by everything behind it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import g

from service.access import Role
from service.audit import Actor
from service.cohorts.models import Cohort, Launch, Member, Person
from service.cohorts.zones import zone_of

if TYPE_CHECKING:
    from service.host import Part


@dataclass(frozen=True)
class Stay:
    """A launch as the pages behind the door see it. Only a launch without a course lacks `cohort` and `member`."""

    launch: Launch
    person: Person
    cohort: Cohort | None
    member: Member | None
    organisation_name: str
    role: Role
    plugins: Part
    enabled: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> uuid.UUID:
        """The launch id in the path."""
        return self.launch.id

    @property
    def locale(self) -> str:
        """The language of this launch's pages."""
        return self.launch.locale

    @property
    def zone(self) -> str:
        """The time zone of the person's days."""
        return zone_of(self.person, self.cohort)

    @property
    def actor(self) -> Actor:
        """Who the audit trail says it was."""
        return Actor(self.launch.organisation_id, self.person.id, self.role.value, self.launch.cohort_id)


@dataclass(frozen=True)
class InCohort(Stay):
    """A stay in a course: cohort and member are there. What plugins get."""

    cohort: Cohort
    member: Member


def stay() -> Stay:
    """Returns the current launch, with or without a course. Raises LookupError outside the launch door."""
    found = g.get("stay")
    if found is None:
        raise LookupError("there is no launch here")
    return cast("Stay", found)


def current_launch() -> InCohort:
    """Returns the current launch in its cohort. Raises LookupError outside the launch door or without a course."""
    found = stay()
    if not isinstance(found, InCohort):
        raise LookupError("this launch has no course")  # noqa: TRY004 - absence, not a wrong type
    return found
