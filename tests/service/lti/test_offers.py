"""What a platform says of itself: whose issuer it may name, who may show our pages, and what is asked of it."""

import uuid
from typing import Any

import pytest

from service.clock import SystemClock
from service.lti import asking, offers
from service.lti.claims import DEEP_LINKING, RESOURCE_LINK
from service.lti.offers import Configuration, Offer, Refused
from service.outbound import Answer
from tests.functional.lti.registering import PLATFORM

HOSTED = "https://canvas.instructure.com/api/lti/security/openid-configuration"


def configuration(family: str = "canvas", issuer: str = "https://canvas.instructure.com", **part: Any) -> Configuration:
    said = {
        "issuer": issuer, "authorization_endpoint": "https://sso.canvaslms.com/api/lti/authorize_redirect", "token_endpoint": "https://sso.canvaslms.com/login/oauth2/token",
        "jwks_uri": "https://sso.canvaslms.com/api/lti/security/jwks", "registration_endpoint": "https://umea.instructure.com/api/lti/registrations",
        "scopes_supported": list(asking.SCOPES), PLATFORM: {"product_family_code": family, "version": "1", **part},
    }  # fmt: skip
    return Configuration.model_validate(said)


@pytest.mark.parametrize("name", ["", ".beta", ".test"])
@pytest.mark.parametrize(
    "host", ["umea.instructure.com", "canvas.instructure.com", "sso.canvaslms.com", "instructure.com"]
)
def test_hosted_canvas_shares_its_issuers(name: str, host: str) -> None:
    offers.check(configuration(issuer=f"https://canvas{name}.instructure.com"), f"https://{host}/c", demo=False)


@pytest.mark.parametrize(
    ("url", "family", "issuer"),
    [
        ("https://canvas.umea.se/c", "canvas", "https://canvas.instructure.com"), ("https://evilinstructure.com/c", "canvas", "https://canvas.instructure.com"),
        ("https://instructure.com.evil.example/c", "canvas", "https://canvas.instructure.com"), ("http://umea.instructure.com/c", "canvas", "https://canvas.instructure.com"),
        (HOSTED, "moodle", "https://umea.instructure.com"), ("https://umea.instructure.com/c", "canvas", "https://annan.instructure.com"),
        ("https://lms.example.org/c", "moodle", "https://lms.example.org:8443"), ("https://[::1]/c", "canvas", "https://canvas.instructure.com"),
    ],
)  # fmt: skip
def test_nobody_else_may_name_another_hosts_issuer(url: str, family: str, issuer: str) -> None:
    with pytest.raises(Refused, match="issuer"):
        offers.check(configuration(family, issuer), url, demo=False)


def test_an_issuer_may_have_a_path() -> None:
    offers.check(
        configuration("moodle", "https://lms.example.org/moodle"), "https://lms.example.org:443/moodle/c", demo=False
    )


def test_plain_http_is_for_this_computer_in_a_demo_alone() -> None:
    here = configuration("moodle", "http://localhost:8090")
    offers.check(here, "http://localhost:8090/c", demo=True)
    with pytest.raises(Refused, match="address"):
        offers.check(here, "http://localhost:8090/c", demo=False)


class _Answers:
    """A client that gives one answer and remembers the call."""

    def __init__(self, said: Configuration) -> None:
        self.body = said.model_dump_json(by_alias=True).encode()

    def send(self, _method: str, _url: str, **_kw: Any) -> Any:
        return Answer(200, {}, self.body)


@pytest.mark.parametrize(
    ("url", "referrer", "shown_by", "frames"),
    [
        (
            HOSTED,
            "https://umea.instructure.com/accounts/1",
            "https://umea.instructure.com",
            ["https://*.instructure.com"],
        ),
        (HOSTED, "https://evil.example/", "https://canvas.instructure.com", ["https://*.instructure.com"]),
        (HOSTED, "", "https://canvas.instructure.com", ["https://*.instructure.com"]),
        (
            HOSTED,
            "https://*.instructure.com; script-src x/",
            "https://canvas.instructure.com",
            ["https://*.instructure.com"],
        ),
    ],
)
def test_a_hosted_product_shows_our_page_at_its_customers_address(
    url: str, referrer: str, shown_by: str, frames: list[str]
) -> None:
    answers: Any = _Answers(configuration())
    offer = offers.ask(answers, url, "t", referrer, demo=False)
    assert offer.shown_by == shown_by
    allowed = offers.frame_origins(offer).split()
    assert allowed[0] == shown_by
    assert set(frames) <= set(allowed)


def test_a_platform_of_its_own_shows_our_page_alone() -> None:
    answers: Any = _Answers(configuration("canvas", "https://canvas.umea.se"))
    offer = offers.ask(answers, "https://canvas.umea.se/c", "", "https://umea.instructure.com/", demo=False)
    assert offers.frame_origins(offer) == "https://canvas.umea.se"


def test_the_form_carries_what_was_shown() -> None:
    now, invite = SystemClock().now(), uuid.uuid4()
    offer = Offer(configuration(version="5"), "token", "https://umea.instructure.com")
    text = offers.sign(offer, b"k" * 32, invite, now)
    assert offers.unsign(text, b"k" * 32, invite, now) == offer
    with pytest.raises(Refused, match="form"):
        offers.unsign(text, b"x" * 32, invite, now)


def test_a_platform_is_named_by_its_account_or_its_host() -> None:
    assert configuration().name == "canvas.instructure.com"
    assert configuration(**{offers.ACCOUNT_NAME: "Umeå\nkommun"}).name == "Umeå kommun"


def test_canvas_is_asked_for_the_places_that_it_has() -> None:
    prefix = "https://canvas.instructure.com/lti/"
    some = configuration(messages_supported=[
        {"type": DEEP_LINKING, "placements": [f"{prefix}link_selection", "editor_button"]}, {"type": RESOURCE_LINK, "placements": ["account_navigation"]},
    ])  # fmt: skip
    assert asking.wanted(some).placements == ["link_selection"]
    # A message without a placement would be put somewhere by Canvas itself, so it is left out.
    assert [
        one["type"]
        for one in asking.payload(some, asking.wanted(some), "https://stegvis.example", "p")[asking.TOOL]["messages"]
    ] == [DEEP_LINKING]
    unsaid = asking.wanted(configuration())
    assert unsaid.placements == ["course_navigation", "assignment_selection", "link_selection"]
    assert asking.LINE_ITEM_READ not in (unsaid.scopes or [])


def test_no_more_is_asked_than_is_used() -> None:
    for family in ("canvas", "moodle", "annan"):
        body = asking.payload(
            configuration(family), asking.wanted(configuration(family)), "https://stegvis.example", "p"
        )
        assert "mail" not in str(body)
        assert "picture" not in str(body)
        assert body[asking.TOOL]["domain"] == "stegvis.example"
