"""Migrations: one history, the same schema as the models, and nothing half done."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from plugins.ledarsteg.calculations import Category, working_days
from plugins.ledarsteg.models import Contribution, LeaderTime, Target, TimeRow
from plugins.ledarsteg.operations import Owner
from plugins.ledarsteg.operations.contributions import Given, log_contribution
from plugins.ledarsteg.operations.leader_time import Block, plan_block
from plugins.ledarsteg.operations.time import start_round
from service import audit, migrate
from service.app import create_app
from service.cohorts.models import Person
from service.db import Base
from service.errors import StartRefused
from service.host import Host
from service.settings import Settings
from tests.conftest import settings_for
from tests.databases import empty
from tests.example import with_example
from tests.support import World, parts

EXAMPLE_VERSION = "alembic_version_example"


@pytest.fixture
def bare(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty database."""
    with empty(request, database_kind, tmp_path) as url:
        yield settings_for(tmp_path, database_url=url)


def bring_up(settings: Settings) -> None:
    migrate.upgrade(settings, plugins=with_example())


def differences(settings: Settings) -> list[str]:
    return migrate.check(settings, plugins=with_example())


def tables(settings: Settings) -> set[str]:
    engine = sa.create_engine(settings.database)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def run(settings: Settings, statement: str) -> None:
    engine = sa.create_engine(settings.database)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def heads(settings: Settings) -> tuple[str, ...]:
    with migrate._connection(settings) as connection:
        return ScriptDirectory.from_config(migrate.configuration(connection, Host(with_example()))).get_heads()


def test_there_is_exactly_one_head(bare: Settings) -> None:
    assert len(heads(bare)) == 1


def test_every_file_of_the_history_has_its_date_number_and_words() -> None:
    files = [path.name for path in (Path(__file__).parents[2] / "migrations" / "versions").glob("*.py")]
    assert files
    for number, name in enumerate(sorted(files), 1):
        date, its_number, words = name.removesuffix(".py").split("_", 2)
        assert (len(date), int(its_number), bool(words)) == (8, number, True)


def test_an_empty_database_gets_every_table_and_agrees_with_the_models(bare: Settings) -> None:
    bring_up(bare)
    assert tables(bare) == set(Base.metadata.tables) | {"alembic_version", EXAMPLE_VERSION}
    assert differences(bare) == []


def test_a_column_that_only_the_database_has_is_told(bare: Settings) -> None:
    bring_up(bare)
    run(bare, "ALTER TABLE organisation ADD COLUMN surprise INTEGER")
    assert any("surprise" in line for line in differences(bare))


def test_a_column_that_only_the_models_have_is_told(bare: Settings) -> None:
    bring_up(bare)
    run(bare, "ALTER TABLE organisation DROP COLUMN name")
    assert any("add_column" in line and "name" in line for line in differences(bare))


def test_an_empty_database_is_said_to_need_an_upgrade(bare: Settings) -> None:
    assert "run stegvis db upgrade" in differences(bare)[0]


def test_one_step_down_and_up_again(bare: Settings) -> None:
    bring_up(bare)
    # The example's table refers to ours; an operator takes the foreign plugin's tables away first.
    run(bare, "DROP TABLE example_note")
    run(bare, f"DROP TABLE {EXAMPLE_VERSION}")
    migrate.downgrade(bare, "-1", plugins=with_example())
    assert differences(bare) != []
    bring_up(bare)
    assert differences(bare) == []


def test_persons_and_the_trail_of_before_are_carried_over(bare: Settings) -> None:
    """Tables that were full before they got another column: nobody is lost, and the chain is still whole."""
    plugins = {key: module for key, module in with_example().items() if key != "example"}
    migrate.upgrade(bare, plugins=plugins)
    app = create_app(bare, plugins=plugins)
    units = parts(app).units
    course = World(app).course()
    actor = audit.Actor(course.organisation.id)
    with units.writing():
        for number in range(3):
            audit.append(actor, "before", object_ref=str(number))
    World(app).person(course, sub="before")
    migrate.downgrade(bare, "0002", plugins=plugins)
    migrate.upgrade(bare, plugins=plugins)
    with units.writing() as unit:
        audit.append(actor, "after", subject_id=course.organisation.id)
        assert audit.verify(unit.session, course.organisation.id) is None
        person = unit.session.scalars(sa.select(Person)).one()
        assert (person.sub, person.own_zone) == ("before", "")
    units.engine.dispose()


def test_the_trail_stays_whole_and_guarded_when_its_reasons_become_longer(bare: Settings) -> None:
    """Chains of before are verified by their old hashes, go on with a longer reason, and still let nothing go."""
    plugins = {key: module for key, module in with_example().items() if key != "example"}
    migrate.upgrade(bare, plugins=plugins)
    migrate.downgrade(bare, "0020", plugins=plugins)
    units = parts(create_app(bare, plugins=plugins)).units
    actor, long = audit.Actor(audit.OPERATOR), f"{'a' * 40} > {'b' * 40}"
    with units.writing():
        for number in range(3):
            audit.append(actor, "before", reason="a" * 57 + f"{number} >", object_ref=str(number))
    migrate.upgrade(bare, plugins=plugins)
    with units.writing() as unit:
        audit.append(actor, "after", reason=long)
        assert audit.verify(unit.session, audit.OPERATOR) is None
        assert [len(one.reason) for one in audit._events(unit.session, audit.OPERATOR)] == [60, 60, 60, 83]
    for forbidden in ("DELETE FROM audit_event", "UPDATE audit_event SET reason = 'x'"):
        with units.writing() as unit, pytest.raises(sa.exc.DBAPIError, match="append-only"):
            unit.connection.exec_driver_sql(f"{forbidden} WHERE seq = 1")
    units.engine.dispose()


def test_what_two_tabs_may_edit_is_carried_over(bare: Settings) -> None:
    """Tables that were full before they got a revision: every row is there, and is its first."""
    plugins = {key: module for key, module in with_example().items() if key != "example"}
    migrate.upgrade(bare, plugins=plugins)
    world = World(create_app(bare, plugins=plugins))
    units = world.core.units
    member = world.member(world.course(plugins={}))
    owner = Owner.of(member.cohort, member, "Europe/Stockholm")
    with units.writing() as unit:
        today = working_days(owner.today(), 1)[0]
        unit.session.add(
            TimeRow(
                audit_id=start_round(owner, today).id, person_id=owner.person_id, local_date=today, minutes=30,
                category=Category.MEETINGS, challengeable=False, created_at=unit.now(), what="before",
            )
        )  # fmt: skip
        log_contribution(owner, Given(owner.today(), Target.SELF, note="before"))
        plan_block(owner, Block(today, 45))
    migrate.downgrade(bare, "0004", plugins=plugins)
    migrate.upgrade(bare, plugins=plugins)
    with units.reading() as unit:
        stretch, given, block = (
            unit.session.scalars(sa.select(one)).one() for one in (TimeRow, Contribution, LeaderTime)
        )
        assert (stretch.what, given.note, block.planned_minutes) == ("before", "before", 45)
        assert {stretch.revision, given.revision, block.revision} == {1}
    units.engine.dispose()


def test_upgrading_twice_changes_nothing(bare: Settings) -> None:
    bring_up(bare)
    before = tables(bare)
    bring_up(bare)
    assert tables(bare) == before


def test_eight_starts_at_once_all_succeed(bare: Settings) -> None:
    together = threading.Barrier(8)

    def start(_number: int) -> None:
        together.wait()
        bring_up(bare)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(start, range(8))) == [None] * 8
    assert differences(bare) == []


def test_a_database_newer_than_the_program_stops_the_start(bare: Settings) -> None:
    bring_up(bare)
    run(bare, "UPDATE alembic_version SET version_num = 'from_next_year'")
    with pytest.raises(StartRefused, match="from_next_year"):
        bring_up(bare)
    assert "newer than this program" in differences(bare)[0]


def test_a_plugin_that_is_no_longer_installed_strands_nothing(bare: Settings) -> None:
    bring_up(bare)
    without = {key: module for key, module in with_example().items() if key != "example"}
    migrate.upgrade(bare, plugins=without)
    assert "example_note" in tables(bare)
    assert [line for line in migrate.check(bare, plugins=without) if "alembic" in line] == []


def test_a_migration_waits_for_another_and_then_gives_up(bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    if not bare.database.startswith("postgresql"):
        pytest.skip("SQLite waits by itself")
    monkeypatch.setattr(migrate, "WAIT_SECONDS", 0.3)
    engine = sa.create_engine(bare.database)
    with engine.connect() as other:
        other.execute(sa.select(sa.func.pg_advisory_xact_lock(migrate.LOCK)))
        with pytest.raises(StartRefused, match="another process"):
            bring_up(bare)
    engine.dispose()
    bring_up(bare)


def _upgrade_and_hang(settings_values: dict[str, object], reached: str) -> None:
    """Upgrades, and stops for good in the middle of a statement's effects being made permanent."""
    settings = settings_for(**settings_values)

    def hang(_connection: object) -> None:
        Path(reached).touch()
        time.sleep(600)

    original = migrate.make_engine

    def make(values: Settings) -> sa.Engine:
        engine = original(values)
        sa.event.listen(engine, "commit", hang)
        return engine

    migrate.make_engine = make
    bring_up(settings)


@pytest.mark.process
def test_killed_in_the_middle_it_can_be_run_again(bare: Settings, tmp_path: Path) -> None:
    reached = tmp_path / "reached"
    values = {"data_dir": bare.data_dir, "database_url": bare.database_url}
    process = multiprocessing.get_context("spawn").Process(target=_upgrade_and_hang, args=(values, str(reached)))
    process.start()
    deadline = time.monotonic() + 60
    while not reached.exists():
        assert process.is_alive(), "the upgrade ended without reaching its commit"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert tables(bare) == set()
    bring_up(bare)
    assert differences(bare) == []


def named(engine: sa.Engine, table: str) -> set[str | None]:
    """The names of everything on a table that has a name."""
    look = sa.inspect(engine)
    lists = (look.get_foreign_keys(table), look.get_unique_constraints(table), look.get_indexes(table))
    return {look.get_pk_constraint(table)["name"], *(thing["name"] for found in lists for thing in found)}


def test_the_history_names_constraints_as_the_models_do(bare: Settings, tmp_path: Path) -> None:
    """Later migrations go by these names, and comparing metadata does not look at all of them."""
    bring_up(bare)
    engine, other = sa.create_engine(bare.database), sa.create_engine(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(other)
    wrong = {table for table in Base.metadata.tables if not named(other, table) <= named(engine, table)}
    engine.dispose()
    other.dispose()
    assert wrong == set()


def test_every_model_of_the_core_is_known_to_the_migrations() -> None:
    """A table whose module nobody imports would be missing from an empty database."""
    import re
    import subprocess
    import sys

    root = Path(migrate.__file__).parent
    wanted = {name for path in root.rglob("*.py") for name in re.findall(r'__tablename__ = "(\w+)"', path.read_text())}
    seen = subprocess.run(
        [sys.executable, "-c", "import service.migrate as m; print(*m.Base.metadata.tables)"],
        capture_output=True, text=True, check=True, cwd=root.parent,
    )  # fmt: skip
    assert wanted == set(seen.stdout.split())
