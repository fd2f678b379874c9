"""The roster in the database: each page as it is read, and the whole of it made persons and members at the end.

Everything here is set-based: the number of statements does not grow with the people.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect

from service.access import Role
from service.cohorts.models import Cohort, Grant, Member, Person
from service.lti.people import SEEN_AGAIN
from service.lti.roster_reading import Line
from service.lti.service_models import RosterEntry, RosterSync
from service.unit import current

# Rows of one statement, so that no database's limit of parameters is met by a platform that does not cut pages.
MOST_ROWS = 1000
# A coach who launched within this time is not found gone: a platform lets some in who are in no roster, and a launch
# stays open no longer than a day.
LATELY = timedelta(days=1)
_ENTRIES: Any = RosterEntry.__table__
_PERSONS: Any = Person.__table__
_MEMBERS: Any = Member.__table__
_GRANTS: Any = Grant.__table__
_COLUMNS = ("cohort_id", "sub", "run", "name", "locale", "role", "is_test", "active", "person_id", "member_id")
_KEPT = ("cohort_id", "sub", "person_id", "member_id")


def keep(cohort_id: uuid.UUID, run: uuid.UUID, lines: Sequence[Line]) -> None:
    """Writes a page's lines, each person once: one statement for each thousand of them."""
    connection = current().connection
    for start in range(0, len(lines), MOST_ROWS):
        _upsert(connection, cohort_id, run, lines[start : start + MOST_ROWS])


def _upsert(connection: Connection, cohort_id: uuid.UUID, run: uuid.UUID, lines: Sequence[Line]) -> None:
    convert = _converters(connection.dialect)
    cohort, this_run = convert["cohort_id"](cohort_id), convert["run"](run)
    values: list[Any] = []
    for line in lines:
        person_id, member_id = convert["person_id"](uuid.uuid4()), convert["member_id"](uuid.uuid4())
        values += (
            cohort, line.sub, this_run, line.name, line.locale, line.role.value, convert["is_test"](line.is_test),
            convert["active"](line.active), person_id, member_id,
        )  # fmt: skip
    connection.exec_driver_sql(_statement(connection.dialect.name, len(lines)), tuple(values))


@cache
def _statement(dialect: str, rows: int) -> str:
    """The upsert for so many rows. Its text is the columns' names and marks alone."""
    mark = "%s" if dialect == "postgresql" else "?"
    row = f"({', '.join([mark] * len(_COLUMNS))})"
    changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEPT)
    return (
        f"INSERT INTO {_ENTRIES.name} ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * rows)} "  # noqa: S608 - names of ours
        f"ON CONFLICT (cohort_id, sub) DO UPDATE SET {changed}"
    )


@cache
def _converters(dialect: Dialect) -> dict[str, Callable[[Any], Any]]:
    """How each column's values go to the driver."""
    found = {name: _ENTRIES.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in _COLUMNS}
    return {name: convert or (lambda value: value) for name, convert in found.items()}


def merge(cohort: Cohort, platform_id: uuid.UUID, sync: RosterSync) -> tuple[int, int]:
    """Makes a completely read roster persons and members. Returns how many it found, and how many it found gone."""
    run = sa.and_(_ENTRIES.c.cohort_id == cohort.id, _ENTRIES.c.run == sync.run)
    mine = sa.and_(_PERSONS.c.organisation_id == cohort.organisation_id, _PERSONS.c.platform_id == platform_id)
    connection = current().connection
    connection.execute(_persons(connection.dialect, cohort, platform_id, run))
    connection.execute(_known_members(cohort, sync, run, mine))
    connection.execute(_new_members(cohort, run, mine))
    gone = 0 if sync.skipped else connection.execute(_absent(cohort, sync, run)).rowcount
    counted = sa.select(sa.func.count()).where(run, _ENTRIES.c.active, ~_ENTRIES.c.is_test)
    found = connection.execute(counted).scalar_one()
    connection.execute(sa.delete(_ENTRIES).where(_ENTRIES.c.cohort_id == cohort.id))
    return found, gone


def _persons(dialect: Dialect, cohort: Cohort, platform_id: uuid.UUID, run: Any) -> Any:
    """Persons who are new; what the platform says of the others. A name that it keeps to itself is not taken away."""
    told = sa.select(
        _ENTRIES.c.person_id, sa.literal(cohort.organisation_id, sa.Uuid()), sa.literal(platform_id, sa.Uuid()),
        _ENTRIES.c.sub, _ENTRIES.c.name, _ENTRIES.c.locale, sa.literal(""), _ENTRIES.c.is_test,
        sa.literal(current().now(), _PERSONS.c.created_at.type),
    ).where(run)  # fmt: skip
    insert = (postgresql if dialect.name == "postgresql" else sqlite).insert(_PERSONS)
    names = ("id", "organisation_id", "platform_id", "sub", "name", "locale", "zone", "is_test", "created_at")
    statement = insert.from_select(names, told)
    said, known = statement.excluded, _PERSONS.c
    return statement.on_conflict_do_update(
        index_elements=[known.organisation_id, known.platform_id, known.sub],
        set_={
            "name": sa.case((said.name != "", said.name), else_=known.name),
            "locale": sa.case((said.locale != "", said.locale), else_=known.locale),
            "is_test": sa.or_(known.is_test, said.is_test),
        },
        where=sa.or_(
            sa.and_(said.name != "", said.name != known.name),
            sa.and_(said.locale != "", said.locale != known.locale),
            sa.and_(said.is_test, ~known.is_test),
        ),
    )


def _known_members(cohort: Cohort, sync: RosterSync, run: Any, mine: Any) -> Any:
    """Members who were there before: active as the roster says.

    The role of somebody who has launched is the launch's, signed and renewed each time; the roster neither raises nor
    lowers it. It knows fewer roles (Moodle's calls an assistant a teacher), and a role that was lowered counts from the
    next launch on, without which nobody gets in. The role of those who never launched follows the roster.
    """
    role = sa.case((_MEMBERS.c.from_roster, _ENTRIES.c.role), else_=_MEMBERS.c.role)
    return (
        sa.update(_MEMBERS)
        .where(
            run, mine, _ENTRIES.c.sub == _PERSONS.c.sub, _MEMBERS.c.person_id == _PERSONS.c.id,
            _MEMBERS.c.cohort_id == cohort.id, sa.or_(_ENTRIES.c.active, _may_leave(cohort, sync)),
            sa.or_(_MEMBERS.c.active != _ENTRIES.c.active, _MEMBERS.c.role != role),
        )
        .values(active=_ENTRIES.c.active, role=role)
    )  # fmt: skip


def _new_members(cohort: Cohort, run: Any, mine: Any) -> Any:
    now = sa.literal(current().now(), _MEMBERS.c.first_seen_at.type)
    there = sa.exists().where(_MEMBERS.c.cohort_id == cohort.id, _MEMBERS.c.person_id == _PERSONS.c.id)
    told = (
        sa.select(
            _ENTRIES.c.member_id, sa.literal(cohort.id, sa.Uuid()), _PERSONS.c.id, _ENTRIES.c.role, sa.true(),
            sa.true(), now, now,
        )
        .join(_PERSONS, sa.and_(mine, _PERSONS.c.sub == _ENTRIES.c.sub))
        .where(run, _ENTRIES.c.active, ~_PERSONS.c.is_test, ~there)
    )  # fmt: skip
    names = ("id", "cohort_id", "person_id", "role", "active", "from_roster", "first_seen_at", "last_seen_at")
    return sa.insert(_MEMBERS).from_select(names, told)


def _absent(cohort: Cohort, sync: RosterSync, run: Any) -> Any:
    """Members whom a complete roster does not have any more."""
    listed = (
        sa.select(_PERSONS.c.id)
        .join(_ENTRIES, _ENTRIES.c.sub == _PERSONS.c.sub)
        .where(run, _PERSONS.c.id == _MEMBERS.c.person_id)
    )
    here = _MEMBERS.c.cohort_id == cohort.id
    return (
        sa.update(_MEMBERS)
        .where(here, _MEMBERS.c.active, ~listed.correlate(_MEMBERS).exists(), _may_leave(cohort, sync))
        .values(active=False)
    )


def _may_leave(cohort: Cohort, sync: RosterSync) -> Any:
    """Whom a roster can find gone.

    An administrator and the training department launch without being in it, and so may who teaches; who launched since it
    was begun is there whatever it says; and a test user is in no roster.
    """
    begun = sync.begun_at or current().now()
    granted = sa.exists().where(
        _GRANTS.c.person_id == _MEMBERS.c.person_id, _GRANTS.c.organisation_id == cohort.organisation_id,
        _GRANTS.c.revoked_at.is_(None), _GRANTS.c.role == Role.TRAINING,
    )  # fmt: skip
    tests = sa.exists().where(_PERSONS.c.id == _MEMBERS.c.person_id, _PERSONS.c.is_test)
    latest = sa.case((_MEMBERS.c.role == Role.COACH, begun - LATELY), else_=begun - SEEN_AGAIN)
    return sa.and_(
        _MEMBERS.c.role.not_in([Role.CANDIDATE, Role.TRAINING]),
        sa.or_(_MEMBERS.c.from_roster, _MEMBERS.c.last_seen_at < latest),
        ~granted.correlate(_MEMBERS),
        ~tests.correlate(_MEMBERS),
    )
