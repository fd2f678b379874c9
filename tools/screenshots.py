"""Makes the pictures of the README from a seeded cohort, and a tour of every page for looking at.

The pictures go to docs/screenshots/. With a folder as argument, every page of every role is also pictured there,
960 and 320 pixels wide, light; `--dark` adds the dark appearance.
"""

import argparse
import logging
import sys
import tempfile
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import BrowserContext, Frame, sync_playwright  # noqa: E402

from service.settings import load  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.frame import dress, enter, launch_path, walk  # noqa: E402
from tests.live import Live, running_demo  # noqa: E402
from tests.support import KEY, OTHER_KEY  # noqa: E402

PICTURES = ROOT / "docs" / "screenshots"
HEIGHT = 1000
# A Tuesday, so that the week is under way.
MOMENT = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
# What was outside the window before is drawn in the frame after next; a timer lets the last of it arrive.
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"
MANAGER, COACH, TRAINING = "karin-lindqvist", "amira-haddad", "johan-ekstrom"


def _demo(folder: Path) -> AbstractContextManager[Live]:
    settings = load(
        public_url="http://127.0.0.1:5055", demo=True, master_key=KEY, secret_key=OTHER_KEY, data_dir=folder
    )
    return running_demo(settings, MOMENT)


def _make_readme_pictures(context: BrowserContext, live: Live) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": HEIGHT})
    for name, person, path in (
        ("manager", MANAGER, "/"), ("cohort", COACH, "/cohort"), ("switches", TRAINING, "/switches"),
    ):  # fmt: skip
        frame = enter(page, live, person)
        if person != MANAGER:
            frame.goto(launch_path(frame) + path)
        page.wait_for_load_state("networkidle")
        frame.evaluate(PAINTED)
        page.screenshot(path=PICTURES / f"{name}.png")
        print(f"docs/screenshots/{name}.png")
    _make_ledarsteg_pictures(page, live)
    page.close()


def _make_ledarsteg_pictures(page: Any, live: Live) -> None:
    frame = enter(page, live, MANAGER)
    base = launch_path(frame)
    for name, path, link in (("habit", "/ledarsteg/", "main tbody a"), ("time", "/ledarsteg/time", "")):
        frame.goto(base + path)
        if link:
            frame.click(link)
            frame.wait_for_url("**/ledarsteg/*-*")
        _picture(page, frame, PICTURES / name, 960, ["light"])
        print(f"docs/screenshots/{name}.png")
    frame.goto(base + "/")
    _picture(page, frame, PICTURES / "phone", 390, ["light"])
    print("docs/screenshots/phone.png")


def _make_tour(context: BrowserContext, live: Live, folder: Path, appearances: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for role, person in (("manager", MANAGER), ("coach", COACH), ("training", TRAINING)):
        page = context.new_page()
        for kind in walk(frame := enter(page, live, person)):
            name = f"{role}{kind.replace('/', '-').replace('*', 'id').rstrip('-')}"
            for width in (960, 320):
                _picture(page, frame, folder / f"{name}-{width}", width, appearances)
        page.close()


def _picture(page: Any, frame: Frame, name: Path, width: int, appearances: list[str]) -> None:
    # The frame's own box is made as wide as the picture and as high as its page, as a platform's frame could be.
    page.set_viewport_size({"width": 1280, "height": HEIGHT})
    box = page.query_selector("#tool")
    place = f"position:fixed;inset:0 auto auto 0;margin:0;z-index:9;width:{width}px;height:600px"
    box.evaluate("(box, place) => { box.style.cssText = place }", place)
    page.wait_for_load_state("networkidle")
    # The frame is another process's: it hears of its new width a moment later.
    frame.wait_for_function("width => window.innerWidth === width", arg=width)
    height = int(frame.evaluate("() => document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": 1280, "height": height})
    box.evaluate("(box, height) => { box.style.height = `${height}px` }", height)
    for appearance in appearances:
        dress(frame, appearance)
        frame.evaluate(PAINTED)
        suffix = "" if appearance == "light" else f"-{appearance}"
        page.screenshot(path=f"{name}{suffix}.png", clip={"x": 0, "y": 0, "width": width, "height": height})
    dress(frame, "light")


def main() -> None:
    """Makes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tour", nargs="?", type=Path, help="a folder for pictures of every page")
    parser.add_argument("--dark", action="store_true", help="picture the dark appearance too")
    asked = parser.parse_args()
    logging.disable(logging.INFO)
    executable = chromium.find()
    if executable is None:
        sys.exit("no Chromium on this machine: make browser")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        live = stack.enter_context(_demo(folder / "data"))
        playwright = stack.enter_context(sync_playwright())
        context = stack.enter_context(
            chromium.started(playwright, executable, folder / "profile", chromium.THIRD_PARTY_BLOCKED)
        )
        if asked.tour is None:
            _make_readme_pictures(context, live)
        else:
            _make_tour(context, live, asked.tour, ["light", "dark"] if asked.dark else ["light"])


if __name__ == "__main__":
    main()
