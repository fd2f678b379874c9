"""A manager and her coach in a course, and what they do together."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

import plugins.handledning  # noqa: F401 - its tables are part of the schema
from plugins.handledning import operations
from plugins.handledning.calculations import DEFAULT_TOLD, Status, Told
from plugins.handledning.models import Engagement, Ethics, ItemKind, Whose
from plugins.handledning.operations import (
    Access,
    ContractDraft,
    Draft,
    HomeworkDraft,
    ItemDraft,
    Meeting,
    Party,
    ProfileDraft,
    Sheet,
)
from service.access import Role
from service.cohorts.models import Cohort, Member
from service.core import Core
from service.unit import Unit
from tests.support import Browser, Course, World

START = datetime(2026, 10, 1, 11, 0, tzinfo=UTC)
MEETING = Meeting(START, 150, 70, 80)


@dataclass
class Pair:
    """A manager who chose a coach. `manager` and `coach` are who acts in operations."""

    world: World
    course: Course
    manager: Party
    coach: Party
    manager_member: Member
    coach_member: Member
    engagement: Engagement

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        with self.world.core.units.writing() as unit:
            yield unit

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        with self.world.core.units.reading() as unit:
            yield unit

    def as_manager(self, *, lock: bool = False) -> Access:
        """The engagement as the manager reaches it, in the unit that is open."""
        return operations.reach(self.manager, self.engagement.id, lock=lock)

    def as_coach(self, *, lock: bool = False) -> Access:
        """The engagement as the coach reaches it."""
        return operations.reach(self.coach, self.engagement.id, lock=lock)

    def plan(self, start: datetime = START) -> uuid.UUID:
        with self.writing():
            return operations.plan_session(self.manager, self.engagement.id, Meeting(start, 150)).id

    def save(self, session_id: uuid.UUID, draft: Draft, version: int | None = None) -> Sheet:
        with self.writing():
            seen = operations.sheet(self.manager, session_id).session.version if version is None else version
            return operations.save_session(self.manager, session_id, seen, draft)

    def close(self, session_id: uuid.UUID) -> None:
        with self.writing():
            operations.close_session(self.manager, session_id)

    def talk(self, start: datetime = START, *, due: date | None = None, **changes: Any) -> uuid.UUID:
        """A session that was held and closed, with one homework."""
        session_id = self.plan(start)
        draft = full(due=due or (start + timedelta(days=14)).date(), start=start, **changes)
        self.save(session_id, draft)
        self.close(session_id)
        return session_id

    def enter(self, member: Member, **values: Any) -> Browser:
        return self.world.enter(self.course, member=member, **values)


def full(*, due: date | None = date(2026, 10, 20), start: datetime = START, **changes: Any) -> Draft:
    """A page on which nothing is missing."""
    homework = [HomeworkDraft(uuid.uuid4(), "Ask the team", "Three answers written down", due, 3)]
    return Draft(**{"meeting": Meeting(start, 150, 70, 80), "homework": homework, **changes})


def chosen(
    world: World, course: Course | None = None, name: str = "Karin Lindqvist", coach: Member | None = None
) -> Pair:
    """A manager who has just chosen a coach."""
    course = course or world.course()
    coach = coach or world.member(course, Role.COACH, "Amira Haddad")
    manager = world.member(course, Role.MANAGER, name)
    acting = Party.of(course.cohort, manager.person_id, Role.MANAGER)
    with world.core.units.writing():
        its = operations.choose_coach(acting, coach.person_id)
    return Pair(world, course, acting, Party.of(course.cohort, coach.person_id, Role.COACH), manager, coach, its)


def pair(
    world: World, course: Course | None = None, name: str = "Karin Lindqvist", coach: Member | None = None
) -> Pair:
    """A manager and her coach who have agreed on everything: their engagement is active."""
    two = chosen(world, course, name, coach)
    agree(two)
    return two


def reached(world: World, course: Course, manager: Member, coach: Member) -> Pair:
    """The two of an engagement that was begun on the pages."""
    acting = Party.of(course.cohort, manager.person_id, Role.MANAGER)
    with world.core.units.reading():
        its = operations.open_engagement(acting)
    assert its is not None
    return Pair(world, course, acting, Party.of(course.cohort, coach.person_id, Role.COACH), manager, coach, its)


def agree_on_everything(core: Core) -> None:
    """Takes the one open engagement of a running service, begun on its pages, to where sessions can be closed."""
    with core.units.reading() as unit:
        its = unit.session.scalars(sa.select(Engagement).where(Engagement.status != Status.CLOSED)).one()
        cohort = unit.session.get_one(Cohort, its.cohort_id)
        sides = {
            role: unit.session.scalars(sa.select(Member).filter_by(cohort_id=cohort.id, person_id=person_id)).one()
            for role, person_id in ((Role.MANAGER, its.manager_id), (Role.COACH, its.coach_id))
        }
    parties = {role: Party.of(cohort, member.person_id, role) for role, member in sides.items()}
    world: Any = SimpleNamespace(core=core)
    course: Any = SimpleNamespace(cohort=cohort)
    agree(Pair(world, course, parties[Role.MANAGER], parties[Role.COACH], sides[Role.MANAGER], sides[Role.COACH], its))


def contract_draft(told: frozenset[Told] = DEFAULT_TOLD, **changes: Any) -> ContractDraft:
    """A contract with all five parts, of the second half of 2026."""
    items = [
        ItemDraft(uuid.uuid4(), ItemKind.RESULT, "The team plans its week itself"),
        ItemDraft(uuid.uuid4(), ItemKind.RESPONSIBILITY, "I decide, she asks", Whose.BOTH),
        ItemDraft(uuid.uuid4(), ItemKind.RISK, "The reorganisation", None, 3, 4, "We talk about it first"),
        ItemDraft(
            uuid.uuid4(), ItemKind.INTERMEDIATE, "The schedule is the team's", due_on=date(2026, 10, 31), weight=1
        ),
        ItemDraft(
            uuid.uuid4(), ItemKind.INTERMEDIATE, "Two hours a week of my own", due_on=date(2026, 12, 1), weight=1
        ),
    ]
    values = {"period_from": date(2026, 9, 1), "period_to": date(2026, 12, 31), "told": told, "items": items}
    return ContractDraft(**{**values, **changes})


def make_ready(two: Pair) -> None:
    """The manager is ready, the coach says yes and works by a code of ethics."""
    with two.writing():
        operations.answer_readiness(two.as_manager(lock=True), (5, 4, 4))
        operations.accept_manager(two.as_coach(lock=True))
        operations.save_profile(
            two.coach, _profile_version(two), ProfileDraft(ethics=Ethics.ICF, ethics_on=date(2026, 1, 15))
        )


def _profile_version(two: Pair) -> int:
    there = operations.own_profile(two.coach)
    return there.version if there else 0


def agree(two: Pair, draft: ContractDraft | None = None) -> None:
    """Everything that an active engagement needs, step by step."""
    make_ready(two)
    with two.writing():
        access = two.as_manager(lock=True)
        written = operations.write_contract(access, 1, 1, draft or contract_draft())
        for who in (access, two.as_coach(lock=True)):
            operations.accept_agreement(who, 1)
            operations.accept_contract(who, written.number, written.version)
        assert access.engagement.status is Status.ACTIVE


def typed(page: TestResponse, **changes: str) -> dict[str, str]:
    """What the browser would post of a session's page, with the first new homework's fields as `text`, `criterion`..."""
    values = {
        "day": "2026-10-01", "start": "13:00", "end": "15:30", "process_minutes": "70", "result_minutes": "80",
        "version": re.search(r'name="version"[^>]* value="(\d+)"', page.text)[1],  # type: ignore[index]
    }  # fmt: skip
    key = re.search(r'name="homework" value="([^"]+)"', page.text)[1]  # type: ignore[index]
    values["homework"] = key
    for name in ("text", "criterion", "due_on", "comfort"):
        if name in changes:
            values[f"hw-{key}-{name}"] = changes.pop(name)
    return values | changes


def actions(world: World) -> list[tuple[str, str]]:
    """What the audit trail holds of this plugin: (action, outcome)."""
    with world.core.units.reading() as unit:
        query = sa.text("select action, outcome from audit_event where action like 'handledning.%' order by chain, seq")
        return [(row.action, row.outcome) for row in unit.session.execute(query)]
