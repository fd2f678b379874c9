"""Fails unless the modules that security, anonymity and arithmetic rest on are covered in every branch.

Which they are stands in pyproject.toml under `tool.coverage.run`. A pattern that no measured file fits is an error.
"""

import fnmatch
import subprocess
import sys
import tomllib
from pathlib import Path

patterns = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["coverage"]["run"]["include"]
files = [str(path) for top in ("service", "plugins") for path in Path(top).rglob("*.py")]
unknown = [pattern for pattern in patterns if not fnmatch.filter(files, pattern)]
if unknown:
    sys.exit(f"no such file: {', '.join(unknown)}")
report = [sys.executable, "-m", "coverage", "report", "--skip-covered", "--show-missing", "--fail-under=100"]
sys.exit(subprocess.run(report, check=False).returncode)
