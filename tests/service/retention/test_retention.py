"""How long things are kept: what is due goes, what is not stays, whoever is interrupted, and nothing is counted twice."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from service.access import Role
from service.audit import OPERATOR, Actor, AuditEvent
from service.cohorts.models import Cohort, Launch, Member, Person
from service.errors import Invalid, NotFound
from service.exports.models import ExportFile, ExportFormat, ExportState, ExportTicket
from service.jobs import hold, outbox, periodic
from service.jobs.hold import ONLY, OutboxHold
from service.jobs.models import Job, JobState
from service.jobs.outbox import Fate, LeaseLost, Refused
from service.jobs.work import perform
from service.retention import rules, work
from service.retention.cli import retention
from service.retention.due import Due
from service.retention.models import RetentionCount, RetentionDays, RetentionRun
from service.tokens.models import FeedToken
from tests.support import Course, OffsetClock, World, forgotten, parts

DAY = timedelta(days=1)


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


def ended(app: Flask, course: Course, before: timedelta = timedelta()) -> bool:
    with parts(app).units.reading() as unit:
        found = unit.session.scalars(Due(course.organisation.id, unit.now() - before).ended()).all()
    return course.cohort.id in found


def change(app: Flask, model: Any, where: Any, **values: Any) -> None:
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(model).where(where).values(**values))


def count(app: Flask, model: Any, *where: Any) -> int:
    with parts(app).units.reading() as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


# --- when a cohort has ended ------------------------------------------------------------------------------------------


def test_a_cohort_ends_when_it_is_put_away(app: Flask, world: World, course: Course) -> None:
    world.member(course)
    assert not ended(app, course)
    change(app, Cohort, Cohort.id == course.cohort.id, archived_at=parts(app).units.clock.now() - 2 * DAY)
    assert ended(app, course)
    assert ended(app, course, DAY)
    assert not ended(app, course, 3 * DAY)


def test_or_half_a_year_after_somebody_last_opened_it(
    app: Flask, world: World, course: Course, clock: OffsetClock
) -> None:
    world.member(course)
    listed = world.member(course, name="Only On The List")
    clock.advance(179 * DAY)
    assert not ended(app, course)
    # Whom a list of participants names has opened nothing.
    change(app, Member, Member.id == listed.id, from_roster=True, last_seen_at=clock.now())
    clock.advance(2 * DAY)
    assert ended(app, course)
    world.member(course, name="Back Again")
    assert not ended(app, course)


def test_a_cohort_that_nobody_opened_counts_from_when_it_was_made(
    app: Flask, course: Course, clock: OffsetClock
) -> None:
    clock.advance(181 * DAY)
    assert ended(app, course)


def test_another_organisations_cohorts_are_not_asked_for(
    app: Flask, world: World, course: Course, clock: OffsetClock
) -> None:
    other = world.course()
    clock.advance(181 * DAY)
    with parts(app).units.reading() as unit:
        assert unit.session.scalars(Due(other.organisation.id, unit.now()).ended()).all() == [other.cohort.id]


# --- the core's own rules ---------------------------------------------------------------------------------------------


def test_visits_go_three_months_after_their_end(app: Flask, world: World, course: Course, clock: OffsetClock) -> None:
    world.enter(course)
    clock.advance(90 * DAY)
    world.enter(course)
    clock.advance(timedelta(hours=11))
    assert forgotten(app, course.organisation.id, "core.launches") == {"launch": 1}
    assert count(app, Launch) == 1


def test_addresses_that_were_ended_go(app: Flask, world: World, course: Course, clock: OffsetClock) -> None:
    member = world.member(course)
    with parts(app).units.writing() as unit:
        for number, revoked in enumerate((None, clock.now())):
            unit.session.add(FeedToken(
                token_hash=bytes([number]), plugin="ledarsteg", purpose="reminders", cohort_id=course.cohort.id,
                person_id=member.person_id, locale="sv", created_at=clock.now(), revoked_at=revoked,
            ))  # fmt: skip
    clock.advance(31 * DAY)
    assert forgotten(app, course.organisation.id, "core.feeds") == {"feed_token": 1}
    assert count(app, FeedToken) == 1


def test_an_account_that_nobody_uses_is_erased_as_any_is(
    app: Flask, world: World, course: Course, clock: OffsetClock
) -> None:
    idle, training = world.member(course), world.member(course, Role.TRAINING, "Johan Ekström")
    clock.advance(549 * DAY)
    active = world.member(course, name="Still Here")
    assert forgotten(app, course.organisation.id, "core.accounts", at_once=1) == {"person": 1}
    with parts(app).units.reading() as unit:
        left = {one: unit.session.get_one(Person, one.person_id).is_erased for one in (idle, training, active)}
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.erase")).one()
    assert list(left.values()) == [True, False, False]
    assert (event.actor_id, event.reason, event.object_ref) == (None, "inactive", str(idle.person_id))
    assert forgotten(app, course.organisation.id, "core.accounts") == {}


def test_a_person_seen_in_one_course_is_kept_in_all(
    app: Flask, world: World, course: Course, clock: OffsetClock
) -> None:
    old = world.member(course)
    clock.advance(549 * DAY)
    world.member(world.course(beside=course), person=old.person)
    assert forgotten(app, course.organisation.id, "core.accounts") == {}


# --- the days ---------------------------------------------------------------------------------------------------------


def decide(app: Flask, course: Course, code: str, days: int) -> bool:
    with app.app_context(), parts(app).units.writing():
        return rules.decide(rules.find(code), days, Actor(course.organisation.id))


def test_an_organisation_keeps_things_for_its_own_days(app: Flask, world: World, course: Course) -> None:
    assert decide(app, course, "core.launches", 30)
    assert not decide(app, course, "core.launches", 30)
    other = world.course()
    with app.app_context(), parts(app).units.reading():
        assert rules.kept_days("core.launches", course.organisation.id) == 30
        assert rules.kept_days("core.launches", other.organisation.id) == 90
    with parts(app).units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "retention.days")).one()
    assert (event.reason, event.object_ref) == ("90 > 30", "core.launches")


@pytest.mark.parametrize(
    ("code", "days"), [("core.launches", 29), ("core.launches", 731), ("group_maturity.words", 91)]
)
def test_days_outside_the_limits_are_not_taken(app: Flask, course: Course, code: str, days: int) -> None:
    with pytest.raises(Invalid):
        decide(app, course, code, days)
    assert count(app, RetentionDays) == 0


def test_days_decided_under_other_limits_are_brought_inside_todays(app: Flask, course: Course) -> None:
    with parts(app).units.writing() as unit:
        for code, days in (("core.launches", 5000), ("core.audit", 1)):
            unit.session.add(
                RetentionDays(organisation_id=course.organisation.id, rule=code, days=days, changed_at=unit.now())
            )
    with app.app_context(), parts(app).units.reading():
        assert rules.kept_days("core.launches", course.organisation.id) == 730
        assert rules.kept_days("core.audit", course.organisation.id) == 365


def test_an_unknown_rule_is_not_found(app: Flask) -> None:
    with app.app_context(), pytest.raises(NotFound):
        rules.find("core.nothing")


def test_a_table_without_words_is_called_by_its_name(app: Flask) -> None:
    with app.app_context():
        rule = rules.find("ledarsteg.habits")
        assert str(rule.kind("ledarsteg_habit")) == "Vanor"
        assert rule.kind("ledarsteg_some_thing") == "some thing"


def finished(app: Flask, course: Course, state: JobState, days: float, **of: Any) -> Job:
    """A job that ended, or was decided, so many days ago."""
    at = parts(app).units.clock.now() - days * DAY
    job = Job(
        **{"kind": "x.y", "subject_id": uuid.uuid4(), "organisation_id": course.organisation.id} | of, state=state,
        run_after=at, created_at=at, finished_at=at if state not in {JobState.QUEUED, JobState.RUNNING} else None,
    )  # fmt: skip
    with parts(app).units.writing() as unit:
        unit.session.add(job)
    return job


def test_work_that_ended_goes_and_what_failed_waits_for_the_operator(app: Flask, world: World, course: Course) -> None:
    others = world.course()
    for state in JobState:
        finished(app, course, state, 91)
        finished(app, others, state, 91)
        finished(app, others, state, 91, organisation_id=None)
        finished(app, course, state, 89)
    assert forgotten(app, course.organisation.id, "core.jobs", at_once=1) == {"job": 2}
    assert forgotten(app, OPERATOR, "core.jobs") == {"job": 2}
    left = {JobState.DONE: 1 + 1, JobState.CANCELLED: 1 + 1, JobState.DEAD: 4, JobState.QUEUED: 4, JobState.RUNNING: 4}
    assert {state: count(app, Job, Job.state == state) for state in JobState} == left


def test_what_was_put_away_counts_from_then(app: Flask, course: Course, clock: OffsetClock) -> None:
    job = finished(app, course, JobState.DEAD, 400)
    with parts(app).units.writing():
        outbox.discard(job.id)
    assert forgotten(app, course.organisation.id, "core.jobs") == {}
    clock.advance(91 * DAY)
    assert forgotten(app, course.organisation.id, "core.jobs") == {"job": 1}


def asked_for(app: Flask, course: Course, state: ExportState, days: float, person: Person) -> ExportFile:
    at = parts(app).units.clock.now() - days * DAY
    row = ExportFile(
        organisation_id=course.organisation.id, cohort_id=course.cohort.id, person_id=person.id, role="coach", plugin="core",
        kind="overview", format=ExportFormat.CSV, locale="sv", state=state, downloads_left=3, created_at=at,
        finished_at=at if state in {ExportState.GONE, ExportState.DONE, ExportState.FAILED} else None,
        expires_at=at + 7 * DAY if state is ExportState.DONE else None,
    )  # fmt: skip
    with parts(app).units.writing() as unit:
        unit.session.add(row)
        unit.session.flush()
        unit.session.add(ExportTicket(
            export_id=row.id, launch_id=uuid.uuid4(), token_hash=uuid.uuid4().hex, expires_at=at, used_at=at
        ))  # fmt: skip
    return row


def test_that_a_file_was_asked_for_goes_three_months_after_it_ended(app: Flask, world: World, course: Course) -> None:
    person = world.person(course, "Amira Haddad")
    for state in ExportState:
        for days in (91, 89):
            asked_for(app, course, state, days, person)
    waits = asked_for(app, course, ExportState.FAILED, 91, person)
    for state in (JobState.DONE, JobState.DEAD):
        finished(app, course, state, 1, kind="exports.write", subject_id=waits.id)
    assert forgotten(app, course.organisation.id, "core.files", at_once=1) == {"export_file": 3}
    # What is there or on its way stays, and what the operator may still try again.
    kept = {ExportState.WAITING: 2, ExportState.RUNNING: 2, ExportState.DONE: 2, ExportState.FAILED: 2}
    found = {state: count(app, ExportFile, ExportFile.state == state) for state in ExportState}
    assert found == kept | {ExportState.GONE: 1, ExportState.CANCELLED: 1}
    assert count(app, ExportTicket) == sum(found.values())


def test_reports_of_runs_go_with_their_counts(app: Flask, course: Course, clock: OffsetClock) -> None:
    with parts(app).units.writing() as unit:
        for whose in (course.organisation.id, OPERATOR):
            run = work.begin_now(whose)
            unit.session.add(RetentionCount(run_id=run, rule="core.jobs", kind="job", rows=3))
    clock.advance(729 * DAY)
    assert forgotten(app, OPERATOR, "core.runs") == {}
    clock.advance(2 * DAY)
    assert forgotten(app, OPERATOR, "core.runs") == {"retention_run": 1}
    assert (count(app, RetentionRun), count(app, RetentionCount)) == (1, 1)


# --- the daily run ----------------------------------------------------------------------------------------------------


def jobs(app: Flask) -> list[Job]:
    with parts(app).units.reading() as unit:
        return list(unit.session.scalars(sa.select(Job).where(Job.kind == work.KIND).order_by(Job.created_at)))


def run_of(app: Flask, organisation_id: uuid.UUID) -> RetentionRun:
    with parts(app).units.reading():
        return work.latest(organisation_id)[0]


def test_every_organisation_and_the_operator_are_run_once_a_day(app: Flask, world: World, clock: OffsetClock) -> None:
    world.course()
    world.course()
    units = parts(app).units
    assert work.decide_daily(units) == 3
    assert work.decide_daily(units) == 0
    assert len(jobs(app)) == 3
    clock.advance(DAY)
    assert work.decide_daily(units) == 3
    with units.writing():
        same = {work.begin(OPERATOR, clock.now().date()) for _ in range(2)}
    assert len(same) == 1
    assert len(jobs(app)) == 6


def test_a_run_deletes_what_is_due_and_reports_rows_of_each_kind(
    app: Flask, world: World, course: Course, clock: OffsetClock
) -> None:
    world.enter(course)
    clock.advance(100 * DAY)
    work.decide_daily(parts(app).units)
    for job in jobs(app):
        perform(app, job.id)
    assert {job.state for job in jobs(app)} == {JobState.DONE}
    run = run_of(app, course.organisation.id)
    assert run.finished_at is not None
    with parts(app).units.reading():
        assert work.report(run.id) == {"core.launches": {"launch": 1}}
    assert count(app, AuditEvent, AuditEvent.action == "retention.run", AuditEvent.chain == course.organisation.id) == 1


def test_a_run_that_was_cut_off_is_taken_up_and_nothing_is_counted_twice(
    app: Flask, world: World, course: Course, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 1)
    for _ in range(3):
        world.enter(course)
    clock.advance(100 * DAY)
    work.decide_daily(parts(app).units)
    mine = next(job for job in jobs(app) if job.organisation_id == course.organisation.id)
    with app.app_context():
        with parts(app).units.writing():
            taken = outbox.lease(mine.id, 30)
        assert taken is not None
        held = taken[1]
        assert held is not None
        row = run_of(app, course.organisation.id)
        assert work._lot(row, rules.find("core.launches"), held)
        # The worker is killed here; another takes its job over.
        clock.advance(timedelta(minutes=1))
        perform(app, mine.id)
        with pytest.raises(LeaseLost):
            work._lot(row, rules.find("core.launches"), held)
        with pytest.raises(LeaseLost):
            work.run(held)
    with parts(app).units.reading():
        assert work.report(row.id) == {"core.launches": {"launch": 3}}


def test_a_run_that_cannot_be_done_says_so_and_the_next_day_tries_again(
    app: Flask, course: Course, clock: OffsetClock
) -> None:
    with parts(app).units.writing():
        run_id = work.begin(course.organisation.id, clock.now().date())
        work.tell(run_id, Fate.AGAIN, "failed")
    assert run_of(app, course.organisation.id).failed_because == ""
    with parts(app).units.writing():
        work.tell(run_id, Fate.DEAD, "failed")
    assert run_of(app, course.organisation.id).failed_because == "failed"


def test_a_rule_that_fails_keeps_no_other_from_its_work(
    app: Flask, world: World, course: Course, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.enter(course)
    clock.advance(600 * DAY)
    # The accounts' rule comes first.
    monkeypatch.setattr("service.cohorts.erasure.erase", lambda *_given, **_named: 1 / 0)
    work.decide_daily(parts(app).units)
    mine = next(job for job in jobs(app) if job.organisation_id == course.organisation.id)
    for _try in range(outbox.MAX_TRIES):
        perform(app, mine.id)
        clock.advance(DAY / 24)
    run = run_of(app, course.organisation.id)
    with parts(app).units.reading() as unit:
        assert work.report(run.id) == {"core.launches": {"launch": 1}}
        assert unit.session.get_one(Job, mine.id).state is JobState.DEAD
    assert (run.finished_at, run.failed_because) == (None, "failed")


def test_a_run_is_done_once_and_what_is_deleted_elsewhere_is_not_counted(app: Flask, course: Course) -> None:
    own = course.organisation.id
    with app.app_context():
        with parts(app).units.writing():
            row_id = work.begin_now(own)
        for _ in range(2):
            work.run_now(row_id)
        with parts(app).units.reading() as unit:
            assert rules.due_rows(own, unit.now(), rules.rules()) == {}
    assert count(app, AuditEvent, AuditEvent.action == "retention.run", AuditEvent.chain == own) == 1


def test_a_job_without_its_run_is_refused(app: Flask) -> None:
    held = outbox.Held(uuid.uuid4(), work.KIND, uuid.uuid4(), uuid.uuid4(), 30)
    with app.app_context(), pytest.raises(Refused):
        work.run(held)


def test_the_workers_rounds_decide_it(app: Flask, course: Course) -> None:
    periodic.run(parts(app).units, parts(app).settings)
    assert {job.organisation_id for job in jobs(app)} == {None, course.organisation.id}


def test_the_command_goes_on_to_the_next_organisation(
    app: Flask, world: World, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = world.course(), world.course()
    for one in (first, second):
        world.enter(one)
    clock.advance(100 * DAY)
    monkeypatch.setattr("service.retention.cli.load", lambda: parts(app).settings)
    monkeypatch.setattr("service.app.create_app", lambda _settings: app)
    real, asked = work.run_now, []

    def fails_once(run_id: uuid.UUID) -> None:
        asked.append(run_id)
        if len(asked) == 1:
            raise ZeroDivisionError
        real(run_id)

    monkeypatch.setattr(work, "run_now", fails_once)
    told = CliRunner().invoke(retention, [])
    assert (told.exit_code, count(app, Launch)) == (1, 1)
    assert told.output.count("FAILED") == 1
    assert len(asked) == 3


def test_the_command_deletes_nothing_while_work_is_held(
    app: Flask, world: World, course: Course, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.enter(course)
    clock.advance(100 * DAY)
    monkeypatch.setattr("service.retention.cli.load", lambda: parts(app).settings)
    monkeypatch.setattr("service.app.create_app", lambda _settings: app)
    with parts(app).units.writing() as unit:
        unit.session.add(OutboxHold(id=ONLY, since=unit.now(), copy_of=unit.now()))
    told = CliRunner().invoke(retention, [])
    assert (told.exit_code, count(app, Launch)) == (1, 1)
    assert "stegvis restore confirm first" in told.output
    assert CliRunner().invoke(retention, ["--dry-run"]).exit_code == 0
    with app.app_context(), parts(app).units.writing():
        hold.let_go()
    assert CliRunner().invoke(retention, []).exit_code == 0
    assert count(app, Launch) == 0


def test_the_command_prints_the_same_table_before_and_after(
    app: Flask, world: World, course: Course, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.enter(course)
    finished(app, course, JobState.DONE, 0)
    clock.advance(100 * DAY)
    monkeypatch.setattr("service.retention.cli.load", lambda: parts(app).settings)
    monkeypatch.setattr("service.app.create_app", lambda _settings: app)
    dry = CliRunner().invoke(retention, ["--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert count(app, Launch) == 1
    assert count(app, RetentionRun) == 0
    wet = CliRunner().invoke(retention, [])
    assert wet.exit_code == 0, wet.output
    assert dry.output.splitlines()[:-1] == wet.output.splitlines()[:-1]
    assert "core.launches" in dry.output
    assert dry.output.splitlines()[1].split()[-1] == "1"
    assert next(line.split()[-1] for line in dry.output.splitlines() if "core.jobs" in line) == "1"
    assert count(app, Launch) == 0
    assert count(app, RetentionCount) == 2
    again = CliRunner().invoke(retention, [])
    assert f"{course.organisation.name}: nothing" in again.output
