"""Writes a migration: what the models have that the history has not. `python tools/migration.py "what and why"`

With `--check` it writes nothing, and fails when there would have been something to write.

The history is played on an empty SQLite database in a temporary folder, so nothing of anybody's is touched. The file is
named by date, number and words; read it before committing it.
"""

import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from service import migrate
from service.host import Host, discover

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


def main(message: str) -> None:
    """Writes one file and prints its name, or with `--check` prints what is missing and fails."""
    VERSIONS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{folder}/empty.db")
        with engine.connect() as connection:
            config = migrate.configuration(connection, Host(discover()))
            command.upgrade(config, "heads")
            missing = migrate.drift(connection) if message == "--check" else []
            if message != "--check":
                print(write(config, message))
        engine.dispose()
    if missing:
        raise SystemExit("\n".join(["models and migrations disagree:", *missing]))


def write(config: Config, message: str) -> str:
    """Writes the next revision of a database that is at the newest."""
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    today = datetime.now(UTC).strftime("%Y%m%d")
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    config.set_main_option("file_template", f"{today}_{number:04d}_{slug}")
    made = command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    if made is None or isinstance(made, list):
        raise SystemExit("nothing was written")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", made.path], check=True)
    return Path(made.path).name


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its one argument
        raise SystemExit(__doc__)
    main(sys.argv[1])
