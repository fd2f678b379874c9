"""`python -m tests.faults [--count 50] [--seed N] [--database URL]`: fails when anything acknowledged is lost or doubled.

Ends with one line of JSON. Afterwards it measures once, with the settings of production, how long it takes until a killed
worker's export runs again.
"""

import argparse
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

from service import migrate
from service.app import create_app
from tests.conftest import settings_for
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
    asked.add_argument("--database", default="", help="a SQLAlchemy address of an empty database; default: SQLite")
    given = asked.parse_args()
    print(f"{given.count} faults, seed {given.seed}", flush=True)
    result = _with_farm(given.database, lambda farm: _campaign(farm, given.seed, given.count))
    took = _with_farm("", lambda farm: measure(farm, managers(farm, 240)))
    print(result.line())
    print(
        f"a killed worker's export runs again after {took:.1f} s (by its settings at most {limit():.0f} s, aim {AIM:.0f} s)"
    )
    return 1 if result.lost or result.doubled or result.wrong or took > GOAL else 0


def _campaign(farm, seed, count):
    Farm.lease, Farm.heartbeat, Farm.sweep = 1.5, 0.3, 0.3
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    campaign = Campaign(farm, address, seed, count)
    campaign.start(managers(farm))
    return campaign.run(lambda line: print(line, flush=True))


def _with_farm(database, work):
    folder = Path(tempfile.mkdtemp(prefix="sv"))
    settings = settings_for(folder, database_url=database or f"sqlite:///{folder / 'stegvis.db'}")
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
