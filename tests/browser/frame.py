"""Steps of a journey: opening an activity in the practice LMS's frame, walking its pages, and what every page must keep to."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakSet

from playwright.sync_api import Frame, Page, expect

from tests.live import Live

AXE = Path(__file__).parents[1] / "fixtures" / "axe.min.js"
# WCAG 2.2 AA, and the practices without which its rules cannot be met.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_COLOURS = ["color-contrast", "link-in-text-block"]
# Those of them whose answer can be another one when nothing but the words differs: names that may be lacking or the same
# twice, what is said about the language, and what becomes larger or smaller with its words. The others ask for roles,
# attributes, structure and colours, which the templates give alike in every language.
RULES_OF_WORDS = [
    "area-alt", "aria-command-name", "aria-dialog-name", "aria-input-field-name", "aria-meter-name", "aria-progressbar-name",
    "aria-tab-name", "aria-toggle-field-name", "aria-tooltip-name", "aria-treeitem-name", "button-name", "document-title",
    "empty-heading", "empty-table-header", "form-field-multiple-labels", "frame-title", "frame-title-unique", "html-has-lang",
    "html-lang-valid", "image-alt", "image-redundant-alt", "input-button-name", "input-image-alt", "label",
    "label-content-name-mismatch", "label-title-only", "landmark-unique", "link-name", "object-alt", "p-as-heading",
    "role-img-alt", "scrollable-region-focusable", "select-name", "summary-name", "svg-img-alt", "table-duplicate-name",
    "target-size", "valid-lang",
]  # fmt: skip
_HAVE_AXE = WeakSet[Page]()
# What stands for one of many rows in an address: its id, the code of a question, the language of a text.
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/questions/)[a-z]+-[0-9]+$|(?<=/)(sv|en|lv)$")
# Files are fetched, not visited. (A link to one has no `download`: in a frame of another site Chromium would ask without
# our cookie.)
_LINKS = """base => [...document.querySelectorAll("a[href]:not([download])")]
    .map(link => link.href.split("#")[0])
    .filter(address => address.startsWith(base + "/") && !/\\.(pdf|ics)$/.test(address.split("?")[0]))"""


def enter(page: Page, live: Live, person: str, **where: str) -> Frame:
    """Opens a course as that person and returns the frame once the service shows a page of the launch in it."""
    page.goto(live.course_url(person, **where))
    return inside(page, live)


def tool_frame(page: Page) -> Frame:
    """Returns the frame that the practice LMS shows the service in, wherever it is."""
    # Asked for through its element: right after a click the frame may be there before its name is known.
    element = page.wait_for_selector("iframe[name=tool]")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    return frame


def inside(page: Page, live: Live) -> Frame:
    """Returns the tool's frame as soon as it is at a page behind the launch door."""
    frame = tool_frame(page)
    frame.wait_for_url(f"{live.base_url}/l/**", wait_until="domcontentloaded")
    frame.wait_for_selector("main")
    return frame


def launch_path(frame: Frame | Page) -> str:
    """The address of this launch's own pages, without a slash at the end."""
    return "/".join(frame.url.split("/")[:5])


def rate_the_group(frame: Frame | Page) -> None:
    """Rates the manager's own group, every statement alike, from the first page of that part to her profile."""
    frame.goto(f"{launch_path(frame)}/group_maturity/")
    frame.click("main form .btn-primary")
    frame.wait_for_url("**/group_maturity/ratings/*")
    questions = frame.locator("fieldset.sv-q")
    assert questions.count() == 30
    for index in range(30):
        questions.nth(index).locator("label").nth(3).click()
    frame.click("button[name=action][value=submit]")
    frame.wait_for_url("**/profile")
    expect(frame.locator("main")).to_contain_text("67")


def ask_for_one_review(frame: Frame | Page) -> None:
    """As the training department: one Friday review is all that a manager does to have completed her habits."""
    frame.goto(f"{launch_path(frame)}/ledarsteg/settings")
    frame.fill("[name=reviews_asked]", "1")
    frame.fill("[name=review_weeks]", "1")
    frame.click("main form .btn-primary")
    expect(frame.locator("main [role=status]")).to_have_count(1)


def look_back(frame: Frame | Page) -> None:
    """Writes the one Friday review that can be written now."""
    frame.goto(f"{launch_path(frame)}/ledarsteg/reviews")
    frame.click("main section a[href*='/ledarsteg/reviews/']")
    frame.fill("[name=contribution]", "Frågade först")
    frame.click("main form .btn-primary")
    frame.wait_for_url("**/ledarsteg/reviews")


def walk(frame: Frame | Page) -> Iterator[str]:
    """Visits every kind of page of this launch that can be reached by links, from the one it is at; tells its path.

    Of pages that differ only in ids one is visited: they are the same template.
    """
    base = launch_path(frame)
    waiting, seen = [frame.url], set[str]()
    while waiting:
        url = waiting.pop(0)
        kind = _ID.sub("*", url.removeprefix(base).split("?")[0])
        if kind in seen:
            continue
        seen.add(kind)
        if frame.url != url:
            frame.goto(url)
        yield kind
        waiting += frame.evaluate(_LINKS, base)


def speak(frame: Frame | Page, locale: str) -> None:
    """Changes the language by the button in the foot, if another is spoken."""
    if frame.get_attribute("html", "lang") != locale:
        frame.click(f"footer button[lang={locale}]")
        frame.wait_for_selector(f"html[lang={locale}]")


def find_faults(frame: Frame | Page, *, rules: Sequence[str] = RULES) -> list[dict[str, Any]]:
    """Returns what axe finds on the page by these rules or groups of rules: rule, where, and why."""
    page = frame.page if isinstance(frame, Frame) else frame
    if page not in _HAVE_AXE:
        # Given to the browser for all that this tab will show: sending half a megabyte anew for each page took longer than
        # all that axe does.
        page.add_init_script(path=AXE)
        _HAVE_AXE.add(page)
    # axe is there before the stylesheet: what is not dressed yet has other sizes and colours.
    frame.wait_for_load_state("load")
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(AXE.read_text())
    found = frame.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", list(rules))
    return [
        {
            "rule": fault["id"],
            "where": [node["html"][:200] for node in fault["nodes"][:3]],
            "why": fault["nodes"][0]["failureSummary"],
        }
        for fault in found["violations"]
    ]


def appearance(frame: Frame | Page) -> str:
    """The appearance that the page is in: light or dark."""
    return str(frame.get_attribute("html", "data-bs-theme"))


def dress(frame: Frame | Page, wanted: str) -> None:
    """Puts the page in its light or dark appearance by the button in the foot, which goes through them in turn."""
    for _ in range(3):
        if appearance(frame) == wanted:
            return
        frame.click("footer [data-appearance]")
    raise AssertionError(f"the page has no {wanted} appearance")


def sideways(frame: Frame | Page) -> list[str]:
    """Returns what makes the page wider than its window; nothing when it fits."""
    return list(
        frame.evaluate("""() => {
            const width = document.documentElement.clientWidth;
            if (document.scrollingElement.scrollWidth <= width) return [];
            const wide = [...document.querySelectorAll("body *")].filter(part => part.getBoundingClientRect().right > width + 0.5 || part.scrollWidth > part.clientWidth + 1);
            return [`${document.scrollingElement.scrollWidth} px`, ...wide.slice(0, 5).map(part => part.outerHTML.slice(0, 120))];
        }""")
    )


def tab_to(page: Page, frame: Frame, selector: str) -> None:
    """Presses Tab until what `selector` names has the focus, and sees that the focus can be seen on the way."""
    for _ in range(60):
        if frame.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(
        f"{selector} cannot be reached by Tab; the focus is on {frame.evaluate('() => document.activeElement.outerHTML.slice(0, 200)')}"
    )
