"""The system's Chromium with a profile of its own."""

import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from playwright._impl.frame import Frame as FrameOfPlaywright
from playwright.sync_api import BrowserContext, Playwright, ViewportSize

DEADLINE = 10_000
WIDE: ViewportSize = {"width": 1280, "height": 900}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
# Chromium's names in a profile's Preferences: block third-party cookies (1 of the cookie controls), or all cookies (content setting 2).
THIRD_PARTY_BLOCKED = {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}
ALL_BLOCKED = {"profile": {"default_content_setting_values": {"cookies": 2}}}


def find() -> str | None:
    """Returns where the system's Chromium is, or None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def started(
    playwright: Playwright, executable: str, folder: Path, preferences: dict[str, Any]
) -> Iterator[BrowserContext]:
    """A Chromium with a new profile in `folder` that holds these preferences."""
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = playwright.chromium.launch_persistent_context(
        str(folder), executable_path=executable, headless=True, args=list(FLAGS), locale="sv-SE", timezone_id="Europe/Stockholm",
        viewport=WIDE, accept_downloads=True, reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(DEADLINE)
    yield context
    context.close()


SHOWN = "() => new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(shown)))"


def click_where_it_is_seen() -> None:
    """Lets a click in a frame of another site wait until Chromium shows what Playwright has scrolled to.

    Playwright scrolls the page around the frame, to click or to write, and clicks at once; on a busy machine one click in
    a hundred then goes to that page, since the frame is still where it was, and the test waits for what nobody asked for.
    """
    for action in ("click", "check"):
        setattr(FrameOfPlaywright, action, _seen(getattr(FrameOfPlaywright, action)))


def _seen(act: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @wraps(act)
    async def acting(frame: Any, selector: str, **how: Any) -> None:
        around = frame._page.main_frame
        if frame is not around:
            await act(frame, selector, **{**how, "trial": True})  # scrolls, and waits for what can be clicked
            for part in (around, frame):
                await part.evaluate(SHOWN, None)
        await act(frame, selector, **how)

    return acting
