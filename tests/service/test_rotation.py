"""Keys are changed while the service runs: nothing is lost wherever it is stopped, and a start without a key is refused."""

import base64
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from click import Command
from click.testing import CliRunner, Result
from pydantic import SecretStr

from plugins.handledning.models import Note
from plugins.handledning.operations.notes import NoteDraft, write_note
from service import masters, rotation
from service.cli_run import web, worker
from service.crypto import CannotOpen, Keyring, PersonKey, PersonKeyBefore
from service.errors import StartRefused
from service.lti.keys_cli import keys
from service.settings import Settings
from service.unit import Units
from tests.plugins.handledning.support import Pair, pair
from tests.support import KEY, OTHER_KEY, World

NEW = base64.b64encode(b"n" * 32).decode()
said: list[str] = []


@pytest.fixture
def two(world: World) -> Pair:
    """A manager and her coach with a dozen notes each."""
    made = pair(world)
    with made.writing() as unit:
        for who in (made.manager, made.coach):
            for number in range(12):
                note = Note(
                    id=uuid.uuid4(), engagement_id=made.engagement.id, author_id=who.person_id, owner_id=who.person_id,
                    kind="manager_private" if who is made.manager else "coach_private", written_at=datetime.now(UTC),
                    changed_at=datetime.now(UTC),
                )  # fmt: skip
                note.body = f"hemligt {number} åäö"
                unit.session.add(note)
    return made


def bodies(units: Units) -> set[str]:
    with units.reading() as unit:
        return {note.body for note in unit.session.scalars(sa.select(Note))}


ALL = {f"hemligt {number} åäö" for number in range(12)}


def units_with(two: Pair, present: str, *earlier: str) -> Units:
    units = two.world.core.units
    ring = Keyring.from_settings(SecretStr(present), [SecretStr(key) for key in earlier])
    return Units(units.engine, ring, units.clock)


def left(units: Units) -> tuple[int, int]:
    with units.reading() as unit:
        return masters.behind(unit.connection, units.keyring), rotation.waiting(unit.connection)


def settings_with(settings: Settings, present: str, *earlier: str) -> Settings:
    values = {"master_key": SecretStr(present), "previous_master_keys": [SecretStr(key) for key in earlier]}
    return settings.model_copy(update=values)


def test_everything_is_wrapped_anew_in_batches_and_the_old_key_may_go(two: Pair, settings: Settings) -> None:
    both, present = units_with(two, NEW, KEY), units_with(two, NEW)
    before = left(both)[0]
    assert before >= 2
    with pytest.raises(StartRefused, match=r"a master key is missing: .* STEGVIS_PREVIOUS_MASTER_KEYS"):
        masters.check_masters(settings_with(settings, NEW))
    told: list[str] = []
    assert masters.rewrap(both, told.append, 1) == before
    assert told[0] == f"1 keys wrapped anew, {before - 1} left"
    assert told[-1] == f"{before} keys wrapped anew, 0 left"
    assert left(both)[0] == 0
    assert bodies(present) == ALL
    masters.check_masters(settings_with(settings, NEW))
    assert masters.rewrap(both, told.append) == 0


def test_half_done_and_the_old_key_taken_away_is_told_in_one_sentence(two: Pair, settings: Settings) -> None:
    both = units_with(two, NEW, KEY)
    masters._rewrap_some(both, masters._wrapping()[-1], 1)
    with both.writing() as unit:
        some = unit.session.scalars(sa.select(PersonKey.person_id).limit(1)).one()
        row = unit.session.get_one(PersonKey, some)
        if row.wrapped is not None and row.master != both.keyring.present:
            row.wrapped = both.keyring.wrap(both.keyring.unwrap(row.master, row.wrapped, some), some)
            row.master = both.keyring.present
    with pytest.raises(StartRefused, match="half done") as refused:
        masters.check_masters(settings_with(settings, NEW))
    assert "\n" not in str(refused.value)
    with pytest.raises(CannotOpen):
        masters.rewrap(units_with(two, NEW), said.append)
    masters.check_masters(settings_with(settings, NEW, KEY))


def test_a_database_without_tables_or_answer_stops_nothing(settings: Settings, tmp_path: object) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.db"})
    masters.check_masters(empty)
    masters.check_masters(settings.model_copy(update={"database_url": "sqlite:////nowhere/at/all.db"}))


def test_texts_are_sealed_anew_each_bound_to_its_row(two: Pair) -> None:
    units = two.world.core.units
    with units.reading() as unit:
        was = dict(unit.session.execute(sa.select(Note.id, Note.body_sealed)).all())  # type: ignore[arg-type]
        old = {row.person_id: row.wrapped for row in unit.session.scalars(sa.select(PersonKey))}
    assert rotation.begin(units) == len([one for one in old.values() if one])
    assert rotation.begin(units) == 0
    assert bodies(units) == ALL  # in between a text opens with whichever key fits
    done, bad = rotation.reseal(units, said.append, size=5, grace=0)
    assert (bad, left(units)[1]) == (0, 0)
    assert done >= 24
    assert bodies(units) == ALL
    with units.reading() as unit:
        now = dict(unit.session.execute(sa.select(Note.id, Note.body_sealed)).all())  # type: ignore[arg-type]
        rows = {row.person_id: row.wrapped for row in unit.session.scalars(sa.select(PersonKey))}
    assert all(was[key] != now[key] for key in was)
    assert all(old[key] != rows[key] for key in old)
    with units.writing() as unit:
        one, other = list(now)[:2]
        unit.session.execute(sa.update(Note).where(Note.id == one).values(body_sealed=now[other]))
    with pytest.raises(CannotOpen):
        bodies(units)


def test_what_was_bound_to_its_kind_alone_is_bound_to_its_engagement_when_it_is_sealed_anew(two: Pair) -> None:
    units, elsewhere = two.world.core.units, uuid.uuid4()
    with units.writing() as unit:
        note = unit.session.scalars(sa.select(Note).where(Note.author_id == two.manager.person_id)).first()
        assert note is not None
        note.body_sealed = unit.vault.seal(
            note.owner_id, "handledning_note.body", note.id, "från förr", ("manager_private",)
        )
        note_id = note.id

    def moved() -> str:
        with units.reading() as unit, unit.session.no_autoflush:
            row = unit.session.get_one(Note, note_id)
            row.engagement_id = elsewhere
            return row.body

    assert moved() == "från förr"
    rotation.begin(units)
    assert rotation.reseal(units, said.append, grace=0)[1] == 0
    assert "från förr" in bodies(units)
    with pytest.raises(CannotOpen):
        moved()


def test_stopped_anywhere_it_goes_on_and_what_is_written_meanwhile_is_kept(two: Pair) -> None:
    units = two.world.core.units

    def stop(words: str) -> None:
        raise KeyboardInterrupt(words)

    rotation.begin(units)
    for _time in range(3):
        with pytest.raises(KeyboardInterrupt):
            rotation.reseal(units, stop, size=4, grace=0)
        assert bodies(units) == ALL
    with two.writing():
        write_note(two.as_manager(lock=True), uuid.uuid4(), NoteDraft("skrivet emellan"))  # the service runs meanwhile
    rotation.reseal(units, said.append, grace=0)
    assert bodies(units) == ALL | {"skrivet emellan"}
    assert left(units)[1] == 0


def test_a_text_that_opens_with_neither_key_keeps_the_key_before(two: Pair) -> None:
    units = two.world.core.units
    with units.writing() as unit:
        where = sa.select(Note.id, Note.body_sealed).where(Note.owner_id == two.manager.person_id).order_by(Note.id)
        (one, first), (other, second) = unit.session.execute(where.limit(2)).all()
        for row, sealed in ((one, second), (other, first)):
            unit.session.execute(sa.update(Note).where(Note.id == row).values(body_sealed=sealed))
    rotation.begin(units)
    assert rotation.reseal(units, said.append, grace=0)[1] == 2
    assert left(units)[1] == 1
    with units.writing() as unit:
        for row, sealed in ((one, first), (other, second)):
            unit.session.execute(sa.update(Note).where(Note.id == row).values(body_sealed=sealed))
    assert rotation.reseal(units, said.append, grace=0) == (2, 0)
    assert bodies(units) == ALL


def test_who_is_erased_meanwhile_stays_erased(two: Pair) -> None:
    units = two.world.core.units
    rotation.begin(units)
    with units.writing() as unit:
        unit.vault.destroy(two.coach.person_id, datetime.now(UTC))
    rotation.reseal(units, said.append, grace=0)
    with units.reading() as unit:
        assert unit.session.get_one(PersonKey, two.coach.person_id).wrapped is None
        assert unit.session.get(PersonKeyBefore, two.coach.person_id) is None
        note = unit.session.scalars(sa.select(Note).where(Note.owner_id == two.coach.person_id).limit(1)).one()
        with pytest.raises(CannotOpen):
            _ = note.body


def test_who_is_erased_between_two_persons_is_passed_over(two: Pair) -> None:
    units, told = two.world.core.units, list[str]()
    order = sorted((two.manager.person_id, two.coach.person_id))
    rotation.begin(units)
    waiting = left(units)[1]

    def erase_the_other(words: str) -> None:
        told.append(words)
        if len(told) == 1:
            with units.writing() as unit:
                unit.vault.destroy(order[1], datetime.now(UTC))

    assert rotation.reseal(units, erase_the_other, grace=0)[1] == 0
    assert (told[-1], left(units)[1]) == ("0 persons left", 0)
    assert waiting >= 2
    with units.reading() as unit:
        hers = [one.body for one in unit.session.scalars(sa.select(Note).where(Note.owner_id == order[0]))]
        assert set(hers) == ALL
        assert unit.session.get_one(PersonKey, order[1]).wrapped is None


def test_where_nobody_is_finished_nothing_is_waited_for_and_every_key_before_is_kept(two: Pair) -> None:
    units, told = two.world.core.units, list[str]()
    with units.writing() as unit:
        unit.session.execute(sa.update(Note).values(body_sealed=b"nonsense"))
        hers = (two.manager.person_id, two.coach.person_id)
        unit.session.execute(sa.delete(PersonKey).where(PersonKey.person_id.not_in(hers)))
    rotation.begin(units)
    began = time.monotonic()
    assert rotation.reseal(units, told.append, grace=20)[1] == 24
    assert time.monotonic() - began < 20
    assert (told[-1], left(units)[1]) == ("2 persons left", 2)


def test_texts_are_looked_for_only_in_tables_that_are_there(two: Pair) -> None:
    """Between an update and its `db upgrade` a plugin may have models whose tables are still to be made."""
    units = two.world.core.units
    with units.writing() as unit:
        unit.session.execute(sa.text("DROP TABLE ledarsteg_insight"))
    rotation.begin(units)
    done, bad = rotation.reseal(units, said.append, grace=0)
    assert (done >= 24, bad) == (True, 0)
    assert bodies(units) == ALL


def test_a_page_that_read_a_key_before_it_was_changed_opens_what_is_sealed_after(two: Pair) -> None:
    """On PostgreSQL each statement sees what was committed before it; SQLite shows one moment."""
    units = two.world.core.units
    with units.reading() as unit:
        unit.vault.fetch([two.manager.person_id])
        first = unit.session.scalars(sa.select(Note).where(Note.owner_id == two.manager.person_id).limit(1)).one()
        assert first.body in ALL
        rotation_thread(units)
        unit.session.expire_all()
        assert bodies_in(unit.session) == ALL


def rotation_thread(units: Units) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        pool.submit(rotation.begin, units).result()
        pool.submit(rotation.reseal, units, said.append, grace=0).result()


def bodies_in(session: sa.orm.Session) -> set[str]:
    return {note.body for note in session.scalars(sa.select(Note))}


# --- processes --------------------------------------------------------------------------------------------------------


@pytest.fixture
def environment(settings: Settings) -> Callable[..., dict[str, str]]:
    def made(present: str, *earlier: str) -> dict[str, str]:
        return {
            **os.environ,
            "STEGVIS_PUBLIC_URL": settings.public_url,
            "STEGVIS_SECRET_KEY": OTHER_KEY,
            "STEGVIS_MASTER_KEY": present,
            "STEGVIS_PREVIOUS_MASTER_KEYS": ",".join(earlier),
            "STEGVIS_DEMO": "true",
            "STEGVIS_DATA_DIR": str(settings.data_dir),
            "STEGVIS_DATABASE_URL": settings.database,
        }

    return made


def stegvis(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    program = [sys.executable, "-c", "from service.cli import main; main()", *arguments]
    return subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said_by(two: Pair, settings: Settings, *arguments: str) -> Result:
    """Runs a command of `stegvis keys` in this process."""
    return CliRunner().invoke(keys, arguments, obj=lambda: settings)


def killed(environment: dict[str, str], *arguments: str, after: str) -> None:
    """Runs a command and kills it at once when it has said something."""
    process = stegvis(environment, *arguments)
    assert process.stdout is not None
    lines: Iterator[str] = iter(process.stdout)
    line = next(line for line in lines if after in line)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, line


def test_killed_at_any_point_loses_nothing(
    two: Pair, settings: Settings, environment: Callable[..., dict[str, str]]
) -> None:
    # So many keys that the command is not done before it is killed.
    others = [two.world.member(two.course).person_id for _ in range(40)]
    with two.writing() as unit:
        for one in others:
            unit.vault.seal(one, "no.place", uuid.uuid4(), "x")
    killed(environment(NEW, KEY), "keys", "rotate-master", "--batch", "1", after="1 keys wrapped anew")
    assert bodies(units_with(two, NEW, KEY)) == ALL
    refused = stegvis(environment(NEW), "web", "--bind", "127.0.0.1:1")
    _out, err = refused.communicate(timeout=120)
    assert (refused.returncode, err.count("\n")) == (78, 1), err
    assert "half done" in err
    with two.writing() as unit:
        unit.session.execute(sa.delete(PersonKey).where(PersonKey.person_id.in_(others)))
    finished = said_by(two, settings_with(settings, NEW, KEY), "rotate-master")
    assert "0 left: the earlier master keys may be taken out of the settings" in finished.output
    assert bodies(units_with(two, NEW)) == ALL
    only = settings_with(settings, NEW)
    killed(
        environment(NEW), "keys", "rotate-persons", "--batch", "2", "--grace", "0", after="texts sealed anew"
    )  # fmt: skip
    assert bodies(units_with(two, NEW)) == ALL
    assert "2 persons have texts to be sealed anew" in said_by(two, only, "status").output
    finished = said_by(two, only, "rotate-persons", "--grace", "0")
    assert finished.exit_code == 0, finished.output
    assert "going on with what was begun before" in finished.output
    assert bodies(units_with(two, NEW)) == ALL
    assert left(units_with(two, NEW)) == (0, 0)


@pytest.mark.parametrize("command", [web, worker])
def test_without_the_key_nothing_starts(
    two: Pair, environment: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    for name, value in environment(NEW).items():
        monkeypatch.setenv(name, value)
    refused = CliRunner().invoke(command, [])
    assert isinstance(refused.exception, StartRefused)
    assert "a master key is missing" in str(refused.exception)


def test_a_command_says_what_it_left(two: Pair, settings: Settings) -> None:
    units = two.world.core.units
    with units.writing() as unit:
        one = unit.session.scalars(sa.select(Note.id).limit(1)).one()
        unit.session.execute(sa.update(Note).where(Note.id == one).values(body_sealed=b"nonsense"))
    told = said_by(two, settings, "rotate-persons", "--grace", "0")
    assert told.exit_code == 1
    assert "1 texts open with neither key and were left as they are" in told.output


def test_texts_of_a_plugin_that_is_not_installed_are_not_lost(two: Pair, settings: Settings) -> None:
    units = two.world.core.units
    with units.writing() as unit:
        unit.session.execute(sa.text("CREATE TABLE gone_note (id INTEGER)"))
    told = said_by(two, settings, "rotate-persons")
    assert told.exit_code == 1
    assert "gone_note" in told.output
    assert left(units)[1] == 0
