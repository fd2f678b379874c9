"""The roster in the database: each page as it is read, and the whole of it made persons and members at the end.

Everything here is set-based: the number of statements does not grow with the people.
"""

import itertools
import os
import uuid
from collections.abc import Iterator, Sequence
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
from service.tokens import tokens
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
_COLUMNS = ("cohort_id", "run", "sub", "name", "locale", "role", "is_test", "active", "person_id", "member_id")
_KEPT = ("cohort_id", "sub", "person_id", "member_id")


def keep(cohort_id: uuid.UUID, run: uuid.UUID, lines: Sequence[Line]) -> None:
    """Writes a page's lines, each person once: one statement for each thousand of them."""
    connection = current().connection
    for start in range(0, len(lines), MOST_ROWS):
        _upsert(connection, cohort_id, run, lines[start : start + MOST_ROWS])


def _upsert(connection: Connection, cohort_id: uuid.UUID, run: uuid.UUID, lines: Sequence[Line]) -> None:
    """One statement, its values as the driver takes them; the mapper would take longer than the database."""
    subs, names, locales, roles, tests, active = zip(*lines, strict=True)
    words = [role.value for role in roles]
    persons, members = list(_digits(len(lines))), list(_digits(len(lines)))
    told: list[Any] = [list(subs), list(names), list(locales), words, list(tests), list(active), persons, members]
    if connection.dialect.name == "postgresql":
        # Whole columns as arrays: a statement with thousands of parameters is planned anew each time.
        connection.exec_driver_sql(_FROM_ARRAYS, (cohort_id, run, *told))
    else:
        rows = [(cohort_id.hex, run.hex, *row) for row in zip(*told, strict=True)]
        connection.exec_driver_sql(_from_rows(len(lines)), tuple(itertools.chain.from_iterable(rows)))


def _digits(count: int) -> Iterator[str]:
    """Yields the digits of random ids (RFC 9562 §5.4); drawing them at once costs a fraction of one by one."""
    drawn = os.urandom(16 * count).hex()
    for start in range(0, len(drawn), 32):
        digits = drawn[start : start + 32]
        yield f"{digits[:12]}4{digits[13:16]}{'89ab'[int(digits[16], 16) & 3]}{digits[17:]}"


_INSERT = f"INSERT INTO {_ENTRIES.name} ({', '.join(_COLUMNS)}) "
_CHANGE = " ON CONFLICT (cohort_id, sub) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEPT
)
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in ("text", "text", "text", "text", "boolean", "boolean", "uuid", "uuid"))
_FROM_ARRAYS = f"{_INSERT} SELECT %s, %s, line.* FROM unnest({_ARRAYS}) AS line{_CHANGE}"  # noqa: S608 - names of ours


@cache
def _from_rows(rows: int) -> str:
    """The upsert for so many rows. Its text is the columns' names and marks alone."""
    row = f"({', '.join('?' * len(_COLUMNS))})"
    return f"{_INSERT} VALUES {', '.join([row] * rows)}{_CHANGE}"


def merge(cohort: Cohort, platform_id: uuid.UUID, sync: RosterSync) -> tuple[int, int]:
    """Makes a completely read roster persons and members. Returns how many it found, and how many it found gone."""
    run = sa.and_(_ENTRIES.c.cohort_id == cohort.id, _ENTRIES.c.run == sync.run)
    mine = sa.and_(_PERSONS.c.organisation_id == cohort.organisation_id, _PERSONS.c.platform_id == platform_id)
    connection = current().connection
    connection.execute(_persons(connection.dialect, cohort, platform_id, run))
    connection.execute(_known_members(cohort, sync, run, mine))
    connection.execute(_new_members(cohort, run, mine))
    found = _count(connection, _ENTRIES, run, _ENTRIES.c.active, ~_ENTRIES.c.is_test)
    there = _count(connection, _MEMBERS, _MEMBERS.c.cohort_id == cohort.id, _MEMBERS.c.active)
    # Everybody found is an active member by now; where there are no others, nobody has to be looked for.
    may_be_gone = there != found and not sync.skipped
    gone = connection.execute(_absent(cohort, sync, run, mine)).rowcount if may_be_gone else 0
    connection.execute(sa.delete(_ENTRIES).where(_ENTRIES.c.cohort_id == cohort.id))
    tokens.revoke_departed(cohort.id)
    return found, gone


def _count(connection: Connection, table: Any, *where: Any) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


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


def _absent(cohort: Cohort, sync: RosterSync, run: Any, mine: Any) -> Any:
    """Members whom a complete roster does not have any more."""
    listed = sa.select(_PERSONS.c.id).join(_ENTRIES, _ENTRIES.c.sub == _PERSONS.c.sub).where(run, mine)
    here = _MEMBERS.c.cohort_id == cohort.id
    return (
        sa.update(_MEMBERS)
        .where(here, _MEMBERS.c.active, _MEMBERS.c.person_id.not_in(listed), _may_leave(cohort, sync))
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
