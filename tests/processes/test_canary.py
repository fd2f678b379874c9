"""A word in every confidential text of coaching, with everything running: a real queue, a real worker, files of every kind.

It is nowhere but sealed in its column: not in what the queue keeps, not in a job's row, not in a file or a file's name, not
in a log, not on the pages of others.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.access import Role
from tests.contract.test_canary import CANARY, bytes_of, found_in
from tests.plugins.handledning.everything import fill
from tests.plugins.handledning.support import Pair, chosen, pair
from tests.plugins.handledning.test_canary_pages import beside, goals, session
from tests.plugins.handledning.test_term_pages import both
from tests.processes.conftest import Farm, until
from tests.support import Browser, World

pytestmark = pytest.mark.process


def every_file(browser: Browser) -> int:
    """Asks for every export there is for somebody, in every format, and returns how many that were."""
    page = browser.get("/exports").text
    kinds, formats = (re.findall(rf'name="{name}"[^>]* value="([^"]+)"', page) for name in ("what", "format"))
    taken = [browser.post("/exports", {"what": what, "format": one}).status_code for what in kinds for one in formats]
    return taken.count(303)


def in_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, what archives hold included."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield str(path.relative_to(folder)), data
            if zipfile.is_zipfile(io.BytesIO(data)):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    yield from ((f"{path.name}/{name}", archive.read(name)) for name in archive.namelist())


def in_queue(farm: Farm) -> bytes:
    """All that the queue keeps, as plain as it goes: names of keys, and every kind of value."""
    queue, found = farm.redis(), []
    read = {
        b"string": queue.get, b"hash": queue.hgetall, b"set": queue.smembers,
        b"list": lambda key: queue.lrange(key, 0, -1), b"zset": lambda key: queue.zrange(key, 0, -1),
        b"stream": queue.xrange,
    }  # fmt: skip
    for key in queue.keys("*"):
        found += [key, repr(read[queue.type(key)](key)).encode()]
    return b"\n".join(found)


def write_everything(world: World, beside_whom: Pair) -> Pair:
    """Types into every form of goals, notes and sessions, as somebody else in the same course."""
    two = pair(world, beside_whom.course, "Karin Lindqvist")
    manager, coach = both(two)
    for part in (goals, beside, session):
        part(two, manager, coach)
    return two


def test_a_word_in_every_text_is_nowhere_while_everything_runs(farm: Farm, capfd: pytest.CaptureFixture[str]) -> None:
    farm.queue.start()
    world = World(farm.app)
    filled = chosen(world, name="Everything")
    words = set(fill(filled).words.values())
    two = write_everything(world, filled)
    training = world.enter(two.course, Role.TRAINING, "Training")
    stranger = world.enter(two.course, Role.MANAGER, "Other Manager")
    asked = sum(every_file(browser) for browser in (training, *both(two)))
    assert asked >= 4
    before = in_queue(farm)
    assert before
    farm.worker()
    until(lambda: len(farm.files()) >= asked)
    shown = b"\n".join(
        browser.get(path).text.encode()
        for browser in (training, stranger)
        for path in ("/", "/exports", "/cohort", "/handledning/", "/handledning/training", "/audit")
    )
    with farm.app.app_context(), farm.app.extensions["stegvis"].units.reading() as unit:
        jobs = repr(unit.session.execute(sa.text("select * from job")).all()).encode()
        copies = set(unit.session.scalars(sa.text("select file_key from export_file where kind = 'own_data'")))
    said = capfd.readouterr()
    places = {
        "the queue": before + in_queue(farm), "jobs": jobs, "pages of others": shown,
        "logs": (said.out + said.err).encode(), "the database": bytes_of(farm.app, farm.settings),
        **dict(in_files(Path(farm.settings.data_dir))),
    }  # fmt: skip
    # A manager's copy of all her data holds what she wrote, and she alone can fetch it.
    hers = {place for place, data in places.items() if place.partition("/")[0] in copies and found_in(data)}
    assert {place.partition("/")[2] for place in hers} == {"data.html", "data.json"}
    places = {place: data for place, data in places.items() if place not in hers}
    assert {place for place, data in places.items() if found_in(data)} == set()
    assert {place for place, data in places.items() if any(word.encode() in data for word in words)} == set()
    assert not [name for name in places if CANARY in name or any(word in name for word in words)]
    # It would be found: names that are no secret are in the database and in a file.
    assert b"Karin Lindqvist" in places["the database"]
    assert any(b"Karin Lindqvist" in data for place, data in places.items() if place.startswith("exports"))
