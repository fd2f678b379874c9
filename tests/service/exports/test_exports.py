"""An export from the wish to the file: who gets what, how often, and what the page says meanwhile."""

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import sqlalchemy as sa

from service.access import Role
from service.audit import AuditEvent
from service.cohorts import counting
from service.cohorts.models import Cohort, CohortPlugin, Launch, Member
from service.contract import hook
from service.exports import names
from service.exports.models import ExportFile, ExportState
from service.exports.store import LocalStore
from service.jobs import outbox, periodic
from service.jobs.models import Job, JobState
from tests.service.exports import rows_plugin
from tests.service.exports.conftest import absent, ask, fetch, file_of
from tests.support import parts


def all_rows(app):
    with parts(app).units.reading() as unit:
        return unit.session.scalars(sa.select(ExportFile).order_by(ExportFile.created_at)).all()


def sheet(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data)).active


def test_a_coach_asks_and_fetches_the_overview(coach, do_jobs, only):
    ask(coach)
    assert only().state is ExportState.WAITING
    assert do_jobs() == 1
    row = only()
    assert (row.state, row.rows_done, row.rows_total) == (ExportState.DONE, 3, 3)
    answer = fetch(coach, row)
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines == [
        ["Name", "Steps", "Share", "Said"],
        ["'=HYPERLINK(1)", "0", "0.25", "Not shared"],
        ["Karin Lindqvist", "1", "0.25", "Not shared"],
        ["Åsa Öberg", "2", "0.25", "Not shared"],
    ]


def test_swedish_files_have_semicolons_and_decimal_commas(world, course, do_jobs, only):
    inside = world.enter(course, Role.COACH, "Amira", locale="sv")
    ask(inside)
    do_jobs()
    text = fetch(inside, only()).get_data(as_text=True)
    assert csv.Sniffer().sniff(text.removeprefix("\ufeff")).delimiter == ";"
    assert '"Karin Lindqvist";1;0,25;' in text


def test_a_workbook_reads_back_typed_and_without_formulas(coach, do_jobs, only):
    ask(coach, "rows.all", "xlsx")
    do_jobs()
    data = fetch(coach, only()).data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name), name
            assert b"<f " not in archive.read(name), name
    read = sheet(data)
    assert read.freeze_panes == "A2"
    assert read["A1"].font.bold
    assert [cell.value for cell in read[3]][:3] == ["Namn 1 åäö ā", 1, 0.25]
    assert read["D3"].value.date() == date(2026, 11, 22)
    assert read["D3"].is_date
    assert read["F3"].value == "=1+1"
    assert read["F3"].data_type == "s"
    assert read.max_row == 8


def test_the_training_department_gets_counts_alone_and_no_small_ones(world, course, do_jobs, only):
    for number in range(7):
        world.member(course, Role.MANAGER, f"Chef {number}")
    inside = world.enter(course, Role.TRAINING, "Johan")
    with world.app.app_context():
        counting.run(world.core.units, world.core.host)
    ask(inside, "core.programme")
    do_jobs()
    text = fetch(inside, only()).get_data(as_text=True)
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    withheld = ["–", "10\N{EN DASH}19", "Not shown. Fewer than 5."]
    title = course.cohort.title
    assert lines[1:] == [
        [title, "", "Managers in the cohort", "10", "10\N{EN DASH}19", ""],
        [title, "", "Have opened Stegvis", "10", "10\N{EN DASH}19", ""],
        [title, "Rows", "Few", *withheld],
        [title, "Rows", "Many", "5", "10\N{EN DASH}19", ""],
        [title, "Rows", "None", *withheld],
        [title, "Rows", "Most", "5", "10\N{EN DASH}19", ""],
        *(
            [title, "", f"Languages of the managers' learning platform: {name}", *withheld]
            for name in ("Svenska", "English", "Latviešu", "Another, or not known")
        ),
    ]
    assert "Karin" not in text


def test_a_role_is_offered_and_given_its_own_exports_only(world, course, only):
    inside = world.enter(course, Role.TRAINING, "Johan")
    assert b"All rows" not in inside.get("/exports").data
    for not_hers in ("rows.all", "core.overview", "core.trail"):
        assert inside.post("/exports", {"what": not_hers, "format": "csv"}).status_code == 422
    manager = world.enter(course, Role.MANAGER, "Eva")
    page = manager.get("/exports").text
    assert "All rows" not in page
    assert "Cohort overview" not in page
    assert "Audit log, about you" in page
    for not_hers in ("core.overview", "core.programme", "core.changes"):
        assert manager.post("/exports", {"what": not_hers, "format": "csv"}).status_code == 422
    assert ">Your files</a>" in manager.get("/").text
    assert ">Your files</a>" not in inside.get("/exports").text


@pytest.mark.parametrize(
    "form", [{"what": "x", "format": "csv"}, {"what": "core.overview", "format": "exe"}, {"format": "csv"}, {}]
)
def test_a_form_that_is_not_complete_is_shown_again(coach, form, app):
    answer = coach.post("/exports", form)
    assert answer.status_code == 422
    assert b"sv-error" in answer.data
    with parts(app).units.reading() as unit:
        assert not unit.session.scalars(sa.select(Job)).all()


def test_asking_twice_for_what_is_on_its_way_is_asking_once(coach, only):
    ask(coach)
    ask(coach)
    assert only().state is ExportState.WAITING


def denied(app) -> list[tuple[str, str]]:
    with parts(app).units.reading() as unit:
        query = sa.select(AuditEvent.reason, AuditEvent.object_ref).where(
            AuditEvent.action == "export", AuditEvent.outcome == "deny"
        )
        return [tuple(found) for found in unit.session.execute(query.order_by(AuditEvent.seq))]


def test_three_downloads_and_no_more(coach, do_jobs, only, app):
    ask(coach)
    do_jobs()
    row = only()
    assert coach.client.head(coach.path + file_of(row), base_url="http://127.0.0.1:5055").status_code == 405
    assert coach.get(file_of(row)).status_code == 405
    assert [fetch(coach, row).status_code for _ in range(4)] == [200, 200, 200, 410]
    assert only().downloads_left == 0
    assert denied(app) == [("spent", str(row.id))]


def test_a_download_needs_the_page_s_own_token(coach, do_jobs, only):
    ask(coach)
    do_jobs()
    assert coach.post(file_of(only()), {"csrf_token": "0" * 64}).status_code == 403
    assert only().downloads_left == 3


def test_another_s_export_looks_like_none(world, course, coach, do_jobs, only):
    ask(coach)
    do_jobs()
    row = only()
    colleague = world.enter(course, Role.COACH, "Bo")
    elsewhere = world.enter(world.course(beside=course), Role.COACH, member=None)
    for other in (colleague, elsewhere):
        for path in (file_of(row), f"/exports/{row.id}/cancel", f"/exports/{row.id}/retry"):
            assert other.post(path).status_code == 404
        assert other.get(f"/exports/{row.id}/progress").status_code == 404
        assert str(row.id) not in other.get("/exports").get_data(as_text=True)
    assert coach.post(f"/exports/{absent()}/file").status_code == 404


def test_her_own_export_of_another_cohort_is_not_here(world, course, coach, do_jobs, only):
    ask(coach)
    do_jobs()
    there = world.course(beside=course)
    member = world.member(there, Role.COACH, person=coach.person)
    assert world.enter(there, member=member).post(file_of(only())).status_code == 404


def test_a_file_whose_time_is_up_is_gone_and_removed(coach, do_jobs, only, clock, app, settings):
    ask(coach)
    do_jobs()
    row = only()
    store = LocalStore(settings.export_dir)
    assert store.path(row.file_key).is_file()
    clock.advance(timedelta(days=7, minutes=1))
    with parts(app).units.writing() as unit:
        unit.session.execute(
            sa.text("UPDATE launch SET expires_at = :far"),
            {
                "far": (clock.now() + timedelta(days=1)).replace(tzinfo=None)
                if unit.session.get_bind().dialect.name == "sqlite"
                else clock.now() + timedelta(days=1)
            },
        )
    assert coach.post(file_of(row)).status_code == 410
    assert periodic.expire_exports(parts(app).units, store) == 1
    assert not store.path(row.file_key).exists()
    assert only().state is ExportState.GONE
    assert b"Make it again" in coach.get("/exports").data


def test_the_page_shows_how_far_it_is_and_stops_asking_at_the_end(coach, do_jobs, only, app):
    ask(coach)
    row = only()
    waiting = coach.get("/exports").get_data(as_text=True)
    assert "An export is running" in waiting
    assert "Waiting for its turn" in waiting
    with parts(app).units.writing() as unit:
        unit.session.get_one(type(row), row.id).state = ExportState.RUNNING
        unit.session.get_one(type(row), row.id).rows_done = 2140
        unit.session.get_one(type(row), row.id).rows_total = 4368
    part = coach.get(f"/exports/{row.id}/progress")
    assert "2,140 of 4,368 rows" in part.get_data(as_text=True)
    assert 'hx-trigger="every 1s"' in part.get_data(as_text=True)
    assert "HX-Refresh" not in part.headers
    do_jobs()
    part = coach.get(f"/exports/{row.id}/progress")
    assert part.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in part.get_data(as_text=True)
    done = coach.get("/exports").get_data(as_text=True)
    assert "3 downloads left" in done
    assert "every 1s" not in done


def test_an_empty_page_says_what_to_do_first(coach):
    assert b"Begin by choosing" in coach.get("/exports").data


def test_progress_is_told_in_batches(make_app, world, course, settings, app, monkeypatch):
    from service.exports import fill
    from service.exports import work as exports_work

    seen = []
    report = exports_work._report
    monkeypatch.setattr(fill, "REPORT_SECONDS", 0)
    monkeypatch.setattr(
        exports_work,
        "_report",
        lambda held, row, done, total: (seen.append((done, total)), report(held, row, done, total)),
    )
    small = make_app(plugins={"rows": rows_plugin}, settings=settings.model_copy(update={"export_batch": 3}))
    inside = world.enter(course, Role.COACH, "Amira")
    ask(inside, "rows.all")
    with parts(small).units.reading():
        due = outbox.due()
    from service.jobs import work

    work.perform(small, due[0])
    assert seen == [(0, 7), (3, 7), (6, 7), (7, 7)]


def test_a_called_off_export_is_not_written(coach, do_jobs, only, settings):
    ask(coach)
    assert coach.post(f"/exports/{only().id}/cancel").status_code == 303
    assert do_jobs() == 0
    assert only().state is ExportState.CANCELLED
    assert b"You stopped it." in coach.get("/exports").data
    assert coach.post(f"/exports/{only().id}/retry").status_code == 303
    assert do_jobs() == 1
    assert only().state is ExportState.DONE


def test_a_plugin_that_was_switched_off_meanwhile_gives_nothing(coach, course, do_jobs, only, app):
    ask(coach, "rows.all")
    with parts(app).units.writing() as unit:
        unit.session.get_one(CohortPlugin, (course.cohort.id, "rows")).enabled = False
    do_jobs()
    row = only()
    assert (row.state, row.reason) == (ExportState.CANCELLED, "plugin_off")
    assert str(row.id) not in coach.get("/exports").get_data(as_text=True)


def test_a_person_who_is_no_longer_coach_gets_nothing(coach, do_jobs, only, app):
    ask(coach)
    with parts(app).units.writing() as unit:
        unit.session.get_one(Member, coach.member.id).role = Role.MANAGER
    do_jobs()
    assert (only().state, only().reason) == (ExportState.CANCELLED, "role")
    with parts(app).units.reading() as unit:
        assert unit.session.scalars(sa.select(Job.state)).one() is JobState.CANCELLED


def test_a_plugin_that_fails_three_times_ends_the_export_and_leaves_no_file(
    coach, do_jobs, only, clock, monkeypatch, settings, app
):
    monkeypatch.setattr(rows_plugin, "_rows", lambda scope: 1 / 0)
    ask(coach, "rows.all")
    for expected in (ExportState.WAITING, ExportState.WAITING, ExportState.FAILED):
        do_jobs()
        assert only().state is expected
        clock.advance(timedelta(minutes=2))
    assert list(settings.export_dir.iterdir()) == []
    with parts(app).units.reading() as unit:
        job = unit.session.scalars(sa.select(Job)).one()
    assert (job.state, job.tries, job.reason) == (JobState.DEAD, 3, "failed")
    assert b"Try again" in coach.get("/exports").data


def test_a_disk_that_takes_nothing_ends_the_export_and_says_so(coach, do_jobs, only, clock, settings):
    settings.export_dir.write_text("no folder")
    ask(coach, "rows.all", "xlsx")
    for expected in (ExportState.WAITING, ExportState.WAITING, ExportState.FAILED):
        do_jobs()
        assert (only().state, only().reason) == (expected, "disk")
        clock.advance(timedelta(minutes=2))
    assert "The disk was full or could not be written." in coach.get("/exports").text
    settings.export_dir.unlink()
    assert coach.post(f"/exports/{only().id}/retry").status_code == 303
    do_jobs()
    assert only().state is ExportState.DONE


def test_an_overview_that_misses_a_part_is_not_given_out(coach, do_jobs, only, monkeypatch):
    def broken(cohort, members, audience):
        raise RuntimeError("no")

    monkeypatch.setattr(rows_plugin, "cohort_report", hook(broken))
    ask(coach)
    do_jobs()
    assert only().state is ExportState.WAITING
    assert only().file_key == ""


@pytest.mark.parametrize(
    "title",
    ["../../etc/passwd", "a\r\nSet-Cookie: x=1", 'quo"te; filename=x', "Översikt ā 🙂", "x" * 500, "Руководители"],
)
def test_file_names_carry_nothing_but_a_name(coach, do_jobs, only, app, monkeypatch, title):
    """Whatever a foreign plugin or a course is called: letters a to z, figures, hyphens and one dot."""
    import dataclasses

    made = rows_plugin.exports
    monkeypatch.setattr(rows_plugin, "exports", hook(lambda cohort: [dataclasses.replace(made(cohort)[0], file=title)]))
    with parts(app).units.writing() as unit:
        unit.session.get_one(Cohort, coach.member.cohort_id).title = title
    names = []
    for _time in range(3):
        ask(coach, "rows.all")
        do_jobs()
        rows = all_rows(app)
        answer = fetch(coach, rows[-1])
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        found = re.fullmatch(r"attachment; filename=([a-z0-9-]{1,120}\.csv)", answer.headers["Content-Disposition"])
        assert found is not None, answer.headers["Content-Disposition"]
        names.append(found.group(1))
    assert len(set(names)) == 3


def test_files_are_called_as_people_know_them_and_two_never_alike(world, course, coach, do_jobs, app):
    """domain.md 6.5: `kohort-coach.xlsx` and the like; a second one that would be called the same has course and day."""
    beside = world.course("Enhetschefer våren", beside=course)
    there = world.enter(beside, member=world.member(beside, Role.COACH, person=coach.person))
    for inside, format_ in ((coach, "csv"), (coach, "xlsx"), (coach, "csv"), (there, "csv"), (there, "csv")):
        inside.post("/exports", {"what": "core.overview", "format": format_})
        do_jobs()
    day = parts(app).units.clock.now().astimezone(ZoneInfo("Europe/Stockholm")).date().isoformat()
    title = names.plain(course.cohort.title)
    assert [row.name for row in all_rows(app)] == [
        "kohort-oversikt.csv", "kohort-oversikt.xlsx", f"kohort-oversikt-{title}-{day}.csv",
        f"kohort-oversikt-enhetschefer-varen-{day}.csv", f"kohort-oversikt-enhetschefer-varen-{day}-2.csv",
    ]  # fmt: skip
    assert "kohort-oversikt.xlsx" in coach.get("/exports").text


def test_a_name_is_free_again_when_the_file_is_gone(coach, do_jobs, app):
    for _time in range(2):
        ask(coach)
        do_jobs()
        with parts(app).units.writing() as unit:
            unit.session.execute(sa.update(ExportFile).values(expires_at=unit.now() - timedelta(days=1)))
    assert [row.name for row in all_rows(app)] == ["kohort-oversikt.csv"] * 2


def test_a_file_that_is_tried_again_gives_its_name_up_when_another_has_it(coach, do_jobs, app):
    ask(coach)
    first = all_rows(app)[0]
    coach.post(f"/exports/{first.id}/cancel")
    ask(coach)
    do_jobs()
    coach.post(f"/exports/{first.id}/retry")
    assert sorted(row.name == "kohort-oversikt.csv" for row in all_rows(app)) == [False, True]


def test_a_file_from_before_files_had_names_is_fetched_by_what_it_is(coach, do_jobs, only, app):
    ask(coach)
    do_jobs()
    with parts(app).units.writing() as unit:
        unit.session.get_one(ExportFile, only().id).name = ""
    assert fetch(coach, only()).headers["Content-Disposition"] == "attachment; filename=core-overview.csv"


def test_a_launch_without_a_course_has_nothing_to_export(world, course, app):
    inside = world.enter(course, Role.TRAINING, "Johan")
    with parts(app).units.writing() as unit:
        launch = unit.session.get_one(Launch, inside.launch_id)
        launch.cohort_id = launch.member_id = None
    assert inside.get("/exports").status_code == 404
    assert inside.post("/exports", {"what": "core.overview", "format": "csv"}).status_code == 404


def test_plugins_are_told_whose_eyes_the_overview_is_for(coach, do_jobs, only, monkeypatch):
    viewers = []

    def report(cohort, members, audience, viewer):
        viewers.append(viewer)
        return rows_plugin.CohortReport()

    monkeypatch.setattr(rows_plugin, "cohort_report", hook(report))
    ask(coach)
    do_jobs()
    assert only().state is ExportState.DONE
    assert viewers == [coach.person.id]
