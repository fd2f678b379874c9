"""Every page that can be reached by links in a course that every plugin has filled opens, on either database."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import joinedload

from service.access import Role
from service.cohorts.models import Member, Person
from tests.support import Browser, Course, World, parts

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d|(?<=/)\d+")
# Who reads, and how many kinds of pages she finds at least.
READERS = {
    (Role.MANAGER, "Karin Lindqvist"): 60,
    (Role.COACH, "Maria Coach"): 25,
    (Role.TRAINING, "Ulf Kurs"): 25,
}


def member_of(app: Flask, course: Course, role: Role, name: str) -> Member:
    here = sa.select(Member).join(Person, Person.id == Member.person_id).options(joinedload(Member.person))
    here = here.where(Member.cohort_id == course.cohort.id, Member.role == role, Person.name == name)
    with parts(app).units.reading() as unit:
        return unit.session.scalars(here).one()


def walk(browser: Browser) -> tuple[set[str], dict[str, int]]:
    """The kinds of pages that links lead to from the first one, and those that did not open. Ids and days make no kind."""
    waiting, seen, faults = ["/"], set[str](), {}
    while waiting:
        path = waiting.pop()
        kind = _ID.sub("*", path.split("?")[0])
        if kind in seen:
            continue
        seen.add(kind)
        answer = browser.get(path)
        if answer.status_code not in {200, 302, 303}:
            faults[path] = answer.status_code
        links = re.findall(r'href="([^"#]+)', answer.text) if answer.mimetype == "text/html" else []
        links += [answer.location] if answer.location else []
        found = [urlsplit(urljoin(f"{browser.path}{path}", unescape(link))) for link in links]
        waiting += [
            f"{one.path}?{one.query}".removeprefix(browser.path)
            for one in found
            if one.path.startswith(f"{browser.path}/")
        ]
    return seen, faults


def test_every_page_that_links_lead_to_opens(app: Flask, world: World, seeded: Course) -> None:
    for (role, name), least in READERS.items():
        browser = world.enter(seeded, role, member=member_of(app, seeded, role, name))
        seen, faults = walk(browser)
        assert faults == {}, role
        assert len(seen) >= least, (role, sorted(seen))
