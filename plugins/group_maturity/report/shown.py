"""What the page parts of a report need to be drawn."""

from typing import Any

from plugins.group_maturity.report import view, words
from plugins.group_maturity.report.view import Report
from service.contract import gettext as _


def parts(report: Report, you: str = "") -> dict[str, Any]:
    """Returns it. `you`: what the manager is called in the pictures, for a reader who is somebody else."""
    names = {"group": _("the group"), "you": you or _("you")}
    sides = report.sides if report.numbered else []
    about = report.contribution
    return {
        "report": report, "instrument": report.instrument, "language": report.language, "names": names, "words": words,
        "chart": view.chart(report, names, sides) if sides else None,
        "own_chart": view.chart(report, names, [about]) if about is not None and about.group.value is not None else None,
    }  # fmt: skip
