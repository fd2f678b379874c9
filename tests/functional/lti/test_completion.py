"""From a completed part to the gradebook: gathered at night, told once and in order, and through whatever goes wrong."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.audit import Actor, AuditEvent
from service.cohorts import completion
from service.cohorts.models import Cohort, CohortPlugin, Member, Person
from service.demo.claims import SCOPE_LINEITEM, SCOPE_SCORE
from service.demo.lms import Fault
from service.errors import NotFound
from service.jobs import outbox, work, worker
from service.jobs.models import Job, JobState
from service.jobs.outbox import Fate
from service.jobs.work import perform
from service.lti import deliveries, due, scores
from service.lti.models import Platform, PlatformState
from service.lti.scores import Means, Verdict, stamp, verdict, wait
from service.lti.service_models import AccessToken, Delivery, DeliveryState, LineItem, PlatformHealth
from service.outbound import Answer
from service.settings import Settings
from tests import live
from tests.functional.lti.grading import DONE, NIGHT, OTHER_PART, PART, Grading, grading
from tests.support import OffsetClock

RECORDED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "moodle" / "grades.json").read_text()
)
DAY = timedelta(days=1)


@pytest.fixture
def here(make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock) -> Iterator[Grading]:
    with grading(make_app, settings, clock) as found:
        found.switch()
        yield found


def bodies(here: Grading) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in here.scores()]


def due_in(here: Grading) -> timedelta:
    """How long the only delivery waits from now."""
    (row,) = here.rows(Delivery)
    left: timedelta = row.due_at - here.clock.now()
    return left


# --- as certified -----------------------------------------------------------------------------------------------------


def test_f01_a_launch_says_which_gradebook_the_course_has(here: Grading) -> None:
    here.server.launch("karin-lindqvist", course="rektorer")
    (cohort,) = here.rows(Cohort, Cohort.context_id == here.lms.course("rektorer").id)
    assert cohort.lineitems_url == f"{here.lms.base_url}/courses/3/lineitems?type_id=1"
    assert {SCOPE_LINEITEM, SCOPE_SCORE} <= set(cohort.grade_scopes.split())


def test_f02_the_token_of_a_score_is_for_scores_alone(here: Grading) -> None:
    here.complete(*here.managers(1))
    here.night()
    assert [one.form["scope"] for one in here.lms.recorder.to("/token")] == [SCOPE_LINEITEM, SCOPE_SCORE]
    assert len(here.rows(AccessToken)) == 2


def test_f05_a_completion_is_a_score_of_one_of_one(here: Grading) -> None:
    (member,) = here.managers(1)
    here.complete(member)
    here.night()
    (sent,) = here.scores()
    item = here.lms.gradebook.items(here.cohort.context_id)[-1]
    assert (sent.path, sent.query) == (f"/lineitems/{item.id}/scores", {"type_id": "1"})
    assert sent.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    body = json.loads(sent.body)
    at = body.pop("timestamp")
    assert body == {
        "userId": member.person.sub, "scoreGiven": 1, "scoreMaximum": 1, "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    }  # fmt: skip
    assert abs(datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - NIGHT) < timedelta(minutes=2)
    assert here.results() == {member.person.sub: 1.0}
    assert here.states() == {member.person.sub: ("sent", "")}
    assert here.lms.gradebook.results(item)[0].comment == ""


def test_canvas_is_told_that_nothing_was_handed_in(here: Grading) -> None:
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(family="canvas"))
    here.complete(*here.managers(1))
    here.night()
    assert bodies(here)[0]["https://canvas.instructure.com/lti/submission"] == {"new_submission": False}


# --- who is told of, and when -----------------------------------------------------------------------------------------


def test_nothing_is_told_unless_it_is_switched_on(here: Grading) -> None:
    here.complete(*here.managers(2), plugin=OTHER_PART)
    assert here.night() == 1  # the part that is on, of which nobody has completed anything
    assert here.scores() == here.made() == []
    assert here.rows(LineItem, LineItem.plugin == OTHER_PART) == []


def test_whoever_has_chosen_so_is_not_told_of_until_she_chooses_otherwise(here: Grading) -> None:
    quiet, other = here.managers(2)
    actor = Actor(here.cohort.organisation_id, quiet.person_id)
    with here.core.units.writing():
        assert completion.choose(here.cohort, quiet.person_id, False, actor)
    here.complete(quiet, other)
    here.night()
    assert [body["userId"] for body in bodies(here)] == [other.person.sub]
    with here.core.units.writing():
        assert completion.choose(here.cohort, quiet.person_id, True, actor)
    here.advance(DAY)
    here.night()
    assert [body["userId"] for body in bodies(here)] == [other.person.sub, quiet.person.sub]


def test_g51_telling_again_tells_nothing_new(here: Grading) -> None:
    first, second = here.managers(2)
    here.complete(first)
    here.night()
    here.advance(DAY)
    here.complete(second)
    here.night()
    here.advance(8 * DAY)
    assert here.night() == 1
    assert [body["userId"] for body in bodies(here)] == [first.person.sub, second.person.sub]
    assert len(here.made()) == 1


def test_g51_killed_after_telling_and_before_writing_it_down(here: Grading) -> None:
    """The same is told once more; the platform has it already and says so, and that is as good as telling."""
    (member,) = here.managers(1)
    here.complete(member)
    here.night()
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Delivery).values(state=DeliveryState.WAITING, sent_at=None, score_at=None))
    here.lms.clock_offset += 30  # the platform stored it later than the tool's clock says
    here.work()
    assert len(here.scores()) == 2
    assert here.results() == {member.person.sub: 1.0}
    assert here.states() == {member.person.sub: ("sent", "")}


def test_g55_test_users_and_others_are_never_told_of(here: Grading) -> None:
    one, tester, gone, coach = here.managers(4)
    here.complete(one, tester, gone, coach)
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Person).where(Person.id == tester.person_id).values(is_test=True))
        unit.session.execute(sa.update(Member).where(Member.id == gone.id).values(active=False))
        unit.session.execute(sa.update(Member).where(Member.id == coach.id).values(role=Role.COACH))
    here.night()
    assert [body["userId"] for body in bodies(here)] == [one.person.sub]


@pytest.mark.parametrize("why", ["test", "left", "off", "untold", "archived"])
def test_what_is_not_to_be_told_any_more_is_called_off_quietly(here: Grading, why: str) -> None:
    (member,) = here.managers(1)
    here.complete(member)
    here.lms.faults.scores = Fault(status=503)
    here.night()
    here.lms.faults.clear()
    changes = {
        "test": sa.update(Person).values(is_test=True), "left": sa.update(Member).values(active=False),
        "off": sa.update(CohortPlugin).values(enabled=False), "untold": sa.update(CohortPlugin).values(completion=False),
        "archived": sa.update(Cohort).values(archived_at=here.clock.now()),
    }  # fmt: skip
    with here.core.units.writing() as unit:
        unit.session.execute(changes[why])
    here.advance(timedelta(hours=1))
    here.work()
    assert here.rows(Delivery) == []
    assert len(here.scores()) == 1


def test_it_is_done_at_night_where_the_course_is(here: Grading) -> None:
    here.complete(*here.managers(1))
    riga_noon = NIGHT.replace(hour=12)
    here.put(riga_noon)
    here.periodic()
    assert here.jobs(completion.GATHER) == []
    here.put(NIGHT.replace(hour=1))
    here.periodic()
    assert len(here.jobs(completion.GATHER)) == 1
    here.periodic()
    assert len(here.jobs(completion.GATHER)) == 1


def test_only_what_changed_is_asked_for_and_everything_once_a_week(here: Grading) -> None:
    (member,) = here.managers(1)
    here.advance(timedelta(minutes=11))
    assert here.night() == 1
    here.advance(timedelta(hours=23))
    assert here.night() == 0
    here.complete(member)
    here.advance(timedelta(minutes=11))
    assert here.night() == 1
    here.advance(timedelta(hours=24))
    assert here.night() == 0
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(CohortPlugin).values(changed_at=here.clock.now()))
    assert here.night() == 1
    here.advance(timedelta(minutes=11))
    assert here.night() == 1
    here.advance(7 * DAY)
    assert here.night() == 1


def test_a_change_that_was_not_yet_committed_when_it_was_gathered_is_not_lost(here: Grading) -> None:
    first, second = here.managers(2)
    here.complete(first)
    here.advance(timedelta(minutes=2))
    here.night()
    DONE[PART].add(second.person.sub)  # committed a moment later, and noted two minutes before
    here.advance(timedelta(minutes=50))
    assert here.night() == 1
    assert {body["userId"] for body in bodies(here)} == {first.person.sub, second.person.sub}


def test_noting_a_change_costs_one_statement_and_a_row_only_now_and_then(here: Grading) -> None:
    def noted() -> Any:
        return here.item().changed_at

    before = noted()
    here.complete()
    assert noted() == before
    here.advance(timedelta(minutes=6))
    here.complete()
    assert noted() > before


def test_an_archived_or_lost_course_is_not_gathered(here: Grading) -> None:
    here.complete(*here.managers(1))
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Cohort).values(archived_at=unit.now()))
        for subject in (here.cohort.id, uuid.uuid4()):
            outbox.decide(completion.GATHER, subject)
    assert completion.decide_nightly(here.core.units) == 0
    here.work()
    assert [(job.state, job.reason) for job in here.jobs(completion.GATHER)] == [(JobState.CANCELLED, "archived")] * 2
    assert here.rows(Delivery) == []


def test_a_plugin_that_fails_is_asked_again_the_next_night(here: Grading) -> None:
    here.switch(OTHER_PART)
    (member,) = here.managers(1)
    here.complete(member, plugin=OTHER_PART)
    DONE[PART].add("fails")
    here.night()
    assert [body["userId"] for body in bodies(here)] == [member.person.sub]
    assert here.item(PART).gathered_at is None
    DONE[PART] = {member.person.sub}
    here.advance(DAY)
    assert here.night() == 1
    assert len(here.scores()) == 2


def test_many_are_added_with_few_statements(here: Grading) -> None:
    members = here.managers(30)
    here.complete(*members)
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with here.core.units.writing():
        completion.decide_gather(here.cohort.id, here.cohort.organisation_id)
    (job,) = here.jobs(completion.GATHER)
    sa.event.listen(here.core.units.engine, "before_cursor_execute", count)
    perform(here.app, job.id)
    sa.event.remove(here.core.units.engine, "before_cursor_execute", count)
    assert len([one for one in statements if "INSERT INTO delivery" in one]) == 1
    assert len(here.rows(Delivery)) == 30


# --- what the platform may answer ------------------------------------------------------------------------------------


SCORE_JSON = "application/vnd.ims.lis.v1.score+json"


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        (Fault(status=409, body="[]", content_type=SCORE_JSON), "sent", ""),
        (Fault(status=400, body="[]", content_type=SCORE_JSON), "refused", "not_a_learner"),
        (Fault(status=422, body="{}", content_type="application/json"), "refused", "not_a_learner"),
        (Fault(status=403), "refused", "not_allowed"),
        (Fault(status=403, body="403 Forbidden (Rate Limit Exceeded)"), "waiting", "status_403"),
        (Fault(status=418), "refused", "status_418"),
        (Fault(status=404), "waiting", "column_gone"),
        (Fault(status=410), "waiting", "column_gone"),
        (Fault(status=401), "waiting", "unauthorized"),
        (Fault(status=408), "waiting", "status_408"),
        (Fault(status=429), "waiting", "status_429"),
        (Fault(status=500), "waiting", "status_500"),
        (Fault(status=503), "waiting", "status_503"),
        (Fault(status=200, body="<html>Maintenance</html>"), "waiting", "page"),
        (Fault(status=404, body="<html>Not here</html>"), "waiting", "page"),
        (Fault(status=302, headers={"Location": "http://127.0.0.1/login"}), "waiting", "redirect"),
        (Fault(reset=True), "waiting", "connection"),
    ],
)
def test_g50_each_answer_is_understood(here: Grading, fault: Fault, state: str, reason: str) -> None:
    (member,) = here.managers(1)
    here.complete(member)
    here.lms.faults.scores = fault
    here.night()
    assert here.states() == {member.person.sub: (state, reason)}
    if state == "waiting":
        here.lms.faults.clear()
        here.advance(timedelta(minutes=2))
        here.work()
        assert here.states() == {member.person.sub: ("sent", "")}
        assert here.results() == {member.person.sub: 1.0}


def test_g50_somebody_who_is_no_learner_there_holds_nobody_up(here: Grading) -> None:
    stranger = here.member(here.cohort, "4711", Role.MANAGER)
    other = here.managers(1)[0]
    here.complete(stranger, other)
    here.night()
    assert here.states() == {"4711": ("refused", "not_a_learner"), other.person.sub: ("sent", "")}


def test_g50_the_platform_says_how_long_to_wait(here: Grading) -> None:
    (member,) = here.managers(1)
    here.complete(member)
    here.lms.faults.scores = Fault(status=429, headers={"Retry-After": "900"})
    here.night()
    assert timedelta(minutes=14) < due_in(here) <= timedelta(minutes=15)
    here.lms.faults.clear()
    here.advance(timedelta(minutes=14))
    assert here.work() == 0
    here.advance(timedelta(minutes=2))
    here.work()
    assert here.states() == {member.person.sub: ("sent", "")}


def test_g50_a_token_endpoint_that_is_down_is_the_whole_platforms(here: Grading) -> None:
    here.complete(*here.managers(3))
    here.lms.faults.token = Fault(status=500)
    here.night()
    assert {one[0] for one in here.states().values()} == {"waiting"}
    assert len(here.lms.recorder.to("/token")) == 1
    here.lms.faults.clear()
    here.advance(timedelta(minutes=2))
    here.work()
    assert {one[0] for one in here.states().values()} == {"sent"}


def test_one_persons_trouble_is_hers_alone(here: Grading) -> None:
    """The first is answered with an error each time; the others are told, and she waits longer and longer."""
    members = here.managers(4)
    here.complete(*members)
    here.lms.faults.scores = Fault(status=500, times=1)
    here.night()
    states = [one[0] for one in here.states().values()]
    assert sorted(states) == ["sent", "sent", "sent", "waiting"]
    (waiting,) = here.rows(Delivery, Delivery.state == DeliveryState.WAITING)
    assert waiting.tries == 1
    assert timedelta(seconds=5) < waiting.due_at - here.clock.now() < timedelta(seconds=12)
    assert here.rows(PlatformHealth)[0].failures == 0


def test_three_in_a_row_are_the_platforms_trouble(here: Grading) -> None:
    here.complete(*here.managers(8))
    here.lms.faults.scores = Fault(status=500)
    here.night()
    assert len(here.scores()) == 3
    rows = here.rows(Delivery)
    assert sorted(row.tries for row in rows) == [0, 0, 0, 0, 0, 1, 1, 1]
    assert all(row.due_at > here.clock.now() for row in rows)
    assert here.rows(PlatformHealth)[0].failures == 1


def test_a_column_that_was_taken_away_is_made_again_and_all_are_told_again(here: Grading) -> None:
    first, second = here.managers(2)
    here.complete(first)
    here.night()
    book = here.lms.gradebook
    book.delete(next(one for one in book.items(here.cohort.context_id) if not one.link_id))
    here.advance(DAY)
    here.complete(second)
    here.night()
    assert len(here.made()) == 2
    assert here.results() == {first.person.sub: 1.0, second.person.sub: 1.0}
    times = [body["timestamp"] for body in bodies(here) if body["userId"] == first.person.sub]
    assert times == sorted(set(times))


def test_a_column_that_goes_again_and_again_is_not_made_for_ever(here: Grading) -> None:
    here.complete(*here.managers(3))
    here.lms.faults.scores = Fault(status=404)
    here.night()
    assert len(here.scores()) == 2
    assert set(here.states().values()) == {("waiting", "column_gone"), ("waiting", "")}


def test_a_course_without_a_gradebook_holds_no_other_up(here: Grading) -> None:
    without = here.graded("rektorer", grade_scopes="")
    here.switch(cohort=without)
    alone, (member,) = here.managers(2, without), here.managers(1)
    DONE[PART].update(one.person.sub for one in alone)
    here.complete(member)
    here.night()
    assert here.results() == {member.person.sub: 1.0}
    assert here.item(cohort=without).reason == "no_service"
    assert here.rows(PlatformHealth)[0].failures == 0
    assert sorted(here.states().values()) == [("sent", ""), ("waiting", ""), ("waiting", "no_service")]
    with here.core.units.writing() as unit:
        unit.session.execute(
            sa.update(Cohort).where(Cohort.id == without.id).values(grade_scopes=f"{SCOPE_SCORE} {SCOPE_LINEITEM}")
        )
    here.advance(timedelta(minutes=2))
    here.work()
    assert len(here.results()) == 3


def test_while_another_asks_for_the_column_nothing_has_failed(here: Grading) -> None:
    here.complete(*here.managers(2))
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(LineItem).values(held_until=unit.now() + timedelta(minutes=1)))
    here.night()
    assert {row.tries for row in here.rows(Delivery)} == {0}
    assert here.scores() == []
    here.advance(timedelta(minutes=2))
    here.work()
    assert len(here.results()) == 2


def test_a_dead_platform_delays_no_other(here: Grading) -> None:
    """A second platform of the same organisation goes on while the first is down."""
    (member,) = here.managers(1)
    here.complete(member)
    dead = live.register(here.app, "http://localhost:1", client_id="tot", name="Borta")
    with here.core.units.writing() as unit:
        person = Person(
            organisation_id=here.cohort.organisation_id, platform_id=dead.id, sub="1", created_at=unit.now()
        )
        unit.session.add(person)
        unit.session.flush()
        item = LineItem(cohort_id=here.cohort.id, plugin="x", url="http://localhost:1/x")
        unit.session.add(item)
        unit.session.add(CohortPlugin(
            cohort_id=here.cohort.id, plugin="x", enabled=True, completion=True, changed_at=unit.now(),
        ))  # fmt: skip
        unit.session.add(Member(
            cohort_id=here.cohort.id, person_id=person.id, role=Role.MANAGER, first_seen_at=unit.now(), last_seen_at=unit.now()
        ))  # fmt: skip
        unit.session.flush()
        unit.session.add(Delivery(
            line_item_id=item.id, platform_id=dead.id, person_id=person.id, decided_at=unit.now(), due_at=unit.now(),
        ))  # fmt: skip
    here.night()
    assert here.states() == {member.person.sub: ("sent", ""), "1": ("waiting", "connection")}


def test_a_platform_that_is_disabled_or_left_alone_is_not_begun(here: Grading) -> None:
    here.complete(*here.managers(1))
    here.lms.faults.scores = Fault(status=503)
    here.night()
    here.advance(timedelta(hours=1))
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(state=PlatformState.DISABLED))
    assert due.decide_due(here.core.units) == 0
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Platform).values(state=PlatformState.ACTIVE))
        unit.session.execute(sa.update(PlatformHealth).values(closed_until=unit.now() + timedelta(minutes=5)))
        outbox.decide(due.KIND, here.platform.id)
    here.work()
    assert len(here.scores()) == 1
    here.advance(timedelta(minutes=6))
    assert due.decide_due(here.core.units) == 1
    assert due.decide_due(here.core.units) == 0


def test_the_workers_rounds_decide_on_what_is_due(here: Grading) -> None:
    here.complete(*here.managers(1))
    rounds = worker.Rounds(here.core.units, here.core.settings)
    rounds.due()
    (gathering,) = here.jobs(completion.GATHER)
    perform(here.app, gathering.id)
    with here.core.units.writing() as unit:
        unit.session.execute(sa.delete(Job))
    worker.Rounds(here.core.units, here.core.settings).due()
    assert len(here.jobs(due.KIND)) == 1


def test_two_who_decide_at_once_decide_on_one_job(here: Grading) -> None:
    here.complete(*here.managers(1))
    with here.core.units.writing():
        assert [completion.decide_gather(here.cohort.id, here.cohort.organisation_id) for _ in range(2)] == [
            True,
            False,
        ]


# --- long runs --------------------------------------------------------------------------------------------------------


def test_r12_a_day_of_outage(here: Grading) -> None:
    """The platform is down for 24 hours while people go on completing. Everything arrives, in order, once."""
    members = here.managers(40)
    here.complete(*members[:25])
    down = Fault(reset=True)
    here.lms.faults.scores = down
    here.night()
    gone_by = timedelta()
    while gone_by < DAY:
        step = timedelta(minutes=10)
        here.advance(step)
        gone_by += step
        if gone_by == timedelta(hours=12):
            here.complete(*members[25:])
            with here.core.units.writing():
                completion.decide_gather(here.cohort.id, here.cohort.organisation_id)
        here.work()
    tried = len(here.scores())
    assert {one[0] for one in here.states().values()} == {"waiting"}
    assert tried < 60, "a platform that is down is left alone"
    assert sum(row.tries > 0 for row in here.rows(Delivery)) <= 3, "those that wait burn no tries"
    here.lms.faults.clear()
    for _ in range(9):
        here.advance(timedelta(minutes=10))
        here.work()
    told = [body["userId"] for body in bodies(here)[tried:]]
    decided = {row.person_id: (row.decided_at, row.id) for row in here.rows(Delivery)}
    order = [member.person.sub for member in sorted(members, key=lambda one: decided[one.person_id])]
    assert told == order
    assert here.results() == {member.person.sub: 1.0 for member in members}
    assert set(here.states().values()) == {("sent", "")}
    times = [body["timestamp"] for body in bodies(here)]
    assert times == sorted(times)


def test_after_three_days_somebody_has_to_look_and_can_try_again(here: Grading) -> None:
    members = here.managers(3)
    here.complete(*members)
    here.lms.faults.scores = Fault(status=503)
    here.night()
    for _ in range(4):
        here.advance(DAY)
        here.work()
    assert set(here.states().values()) == {("needs_attention", "status_503")}
    here.lms.faults.clear()
    here.advance(timedelta(hours=1))
    assert here.work() == 0
    with here.core.units.writing():
        completion.send_now(here.cohort, Actor(here.cohort.organisation_id))
    here.work()
    assert set(here.states().values()) == {("sent", "")}


def test_a_long_run_is_written_down_on_the_way_and_makes_room(here: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "TAKEN", 4)
    monkeypatch.setattr(deliveries, "TAKEN", 4)
    monkeypatch.setattr(deliveries, "WRITTEN", 3)
    here.complete(*here.managers(10))
    here.night()
    assert len(here.jobs(due.KIND)) == 1
    monkeypatch.setattr(deliveries, "JOB_SECONDS", 0.0)
    here.complete(*here.managers(9))
    here.advance(DAY)
    here.complete()
    here.night()
    assert len(here.jobs(due.KIND)) == 4  # one before, then three of four, four and one
    assert len(here.results()) == 19
    assert len(here.scores()) == 19


def test_a_job_that_was_taken_over_writes_nothing(here: Grading, monkeypatch: pytest.MonkeyPatch) -> None:
    here.complete(*here.managers(2))
    with here.core.units.writing():
        completion.decide_gather(here.cohort.id, here.cohort.organisation_id)
    (gathering,) = here.jobs(completion.GATHER)
    perform(here.app, gathering.id)
    (job,) = here.jobs(due.KIND)
    real = deliveries._Run._one

    def taken_over(run: Any, row: Any) -> None:
        real(run, row)
        with here.core.units.writing() as unit:
            unit.session.execute(sa.update(Job).values(lease_token=uuid.uuid4()))

    monkeypatch.setattr(deliveries._Run, "_one", taken_over)
    perform(here.app, job.id)
    assert len(here.scores()) == 2
    assert {one[0] for one in here.states().values()} == {"waiting"}


def test_a_job_that_died_is_not_begun_again_at_once(here: Grading) -> None:
    here.complete(*here.managers(1))
    with here.core.units.writing():
        completion.decide_gather(here.cohort.id, here.cohort.organisation_id)
    perform(here.app, here.jobs(completion.GATHER)[0].id)
    tell = work.KINDS[due.KIND].tell
    with here.core.units.writing():
        tell(here.platform.id, Fate.AGAIN, "failed")
    assert due_in(here) <= timedelta()
    with here.core.units.writing():
        tell(here.platform.id, Fate.DEAD, "failed")
        work.KINDS[completion.GATHER].tell(here.cohort.id, Fate.DEAD, "failed")
    assert due_in(here) > timedelta(minutes=59)


# --- switching --------------------------------------------------------------------------------------------------------


def test_switching_off_calls_off_what_waits_and_keeps_what_was_told(here: Grading) -> None:
    first, second = here.managers(2)
    here.complete(first)
    here.night()
    here.advance(DAY)
    here.lms.faults.scores = Fault(status=503)
    here.complete(second)
    here.night()
    here.switch(on=False)
    here.switch(on=False)
    assert here.states() == {first.person.sub: ("sent", "")}
    here.lms.faults.clear()
    here.switch()
    here.advance(timedelta(hours=1))
    here.night()
    assert set(here.states().values()) == {("sent", "")}
    assert len(here.results()) == 2
    actions = [row.reason for row in here.rows(AuditEvent, AuditEvent.action == "completion.switch")]
    assert sorted(actions) == ["off", "on", "on"]


def test_a_part_that_is_not_on_cannot_be_told(here: Grading) -> None:
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(CohortPlugin).where(CohortPlugin.plugin == OTHER_PART).values(enabled=False))
    for plugin in (OTHER_PART, "unknown"):
        with pytest.raises(NotFound):
            here.switch(plugin)


# --- the pure part ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("ags_score_ok", Means.SENT),
        ("ags_score_newer", Means.SENT),
        ("ags_score_timestamp_no_ms", Means.SENT),
        ("ags_unbound_score", Means.SENT),
        ("ags_score_same_timestamp_older", Means.SENT),
        ("ags_score_teacher", Means.REFUSED),
        ("ags_score_unknown_user", Means.REFUSED),
        ("ags_score_no_max", Means.REFUSED),
        ("ags_score_nonexist_lineitem", Means.GONE),
        ("ags_results_limit2", Means.ROW),
    ],
)
def test_moodles_recorded_answers(name: str, means: Means) -> None:
    recorded = RECORDED[name]
    body = recorded["body"] if isinstance(recorded["body"], str) else json.dumps(recorded["body"])
    headers = {key.lower(): value for key, value in recorded["headers"].items()}
    assert verdict(Answer(recorded["status"], headers, body.encode())).means is means


def test_what_is_sent_is_shaped_as_what_moodle_took() -> None:
    """Word for word the fields that the recorded Moodle took, but the comment, which nobody gets."""
    ours = json.loads(scores.score("14", NIGHT, {}))
    assert set(ours) == set(RECORDED["ags_score_timestamp_no_ms"]["sent"]) - {"comment"}
    assert ours["timestamp"] == "2026-11-24T02:00:00Z"
    assert RECORDED["ags_score_timestamp_no_ms"]["type"] == scores.TYPE


def test_times_of_scores_are_whole_seconds_and_rise() -> None:
    now = datetime(2026, 11, 24, 2, 0, 0, 999_999, tzinfo=UTC)
    first = stamp(now, None)
    assert first == now.replace(microsecond=0)
    assert stamp(now, first) == first + timedelta(seconds=1)
    assert stamp(now + timedelta(hours=1), first) == first + timedelta(hours=1)
    assert stamp(now - timedelta(hours=1), first) == first + timedelta(seconds=1)


def test_waits_double_up_to_an_hour_a_fifth_more_or_less() -> None:
    for tries, seconds in ((0, 10), (1, 20), (5, 320), (8, 2560), (9, 3600), (500, 3600)):
        waits = [wait(tries).total_seconds() for _ in range(200)]
        assert 0.8 * seconds <= min(waits) < 0.95 * seconds
        assert 1.05 * seconds < max(waits) <= 1.2 * seconds
    assert wait(0, 7200) == timedelta(hours=2)


def test_a_verdict_keeps_what_the_platform_asked_for() -> None:
    assert verdict(Answer(503, {}, b""), 60.0) == Verdict(Means.PLATFORM, "status_503", 60.0)
    assert verdict(Answer(204, {"content-type": "text/html"}, b" ")).means is Means.SENT
