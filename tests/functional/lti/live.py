"""The tool as a real server beside the practice LMS, so that the platform can fetch our keys and hand out tokens."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.cohorts.models import Cohort, Member, Person
from service.core import Core
from service.demo.claims import SCOPE_MEMBERS, members_url
from service.demo.practice import PracticeLms
from service.lti.models import Deployment, Platform
from service.lti.services import Services
from service.outbound import Outbound
from service.settings import Settings
from tests import live
from tests.functional.lti.placed import PLUGINS
from tests.support import OffsetClock

SCOPES = [SCOPE_MEMBERS]
COURSE = "enhetschefer"


class Linked:
    """A registered platform with one course, whose services the tool may call."""

    def __init__(self, server: live.Live, clock: OffsetClock) -> None:
        self.server = server
        # The platform's clock goes with ours, unless a test sets it apart.
        server.lms.now = lambda: clock.now().timestamp() + server.lms.clock_offset
        self.app: Flask = server.app
        self.core: Core = server.core
        self.lms: PracticeLms = server.lms
        self.platform: Platform = live.register(server.app, server.lms.base_url)
        self.services = self.fresh()
        self.members_url = members_url(self.lms.config, self.lms.course(COURSE))

    def fresh(self) -> Services:
        """The services as another process would have them: nothing in its memory."""
        return Services(self.core.units, Outbound(self.core.settings, total_seconds=4.0))

    def course(self, key: str = COURSE) -> Cohort:
        """A cohort as a launch would have made it, with the address of its roster."""
        course = self.lms.course(key)
        with self.core.units.writing() as unit:
            deployment = unit.session.scalars(
                sa.select(Deployment).where(Deployment.platform_id == self.platform.id)
            ).one()
            cohort = Cohort(
                organisation_id=deployment.organisation_id, deployment_id=deployment.id, context_id=course.id,
                title=course.title, memberships_url=members_url(self.lms.config, course), created_at=unit.now(),
            )  # fmt: skip
            unit.session.add(cohort)
        return cohort

    def member(self, cohort: Cohort, sub: str, role: Role, name: str = "", **values: object) -> Member:
        """Somebody who has launched."""
        with self.core.units.writing() as unit:
            person = Person(
                organisation_id=cohort.organisation_id, platform_id=self.platform.id, sub=sub, name=name,
                created_at=unit.now(),
            )  # fmt: skip
            unit.session.add(person)
            unit.session.flush()
            now = unit.now()
            seen = {"first_seen_at": now, "last_seen_at": now, **values}
            member = Member(cohort_id=cohort.id, person_id=person.id, role=role, **seen)
            unit.session.add(member)
        member.person = person
        return member

    def count(self, path: str) -> int:
        """How often the platform was asked."""
        return len(self.lms.recorder.to(path))

    def person_id(self, sub: str) -> uuid.UUID:
        """Our id of somebody of theirs."""
        with self.core.units.reading() as unit:
            return unit.session.scalars(sa.select(Person.id).where(Person.sub == sub)).one()


@contextmanager
def linked(make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock) -> Iterator[Linked]:
    """Tool and platform, running."""
    with live.running_service(partial(make_app, plugins=PLUGINS), settings) as server:
        yield Linked(server, clock)
