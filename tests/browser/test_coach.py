"""A coach's day at her dashboard: she opens it, chooses, orders, goes deeper where something is shared, and prints."""

import re

from playwright.sync_api import Page, expect

from tests.browser.frame import enter, find_faults, launch_path, sideways
from tests.live import Live


def test_a_coach_chooses_orders_goes_deeper_and_prints(page: Page, demo: Live) -> None:
    coach = enter(page, demo, "amira-haddad")
    coach.goto(f"{launch_path(coach)}/cohort")
    names = coach.locator("tbody th[scope=row] bdi")
    everybody = names.all_inner_texts()
    options = coach.locator("nav .sv-filter a")
    needing = int(re.findall(r"\d+", options.nth(1).inner_text())[0])
    with coach.expect_navigation():
        options.nth(1).click()
    expect(names).to_have_count(needing)
    with coach.expect_navigation():
        coach.click("thead a >> nth=0")
    assert names.all_inner_texts() == sorted(names.all_inner_texts())
    assert {"show=needs", "sort=name"} <= set(coach.url.partition("?")[2].split("&"))
    with coach.expect_navigation():
        coach.click("thead a >> nth=0")
    assert names.all_inner_texts() == sorted(names.all_inner_texts(), reverse=True)
    first = names.first.inner_text()
    coach.fill("#q", first.split()[0])
    with coach.expect_navigation():
        coach.click(".sv-sort button")
    assert names.all_inner_texts() == [first]
    assert "show=needs" in coach.url
    assert find_faults(coach) == []
    for _back in range(3):
        with coach.expect_navigation():
            coach.evaluate("history.back()")
    expect(names).to_have_count(needing)
    with coach.expect_navigation():
        coach.click("tbody th[scope=row] a >> nth=0")
    assert "/engagements/" in coach.url
    coach.goto(f"{launch_path(coach)}/cohort?page=all")
    assert names.all_inner_texts() == everybody
    page.emulate_media(media="print")
    for gone in (".sv-nav", ".sv-sort", ".sv-filter", ".sv-foot"):
        expect(coach.locator(gone).first).to_be_hidden()
    expect(coach.locator(".sv-printed")).to_be_visible()
    assert "Amira Haddad" in coach.locator(".sv-printed").inner_text()
    expect(names).to_have_count(len(everybody))
    expect(names.last).to_be_visible()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 320, "height": 700})
    coach.goto(f"{launch_path(coach)}/cohort?show=nothing&sort=nothing&page=99")
    assert names.all_inner_texts() == everybody
    assert sideways(coach) == []
    assert find_faults(coach) == []
