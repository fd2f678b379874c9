"""Launching into the service as a browser would, from the practice LMS: login, the platform's page, launch."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from service.demo.practice import PracticeLms

SEE_OTHER = (302, 303)


class _Form(HTMLParser):
    """Reads the fields of a page's one form."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the name and value of each input."""
        found = dict(attrs)
        if tag == "input" and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""


def form_fields(html: str) -> dict[str, str]:
    """Returns the fields of the form in a page."""
    form = _Form()
    form.feed(html)
    return form.fields


def launch(
    client: FlaskClient, service_url: str, lms: PracticeLms, person: str, course: str, link: str = "stegvis"
) -> str:
    """Launches as `person` from `course` with that client's cookies. Returns the path that the service sends on to.

    Raises RuntimeError when any step is refused.
    """
    parameters = lms.login_parameters(person, course, link=link)
    answer = client.post("/lti/login", data=parameters, base_url=service_url)
    for _ in range(3):
        where = answer.headers.get("Location", "")
        if answer.status_code not in SEE_OTHER or where.startswith(lms.base_url):
            break
        answer = client.get(where, base_url=service_url)
    if not where.startswith(lms.base_url):
        raise RuntimeError(f"the login of {person} was refused: {answer.status}")
    page = requests.get(where, timeout=5)
    answer = client.post("/lti/launch", data=form_fields(page.text), base_url=service_url)
    if answer.status_code not in SEE_OTHER:
        raise RuntimeError(f"the launch of {person} was refused: {answer.status}")
    return answer.headers["Location"]
