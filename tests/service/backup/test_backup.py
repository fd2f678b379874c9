"""A backup put into another database is the same rows, and does nothing until somebody says so."""

import json
import re
import stat
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from service import migrate
from service.access import Role
from service.audit import Actor
from service.backup import archive, checks, erasures, making, restoring
from service.backup import cli as commands
from service.backup.archive import Unusable
from service.backup.checks import RestoreRefused
from service.cohorts import erasure
from service.cohorts.models import Person
from service.errors import StartRefused
from service.jobs import hold, outbox, worker
from service.settings import Settings
from tests.conftest import settings_for
from tests.service.backup.conftest import HELD, ODD, content, one
from tests.support import KEY, Course, World, parts


@pytest.fixture
def made(app: Flask, course: Course, settings: Settings, tmp_path: Path) -> Path:
    """A backup of the course."""
    where, _manifest = making.make(settings, tmp_path / "a.zip")
    parts(app).units.engine.dispose()
    return where


def run(settings: Settings, command: Any, *arguments: object) -> Any:
    return CliRunner().invoke(command, [str(one) for one in arguments], obj=lambda: settings)


def again(made: Path, folder: Path, change: Callable[[dict[str, Any]], None], **parts_: bytes | None) -> Path:
    """The same backup with another manifest or other parts."""
    changed = folder / f"{uuid.uuid4().hex}.zip"
    with zipfile.ZipFile(made) as origin, zipfile.ZipFile(changed, "w") as into:
        for name in origin.namelist():
            data = parts_.get(name.replace(".", "_"), origin.read(name))
            if name == archive.MANIFEST:
                manifest = json.loads(data)
                change(manifest)
                data = json.dumps(manifest).encode()
            if data is not None:
                into.writestr(name, data)
    return changed


def test_every_row_of_every_table_comes_back(made: Path, settings: Settings, other: Settings) -> None:
    before = content(settings.database)
    manifest = restoring.restore(other, made)
    after = content(other.database)
    assert after.keys() == before.keys()
    assert sum(map(len, before.values())) > 25
    assert ODD in str(one(other.database, "SELECT name FROM person ORDER BY name")) or repr(ODD)[1:-1] in str(
        one(other.database, "SELECT name FROM person ORDER BY name")
    )
    for table in before.keys() - (HELD - {"audit_event", "audit_chain"}):
        assert after[table] == before[table], table
    for table in HELD - {"outbox_hold"}:
        assert len(after[table]) == len(before[table]), table
    assert differences(other) == []
    assert manifest.moment.tzinfo is not None
    # Foreign keys are there again and hold.
    with pytest.raises(sa.exc.DBAPIError):
        enforced(other, "DELETE FROM person")


def differences(settings: Settings) -> list[str]:
    """What the schema differs in; tables that other tests of this process have brought along are none of ours."""
    return [line for line in migrate.check(settings) if not re.search("example_|stranger_", line)]


def enforced(settings: Settings, statement: str) -> None:
    from service.db import make_engine

    engine = make_engine(settings)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def test_nothing_of_the_copy_is_done_until_somebody_says_so(
    made: Path, other: Settings, make_app: Callable[..., Flask], course: Course
) -> None:
    restoring.restore(other, made)
    url = other.database
    assert one(url, "SELECT count(*) FROM launch WHERE ended_at IS NULL OR ticket_hash IS NOT NULL") == [(0,)]
    assert one(url, "SELECT count(*) FROM operator_visit WHERE ended_at IS NULL") == [(0,)]
    assert set(one(url, "SELECT state, file_key FROM export_file")) == {("gone", ""), ("waiting", "")}
    assert one(url, "SELECT count(*) FROM job WHERE state = 'queued' AND lease_token IS NULL") == [(3,)] or one(
        url, "SELECT count(*) FROM job WHERE state <> 'queued'"
    ) == [(0,)]
    app = make_app(settings=other)
    core = parts(app)
    with app.app_context():
        with core.units.reading() as unit:
            assert outbox.due() == []
            [job_id, *_more] = unit.session.scalars(sa.select(outbox.Job.id))
        with core.units.writing():
            assert outbox.lease(job_id, 30) is None
        assert hold.rests(core.units)
    told = run(other, commands.restore, "status").output
    assert "all work is held" in told
    assert "waits: 0 completions, 1 mails" in told
    again_ = World(app)
    johan = again_.member(course, Role.TRAINING, person=again_.person(course, sub="johan"))
    training = again_.enter(course, member=johan)
    assert "Work is held after a restore" in training.get("/connections").text
    rounds = worker.Rounds(core.units, other)
    with app.app_context():
        rounds.due()
    assert one(url, "SELECT count(*) FROM job WHERE kind = 'mail.send'") == [(0,)]
    assert "1 mails of before the copy were dropped" in run(other, commands.restore, "confirm").output
    assert "nothing is held" in run(other, commands.restore, "confirm").output
    assert "nothing is held" in run(other, commands.restore, "status").output
    with app.app_context(), core.units.writing():
        assert job_id in outbox.due()
        assert outbox.lease(job_id, 30) is not None
    trail = {row[0] for row in one(url, "SELECT action FROM audit_event")}
    assert "restore.confirm" in trail


def test_the_commands_say_what_they_did(made: Path, settings: Settings, other: Settings, tmp_path: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    folder = tmp_path / "backups"
    folder.mkdir()
    answer = run(settings, commands.backup, folder)
    assert answer.exit_code == 0, answer.output
    [file] = folder.iterdir()
    assert str(file) in answer.output
    assert KEY[:20] not in answer.output
    assert b"AAAAAAAAAAAAAAAA" not in file.read_bytes()
    again_ = run(settings, commands.backup, file)
    assert (again_.exit_code, "is there already" in again_.output) == (1, True)
    assert run(settings, commands.backup, tmp_path / "no" / "x.zip").exit_code == 1
    put = run(other, commands.restore, file, "--resume")
    assert put.exit_code == 0, put.output
    assert "work goes on" in put.output
    refused = run(other, commands.restore, file)
    assert (refused.exit_code, "is not empty" in refused.output) == (1, True)
    before = content(other.database)
    assert run(other, commands.restore, file, "--replace").exit_code == 0
    assert content(other.database)["person"] == before["person"]
    assert run(other, commands.restore, "erase").exit_code == 2


def test_a_backup_that_is_not_whole_is_refused_and_nothing_touched(made: Path, other: Settings, tmp_path: Path) -> None:
    whole = made.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with archive.reading(made) as found:
        name = next(iter(found.manifest.parts))
    key = name.replace(".", "_")
    wrong = {
        "no backup": tmp_path / "cut.zip",
        "is not what": again(made, tmp_path, lambda _m: None, **{key: b"something else"}),
        "missing or damaged": again(made, tmp_path, lambda _m: None, **{key: None}),
        "has the format 2": again(made, tmp_path, lambda m: m.update(format=2)),
        "no manifest": again(made, tmp_path, lambda m: m.pop("parts")),
        "and this program reads": again(made, tmp_path, lambda m: m.update(made_at="2026-11-27T12:00:00")),
    }
    for words, file in wrong.items():
        with pytest.raises(Unusable, match=words):
            restoring.restore(other, file)
    assert run(other, commands.restore, wrong["is not what"]).output.endswith("The database is as it was\n")
    assert content(other.database) == {}


def test_a_backup_that_does_not_fit_is_refused_and_nothing_touched(
    made: Path, other: Settings, tmp_path: Path, database_kind: str
) -> None:
    strange = "mysql" if database_kind == "sqlite" else "oracle"
    wrong = {
        f"a backup of {strange}": again(made, tmp_path, lambda m: m.update(kind=strange)),
        "newer program": again(made, tmp_path, lambda m: m["revisions"].update(alembic_version=["next_year"])),
        "does not say which schema": again(made, tmp_path, lambda m: m.update(revisions={})),
        "plugin 'gone'": again(made, tmp_path, lambda m: m["revisions"].update(alembic_version_gone=["1"])),
        "3 keys in the backup": again(made, tmp_path, lambda m: m.update(masters={"0123456789abcdef": 3})),
    }
    for words, file in wrong.items():
        with pytest.raises(RestoreRefused, match=words):
            restoring.restore(other, file)
    with checks.alone(other), pytest.raises(RestoreRefused, match="stop it first"):
        restoring.restore(other, made)
    assert content(other.database) == {}


def test_another_master_key_must_be_at_hand(made: Path, other: Settings) -> None:
    changed = other.model_copy(update={"master_key": other.secret_key})
    with pytest.raises(RestoreRefused, match="nobody's texts open"):
        restoring.restore(changed, made)
    both = changed.model_copy(update={"previous_master_keys": (other.master_key,)})
    restoring.restore(both, made)


def test_a_failure_in_the_middle_leaves_the_database_as_it_was(
    made: Path, other: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    restoring.restore(other, made)
    one(other.database, "UPDATE person SET name = 'of now'")
    before = content(other.database)

    def fail(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(restoring, "settle", fail)
    with pytest.raises(ZeroDivisionError):
        restoring.restore(other, made, replace=True)
    assert content(other.database) == before
    assert [path.name for path in other.data_dir.iterdir() if path.is_dir()] == []


def test_an_older_backup_is_brought_to_the_present_schema(
    app: Flask, course: Course, settings: Settings, other: Settings, tmp_path: Path
) -> None:
    parts(app).units.engine.dispose()
    migrate.downgrade(settings, "0015")
    where, manifest = making.make(settings, tmp_path / "old.zip")
    assert manifest.revisions == {"alembic_version": ["0015"]}
    restoring.restore(other, where)
    assert differences(other) == []
    assert one(other.database, "SELECT count(*) FROM outbox_hold") == [(1,)]
    assert one(other.database, "SELECT count(*) FROM person") == [(2,)]


def test_who_is_connected_stops_a_restore_into_postgresql(made: Path, other: Settings, database_kind: str) -> None:
    if database_kind != "postgresql":
        return
    engine = sa.create_engine(other.database)
    with engine.connect(), pytest.raises(RestoreRefused, match="1 others are connected"):
        restoring.restore(other, made)
    engine.dispose()


def test_an_empty_database_has_nothing_to_back_up(other: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="nothing to back up"):
        making.make(other, tmp_path / "none.zip")
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".zip", ".part"}] == []


def test_a_killed_backup_leaves_no_file_that_looks_like_one(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), archive.creating(tmp_path / "x.zip"):
        1 / 0  # noqa: B018 - anything that goes wrong
    assert not list(tmp_path.glob("*x.zip*"))


def test_sqlite_becomes_postgresql(
    request: pytest.FixtureRequest, database_kind: str, tmp_path: Path, other: Settings
) -> None:
    """What a course has written in SQLite opens in PostgreSQL, value for value."""
    if database_kind != "postgresql":
        return
    folder = tmp_path / "small"
    folder.mkdir()
    small = settings_for(folder, database_url=f"sqlite:///{folder}/stegvis.db")
    migrate.upgrade(small)
    made_app: Callable[..., Flask] = request.getfixturevalue("make_app")
    app = made_app(settings=small)
    from tests.plugins.ledarsteg.support import make as make_habit

    world = World(app)
    course = world.course(ODD)
    karin = world.enter(course, name=ODD)
    habit = make_habit(world, karin.member, shared=True)
    where, _manifest = making.make(small, tmp_path / "small.zip")
    restoring.restore(other, where)
    big = made_app(settings=other)
    for application in (app, big):
        with parts(application).units.reading() as unit:
            person = unit.session.get_one(Person, karin.person.id)
            assert (person.name, person.created_at) == (ODD, karin.person.created_at)
            texts = [unit.session.get_one(type(habit), habit.id).title]
            assert texts == [habit.title] if hasattr(habit, "title") else texts
    small_rows, big_rows = content(small.database), content(other.database)
    assert {table: len(rows) for table, rows in small_rows.items() if table not in HELD} == {
        table: len(rows) for table, rows in big_rows.items() if table not in HELD
    }


def test_who_was_erased_after_the_backup_is_erased_again(
    app: Flask, course: Course, make_app: Callable[..., Flask], settings: Settings, other: Settings, tmp_path: Path
) -> None:
    where, _manifest = making.make(settings, tmp_path / "a.zip")
    log = tmp_path / "erased.txt"
    noting = make_app(settings=settings.model_copy(update={"erasure_log": log}))
    with noting.app_context(), parts(noting).units.writing() as unit:
        person = unit.session.scalars(sa.select(Person).where(Person.name == ODD)).one()
        erasure.erase(parts(noting).host, person, Actor())
        assert not log.exists()  # nothing before it is committed
    log.write_text(log.read_text() + "cut off\n" + f"{uuid.uuid4()} of somewhere else\n")
    assert erasures.read(log)[0] == person.id
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    knowing = other.model_copy(update={"erasure_log": log})
    assert "1 persons were erased after it" in run(knowing, commands.restore, where).output
    answer = run(knowing, commands.restore, "erase", log)
    assert f"{person.id} erased\n2 in the list, 1 were to be erased again" in answer.output, answer.output
    assert "0 were to be erased again" in run(knowing, commands.restore, "erase", log).output
    assert one(other.database, "SELECT count(*) FROM mail_address") == [(0,)]


def test_an_erasure_that_cannot_be_noted_is_done_all_the_same(
    app: Flask, course: Course, make_app: Callable[..., Flask], settings: Settings, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    noting = make_app(settings=settings.model_copy(update={"erasure_log": tmp_path}))
    with noting.app_context(), parts(noting).units.writing() as unit:
        person = unit.session.scalars(sa.select(Person).where(Person.name == ODD)).one()
        erasure.erase(parts(noting).host, person, Actor())
    with parts(noting).units.reading() as unit:
        assert unit.session.get_one(Person, person.id).is_erased
    said = capsys.readouterr()
    assert "erasure_not_noted" in said.out + said.err
