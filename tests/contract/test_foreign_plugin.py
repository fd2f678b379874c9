"""A plugin from outside: installed as its own distribution, launched into, taken away, and upgraded past."""

import json
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import empty
from tests.support import BASE, KEY, OTHER_KEY

ROOT = Path(__file__).parents[2]
BUNDLED = ["group_maturity", "handledning", "ledarsteg"]
pytestmark = pytest.mark.process


class Environment:
    """A fresh virtual environment that sees what this one has, and gets the example plugin of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.python = folder / "env" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
        purelib = subprocess.run(
            [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        here = [path for path in site.getsitepackages() if Path(path).is_dir()]
        Path(purelib, "beside.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in here))
        self.values = {
            **{name: value for name, value in os.environ.items() if not name.startswith("STEGVIS_")},
            "STEGVIS_PUBLIC_URL": BASE, "STEGVIS_DEMO": "true", "STEGVIS_MASTER_KEY": KEY, "STEGVIS_SECRET_KEY": OTHER_KEY,
            "STEGVIS_DATA_DIR": str(folder), "STEGVIS_DATABASE_URL": database_url,
        }  # fmt: skip
        self.source = folder / "example_plugin"
        shutil.copytree(
            ROOT / "tests" / "example_plugin",
            self.source,
            ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"),
        )

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *arguments],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.values,
            timeout=120,
            check=False,
        )

    def must(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stegvis(self, *arguments: str) -> str:
        return self.must("-c", "from service.cli import main; main()", *arguments)

    def install(self) -> None:
        self.must(
            "-m",
            "pip",
            "install",
            "-q",
            "--no-index",
            "--no-deps",
            "--no-build-isolation",
            "--disable-pip-version-check",
            self.source,
        )

    def uninstall(self) -> None:
        self.must("-m", "pip", "uninstall", "-q", "-y", "--disable-pip-version-check", "stegvis-example")

    def launch(self, how: str = "walk") -> dict[str, object]:
        return json.loads(self.must("-m", "tests.contract.launch_into_example", how))


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Environment]:
    with empty(request, request.param, tmp_path) as url:
        yield Environment(tmp_path, url)


def tables(environment: Environment) -> set[str]:
    engine = sa.create_engine(environment.values["STEGVIS_DATABASE_URL"])
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found


def keys(listing: str) -> list[str]:
    return sorted(line.split("\t")[0] for line in listing.splitlines())


def test_a_foreign_plugin_comes_works_and_goes(environment: Environment) -> None:
    assert keys(environment.stegvis("plugin", "list")) == BUNDLED

    environment.install()
    assert keys(environment.stegvis("plugin", "list")) == sorted([*BUNDLED, "example"])
    environment.stegvis("db", "upgrade")
    assert {"example_note", "alembic_version_example"} <= tables(environment)
    environment.stegvis("db", "check")

    assert environment.launch() == {
        "plugins": sorted([*BUNDLED, "example"]), "page": 200, "write": 303, "page_has_note": True, "card": True,
        "guest": 200, "coach_on_page": 403, "export": [["Karin Lindqvist", 1]], "export_count": 1, "rows": 1,
    }  # fmt: skip

    assert "example\tcount\tTell how many notes there are.\n" in environment.stegvis("plugin", "commands")
    assert environment.stegvis("plugin", "run", "example", "count") == "1 notes\n"
    for words in (("example", "fly"), ("nobody", "count")):
        refused = environment.run("-c", "from service.cli import main; main()", "plugin", "run", *words)
        assert (refused.returncode, "there is no command" in refused.stderr) == (2, True)

    environment.uninstall()
    assert keys(environment.stegvis("plugin", "list")) == BUNDLED
    environment.stegvis("db", "upgrade")
    environment.stegvis("db", "check")
    assert environment.launch() == {"plugins": BUNDLED, "rows": 1}

    environment.install()
    environment.stegvis("db", "upgrade")
    environment.stegvis("db", "check")
    assert environment.launch("look")["rows"] == 1
