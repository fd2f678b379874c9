"""A service in which groups answer, and from which everything is stolen: once while a measurement is open, once after."""

import io
import json
import random
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from flask import Flask
from gunicorn.config import Config

import plugins.group_maturity
from plugins.group_maturity import rows
from plugins.group_maturity.models import Measurement
from plugins.group_maturity.operations import closing, measurements
from plugins.group_maturity.operations.measurements import Plan
from plugins.group_maturity.report import files, paper, source, view
from plugins.group_maturity.report.source import Reader
from plugins.group_maturity.settings import GroupSettings
from service import migrate
from service.access_log import AccessLog
from service.app import create_app
from service.contract import Person, session
from service.settings import Settings, load
from tests.linkage.loot import Loot
from tests.plugins.group_maturity.measuring import GM24, GROUP, at_random, plan
from tests.support import BASE, KEY, OTHER_KEY, Course, OffsetClock, World, parts

# In so large a share of the groups people may also write in their own words.
WRITING = 0.5
# Sizes of the groups, as security.md M6 has them; small ones are more often, as they are and as they are more at risk.
SMALLEST, LARGEST = 5, 40
# A disk in memory, where there is one: nothing of this has to outlive a power cut.
QUICK = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass
class Asked:
    """One measurement: the words of its links, and what each person has answered, in the order of the words.

    `texts` is what each wrote besides in her own words; nothing where the course does not ask for that.
    """

    id: uuid.UUID
    words: list[str]
    answers: list[dict[str, int]]
    texts: list[str]

    def packed(self, what: str) -> list[bytes]:
        if what != "answers":
            return [text.encode() for text in self.texts]
        return [bytes(one[name] for name in GROUP) for one in self.answers]


class AccessLogged:
    """A WSGI server's access log around the application, as gunicorn writes it with our class or with its own."""

    def __init__(self, app: Flask, logger: type[Any]) -> None:
        self.lines = io.StringIO()
        self._app = app.wsgi_app
        config = Config()
        config.set("accesslog", "-")
        self._logger = logger(config)
        self._format = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'
        app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        said = SimpleNamespace(status="200 OK", headers=[], sent=100)

        def starting(status: str, headers: Any, *rest: Any) -> Any:
            said.status = status
            return start(status, headers, *rest)

        answer = self._app(environ, starting)
        atoms = self._logger.atoms_wrapper_class(
            self._logger.atoms(
                said, SimpleNamespace(headers=[]), {"RAW_URI": environ["PATH_INFO"], **environ}, timedelta(0)
            )
        )
        self.lines.write(self._format % atoms + "\n")
        return answer


def _exported(measurement: Measurement) -> Iterator[str]:
    """Every file that a report can leave in, for each of its readers, and its manager's own copy of her data."""
    for reader in Reader:
        whole = source.of(measurement, reader, "UTC")
        if whole is not None:
            report = view.build(whole, "sv")
            yield json.dumps(files.as_json(report), ensure_ascii=False)
            yield from (";".join(map(str, row)) for row in files.rows(report))
            yield json.dumps(paper.data(report), ensure_ascii=False, default=str)
    person = session().get_one(Person, measurement.manager_id)
    yield from (json.dumps(list(part.rows), ensure_ascii=False, default=str) for part in rows.personal_data(person))


@dataclass
class Service:
    """An application of its own on SQLite, with a course and a manager."""

    app: Flask
    file: Path
    world: World
    course: Course
    clock: OffsetClock
    log: AccessLogged
    chance: random.Random
    exports: list[str] = field(default_factory=list)

    def ask(self) -> Asked:
        """Opens a measurement of a group and lets everybody answer, in an order and at times of their own."""
        size = SMALLEST + int((LARGEST + 1 - SMALLEST) * self.chance.random() ** 3)
        manager = self.world.member(self.course, name=f"Chef {uuid.uuid4().hex[:6]}")
        with self.app.app_context(), self.world.core.units.writing():
            settings = GroupSettings(ask_for_words=self.chance.random() < WRITING)
            made = measurements.create(self.course.cohort, manager.person_id, self._plan(size), settings)
            words = measurements.open_up(made, self.course.cohort, settings)
            texts = [f"Vi behöver {self.chance.randbytes(9).hex()}" for _ in words] if made.comments else []
        asked = Asked(made.id, words, [at_random(self.chance) for _ in words], texts)
        for number in self.chance.sample(range(size), size):
            self.clock.advance(timedelta(seconds=self.chance.randint(1, 9000)))
            self._answer(asked.words[number], asked.answers[number], asked.texts[number] if asked.texts else "")
        return asked

    def _plan(self, size: int) -> Plan:
        return plan(self.world, self.course, size=size)

    def _answer(self, word: str, answers: Mapping[str, int], text: str) -> None:
        data = {name: str(value) for name, value in answers.items()} | {"form": uuid.uuid4().hex, "words": text}
        said = self.app.test_client().post(
            f"/g/{word}/group_maturity/answer", data=data, base_url=BASE,
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{self.chance.randint(1, 254)}"},
        )  # fmt: skip
        if said.status_code != 200:
            raise AssertionError(f"an answer was refused: {said.status}")

    def close(self, asked: Asked) -> None:
        """Closes it and lets the worker count the report."""
        with self.app.app_context(), self.world.core.units.writing() as unit:
            closing.close_now(unit.session.get_one(Measurement, asked.id), self.course.cohort)
        with self.app.app_context(), self.world.core.units.writing() as unit:
            closing.freeze(asked.id)
        with self.app.test_request_context(), self.world.core.units.reading() as unit:
            self.exports += _exported(unit.session.get_one(Measurement, asked.id))

    def steal(self, asked: Asked, what: str) -> tuple[Loot, list[int]]:
        """Everything there is now, and which answer is whose: the mixed answers' numbers in the order of the words."""
        packed = asked.packed(what)
        mixed = self.chance.sample(range(len(packed)), len(packed))
        log = Path(f"{self.file}-wal")
        loot = Loot(
            measurement=asked.id, database=self.file.read_bytes(), log=log.read_bytes() if log.exists() else b"",
            said=[*self.log.lines.getvalue().splitlines(), *self.exports], invited=asked.words,
            answers=[packed[number] for number in mixed], names=GROUP, low=GM24.response_scale.min,
            keys=self.world.core.units.keyring, what=what, text=measurements.WORDS_BYTES if asked.texts else 0,
            chance=self.chance,
        )  # fmt: skip
        return loot, [mixed.index(number) for number in range(len(packed))]


def _settings(folder: str) -> tuple[Settings, Path]:
    file = Path(folder) / "stegvis.db"
    return load(
        public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=Path(folder),
        database_url=f"sqlite:///{file}",
    ), file  # fmt: skip


@cache
def _migrated() -> bytes:
    """An empty database with every table: the same beginning for each service, made once."""
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        settings, file = _settings(folder)
        migrate.upgrade(settings)
        if Path(f"{file}-wal").exists():
            raise AssertionError("the beginning is not all in the file")
        return file.read_bytes()


@contextmanager
def _drawn_from(chance: random.Random) -> Iterator[None]:
    """Ids, codes and the mixing of the box come from the seed too, so that a run with the same seed is the same run."""

    def drawn(number: int) -> bytes:
        return chance.randbytes(number)

    with mock.patch("os.urandom", drawn), mock.patch("random._urandom", drawn):
        yield


@contextmanager
def service(chance: random.Random, logger: type[Any] = AccessLog) -> Iterator[Service]:
    """A fresh service; taken down afterwards."""
    beginning = _migrated()
    with tempfile.TemporaryDirectory(dir=QUICK) as folder, _drawn_from(random.Random(chance.random())):
        settings, file = _settings(folder)
        clock = OffsetClock()
        file.write_bytes(beginning)
        app = create_app(settings, plugins={"group_maturity": plugins.group_maturity}, clock=clock)
        world = World(app)
        made = Service(app, file, world, world.course(), clock, AccessLogged(app, logger), chance)
        try:
            yield made
        finally:
            parts(app).units.engine.dispose()
