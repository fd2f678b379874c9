"""Runs the LTI cases by name and ends in a table: case, pass or fail.

The cases are those of 1EdTech's certification for LTI 1.3 core launches (A known bad payloads, B teacher launches,
C student launches) and our own (G).
"""

import re
import sys
from pathlib import Path

import pytest

CASES = Path("tests/functional/lti")
NAME = re.compile(r"test_([a-g]\d\d)_(\w+)")


class Table:
    """Collects how each case ended; a case is passed when all its tests are."""

    def __init__(self) -> None:
        self.ended: dict[str, tuple[str, bool]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes the outcome of one test."""
        found = NAME.match(report.nodeid.rsplit("::", 1)[-1])
        if found and (report.when == "call" or report.failed):
            case, words = found[1].upper(), found[2].replace("_", " ")
            before = self.ended.get(case, (words, True))
            self.ended[case] = (before[0], before[1] and report.passed)

    def show(self) -> None:
        """Prints the table."""
        for case, (words, passed) in sorted(self.ended.items()):
            print(f"{case}  {'pass' if passed else 'FAIL'}  {words}")
        failed = sum(not passed for _, passed in self.ended.values())
        print(f"{len(self.ended) - failed} passed, {failed} failed")


def main() -> int:
    """Runs the cases, or those named as arguments (a04, g15)."""
    table = Table()
    wanted = " or ".join(f"test_{name.lower()}_" for name in sys.argv[1:])
    arguments = ["-q", "--no-header", "-p", "no:cacheprovider", str(CASES), *(["-k", wanted] if wanted else [])]
    status = pytest.main(arguments, plugins=[table])
    table.show()
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
