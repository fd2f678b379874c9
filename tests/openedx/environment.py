"""The environment that Open edX's code lives in: its own, because it brings a web framework and pins of its own.

Made on demand from `requirements/openedx.txt` (`make openedx`, or the first test that asks), and made anew when that file changes.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements" / "openedx.txt"
FOLDER = ROOT / ".venvs" / "openedx"
MINUTES = 10


class CannotMake(Exception):
    """The environment cannot be made here, most likely because the package index is out of reach."""


def python() -> Path:
    """Returns the interpreter that can import Open edX's code. Raises CannotMake with the installer's last words."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "openedx.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _ready():
            _make()
    return FOLDER / "bin" / "python"


def _fingerprint() -> str:
    return f"{sys.version_info[:2]} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}"


def _ready() -> bool:
    mark = FOLDER / ".ready"
    return mark.exists() and mark.read_text() == _fingerprint()


def _make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(FOLDER))
    # A wheel of the index may be a source package of a few kilobytes; nothing here needs a compiler.
    _run(
        str(FOLDER / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes",
        "-r", str(REQUIREMENTS),
    )  # fmt: skip
    (FOLDER / ".ready").write_text(_fingerprint())


def _run(*command: str) -> None:
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=60 * MINUTES,
            env={**os.environ, "PYTHONWARNINGS": ""},
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = str(error.stderr or error).strip().splitlines()
        raise CannotMake(said[-1] if said else str(error)) from None


if __name__ == "__main__":
    try:
        python()
    except CannotMake as error:
        sys.exit(str(error))
