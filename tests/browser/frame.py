"""Steps of a journey: opening an activity in the practice LMS's frame, and what every page must keep to."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

from tests.live import Live

DEADLINE = 10_000
AXE = Path(__file__).parents[1] / "fixtures" / "axe.min.js"
# WCAG 2.2 AA, and the practices without which its rules cannot be met.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def enter(page: Page, live: Live, person: str, **where: str) -> Frame:
    """Opens a course as that person and returns the frame once the service shows a page of the launch in it."""
    page.goto(live.course_url(person, **where))
    return inside(page, live)


def inside(page: Page, live: Live) -> Frame:
    """Returns the tool's frame as soon as it is at a page behind the launch door."""
    frame = page.frame(name="tool")
    assert frame is not None
    frame.wait_for_url(f"{live.base_url}/l/**", wait_until="domcontentloaded")
    frame.wait_for_selector("main")
    return frame


def launch_path(frame: Frame | Page) -> str:
    """The address of this launch's own pages, without a slash at the end."""
    return "/".join(frame.url.split("/")[:5])


def find_faults(frame: Frame | Page) -> list[dict[str, Any]]:
    """Returns what axe finds on the page: rule, help, and where."""
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(AXE.read_text())
    found = frame.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        {"rule": fault["id"], "help": fault["help"], "where": [node["html"][:160] for node in fault["nodes"]], "why": fault["nodes"][0]["failureSummary"]}
        for fault in found["violations"]
    ]  # fmt: skip


def dress(frame: Frame | Page, appearance: str) -> None:
    """Puts the page in its light or dark appearance, as the button in the foot does."""
    frame.evaluate("appearance => { document.documentElement.dataset.bsTheme = appearance }", appearance)


def sideways(frame: Frame | Page) -> int:
    """Returns by how many pixels the page is wider than its window."""
    return int(frame.evaluate("() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"))
