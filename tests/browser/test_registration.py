"""An administrator connects her platform by pasting one address: in the platform's own window, from the other site."""

from playwright.sync_api import Frame, Page, expect

from service.demo.lms import Fault
from service.lti.models import Platform, PlatformState
from tests.browser.conftest import Complaints
from tests.browser.frame import find_faults, sideways
from tests.functional.lti.registering import Administrator
from tests.live import Live


def pasted(page: Page, live: Live, admin: Administrator) -> Frame:
    """Pastes a new invite's address at the platform; the frame with the registration page."""
    page.goto(f"{live.lms.base_url}/admin")
    page.fill("#address", admin.invite().address(live.base_url))
    page.get_by_role("button", name="Fortsätt").click()
    frame = shown(page, live)
    frame.wait_for_selector("form")
    return frame


def shown(page: Page, live: Live) -> Frame:
    element = page.wait_for_selector("iframe")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    frame.wait_for_url(f"{live.base_url}/lti/register/**")
    frame.wait_for_selector("main")
    return frame


def test_an_administrator_registers_the_tool_by_pasting_one_address(page: Page, live: Live) -> None:
    admin = Administrator(live.app)
    frame = pasted(page, live, admin)
    assert find_faults(frame) == []
    assert sideways(frame) == []
    page.set_viewport_size({"width": 400, "height": 900})
    assert sideways(frame) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    frame.click("form button[type=submit]")
    # Nothing was refused: the platform hears that it is done and closes the frame by itself.
    page.wait_for_url(f"{live.lms.base_url}/admin?done*")
    row = next(row for row in admin.all(Platform) if row.name == "Umeå Moodle")
    assert row.state is PlatformState.PENDING
    expect(page.locator("tr", has_text=row.client_id)).to_contain_text("Väntar på aktivering")


def test_a_window_with_something_to_read_waits_for_its_button(page: Page, live: Live) -> None:
    live.lms.grants = ()
    admin = Administrator(live.app)
    frame = pasted(page, live, admin)
    frame.click("form button[type=submit]")
    frame.wait_for_selector("[data-close-to]")
    assert find_faults(frame) == []
    assert sideways(frame) == []
    assert page.url.startswith(f"{live.lms.base_url}/admin/register")
    frame.locator("[data-close-to] button").click()
    page.wait_for_url(f"{live.lms.base_url}/admin?done*")


def test_a_refusal_of_the_platform_is_read_in_its_frame(page: Page, live: Live, complaints: Complaints) -> None:
    complaints.expect("422")
    frame = pasted(page, live, Administrator(live.app))
    live.lms.faults.registration = Fault(status=400, body="missing_domain")
    frame.click("form button[type=submit]")
    expect(frame.locator("code")).to_have_text("refused")
    assert find_faults(frame) == []


def test_values_are_copied_by_a_button_and_without_one(page: Page, live: Live) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(f"{live.base_url}/lti/config/moodle?lang=en")
    assert find_faults(page) == []
    assert sideways(page) == []
    page.get_by_role("button", name="Copy Initiate login URL").click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(1)
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{live.base_url}/lti/login"
    assert page.evaluate("() => document.querySelector('#value-login').readOnly")


def test_an_address_opened_outside_the_platform(page: Page, live: Live) -> None:
    page.goto(Administrator(live.app).invite().address(live.base_url))
    assert find_faults(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    assert sideways(page) == []
