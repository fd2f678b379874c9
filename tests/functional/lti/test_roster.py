"""The course's roster: read page by page, merged when it is complete, and never believed further than it goes."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask, Response, request

from service.access import Role
from service.audit import AuditEvent
from service.cohorts import people
from service.cohorts.models import Cohort, Grant, Launch, Member, Person
from service.demo.claims import SCOPE_MEMBERS, members_url
from service.demo.lms import Fault, in_thread
from service.demo.people import LEARNER, TEST_USER
from service.jobs.bell import bell_at
from service.jobs.models import Job, JobState
from service.jobs.outbox import Fate
from service.jobs.work import perform
from service.lti import roster, roster_run
from service.lti.models import Platform, PlatformState
from service.lti.roster import By
from service.lti.roster_reading import MEDIA_TYPE
from service.lti.roster_words import WHY
from service.lti.service_models import RosterEntry, RosterState, RosterSync
from service.settings import Settings
from service.tokens.models import FeedToken
from tests.functional.lti.live import COURSE, Linked, linked
from tests.support import BASE, Course, OffsetClock, World

RECORDED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "fixtures" / "moodle" / "roster.json").read_text())


@pytest.fixture
def here(make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock) -> Iterator[Linked]:
    with linked(make_app, settings, clock) as found:
        yield found


def ask(here: Linked, cohort: Cohort, by: By = By.ASKED) -> bool:
    with here.core.units.writing():
        return roster.decide(cohort, by)


def jobs(here: Linked) -> list[Job]:
    with here.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(Job).order_by(Job.created_at)))


def work(here: Linked, clock: OffsetClock, tries: int = 1) -> Job:
    """Does the latest job, as often as it is tried again."""
    for _ in range(tries):
        perform(here.app, jobs(here)[-1].id)
        clock.advance(timedelta(seconds=61))
    return jobs(here)[-1]


def sync(here: Linked, cohort: Cohort) -> RosterSync:
    with here.core.units.reading() as unit:
        return unit.session.get_one(RosterSync, cohort.id)


def read(here: Linked, clock: OffsetClock, cohort: Cohort, tries: int = 1) -> RosterSync:
    clock.advance(timedelta(seconds=61))
    assert ask(here, cohort)
    work(here, clock, tries)
    return sync(here, cohort)


def members(here: Linked, cohort: Cohort) -> dict[str, Member]:
    """The cohort's members by the platform's id of them."""
    with here.core.units.reading() as unit:
        return {
            line.member.person.sub: line.member for line in people.everyone(unit.session.get_one(Cohort, cohort.id))
        }


def pages_asked(here: Linked) -> list[Any]:
    return [one for one in here.lms.recorder.all() if one.path.endswith("/members")]


@contextmanager
def platform_saying(here: Linked, cohort: Cohort, answer: Callable[[], Response]) -> Iterator[str]:
    """A server of our making in the place of the platform's roster."""
    app = Flask(__name__)
    app.add_url_rule("/members", "members", answer)
    with in_thread(app) as base:
        with here.core.units.writing() as unit:
            unit.session.execute(sa.update(Cohort).values(memberships_url=f"{base}/members"))
        yield base


def container(*lines: Any, link: str = "", status: int = 200) -> Response:
    answer = Response(json.dumps({"members": list(lines)}), status, content_type=MEDIA_TYPE)
    if link:
        answer.headers["Link"] = link
    return answer


def line(sub: Any, **values: Any) -> dict[str, Any]:
    return {"user_id": sub, "roles": ["Learner"], "status": "Active", "name": f"Namn {sub}", **values}


# the certification suite's cases


def test_e01_a_launch_tells_where_the_roster_is(here: Linked) -> None:
    here.server.launch("karin-lindqvist")
    with here.core.units.reading() as unit:
        cohort = unit.session.scalars(sa.select(Cohort)).one()
    assert cohort.memberships_url == members_url(here.lms.config, here.lms.course(COURSE))


def test_e02_the_roster_is_asked_for(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    assert read(here, clock, cohort).state is RosterState.DONE
    (asked,) = pages_asked(here)
    assert (asked.method, asked.query, asked.body) == ("GET", {"limit": "100"}, b"")


def test_e03_the_request_names_the_media_type_and_nothing_else(here: Linked, clock: OffsetClock) -> None:
    read(here, clock, here.course())
    assert pages_asked(here)[0].headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def test_e04_the_access_token_is_the_platforms(here: Linked, clock: OffsetClock) -> None:
    read(here, clock, here.course())
    kind, _, value = pages_asked(here)[0].headers["Authorization"].partition(" ")
    token = here.lms.access_token(value)
    assert kind == "Bearer"
    assert token is not None
    assert token.client_id == "ovning"


def test_e05_the_scope_is_the_rosters_alone(here: Linked, clock: OffsetClock) -> None:
    read(here, clock, here.course())
    assert here.lms.recorder.to("/token")[0].form["scope"] == SCOPE_MEMBERS
    token = here.lms.access_token(pages_asked(here)[0].headers["Authorization"].removeprefix("Bearer "))
    assert token is not None
    assert token.scopes == {SCOPE_MEMBERS}


# what comes of it


def test_everybody_in_the_course_is_there_with_names_and_roles_and_no_address(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    done = read(here, clock, cohort)
    found = members(here, cohort)
    active = {one.person.id: one.person for one in here.lms.roster(COURSE) if one.status == "Active"}
    active = {sub: person for sub, person in active.items() if TEST_USER not in person.roles}
    assert found.keys() == active.keys()
    assert (done.found, done.gone, done.skipped) == (len(active), 0, 0)
    karin = found[here.lms.person("karin-lindqvist").id]
    assert (karin.person.name, karin.role, karin.active, karin.from_roster) == (
        "Karin Lindqvist",
        Role.MANAGER,
        True,
        True,
    )
    assert Role.COACH in {member.role for member in found.values()}
    with here.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(RosterEntry)) == 0
        everything = str([row._mapping for row in unit.session.execute(sa.select(Person.__table__))])
    assert "@" not in everything


def test_a_second_reading_changes_nothing(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    read(here, clock, cohort)
    before = {
        sub: (m.id, m.role, m.active, m.first_seen_at, m.last_seen_at) for sub, m in members(here, cohort).items()
    }
    assert read(here, clock, cohort).gone == 0
    assert {
        sub: (m.id, m.role, m.active, m.first_seen_at, m.last_seen_at) for sub, m in members(here, cohort).items()
    } == before


def test_who_launches_later_is_the_same_person(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    read(here, clock, cohort)
    before = members(here, cohort)[here.lms.person("karin-lindqvist").id]
    here.server.launch("karin-lindqvist")
    after = members(here, cohort)[here.lms.person("karin-lindqvist").id]
    assert (after.id, after.person_id, after.from_roster) == (before.id, before.person_id, False)


def test_who_left_is_found_gone_and_who_comes_back_is_back(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    read(here, clock, cohort)
    karin = here.lms.person("karin-lindqvist").id
    here.lms.unenrol(karin, COURSE)
    done = read(here, clock, cohort)
    assert (done.gone, members(here, cohort)[karin].active) == (1, False)
    here.lms.enrol(karin, COURSE)
    done = read(here, clock, cohort)
    assert (done.gone, members(here, cohort)[karin].active) == (0, True)


def test_who_left_has_no_secret_address_any_more(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    read(here, clock, cohort)
    karin = here.lms.person("karin-lindqvist").id
    other = next(sub for sub, member in members(here, cohort).items() if sub != karin and member.active)
    with here.core.units.writing() as unit:
        for sub in (karin, other):
            unit.session.add(FeedToken(
                token_hash=sub.encode(), plugin="example", purpose="days", cohort_id=cohort.id,
                person_id=members(here, cohort)[sub].person_id, locale="sv", created_at=unit.now(),
            ))  # fmt: skip
    here.lms.unenrol(karin, COURSE)
    read(here, clock, cohort)
    with here.core.units.reading() as unit:
        ended = {
            row.token_hash.decode(): row.revoked_at is not None for row in unit.session.scalars(sa.select(FeedToken))
        }
    assert ended == {karin: True, other: False}


def test_names_that_the_platform_keeps_to_itself_are_not_taken_away(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    karin = here.member(cohort, here.lms.person("karin-lindqvist").id, Role.MANAGER, "Karin L.")
    here.lms.rosters.knobs.hide_names = True
    read(here, clock, cohort)
    found = members(here, cohort)
    assert found[karin.person.sub].person.name == "Karin L."
    others = [member for sub, member in found.items() if sub != karin.person.sub]
    assert others
    assert all(member.person.display_name == f"#{member.person_id.hex[:4]}" for member in others)
    here.lms.rosters.knobs.hide_names = False
    read(here, clock, cohort)
    assert members(here, cohort)[karin.person.sub].person.name == "Karin Lindqvist"


def test_g43_three_pages_with_capitals_in_the_cursor(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 230)
    here.lms.rosters.knobs.upper_case_cursors = True
    done = read(here, clock, cohort)
    assert done.pages == 3 == len(pages_asked(here))
    assert done.found == len(members(here, cohort)) > 230
    assert any(one.query.get("page", "").lower() != one.query.get("page", "") for one in pages_asked(here))


def test_a_member_on_two_pages_is_one_member(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 150)
    here.lms.rosters.knobs.twice = True
    done = read(here, clock, cohort)
    assert done.found == len(members(here, cohort))


def test_g44_s24_a_next_page_at_another_host_is_not_asked_for(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 150)
    asked: list[str] = []
    trap = Flask(__name__)
    trap.add_url_rule("/<path:rest>", "trap", lambda rest: asked.append(rest) or "")
    with in_thread(trap) as elsewhere:
        here.lms.rosters.knobs.next_host = elsewhere
        done = read(here, clock, cohort)
    assert (done.state, done.reason, asked) == (RosterState.REFUSED, "next_origin", [])
    assert jobs(here)[-1].state is JobState.CANCELLED
    assert members(here, cohort) == {}
    with here.core.units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "egress")).one()
    assert (event.outcome, event.reason, event.object_type) == ("deny", "next_origin", "platform")


def test_g45_a_roster_that_leads_in_a_circle_ends(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 250)
    here.lms.rosters.knobs.endless = True
    done = read(here, clock, cohort)
    assert (done.state, done.reason, done.run) == (RosterState.REFUSED, "next_loop", None)
    assert len(pages_asked(here)) < 6
    assert members(here, cohort) == {}


def test_g45_s49_a_roster_without_end_ends_at_two_hundred_pages(
    here: Linked, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_run, "MOST_PAGES", 7)
    cohort = here.course()
    count = iter(range(10_000))

    def endless() -> Response:
        number = next(count)
        return container(line(str(number)), link=f'<{request.base_url}?page={number}>; rel="next"')

    with platform_saying(here, cohort, endless):
        done = read(here, clock, cohort)
    assert (done.state, done.reason, next(count)) == (RosterState.REFUSED, "too_many_pages", 7)
    assert members(here, cohort) == {}


def test_s49_a_roster_of_a_million_is_refused(
    here: Linked, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_run, "MOST_MEMBERS", 20)
    cohort = here.course()
    with platform_saying(here, cohort, lambda: container(*(line(str(n)) for n in range(21)))):
        done = read(here, clock, cohort)
    assert (done.state, done.reason, members(here, cohort)) == (RosterState.REFUSED, "too_many_members", {})


def test_s49_a_page_of_more_than_five_megabytes_is_refused(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    with platform_saying(here, cohort, lambda: Response("x" * (5 * 1024 * 1024 + 1))):
        done = read(here, clock, cohort)
    assert (done.state, done.reason) == (RosterState.REFUSED, "too_large")


def test_g46_a_run_that_breaks_off_removes_nobody(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 150)
    read(here, clock, cohort)
    here.lms.unenrol("karin-lindqvist", COURSE)
    failing = iter([None, *([Response("", 503)] * 3)])
    pages = [container(*(line(str(n)) for n in range(50)), link="<?p=2>; rel=next")]
    with platform_saying(here, cohort, lambda: next(failing) or pages[0]):
        done = read(here, clock, cohort, tries=3)
    assert (done.state, done.reason, jobs(here)[-1].state) == (RosterState.FAILED, "status_503", JobState.DEAD)
    assert all(member.active for member in members(here, cohort).values())
    assert (done.pages, done.done_at is not None) == (1, True)


def test_g46_a_run_that_broke_off_goes_on_where_it_was(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 250)
    here.lms.rosters.knobs.upper_case_cursors = True
    assert ask(here, cohort)
    first = jobs(here)[-1]
    perform_until(here, first.id, pages=2)
    assert (sync(here, cohort).pages, sync(here, cohort).state) == (2, RosterState.WAITING)
    clock.advance(timedelta(seconds=11))
    perform(here.app, first.id)
    done = sync(here, cohort)
    assert (done.state, done.pages, len(pages_asked(here)) - 1) == (RosterState.DONE, 3, 3)
    assert done.found == len(members(here, cohort)) > 250


def perform_until(here: Linked, job_id: uuid.UUID, pages: int) -> None:
    """Works on a job until so many pages have been read; then the platform is away."""
    real, asked = roster_run._asked, iter(range(1000))

    def away_then(*args: Any) -> Any:
        if next(asked) == pages:
            here.lms.faults.members = Fault(status=503, times=1)
        return real(*args)

    roster_run._asked = away_then
    try:
        perform(here.app, job_id)
    finally:
        roster_run._asked = real


def test_a_run_older_than_an_hour_begins_anew(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 250)
    assert ask(here, cohort)
    perform_until(here, jobs(here)[-1].id, pages=2)
    clock.advance(timedelta(minutes=61))
    perform(here.app, jobs(here)[-1].id)
    assert (sync(here, cohort).state, len(pages_asked(here))) == (RosterState.DONE, 3 + 3)


def test_an_address_that_grew_stale_while_it_waited_begins_anew(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 250)
    assert ask(here, cohort)
    perform_until(here, jobs(here)[-1].id, pages=2)
    clock.advance(timedelta(seconds=11))
    here.lms.faults.members = Fault(status=404, times=1)
    perform(here.app, jobs(here)[-1].id)
    assert (sync(here, cohort).state, sync(here, cohort).reason) == (RosterState.WAITING, "stale_page")
    clock.advance(timedelta(seconds=61))
    perform(here.app, jobs(here)[-1].id)
    assert (sync(here, cohort).state, sync(here, cohort).pages) == (RosterState.DONE, 3)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_platform_that_refuses_is_left_alone_for_a_day(here: Linked, clock: OffsetClock, status: int) -> None:
    cohort = here.course()
    here.lms.faults.members = Fault(status=status)
    done = read(here, clock, cohort)
    assert (done.state, done.reason) == (RosterState.REFUSED, f"status_{status}")
    clock.advance(timedelta(hours=23))
    assert not ask(here, cohort, By.LOOK)
    clock.advance(timedelta(hours=2))
    assert ask(here, cohort, By.LOOK)


def test_a_platform_that_rests_is_not_asked(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    for _ in range(3):
        here.services.health.failed(here.platform.id, "timeout")
    clock.advance(timedelta(seconds=-30))
    assert ask(here, cohort)
    perform(here.app, jobs(here)[-1].id)
    assert (sync(here, cohort).state, sync(here, cohort).reason) == (RosterState.WAITING, "platform_resting")
    assert pages_asked(here) == []
    clock.advance(timedelta(minutes=2))
    perform(here.app, jobs(here)[-1].id)
    assert sync(here, cohort).state is RosterState.DONE


@pytest.mark.parametrize(
    ("body", "reason"),
    [("<html>", "not_json"), ("[]", "not_json"), ("{}", "not_a_roster"), ('{"members": {}}', "not_a_roster"), ('{"members": []}', "empty")],
)  # fmt: skip
def test_what_is_no_roster_changes_nothing(here: Linked, clock: OffsetClock, body: str, reason: str) -> None:
    cohort = here.course()
    read(here, clock, cohort)
    here.lms.faults.members = Fault(status=200, body=body, content_type=MEDIA_TYPE)
    done = read(here, clock, cohort, tries=3)
    assert (done.state, done.reason) == (RosterState.FAILED, reason)
    assert all(member.active for member in members(here, cohort).values())
    here.lms.faults.members = None
    assert read(here, clock, cohort).state is RosterState.DONE


@pytest.mark.parametrize("link", ["<{next}>; rel=“next”", "{next}; rel=next", "<{next}; rel=next", '<{next}>; rel="next', "<{next}> rel=next"])  # fmt: skip
def test_a_link_header_that_cannot_be_read_is_no_last_page(here: Linked, clock: OffsetClock, link: str) -> None:
    cohort = here.course()
    here.member(cohort, "kvar", Role.MANAGER)
    clock.advance(timedelta(hours=2))

    def answer() -> Response:
        said = container(line("ny"))
        said.headers.set("Link", link.replace("{next}", request.base_url + "?p=2").encode().decode("latin-1"))
        return said

    with platform_saying(here, cohort, answer):
        done = read(here, clock, cohort)
    assert (done.state, done.reason) == (RosterState.REFUSED, "link_header")
    assert members(here, cohort)["kvar"].active


def test_the_pages_a_real_moodle_sent(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()

    def answer() -> Response:
        recorded = RECORDED["pages"][int(request.args.get("from", "0")) // 5]
        link = recorded["link"].replace(
            "http://localhost:8090/mod/lti/services.php/CourseSection/2/bindings/1/memberships", request.base_url
        )
        said = Response(json.dumps(recorded["body"]), recorded["status"], content_type=recorded["content_type"])
        if link:
            said.headers["Link"] = link
        return said

    with platform_saying(here, cohort, answer):
        done = read(here, clock, cohort)
    everybody = [member for page in RECORDED["pages"] for member in page["body"]["members"]]
    found = members(here, cohort)
    assert (done.pages, done.found, done.skipped) == (3, len(everybody), 0)
    assert {sub: member.person.name for sub, member in found.items()} == {
        one["user_id"]: one["name"] for one in everybody
    }
    assert {member.role for member in found.values()} == {Role.MANAGER, Role.COACH}


def test_lines_with_the_wrong_types_are_left_out_and_counted(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    bad = [
        None, [], "x", {}, line(7), line(""), line("x" * 256), line("a\nb"), line("a", roles="Learner"), line("a", roles=[1]),
        line("a", roles=None), line("a", status="Borta"), line("a", status=1),
    ]  # fmt: skip
    odd = line(
        "udda", name=["x"], given_name="Eva", family_name="<b>Å</b>\u0000  Ek", email="eva@example.com", locale="sv_SE",
        roles=["Learner", "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"],
    )  # fmt: skip
    admin = line("admin", roles=["Instructor", "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"])
    with platform_saying(here, cohort, lambda: container(*bad, odd, admin, line("sist"), line("sist", name="Sist"))):
        done = read(here, clock, cohort)
    found = members(here, cohort)
    assert (done.state, done.found, done.skipped) == (RosterState.DONE, 3, len(bad))
    assert found.keys() == {"udda", "admin", "sist"}
    assert (found["udda"].person.name, found["udda"].person.locale, found["udda"].role) == (
        "Eva <b>Å</b> Ek",
        "sv",
        Role.MANAGER,
    )
    assert (found["admin"].role, found["sist"].person.name) == (Role.NONE, "Sist")


def test_nobody_is_found_gone_by_a_roster_with_lines_that_could_not_be_read(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    with platform_saying(here, cohort, lambda: container(line("a"), line("b"))):
        read(here, clock, cohort)
    with platform_saying(here, cohort, lambda: container(line("a"), line("b", roles="Learner"))):
        assert read(here, clock, cohort).gone == 0
    assert members(here, cohort)["b"].active


def test_who_is_not_found_gone_though_the_roster_lacks_them(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    begun = here.core.units.clock.now()
    old = {"first_seen_at": begun - timedelta(days=9), "last_seen_at": begun - timedelta(days=9)}
    kept = {
        "admin": here.member(cohort, "admin", Role.CANDIDATE, **old),
        "given": here.member(cohort, "given", Role.COACH, **old),
        "training": here.member(cohort, "training", Role.TRAINING, **old),
        "fresh": here.member(cohort, "fresh", Role.MANAGER, last_seen_at=begun + timedelta(hours=2)),
        "teacher": here.member(cohort, "teacher", Role.COACH),
        "test": here.member(cohort, "test", Role.MANAGER, **old),
    }
    left = {
        "old-coach": here.member(cohort, "old-coach", Role.COACH, **old),
        "revoked": here.member(cohort, "revoked", Role.MANAGER, **old),
        "manager": here.member(cohort, "manager", Role.MANAGER, **old),
        "suspended": here.member(cohort, "suspended", Role.MANAGER, **old),
    }
    with here.core.units.writing() as unit:
        for who, revoked_at in (("given", None), ("revoked", begun)):
            unit.session.add(Grant(
                organisation_id=cohort.organisation_id, person_id=(kept | left)[who].person_id, role=Role.TRAINING,
                granted_at=begun, revoked_at=revoked_at,
            ))  # fmt: skip
        unit.session.execute(sa.update(Person).where(Person.sub == "test").values(is_test=True))
    clock.advance(timedelta(minutes=5))
    listed = [
        line("a"),
        line("suspended", status="Inactive"),
        line("admin", status="Deleted"),
        line("borta", status="Deleted"),
    ]
    with platform_saying(here, cohort, lambda: container(*listed)):
        done = read(here, clock, cohort)
    found = members(here, cohort)
    assert {sub for sub, member in found.items() if member.active} == {*kept, "a"}
    assert {sub for sub, member in found.items() if not member.active} == set(left)
    assert (done.gone, done.found) == (3, 1)


def test_the_roster_raises_nobody_and_lowers_nobody_who_has_launched(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.member(cohort, "a", Role.MANAGER)
    here.member(cohort, "b", Role.COACH)
    with platform_saying(
        here, cohort, lambda: container(line("a", roles=["Instructor"]), line("b"), line("c"), line("d"))
    ):
        read(here, clock, cohort)
    assert {sub: member.role for sub, member in members(here, cohort).items()} == {
        "a": Role.MANAGER,
        "b": Role.COACH,
        "c": Role.MANAGER,
        "d": Role.MANAGER,
    }
    with platform_saying(
        here,
        cohort,
        lambda: container(line("a"), line("b"), line("c", roles=["Instructor"]), line("d", roles=["Helper"])),
    ):
        read(here, clock, cohort)
    assert {sub: member.role for sub, member in members(here, cohort).items()} == {
        "a": Role.MANAGER,
        "b": Role.COACH,
        "c": Role.COACH,
        "d": Role.NONE,
    }


def test_g55_the_platforms_test_user_is_no_member(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.member(cohort, "1", Role.MANAGER)
    test = [LEARNER, TEST_USER]
    with platform_saying(here, cohort, lambda: container(line("1", roles=test), line("2", roles=test), line("3"))):
        done = read(here, clock, cohort)
    assert (done.found, set(members(here, cohort))) == (1, {"1", "3"})
    with here.core.units.reading() as unit:
        managers = people.managers(unit.session.get_one(Cohort, cohort.id))
    assert [member.person.sub for member in managers] == ["3"]
    with platform_saying(here, cohort, lambda: container(line("3"))):
        read(here, clock, cohort)
    assert members(here, cohort)["1"].active


def test_more_people_on_a_page_than_one_statement_takes(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    with platform_saying(here, cohort, lambda: container(*(line(str(n)) for n in range(2500)))):
        assert read(here, clock, cohort).found == 2500
    assert len(members(here, cohort)) == 2500


def test_a_worker_that_lost_the_job_writes_nothing(
    here: Linked, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = here.course()
    assert ask(here, cohort)
    real = roster_run.read_page

    def stolen(answer: Any) -> Any:
        with here.core.units.writing() as unit:
            unit.session.execute(sa.update(Job).values(lease_token=uuid.uuid4()))
        return real(answer)

    monkeypatch.setattr(roster_run, "read_page", stolen)
    perform(here.app, jobs(here)[-1].id)
    assert (members(here, cohort), sync(here, cohort).pages) == ({}, 0)


# when it is read


def test_a_job_that_broke_without_a_word_of_the_platform_says_failed(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    assert ask(here, cohort)
    with here.core.units.writing():
        roster.tell(cohort.id, Fate.DEAD, "lease_lost")
    assert (sync(here, cohort).state, sync(here, cohort).reason) == (RosterState.FAILED, "lease_lost")


def test_at_most_one_reading_is_open(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    assert ask(here, cohort)
    clock.advance(timedelta(hours=1))
    assert not any(ask(here, cohort, by) for by in By)
    assert len(jobs(here)) == 1


def test_a_look_reads_when_the_last_reading_is_a_quarter_of_an_hour_old(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()

    def look() -> bool:
        with here.app.app_context(), here.core.units.reading():
            return roster.want(cohort)

    assert look()
    assert not look()
    work(here, clock)
    assert not look()
    clock.advance(timedelta(minutes=13))
    assert not look()
    clock.advance(timedelta(minutes=3))
    assert look()


def test_the_button_reads_at_most_once_a_minute(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    assert ask(here, cohort)
    perform(here.app, jobs(here)[-1].id)
    assert not ask(here, cohort)
    clock.advance(timedelta(seconds=61))
    assert ask(here, cohort)


@pytest.mark.parametrize(
    "values", [{"memberships_url": ""}, {"archived_at": datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))}]
)
def test_a_course_without_roster_or_put_away_is_not_read(
    here: Linked, clock: OffsetClock, values: dict[str, Any]
) -> None:
    cohort = here.course()
    assert ask(here, cohort)
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Cohort).values(values))
        cohort = unit.session.get_one(Cohort, cohort.id, populate_existing=True)
    perform(here.app, jobs(here)[-1].id)
    assert (sync(here, cohort).state, sync(here, cohort).reason) == (RosterState.REFUSED, "not_wanted")
    clock.advance(timedelta(days=3))
    assert not any(ask(here, cohort, by) for by in By)


def test_a_disabled_platform_is_not_asked(here: Linked) -> None:
    cohort = here.course()
    assert ask(here, cohort)
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(state=PlatformState.DISABLED))
    perform(here.app, jobs(here)[-1].id)
    assert (sync(here, cohort).reason, here.lms.recorder.all()) == ("platform_not_active", [])


def test_a_busy_database_keeps_no_page_waiting(here: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = here.course()

    def busy(*_: Any) -> bool:
        raise sa.exc.OperationalError("", None, Exception("locked"))

    monkeypatch.setattr(roster, "decide", busy)
    with here.app.app_context(), here.core.units.reading():
        assert not roster.want(cohort)


def at(clock: OffsetClock, hour: int, minute: int = 30) -> None:
    now = clock.now().astimezone(ZoneInfo("Europe/Stockholm"))
    put = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    clock.put(put if put > now else put + timedelta(days=1))


def test_every_roster_is_read_once_a_night(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.member(cohort, "someone", Role.MANAGER)
    at(clock, 23)
    assert roster.decide_nightly(here.core.units) == 0
    at(clock, 1)
    assert roster.decide_nightly(here.core.units) == 1
    job = jobs(here)[-1]
    assert timedelta() <= job.run_after - clock.now() < timedelta(minutes=50)
    clock.advance(timedelta(minutes=51))
    perform(here.app, job.id)
    assert sync(here, cohort).state is RosterState.DONE
    at(clock, 4)
    assert roster.decide_nightly(here.core.units) == 0
    at(clock, 2)
    assert roster.decide_nightly(here.core.units) == 1


@pytest.mark.parametrize("why", ["archived", "asleep", "from_roster_only", "disabled", "no_roster"])
def test_courses_whose_roster_is_not_read_at_night(here: Linked, clock: OffsetClock, why: str) -> None:
    cohort = here.course()
    long_ago = clock.now() - timedelta(days=70)
    here.member(
        cohort,
        "someone",
        Role.MANAGER,
        last_seen_at=long_ago if why == "asleep" else clock.now(),
        from_roster=why == "from_roster_only",
    )
    with here.core.units.writing() as unit:
        if why == "archived":
            unit.session.execute(sa.update(Cohort).values(archived_at=unit.now()))
        if why == "no_roster":
            unit.session.execute(sa.update(Cohort).values(memberships_url=""))
        if why == "disabled":
            unit.session.execute(sa.update(Platform).values(state=PlatformState.DISABLED))
    at(clock, 2)
    assert roster.decide_nightly(here.core.units) == 0


def test_lines_of_a_run_that_nobody_took_up_are_removed(here: Linked, clock: OffsetClock) -> None:
    cohort = here.course()
    here.lms.crowd(COURSE, 250)
    assert ask(here, cohort)
    perform_until(here, jobs(here)[-1].id, pages=2)
    assert roster.forget_left_over(here.core.units) == 0
    clock.advance(timedelta(hours=25))
    assert roster.forget_left_over(here.core.units) == 200


# what pages say of it


@pytest.fixture
def inside(app: Flask, world: World) -> Course:
    """A course of whose roster the platform has told the address; nobody answers there."""
    course = world.course()
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Cohort).values(memberships_url=f"{course.platform.issuer}/members"))
    return course


def put(world: World, course: Course, **values: Any) -> None:
    """Puts the roster's state, as a reading would have left it."""
    now = world.core.units.clock.now()
    with world.core.units.writing() as unit:
        unit.session.merge(RosterSync(cohort_id=course.cohort.id, asked_at=now, visited=[], **values))


HTMX = {"HX-Request": "true"}


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


@pytest.mark.parametrize(
    ("role", "path"), [(Role.COACH, "/cohort"), (Role.TRAINING, "/cohort"), (Role.TRAINING, "/members")]
)
def test_a_first_look_has_the_roster_read(world: World, inside: Course, role: Role, path: str) -> None:
    browser = world.enter(inside, role)
    page = browser.get(path)
    assert page.status_code == 200
    assert "Waiting to be read" in words(page)
    assert 'hx-trigger="every 2s"' in page.get_data(as_text=True)
    assert browser.get(path).status_code == 200
    with world.core.units.reading() as unit:
        (job,) = unit.session.scalars(sa.select(Job))
        assert (job.kind, job.subject_id, job.cohort_id) == (roster.KIND, inside.cohort.id, inside.cohort.id)
        assert unit.session.get_one(RosterSync, inside.cohort.id).state is RosterState.WAITING


def test_a_manager_sees_nothing_of_it_and_causes_nothing(world: World, inside: Course) -> None:
    browser = world.enter(inside, Role.MANAGER)
    browser.get("/")
    assert (browser.get("/roster", headers=HTMX).status_code, browser.post("/roster").status_code) == (403, 403)
    with world.core.units.reading() as unit:
        assert list(unit.session.scalars(sa.select(Job))) == []


def test_without_an_address_the_coach_sees_nothing_and_the_people_page_says_what_is_missing(world: World) -> None:
    course = world.course()
    assert "roster-title" not in world.enter(course, Role.COACH).get("/cohort").get_data(as_text=True)
    browser = world.enter(course, Role.TRAINING)
    assert "does not tell Stegvis who is in the course" in words(browser.get("/members"))
    assert "Read it now" not in words(browser.get("/members"))


def test_the_button_has_it_read_and_leads_back(world: World, inside: Course, clock: OffsetClock) -> None:
    browser = world.enter(inside, Role.TRAINING)
    put(world, inside, state=RosterState.DONE, done_at=clock.now(), found=23, gone=2)
    assert "Read it now" in words(browser.get("/members"))
    clock.advance(timedelta(minutes=2))
    answer = browser.post("/roster", {"to": "members"})
    assert (answer.status_code, answer.location.rpartition("/")[2]) == (303, "members#roster")
    assert "Read it now" not in words(browser.get("/members"))
    assert browser.post("/roster").location.endswith("/cohort#roster")
    with world.core.units.reading() as unit:
        assert len(list(unit.session.scalars(sa.select(Job)))) == 1
        events = list(unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "roster.ask")))
    assert [event.actor_id for event in events] == [browser.person.id]


def test_the_page_says_when_it_was_read_how_many_there_are_and_how_many_left(
    world: World, inside: Course, clock: OffsetClock
) -> None:
    at(clock, 14, 5)
    put(world, inside, state=RosterState.DONE, done_at=clock.now(), found=23, gone=2, skipped=1)
    page = words(world.enter(inside, Role.COACH).get("/cohort"))
    assert "Read 14:05 23 people, 2 have left" in page
    assert "1 line could not be read" in page
    clock.advance(timedelta(minutes=5))
    assert (
        "hx-get"
        not in world.enter(inside, Role.COACH)
        .get("/cohort")
        .get_data(as_text=True)
        .partition('id="roster-state"')[2]
        .partition(">")[0]
    )


def test_while_it_is_read_the_page_says_how_far_it_is_and_how_old_what_is_shown_is(
    world: World, inside: Course, clock: OffsetClock
) -> None:
    at(clock, 14, 5)
    put(
        world, inside, state=RosterState.RUNNING, members=300, done_at=clock.now() - timedelta(days=1), found=23, gone=0
    )
    browser = world.enter(inside, Role.COACH)
    part = browser.get("/roster", headers=HTMX)
    assert "Being read 300 people so far" in words(part)
    assert re.search(r"Shown as it was read \w+ \d+ 14:05|Shown as it was read \d+ \w+ 14:05", words(part))
    assert "HX-Refresh" not in part.headers
    put(world, inside, state=RosterState.DONE, done_at=clock.now(), found=1, gone=1)
    part = browser.get("/roster", headers=HTMX)
    assert part.headers["HX-Refresh"] == "true"
    assert "1 person, 1 has left" in words(part)


@pytest.mark.parametrize("reason", [*WHY, "timeout", "status_503"])
def test_why_it_failed_is_a_sentence_of_its_own(world: World, inside: Course, reason: str) -> None:
    put(world, inside, state=RosterState.FAILED, reason=reason)
    page = words(world.enter(inside, Role.COACH).get("/cohort"))
    assert "Could not be read" in page
    assert "%(" not in page
    assert "_" not in page
    if reason == "platform_cannot_fetch_keys":
        assert f"{BASE}/lti/jwks" in page
    if reason == "status_503":
        assert "It is tried again by itself" in page


def test_a_platform_that_hides_all_names_is_told_of_with_the_setting(
    world: World, inside: Course, clock: OffsetClock
) -> None:
    put(world, inside, state=RosterState.DONE, done_at=clock.now(), found=2, gone=0)
    coach = world.member(inside, Role.COACH, name="")
    browser = world.enter(inside, Role.COACH, member=coach)
    assert "Share launcher's name with tool" in words(browser.get("/cohort"))
    world.member(inside, Role.MANAGER, name="Karin")
    assert "Share launcher's name with tool" not in words(browser.get("/cohort"))


def test_people_known_from_the_roster_alone_are_marked(world: World, inside: Course) -> None:
    member = world.member(inside, Role.MANAGER, name="Karin")
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).where(Member.id == member.id).values(from_roster=True))
    browser = world.enter(inside, Role.TRAINING, name="Johan")
    assert words(browser.get("/members")).count("has not opened Stegvis here yet") == 1


def test_a_launch_without_a_course_has_no_roster(world: World, inside: Course) -> None:
    browser = world.enter(inside, Role.COACH)
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Launch).values(cohort_id=None, member_id=None))
    assert browser.get("/roster", headers=HTMX).status_code in (403, 404)


def test_without_script_the_progress_is_on_the_page(world: World, inside: Course) -> None:
    answer = world.enter(inside, Role.COACH).get("/roster")
    assert (answer.status_code, answer.location.rpartition("/")[2]) == (303, "cohort#roster")


def test_a_silent_queue_is_told_of(world: World, inside: Course, clock: OffsetClock) -> None:
    put(world, inside, state=RosterState.WAITING)
    browser = world.enter(inside, Role.COACH)
    bell_at(world.core.settings.queue).ring(uuid.uuid4())  # nobody listens there
    assert "The queue does not answer just now" in words(browser.get("/roster", headers=HTMX))
