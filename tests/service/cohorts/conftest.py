"""Fixtures: what tests of the core's own pages ask of the database."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from service import audit
from service.audit import AuditEvent
from tests.support import Course, World

Trail = Callable[[World, Course], list[tuple[str, str, str]]]


@pytest.fixture
def trail() -> Trail:
    """Reads an organisation's audit trail as (action, outcome, reason) and checks that the chain is whole."""

    def read(world: World, course: Course) -> list[tuple[str, str, str]]:
        with world.core.units.reading() as unit:
            assert audit.verify(unit.session, course.organisation.id) is None
            query = sa.select(AuditEvent).where(AuditEvent.chain == course.organisation.id).order_by(AuditEvent.seq)
            return [(event.action, event.outcome, event.reason) for event in unit.session.scalars(query)]

    return read
