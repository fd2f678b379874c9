"""Runs the LTI cases by name and ends in a table: case, pass or fail.

The cases are those of 1EdTech's certification (A known bad payloads, B teacher launches, C student launches, D deep
linking, E names and roles, F assignment and grade) and our own (G). A case that needs a browser is skipped where there
is none, and says so.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

CASES = [Path("tests/functional/lti"), Path("tests/browser")]
ALL = tuple(f"{letter}{digit}" for letter in "abcdefg" for digit in range(10))
WORSE = ("pass", "skipped", "FAIL")
NAME = re.compile(r"test_([a-g]\d\d)_(\w+)")


class Table:
    """Collects how each case ended; a case is passed when all its tests are."""

    def __init__(self) -> None:
        self.ended: dict[str, tuple[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes the outcome of one test."""
        found = NAME.match(report.nodeid.rsplit("::", 1)[-1])
        if found and (report.when == "call" or not report.passed):
            case, words = found[1].upper(), found[2].replace("_", " ")
            now = "skipped" if report.skipped else "pass" if report.passed else "FAIL"
            first, before = self.ended.get(case, (words, now))
            self.ended[case] = (first, max(before, now, key=WORSE.index))

    def show(self) -> None:
        """Prints the table."""
        for case, (words, ended) in sorted(self.ended.items()):
            print(f"{case}  {ended:7}  {words}")
        counts = Counter(ended for _, ended in self.ended.values())
        print(f"{counts['pass']} passed, {counts['FAIL']} failed, {counts['skipped']} skipped")


def main() -> int:
    """Runs the cases, or those named as arguments (a04, g15)."""
    table = Table()
    wanted = " or ".join(f"test_{name.lower()}" for name in sys.argv[1:] or ALL)
    arguments = ["-q", "--no-header", "-p", "no:cacheprovider", *map(str, CASES), "-k", wanted]
    status = pytest.main(arguments, plugins=[table])
    table.show()
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
