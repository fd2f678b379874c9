"""A roster's addresses and Link headers (RFC 8288), read as they are written."""

import pytest

from service.lti.roster_reading import first_url, links, next_url
from service.lti.services import ServiceRefused

AT = "https://lms.example/a/members?limit=100"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("https://lms.example/m", "https://lms.example/m?limit=100"), ("https://lms.example/m?", "https://lms.example/m?limit=100"),
        ("https://lms.example/m?a=B%20c", "https://lms.example/m?a=B%20c&limit=100"), ("https://lms.example/m?a&", "https://lms.example/m?a&limit=100"),
        ("https://lms.example/m?limit=5", "https://lms.example/m?limit=5"), ("https://lms.example/m#x", "https://lms.example/m?limit=100"),
        ("https://lms.example/m?limit", "https://lms.example/m?limit"), ("https://lms.example/m?Limit=5", "https://lms.example/m?Limit=5&limit=100"),
    ],
)  # fmt: skip
def test_the_first_page_is_asked_for_with_a_limit(given: str, asked: str) -> None:
    assert first_url(given) == asked


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", ""), ('<https://lms.example/n?p=AbC>; rel="next"', "https://lms.example/n?p=AbC"), ("<?p=2>; rel=next", "https://lms.example/a/members?p=2"),
        ("<n>; REL=NEXT", "https://lms.example/a/n"), ('<a>; rel=first, <b>; rel="last next"; title="x, \\"y\\" <z>"', "https://lms.example/a/b"),
        ("<a,b;c>; rel=next", "https://lms.example/a/a,b;c"), ("<a>; rel=prev; rel=next", ""), ("<a>", ""), ("<a>;;rel = next", "https://lms.example/a/a"),
        ("<a>; crossorigin; rel=next , ", "https://lms.example/a/a"), ("<a>; =x; rel=next", "https://lms.example/a/a"),
        ('<a>; rel="differences", <b>; rel="current"', ""), ("<>; rel=next", ""), ("<a>; rel=nextpage", ""),
    ],
)  # fmt: skip
def test_the_next_page_is_found_with_its_capitals(header: str, found: str) -> None:
    assert next_url(header, AT) == found


@pytest.mark.parametrize(
    "header", ["a; rel=next", "<a; rel=next", "<a> rel=next", '<a>; rel="next', "<a>; rel=“next”", "<a>; rel=\u00e2\u0080\u009cnext", '<a>; rel="next"x', '<a>; title="x\\']
)  # fmt: skip
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(ServiceRefused, match="link_header"):
        links(header)


@pytest.mark.parametrize(
    "target",
    [
        "https://other.example/m", "//other.example/m", "http://lms.example/m", "https://lms.example:8443/m", "https://lms.example@other.example/",
        "file:///etc/passwd", "https://lms.example.other.example/", "javascript:x", "https://[::1]/",
    ],
)  # fmt: skip
def test_s24_no_other_origin_is_a_next_page(target: str) -> None:
    with pytest.raises(ServiceRefused, match="next_origin"):
        next_url(f"<{target}>; rel=next", AT)
