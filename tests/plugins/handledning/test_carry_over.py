"""A database from before there were agreements and contracts is carried over, and back."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from plugins.handledning import operations
from plugins.handledning.calculations import EndReason, Status
from plugins.handledning.models import Decision, Engagement, Homework
from service import migrate
from service.access import Role
from service.cohorts.models import Cohort
from service.db import make_engine
from service.host import Host, discover
from service.settings import Settings
from service.unit import Units
from tests.conftest import settings_for
from tests.databases import empty
from tests.support import OffsetClock

AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
NEW = "Coaching from readiness"


@pytest.fixture
def old(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[tuple[Settings, str]]:
    """Settings of a database as it was one step before, and the name of that step."""
    with empty(request, database_kind, tmp_path) as url:
        settings = settings_for(tmp_path, database_url=url)
        with migrate._connection(settings) as connection:
            scripts = ScriptDirectory.from_config(migrate.configuration(connection, Host(discover())))
            step = next(one.down_revision for one in scripts.walk_revisions() if (one.doc or "").startswith(NEW))
        assert isinstance(step, str)
        migrate.upgrade(settings, to=step)
        yield settings, step


def insert(connection: sa.Connection, tables: sa.MetaData, table: str, **values: Any) -> uuid.UUID:
    """Adds a row to a table as it was; what is not given and may not be empty gets something that fits."""
    there = tables.tables[table]
    row = {"id": uuid.uuid4(), **values}
    for column in there.columns:
        if column.name not in row and not column.nullable and column.server_default is None:
            kind = column.type
            row[column.name] = (
                AT if isinstance(kind, sa.DateTime) else 0 if isinstance(kind, sa.Integer) else False if isinstance(kind, sa.Boolean)
                else {} if isinstance(kind, sa.JSON) else uuid.uuid4() if isinstance(kind, sa.Uuid) else ""
            )  # fmt: skip
    if connection.dialect.name == "sqlite":
        row = {name: _stored(value) for name, value in row.items()}
    connection.execute(sa.insert(there).values({name: value for name, value in row.items() if name in there.columns}))
    found = row["id"]
    return found if isinstance(found, uuid.UUID) else uuid.UUID(found)


def _stored(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return json.dumps(value) if isinstance(value, dict) else value


def fill(settings: Settings) -> dict[str, uuid.UUID]:
    """Engagements of every kind there was, with sessions, a decision and homework in the active one."""
    engine = make_engine(settings)
    tables = sa.MetaData()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        tables.reflect(connection)

        def add(table: str, **values: Any) -> uuid.UUID:
            return insert(connection, tables, table, **values)

        organisation = add("organisation", name="O")
        platform = add(
            "platform", organisation_id=organisation, public_id="p", issuer="i", client_id="c", state="active"
        )
        deployment = add(
            "deployment", organisation_id=organisation, platform_id=platform, deployment_id="1", state="active"
        )
        cohort = add(
            "cohort", organisation_id=organisation, deployment_id=deployment, context_id="1", zone="Europe/Stockholm"
        )
        people = {
            name: add("person", organisation_id=organisation, platform_id=platform, sub=name, name=name)
            for name in ("m", "n", "o", "c", "d")
        }

        def engage(manager: str | None, coach: str | None, status: str) -> uuid.UUID:
            return add(
                "handledning_engagement", cohort_id=cohort, manager_id=people[manager] if manager else None,
                coach_id=people[coach] if coach else None, status=status, started_at=AT, ended_at=AT if status == "closed" else None,
            )  # fmt: skip

        its = {
            "active": engage("m", "c", "active"), "beside": engage("m", "d", "proposed"), "proposed": engage("n", "c", "proposed"),
            "changed": engage("o", "c", "closed"), "erased": engage(None, "c", "closed"),
        }  # fmt: skip
        session = add(
            "handledning_coaching_session", engagement_id=its["active"], number=1, planned_start=AT, planned_minutes=150,
            process_minutes=70, result_minutes=80, state="closed", final=False, version=3, closed_at=AT,
        )  # fmt: skip
        add("handledning_decision", session_id=session, manager_id=people["m"], text_sealed=b"sealed")
        add(
            "handledning_homework",
            session_id=session,
            manager_id=people["m"],
            position=0,
            state="open",
            text_sealed=b"sealed",
        )
    engine.dispose()
    return {**its, "cohort": cohort, **people, "session": session}


def ours(settings: Settings) -> list[str]:
    """What differs between the models and this database, in this plugin's tables: others' may be in the process."""
    return [one for one in migrate.check(settings) if "handledning_" in one]


def test_what_there_was_goes_on_as_it_was(old: tuple[Settings, str]) -> None:
    settings, step = old
    ids = fill(settings)
    migrate.upgrade(settings)
    assert ours(settings) == []
    engine = make_engine(settings)
    from service.crypto import Keyring

    units = Units(engine, Keyring.from_settings(settings.master_key, ()), OffsetClock())
    with units.writing() as unit:
        there = {
            name: unit.session.get_one(Engagement, ids[name])
            for name in ("active", "beside", "proposed", "changed", "erased")
        }
        assert {name: (one.status, one.end_reason) for name, one in there.items()} == {
            "active": (Status.ACTIVE, None),
            "beside": (Status.CLOSED, EndReason.CHANGED),
            "proposed": (Status.DRAFT, None),
            "changed": (Status.CLOSED, EndReason.CHANGED),
            "erased": (Status.CLOSED, EndReason.ERASED),
        }
        assert (there["active"].accepted_at, there["active"].activated_at) == (AT, None)
        decision, homework = (
            unit.session.scalars(sa.select(Decision)).one(),
            unit.session.scalars(sa.select(Homework)).one(),
        )
        assert (decision.engagement_id, decision.shared, decision.decided_at) == (ids["active"], True, AT)
        assert (homework.engagement_id, homework.text_sealed) == (ids["active"], b"sealed")
        party = operations.Party.of(unit.session.get_one(Cohort, ids["cohort"]), ids["m"], Role.MANAGER)
        access = operations.reach(party, ids["active"], lock=True)
        # It is worked in as before, and the papers can be written and accepted.
        assert operations.agreement(access).newest.version == 1
        assert operations.contract(access).newest.number == 1
        assert operations.plan_session(party, ids["active"], operations.Meeting(AT, 150)).number == 2
    engine.dispose()
    migrate.downgrade(settings, step)
    engine = make_engine(settings)
    with engine.connect() as connection:
        found = dict(
            connection.execute(sa.text("select status, count(*) from handledning_engagement group by status")).all()
        )  # type: ignore[arg-type]
        assert found == {"active": 1, "proposed": 1, "closed": 3}
        assert (
            connection.scalar(sa.text("select count(*) from handledning_decision where text_sealed is not null")) == 1
        )
    engine.dispose()
    migrate.upgrade(settings)
    assert ours(settings) == []
