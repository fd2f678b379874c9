"""A real Chromium in front of the service and the practice LMS, with third-party cookies blocked."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from service.settings import Settings
from tests.browser.chromium import ALL_BLOCKED, NAMES, THIRD_PARTY_BLOCKED, click_where_it_is_seen, find, started
from tests.conftest import settings_for
from tests.live import Live, register, running_demo, running_service

click_where_it_is_seen()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Closes what a test opened while the servers still answer: what a page asks of one that stops is no complaint."""
    for given in getattr(item, "funcargs", {}).values():
        context = given.context if isinstance(given, Page) else given
        if isinstance(context, BrowserContext):
            _close_pages(context)


def _close_pages(context: BrowserContext) -> None:
    """Closes every page but the blank one that keeps the browser open."""
    for page in context.pages[1:]:
        page.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium. Where there is none the tests are skipped, except where CI must have one."""
    found = find()
    if found is None:
        reason = f"no Chromium on this machine (looked for {', '.join(NAMES)}): make browser"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def strict_chromium(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """One Chromium for the run, third-party cookies blocked."""
    with started(playwright, chromium, tmp_path_factory.mktemp("profile") / "strict", THIRD_PARTY_BLOCKED) as context:
        yield context


@pytest.fixture(scope="session")
def cookieless_chromium(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """One Chromium for the run that keeps no cookie at all."""
    with started(playwright, chromium, tmp_path_factory.mktemp("profile") / "cookieless", ALL_BLOCKED) as context:
        yield context


class Complaints:
    """What the browser complained about: violated policies, failed scripts, refused requests.

    A test that provokes a refusal says so with `expect`; everything else fails it at its end.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        # A page in another site's frame may not take the focus by attribute; htmx then gives it by script.
        self.expected: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(f"{message.text} ({message.location.get('url', '')})")

    def expect(self, part: str) -> None:
        """Says that a complaint containing `part` may come."""
        self.expected.append(part)

    @property
    def unexpected(self) -> list[str]:
        return [said for said in self.heard if not any(part in said for part in self.expected)]


@contextmanager
def _emptied(context: BrowserContext) -> Iterator[tuple[BrowserContext, Complaints]]:
    complaints = Complaints()
    context.on("page", complaints.watch)
    context.clear_cookies()
    try:
        yield context, complaints
    finally:
        _close_pages(context)
        context.remove_listener("page", complaints.watch)
    assert not complaints.unexpected, "\n".join(complaints.unexpected)


@pytest.fixture
def guarded(strict_chromium: BrowserContext) -> Iterator[tuple[BrowserContext, Complaints]]:
    with _emptied(strict_chromium) as both:
        yield both


@pytest.fixture
def context(guarded: tuple[BrowserContext, Complaints]) -> BrowserContext:
    """A Chromium without cookies from before; it fails the test when it complained about anything."""
    return guarded[0]


@pytest.fixture
def complaints(guarded: tuple[BrowserContext, Complaints]) -> Complaints:
    """What the browser complains about during this test."""
    return guarded[1]


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A new tab."""
    return context.new_page()


@pytest.fixture
def live(make_app: Callable[..., Flask], settings: Settings) -> Iterator[Live]:
    """The service and the practice LMS on two sites, registered with each other, nobody launched yet."""
    with running_service(make_app, settings) as running:
        register(running.app, running.lms.base_url)
        yield running


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The practice cohort, seeded once for all tests that only look at it."""
    # Nothing is sent, but the page about mail is there to be looked at.
    mail = {"smtp_host": "localhost", "smtp_port": 1, "smtp_security": "none", "smtp_from": "stegvis@skola.example"}
    with running_demo(settings_for(tmp_path_factory.mktemp("demo"), **mail)) as running:
        yield running
