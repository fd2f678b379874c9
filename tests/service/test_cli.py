"""The command line: what it says and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import BASE, KEY, OTHER_KEY

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.process
GOOD = {"STEGVIS_PUBLIC_URL": BASE, "STEGVIS_DEMO": "true", "STEGVIS_MASTER_KEY": KEY, "STEGVIS_SECRET_KEY": OTHER_KEY}


def stegvis(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STEGVIS_")}
    values = {**clean, **GOOD, "STEGVIS_DATA_DIR": str(folder), **changes}
    return subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", *arguments],
        capture_output=True, text=True, cwd=ROOT, env={n: v for n, v in values.items() if v}, timeout=90, check=False,
    )  # fmt: skip


def test_the_installed_plugins_are_listed(tmp_path: Path) -> None:
    ended = stegvis(tmp_path, "plugin", "list")
    assert ended.returncode == 0, ended.stderr
    assert {line.split("\t")[0] for line in ended.stdout.splitlines()} >= {"ledarsteg", "handledning", "group_maturity"}
    assert {line.split("\t")[2] for line in ended.stdout.splitlines()} >= {"plugins.ledarsteg"}


def test_a_new_database_is_brought_up_and_then_agrees(tmp_path: Path) -> None:
    before = stegvis(tmp_path, "db", "check")
    assert (before.returncode, "run stegvis db upgrade" in before.stdout) == (1, True)
    assert stegvis(tmp_path, "db", "upgrade").returncode == 0
    after = stegvis(tmp_path, "db", "check")
    assert (after.returncode, after.stdout) == (0, "")


def test_settings_that_are_missing_are_each_named(tmp_path: Path) -> None:
    ended = stegvis(
        tmp_path, "db", "upgrade", STEGVIS_MASTER_KEY="", STEGVIS_SECRET_KEY="", STEGVIS_PUBLIC_URL="ftp://x"
    )
    assert ended.returncode == 78
    assert "STEGVIS_MASTER_KEY" in ended.stderr
    assert "STEGVIS_SECRET_KEY" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_newer_than_the_program_ends_with_78(tmp_path: Path) -> None:
    import sqlalchemy as sa

    assert stegvis(tmp_path, "db", "upgrade").returncode == 0
    engine = sa.create_engine(f"sqlite:///{tmp_path}/stegvis.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from_next_year'")
    engine.dispose()
    ended = stegvis(tmp_path, "db", "upgrade")
    assert ended.returncode == 78
    assert "from_next_year" in ended.stderr


def test_every_command_is_there_and_says_what_it_does(tmp_path: Path) -> None:
    ended = stegvis(tmp_path, "--help")
    assert ended.returncode == 0, ended.stderr
    for command in ("run", "web", "worker", "db", "platform", "plugin", "demo"):
        assert any(line.split()[:1] == [command] and len(line.split()) > 2 for line in ended.stdout.splitlines()), (
            command
        )


def test_an_unknown_command_is_told(tmp_path: Path) -> None:
    assert stegvis(tmp_path, "fly").returncode == 2
