"""`python -m tests.faults [--count 50] [--seed N] [--database postgresql]`: fails when anything acknowledged is lost or doubled.

Tells it in one line of JSON. Afterwards it measures once, with the settings of production, how long it takes until a
killed worker's export runs again. `--database postgresql` starts a real PostgreSQL for it, which ends with it.
"""

import argparse
import shutil
import socket
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from service import migrate
from service.app import create_app
from tests.conftest import settings_for
from tests.databases import new_database, running_postgres
from tests.faults.campaign import Campaign, managers
from tests.faults.takeover import limit, measure
from tests.processes.conftest import Farm
from tests.support import parts

# Aim and goal for a killed worker's export to run again, in seconds.
AIM, GOAL = 30.0, 60.0


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=50)
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = asked.parse_args()
    print(f"{given.count} faults on {given.database}, seed {given.seed}", flush=True)
    with _server(given.database) as server:
        result = _with_farm(server, lambda farm: _campaign(farm, given.seed, given.count))
        print(result.line(), flush=True)
        took = _with_farm(server, lambda farm: measure(farm, managers(farm, 240)))
    print(
        f"a killed worker's export runs again after {took:.1f} s (by its settings at most {limit():.0f} s, aim {AIM:.0f} s)"
    )
    return 1 if result.lost or result.doubled or result.wrong or took > GOAL else 0


@contextmanager
def _server(database):
    """The address of a PostgreSQL of our own, "" for SQLite."""
    if database == "sqlite":
        yield ""
        return
    with running_postgres() as address:
        yield address


def _campaign(farm, seed, count):
    Farm.lease, Farm.heartbeat, Farm.sweep = 1.5, 0.3, 0.3
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    campaign = Campaign(farm, address, seed, count)
    campaign.start(managers(farm))
    return campaign.run(lambda line: print(line, flush=True))


def _with_farm(server, work):
    folder = Path(tempfile.mkdtemp(prefix="sv"))
    database = (
        new_database(server, f"faults_{uuid.uuid4().hex[:12]}") if server else f"sqlite:///{folder / 'stegvis.db'}"
    )
    settings = settings_for(folder, database_url=database)
    migrate.upgrade(settings)
    farm = Farm(settings, create_app(settings))
    try:
        return work(farm)
    finally:
        farm.stop()
        parts(farm.app).units.engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
