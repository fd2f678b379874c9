"""The operator's way in and pages, in a real browser: no fault, no sideways scroll, a stopped job tried again."""

import pytest
from playwright.sync_api import Page

from service.jobs.models import Job, JobState
from service.jobs.signs import Sign
from service.operator import visits
from tests.browser.conftest import Complaints
from tests.browser.frame import dress, find_faults, sideways
from tests.live import Live
from tests.support import World

JOBS = {
    "group_maturity.something_long": [JobState.DEAD], "completion.deliver": [JobState.DEAD, JobState.DONE],
    "roster.sync": [JobState.RUNNING, JobState.CANCELLED], "completion.gather": [JobState.QUEUED],
}  # fmt: skip
PAGES = {"sv": "Arbete", "en": "Work", "lv": "Darbi"}


def stopped(live: Live) -> None:
    """Jobs in every state, of an organisation with a long name, and a worker."""
    course = World(live.app).course("Kurs")
    Sign(live.core.units).beat()
    with live.core.units.writing() as unit:
        course.organisation.name = "Regionförvaltningen för vård- och omsorgsutbildning i Norra Västernorrland"
        unit.session.merge(course.organisation)
        now = unit.now()
        unit.session.add_all(
            Job(kind=kind, subject_id=course.cohort.id, organisation_id=course.organisation.id, state=state, tries=3,
                reason="lease_lost", run_after=now, created_at=now, finished_at=now, lease_until=now)
            for kind, states in JOBS.items() for state in states
        )  # fmt: skip


@pytest.mark.parametrize("locale", PAGES)
def test_the_operator_gets_in_sees_every_page_and_leaves(
    page: Page, live: Live, complaints: Complaints, locale: str
) -> None:
    stopped(live)
    with live.app.app_context(), live.core.units.writing():
        address = visits.issue(live.core.settings)
    page.route("**/*", lambda asked: asked.continue_(headers={**asked.request.headers, "accept-language": locale}))
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(address)
    wrong = {"enter": [*find_faults(page.main_frame), *sideways(page.main_frame)]}
    page.click("main button")
    assert page.url.endswith("/operator/")
    assert PAGES[locale] in page.inner_text("main")
    for tab in range(page.locator("nav a").count()):
        page.locator("nav a").nth(tab).click()
        for appearance in ("light", "dark") if locale == "sv" else ("light",):
            dress(page.main_frame, appearance)
            wrong[f"{page.url} {appearance}"] = [*find_faults(page.main_frame), *sideways(page.main_frame)]
    page.locator("nav a").nth(1).click()
    before = page.locator("form[action$='/retry']").count()
    page.locator("form[action$='/retry'] button").first.click()
    wrong["told"] = [*find_faults(page.main_frame), *sideways(page.main_frame)]
    assert page.locator("[role=status], [role=alert]").count() >= 1
    assert page.locator("form[action$='/retry']").count() == before - 1 == 1
    page.click("footer form[action$='/leave'] button")
    wrong["left"] = [*find_faults(page.main_frame), *sideways(page.main_frame)]
    assert {where: found for where, found in wrong.items() if found} == {}
    # The cookie went with the visit.
    complaints.expect("404")
    page.goto(f"{live.base_url}/operator/")
    assert "E-NOTFOUND" in page.content()
