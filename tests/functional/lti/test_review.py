"""Submission review: from the gradebook to what a coach may see of one manager, and no further."""

import re
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import CohortPlugin, Grant, Launch, Member, Person
from service.contract.records import Progress
from service.contract.reports import Attention, Cell, CohortReport, Column
from service.demo.claims import SUBMISSION_REVIEW
from tests.functional.lti.support import Lti, accepted, refused
from tests.service.cohorts.fakes import plugin, plugins
from tests.support import BASE, Browser, Course, World, parts

MakeApp = Callable[..., Flask]
HOSTILE = "<script>alert(1)</script>"


def review(lti: Lti, person: str, about: Any, **kw: Any) -> Any:
    """A review launch as the gradebook makes it: the browser and what it is answered."""
    client = lti.browser()
    return client, lti.launch(client, lti.fields(person, message_type=SUBMISSION_REVIEW, for_user=about, **kw))


def member_of(lti: Lti, name: str) -> Member:
    (found,) = [one for one in lti.all(Person) if one.name == name]
    (member,) = [one for one in lti.all(Member) if one.person_id == found.id]
    return member


def test_a_coach_lands_on_the_page_of_whom_she_chose(lti: Lti) -> None:
    lti.launch(fields=lti.fields("karin-lindqvist"))
    client, answer = review(lti, "amira-haddad", "karin-lindqvist")
    launch_id, member = accepted(answer), member_of(lti, "Karin Lindqvist")
    assert answer.location == f"/l/{launch_id}/review/{member.id}"
    page = client.get(answer.location, base_url=BASE)
    assert (page.status_code, "<bdi>Karin Lindqvist</bdi>" in page.text) == (200, True)


def test_a_person_who_has_not_been_here_has_an_empty_page(lti: Lti) -> None:
    for about in ("karin-lindqvist", {"user_id": "nobody"}):
        client, answer = review(lti, "amira-haddad", about)
        assert answer.location == f"/l/{accepted(answer)}/review"
        page = client.get(answer.location, base_url=BASE)
        assert (page.status_code, "E-" in re.sub("<[^>]*>", "", page.text)) == (200, False)
        assert "Ingen" in page.text or "Nobody here by that name" in page.text


def test_somebody_of_another_course_has_an_empty_page(lti: Lti) -> None:
    lti.launch(fields=lti.fields("eva-sundin", course="rektorer"))
    _client, answer = review(lti, "henrik-dahlgren", "eva-sundin", course="enhetschefer")
    assert answer.location.endswith("/review")


def test_the_learner_herself_lands_at_home(lti: Lti) -> None:
    client, answer = review(lti, "karin-lindqvist", "karin-lindqvist")
    assert answer.location == f"/l/{accepted(answer)}/"
    assert client.get(f"/l/{accepted(answer)}/who", base_url=BASE).status_code == 200


def test_without_a_course_there_is_nobody_to_review(lti: Lti) -> None:
    begun = lti.begin(client := lti.browser())
    token = lti.token(
        begun, person="amira-haddad", message_type=SUBMISSION_REVIEW, for_user={"user_id": "101"},
        raw=lambda claims: {name: value for name, value in claims.items() if not name.endswith("/context")},
    )  # fmt: skip
    answer = lti.post(client, {"id_token": token, "state": begun.state})
    assert answer.location == f"/l/{accepted(answer)}/"


@pytest.mark.parametrize("person", ["peter-nystrom", "nils-aberg", "johan-ekstrom"])
def test_g59_submission_review_by_somebody_who_is_no_coach(lti: Lti, person: str) -> None:
    lti.launch(fields=lti.fields("karin-lindqvist"))
    refused(
        lti, lambda: review(lti, person, "karin-lindqvist")[1], "review_role", audited_as="role", code="E-FORBIDDEN",
        status=403,
    )  # fmt: skip
    event = next(one for one in lti.all(AuditEvent) if one.outcome == "deny")
    assert (event.action, event.reason) == ("review", "role")


def test_an_assistant_who_was_made_coach_here_may_review(lti: Lti) -> None:
    lti.launch(fields=lti.fields("karin-lindqvist"))
    lti.launch(fields=lti.fields("nils-aberg"))
    nils = member_of(lti, "Nils Åberg")
    with parts(lti.app).units.writing() as unit:
        unit.session.add(Grant(
            organisation_id=lti.organisation_id, cohort_id=nils.cohort_id, person_id=nils.person_id, role=Role.COACH,
            granted_by=None, granted_at=unit.now(),
        ))  # fmt: skip
    _client, answer = review(lti, "nils-aberg", "karin-lindqvist")
    assert "/review/" in answer.location


# the page


def report(members: Sequence[Any], audience: Role, viewer: uuid.UUID) -> CohortReport:
    """Says of each member who asked; what is for others would be seen at once."""
    assert audience is Role.COACH
    assert viewer
    return CohortReport(
        columns=[Column("sessions", "Sessions"), Column("steps", "Steps")],
        cells={
            one.id: {"sessions": Cell(2, f"2 of 5 for {one.person.name}", "next 10 December", "part")}
            for one in members
        },
        attention=[Attention(one.id, f"No next time for {one.person.name}", "since May") for one in members],
    )


def one(**more: Any) -> Any:
    return plugin(
        "one", cohort_report=lambda cohort, members, audience, viewer: report(members, audience, viewer), **more
    )


def setting(make_app: MakeApp, *modules: Any) -> tuple[World, Course, Member, Browser]:
    world = World(make_app(plugins=plugins(*modules)))
    course = world.course()
    karin = world.member(course, Role.MANAGER, "Karin Lindqvist")
    world.member(course, Role.MANAGER, "Eva Sundin")
    return world, course, karin, world.enter(course, Role.COACH, "Amira Haddad")


def test_a_coach_sees_her_own_row_of_that_manager(make_app: MakeApp) -> None:
    _world, _course, karin, coach = setting(make_app, one())
    text = coach.get(f"/review/{karin.id}").text
    for part in ("No next time for Karin Lindqvist", "since May", "2 of 5 for Karin Lindqvist", "next 10 December"):
        assert part in text
    assert "Eva Sundin" not in text
    assert f'href="{coach.path}/one/"' in text


def test_what_failed_costs_its_own_part(make_app: MakeApp) -> None:
    def broken(cohort: Any) -> Any:
        raise RuntimeError(HOSTILE)

    _world, _course, karin, coach = setting(make_app, one(), plugin("two", cohort_report=broken))
    page = coach.get(f"/review/{karin.id}")
    assert page.status_code == 200
    assert "Two cannot be shown just now." in page.text
    assert "2 of 5 for Karin Lindqvist" in page.text


def told(world: World, course: Course, *keys: str) -> None:
    with world.core.units.writing() as unit:
        of_course = CohortPlugin.cohort_id == course.cohort.id
        unit.session.execute(
            sa.update(CohortPlugin).where(of_course, CohortPlugin.plugin.in_(keys)).values(completion=True)
        )


def test_she_sees_completion_only_where_the_gradebook_is_told(make_app: MakeApp) -> None:
    def progress(done: int) -> Any:
        return lambda cohort, members: {member.id: Progress(done, 3) for member in members}

    def broken(cohort: Any) -> Any:
        raise RuntimeError(HOSTILE)

    world, course, karin, coach = setting(
        make_app, plugin("one", title="Ett", progress=progress(3)), plugin("two", title="Två", progress=progress(2)),
        plugin("three", title="Tre", progress=broken), plugin("four", title="Fyra", progress=progress(3)),
        plugin("five", title="Fem", progress=lambda cohort: {}),
    )  # fmt: skip

    def shown() -> list[tuple[str, str]]:
        part = coach.get(f"/review/{karin.id}").text.partition('id="told"')[2].partition("</section>")[0]
        pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", part, re.DOTALL)
        return [(title, re.sub("<[^>]*>", "", value)) for title, value in pairs]

    assert shown() == []
    assert "told nothing" in coach.get(f"/review/{karin.id}").text
    told(world, course, "one", "two", "three", "five")
    assert sorted(shown()) == [
        ("Ett", "Complete"), ("Fem", "Not complete yet"), ("Tre", "Cannot be said just now"), ("Två", "Not complete yet"),
    ]  # fmt: skip


def test_looking_is_kept_in_the_trail_and_before_anything_is_read(make_app: MakeApp) -> None:
    seen: list[list[str]] = []

    def looking(cohort: Any, members: Any) -> CohortReport:
        with world.core.units.reading() as unit:
            seen.append(list(unit.session.scalars(sa.select(AuditEvent.action))))
        return CohortReport()

    world, course, karin, coach = setting(make_app, plugin("one", cohort_report=looking))
    coach.get(f"/review/{karin.id}")
    assert "review.view" in seen[0]
    with world.core.units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "review.view")).one()
    assert (event.actor_id, event.cohort_id, event.object_type, event.object_ref) == (
        coach.person.id, course.cohort.id, "member", str(karin.id),
    )  # fmt: skip


def test_another_courses_member_is_not_found(make_app: MakeApp) -> None:
    world, course, _karin, coach = setting(make_app, one())
    other = world.member(world.course(beside=course), Role.MANAGER, "Otto Annorstädes")
    for member_id in (other.id, uuid.uuid4()):
        assert coach.get(f"/review/{member_id}").status_code == 404


def test_who_is_no_manager_any_more_has_an_empty_page(make_app: MakeApp) -> None:
    world, course, karin, coach = setting(make_app, one())
    colleague = world.member(course, Role.COACH, "Henrik Dahlgren")
    test_user = world.member(course, person=world.person(course, "Testanvändare", is_test=True))
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).where(Member.id == karin.id).values(active=False))
    for member in (colleague, test_user, karin):
        page = coach.get(f"/review/{member.id}")
        assert (page.status_code, "Nobody here by that name" in page.text) == (200, True)
        assert member.person.name not in page.text


@pytest.mark.parametrize("role", [Role.MANAGER, Role.TRAINING, Role.CANDIDATE, Role.NONE])
def test_only_a_coach_opens_the_page(make_app: MakeApp, role: Role) -> None:
    world, course, karin, _coach = setting(make_app, one())
    other = world.enter(course, role, "Någon Annan")
    assert {other.get(path).status_code for path in (f"/review/{karin.id}", "/review")} == {403}


def test_a_launch_without_a_course_reviews_nobody(make_app: MakeApp) -> None:
    world, _course, karin, coach = setting(make_app, one())
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Launch).values(cohort_id=None, member_id=None))
    assert coach.get(f"/review/{karin.id}").status_code == 404


def test_what_plugins_say_stays_text(make_app: MakeApp) -> None:
    def hostile(cohort: Any, members: Any) -> CohortReport:
        return CohortReport(
            columns=[Column("a", HOSTILE)], cells={one.id: {"a": Cell(1, HOSTILE, HOSTILE)} for one in members},
            attention=[Attention(one.id, HOSTILE, HOSTILE) for one in members],
        )  # fmt: skip

    _world, _course, karin, coach = setting(make_app, plugin("one", title=HOSTILE, cohort_report=hostile))
    assert HOSTILE not in coach.get(f"/review/{karin.id}").text
