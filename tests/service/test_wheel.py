"""What is installed: the wheel carries everything that is not Python, and the migrations are found however it is installed."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOPS = ("service", "plugins", "migrations")
KINDS: dict[str, Callable[[tuple[str, ...]], bool]] = {
    "templates": lambda parts: "templates" in parts,
    "static files": lambda parts: "static" in parts,
    "compiled translations": lambda parts: parts[-1].endswith(".mo"),
    "migrations": lambda parts: parts[0] == "migrations",
    "instruments": lambda parts: parts[-1].endswith((".yaml", ".yml")),
    "the operator's texts": lambda parts: "texts" in parts,
    "pages of words": lambda parts: parts[-1].endswith(".md"),
    "code": lambda parts: parts[-1].endswith(".py"),
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built offline from a copy, so that nothing is left in the working folder."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in TOPS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    [file] = folder.glob("*.whl")
    return set(zipfile.ZipFile(file).namelist())


@pytest.mark.process
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_wheel_carries(wheel: set[str], kind: str) -> None:
    here = [
        path for top in TOPS for path in (ROOT / top).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    wanted = {str(path.relative_to(ROOT)) for path in here if KINDS[kind](path.relative_to(ROOT).parts)}
    assert wanted
    assert wanted - wheel == set()


@pytest.mark.process
def test_the_wheel_carries_nothing_else(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(TOPS)


def test_the_migrations_are_found_as_a_package() -> None:
    home = Path(str(resources.files("migrations")))
    assert home == ROOT / "migrations"
    assert (home / "env.py").exists()
