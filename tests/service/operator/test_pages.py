"""What the operator's pages tell, what can be done with a stopped job, and what no page may ever hold."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.audit import OPERATOR, AuditEvent
from service.exports.models import ExportFile, ExportState
from service.jobs import hold, outbox, probe, work
from service.jobs.hold import OutboxHold
from service.jobs.models import Job, JobState
from service.jobs.signs import Sign
from service.lti.models import ToolKey
from service.lti.service_models import (
    Delivery,
    DeliveryState,
    LineItem,
    PlatformHealth,
    RosterState,
    RosterSync,
)
from service.mail.models import Mail, MailKind, MailServer, MailState
from service.operator import words
from service.retention.models import RetentionCount, RetentionRun
from tests.service.operator.conftest import Operator
from tests.service.test_health import another_version
from tests.support import BASE, METRICS_TOKEN, OffsetClock, World, parts

CANARY = "Hemlig Hjördis"


def stop(app: Flask, job_id: uuid.UUID, clock: OffsetClock) -> None:
    """Loses the job's lease three times, as a job does that brings its worker down."""
    for _ in range(3):
        with app.app_context(), parts(app).units.writing():
            assert outbox.lease(job_id, 1)[1] is not None
        clock.advance(timedelta(seconds=2))
    work.perform(app, job_id)


def asked(app: Flask, world: World, person: str = CANARY) -> tuple[Job, ExportFile, object]:
    """An export that somebody asked for, its job and her browser."""
    browser = world.enter(world.course(f"Kurs {CANARY}", plugins={}), Role.COACH, person)
    assert browser.post("/exports", {"what": "core.overview", "format": "csv"}).status_code == 303
    with parts(app).units.reading() as unit:
        job = unit.session.scalars(sa.select(Job).order_by(Job.created_at.desc())).first()
        return job, unit.session.get_one(ExportFile, job.subject_id), browser


def now_of(app: Flask, model, key):
    with parts(app).units.reading() as unit:
        return unit.session.get_one(model, key)


def test_a_stopped_job_is_told_of_and_tried_again(app, world, operator: Operator, clock: OffsetClock) -> None:
    job, export, _browser = asked(app, world)
    stop(app, job.id, clock)
    page = operator.get("jobs").text
    for told in (str(job.id), "Writing an export", "Organisation 1", "Its worker was lost three times", "Try again"):
        assert told in page
    assert now_of(app, ExportFile, export.id).state is ExportState.FAILED
    answer = operator.post(f"jobs/{job.id}/retry")
    assert (answer.status_code, answer.location) == (303, "/operator/jobs?done=retried")
    assert "The job waits again." in operator.get("jobs?done=retried").text
    row = now_of(app, Job, job.id)
    assert (row.state, row.tries, row.reason, row.finished_at) == (JobState.QUEUED, 0, "", None)
    assert now_of(app, ExportFile, export.id).state is ExportState.WAITING
    from service.jobs import work

    work.perform(app, job.id)
    assert now_of(app, ExportFile, export.id).state is ExportState.DONE
    with parts(app).units.reading() as unit:
        last = unit.session.scalars(
            sa.select(AuditEvent).where(AuditEvent.chain == OPERATOR).order_by(AuditEvent.seq.desc())
        ).first()
    assert (last.action, last.reason, last.object_ref) == ("operator.retry", "exports.write", str(job.id))


def test_what_was_asked_for_again_is_not_done_twice(app, world, operator: Operator, clock: OffsetClock) -> None:
    job, export, browser = asked(app, world)
    stop(app, job.id, clock)
    assert browser.post(f"/exports/{export.id}/retry").status_code == 303
    answer = operator.post(f"jobs/{job.id}/retry")
    assert (answer.status_code, "asked for again meanwhile" in answer.text) == (409, True)
    assert now_of(app, Job, job.id).state is JobState.DEAD
    with parts(app).units.writing() as unit:
        other = unit.session.scalars(sa.select(Job).where(Job.id != job.id)).one()
        other.state = JobState.DONE
    # Hers is done and gone: nothing waits for this one any more.
    assert operator.post(f"jobs/{job.id}/retry").status_code == 409
    assert now_of(app, Job, job.id).state is JobState.DEAD


def test_a_job_is_put_away_once_and_what_is_not_stopped_stays(
    app, world, operator: Operator, clock: OffsetClock
) -> None:
    job, _export, _browser = asked(app, world)
    for verb in ("retry", "discard"):
        assert operator.post(f"jobs/{job.id}/{verb}").status_code == 409
        assert operator.post(f"jobs/{uuid.uuid4()}/{verb}").status_code == 404
    assert now_of(app, Job, job.id).state is JobState.QUEUED
    stop(app, job.id, clock)
    assert operator.post(f"jobs/{job.id}/discard").status_code == 303
    row = now_of(app, Job, job.id)
    assert (row.state, row.reason) == (JobState.CANCELLED, "discarded")
    page = operator.get("jobs").text
    assert "No job has stopped." in page
    assert "The operator put it away." in page
    assert operator.post(f"jobs/{job.id}/discard").status_code == 409


def test_a_roster_waits_again_and_a_plugin_s_job_has_nobody_to_tell(app, world, operator: Operator) -> None:
    course = world.course()
    with parts(app).units.writing() as unit:
        now = unit.now()
        unit.session.add(
            RosterSync(cohort_id=course.cohort.id, state=RosterState.FAILED, reason="status_403", visited=[])
        )
        dead = [
            Job(kind=kind, subject_id=course.cohort.id, organisation_id=course.organisation.id, state=JobState.DEAD,
                tries=3, reason="failed", run_after=now, created_at=now, finished_at=now)
            for kind in ("roster.sync", "example.clear")
        ]  # fmt: skip
        unit.session.add_all(dead)
    for job in dead:
        assert operator.post(f"jobs/{job.id}/retry").status_code == 303
        assert now_of(app, Job, job.id).state is JobState.QUEUED
        assert operator.post(f"jobs/{job.id}/retry").status_code == 409
        assert now_of(app, Job, job.id).state is JobState.QUEUED
    assert now_of(app, RosterSync, course.cohort.id).state is RosterState.WAITING


def test_the_queue_page_tells_what_waits_who_works_and_what_runs(
    app, world, operator: Operator, clock: OffsetClock
) -> None:
    probe.forget()
    assert "No worker gives a sign of life" in operator.get().text
    job, _export, _browser = asked(app, world)
    sign = Sign(parts(app).units)
    sign.beat()
    clock.advance(timedelta(seconds=40))
    with app.app_context(), parts(app).units.writing():
        outbox.lease(job.id, 30)
    page = operator.get().text
    # A slow machine is some seconds further.
    assert re.search(r"(30|2\d) seconds left", page)
    assert re.search(r"[45]\d seconds ago", page)
    for told in ("The queue server does not answer. Nothing is lost", "Organisation 1"):
        assert told in page
    clock.advance(timedelta(minutes=2))
    page = operator.get().text
    assert "ran out 2 minutes ago" in page
    assert "No worker gives a sign of life" in page
    sign.beat()
    assert "No worker gives a sign of life" not in operator.get().text
    sign.end()
    assert "No worker gives a sign of life" in operator.get().text


def test_rosters_and_gradebooks_of_every_organisation_in_numbers(app, world, operator: Operator) -> None:
    names = []
    for state, sync in ((DeliveryState.SENT, RosterState.DONE), (DeliveryState.REFUSED, RosterState.REFUSED)):
        course = world.course(CANARY)
        names.append(course.organisation.name)
        person = world.person(course, CANARY)
        with parts(app).units.writing() as unit:
            now = unit.now()
            item = LineItem(cohort_id=course.cohort.id, plugin="ledarsteg")
            unit.session.add_all([
                item, RosterSync(cohort_id=course.cohort.id, state=sync, visited=[]),
                PlatformHealth(platform_id=course.platform.id, failures=2, reason="timeout", closed_until=now),
            ])  # fmt: skip
            unit.session.flush()
            unit.session.add(Delivery(
                line_item_id=item.id, platform_id=course.platform.id, person_id=person.id, state=state, decided_at=now,
                due_at=now,
            ))  # fmt: skip
    page = operator.get("platforms").text
    for told in (*names, "timeout", "tried for three days in vain"):
        assert told in page


def test_the_installation_page_tells_schema_plugins_and_keys(app, operator: Operator) -> None:
    from service.lti import toolkeys

    with parts(app).units.writing():
        toolkeys.ensure(parts(app).units.keyring)
    with parts(app).units.reading() as unit:
        kids = list(unit.session.scalars(sa.select(ToolKey.kid)))
    page = operator.get("installation").text
    for told in ("fits", "plugins.ledarsteg", "published, signs next", *kids):
        assert told in page
    with another_version(app, "UPDATE alembic_version SET version_num = '0001'"):
        page = operator.get("installation").text
    assert "behind: Stegvis" in page
    assert "Run stegvis db upgrade." in page


def test_no_page_and_no_figure_holds_a_person_a_course_or_a_text(
    app, world, operator: Operator, clock: OffsetClock
) -> None:
    job, _export, browser = asked(app, world)
    browser.get("/exports")
    stop(app, job.id, clock)
    other, _export, _browser = asked(app, world, f"Annan {CANARY}")
    with app.app_context(), parts(app).units.writing():
        outbox.lease(other.id, 30)
    test_rosters_and_gradebooks_of_every_organisation_in_numbers(app, world, operator)
    with parts(app).units.reading() as unit:
        tables = ("person", "member", "cohort", "launch", "export_file", "delivery")
        ids = {
            str(uuid.UUID(hex=str(value).replace("-", "")))
            for table in tables if (key := "cohort_id" if table == "roster_sync" else "id")
            for value in unit.session.scalars(sa.text(f"SELECT {key} FROM {table}"))
        }  # fmt: skip
    assert len(ids) > 8
    figures = (
        app.test_client().get("/metrics", base_url=BASE, headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    )
    assert "stegvis_jobs" in figures
    pages = {path: operator.get(path).text for path in ("", "jobs", "platforms", "installation")} | {"metrics": figures}
    forbidden = [CANARY, "Annan", "sub-", *ids]
    found = {(path, word) for path, page in pages.items() for word in forbidden if word in page}
    assert found == set()
    # Figures name no job, organisation, platform or host either.
    assert [word for word in (str(job.id), "Organisation", "localhost", "127.0.0.1", "/l/") if word in figures] == []


@pytest.mark.parametrize("number", [0, 150])
def test_the_pages_ask_as_often_for_many_jobs_as_for_few(app, world, operator: Operator, number: int) -> None:
    course = world.course()
    with parts(app).units.writing() as unit:
        now = unit.now()
        unit.session.add_all(
            Job(kind="roster.sync", subject_id=uuid.uuid4(), organisation_id=course.organisation.id, state=state, tries=3,
                reason="failed", run_after=now, created_at=now, finished_at=now)
            for _ in range(number) for state in (JobState.DEAD, JobState.CANCELLED)
        )  # fmt: skip
    asked_for = []
    engine = parts(app).units.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked_for.append(given[2]))
    page = operator.get("jobs")
    assert page.text.count('/retry"') == min(number, 100)
    assert len(asked_for) == 3


def test_the_installation_page_tells_of_retention_mail_and_a_hold(app, world: World, operator: Operator) -> None:
    operator.enter()
    page = operator.get("installation").text
    assert "No run yet." in page
    assert "No mail has been written." in page
    karin = world.member(world.course(), name="Karin Lindqvist")
    with parts(app).units.writing() as unit:
        then = unit.now() - timedelta(hours=1)
        runs = [
            RetentionRun(organisation_id=uuid.uuid4(), day=None, started_at=then, finished_at=then),
            RetentionRun(organisation_id=uuid.uuid4(), day=None, started_at=then),
            RetentionRun(organisation_id=uuid.uuid4(), day=None, started_at=then, failed_because="busy"),
        ]
        unit.session.add_all(runs)
        unit.session.flush()
        unit.session.add_all(
            RetentionCount(run_id=runs[0].id, rule="core.launches", kind=kind, rows=rows)
            for kind, rows in (("a", 40), ("b", 2))
        )
        about = {"person_id": karin.person_id, "kind": MailKind.READING, "decided_at": then, "due_at": then}
        unit.session.add_all(
            Mail(state=state, **about) for state in (MailState.WAITING, MailState.SENT, MailState.SENT)
        )
        unit.session.add(MailServer(id=1, closed_until=unit.now() + timedelta(hours=1), reason="refused"))
        unit.session.add(OutboxHold(id=hold.ONLY, since=then, copy_of=then))
    page = operator.get("installation").text
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert ("42" in text, "goes on" in text, "given up: busy" in text) == (True, True, True), text
    assert "wait 1" in text, text
    assert "sent 2" in text
    assert "The oldest that waits was due 60 minutes ago." in text
    assert "left alone until" in text
    assert "stegvis restore confirm lets it go on" in text
    assert "Karin" not in page


def test_every_kind_of_work_of_the_core_has_words() -> None:
    assert work.KINDS.keys() <= words.KINDS.keys()
