"""The pages of coach and training department: what is shared and nothing else, counts and means over five teams, the editor."""

import io
import re
import uuid
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

import plugins.group_maturity as plugin
from plugins.group_maturity import instruments as instruments_folder
from plugins.group_maturity.models import InstrumentVersion, Measurement, Reliability, Report, State
from plugins.group_maturity.operations import overview, sharing
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import CohortPlugin
from tests.plugins.group_maturity.measuring import GM24, open_one
from tests.plugins.group_maturity.rating import submit
from tests.plugins.group_maturity.test_manager_flow import COLLABORATING, answered, begin_plan, reported, text_of
from tests.support import Browser, Course, World

SOURCE = (Path(instruments_folder.__file__).parent / f"{GM24.key}-{GM24.version}.yaml").read_text(encoding="utf-8")
EDITOR = "/group_maturity/instruments"


# --- coach ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


def test_a_coach_without_a_share_has_an_empty_page_and_finds_nothing(world: World, course: Course) -> None:
    manager = world.enter(course)
    going_on, _ = reported(world, course, manager)
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    assert "Nothing is shared with you yet" in coach.get("/group_maturity/shared").text
    for where in ("", "/report.pdf"):
        assert coach.get(f"/group_maturity/shared/{going_on.id}{where}").status_code == 404
        assert manager.get(f"/group_maturity/shared/{going_on.id}{where}").status_code == 403


def test_a_coach_reads_what_is_shared_with_or_without_the_own_picture_and_it_is_noted(
    world: World, course: Course
) -> None:
    manager = world.enter(course)
    going_on, path = reported(world, course, manager)
    own = {**COLLABORATING, "M": 3, "D": 2}
    manager.post(f"{path}/own", {"take": submit(manager, own).rsplit("/", 1)[-1]})
    manager.post(f"{path}/contribution", {"contribution": "Hand over a decision."})
    amira = world.enter(course, Role.COACH, "Amira Haddad")
    henrik = world.enter(course, Role.COACH, "Henrik Dahlgren")
    manager.post(f"{path}/share", {"coach": str(amira.person.id)})
    where = f"/group_maturity/shared/{going_on.id}"
    assert "Karin Lindqvist" in amira.get("/group_maturity/shared").text
    without = text_of(amira.get(where).text)
    assert "Her own picture is not part of what she shares." in without
    assert "Possible blind spots" not in without
    assert henrik.get(where).status_code == 404
    manager.post(f"{path}/share", {"coach": str(amira.person.id), "with_own": "yes"})
    page = amira.get(where).text
    told = text_of(page)
    assert "The manager's own picture" in told
    assert "Possible blind spots" in told
    assert "Karin Lindqvist" in page
    assert "Hand over a decision." not in told
    assert (GM24.validation.notice or {})["en"] in told
    assert amira.get(f"{where}/report.pdf").data[:5] == b"%PDF-"
    with world.core.units.reading() as unit:
        noted = unit.session.execute(
            sa.select(AuditEvent.action, AuditEvent.subject_id).where(AuditEvent.action.like("group_maturity.%"))
        ).all()
    # Two pages and a file on one visit.
    assert noted == [("group_maturity.view_report", manager.person.id)]
    manager.post(f"{path}/unshare", {"coach": str(amira.person.id)})
    assert amira.get(where).status_code == 404


def test_a_shared_measurement_without_a_result_says_the_same_sentence(world: World, course: Course) -> None:
    manager = world.enter(course)
    going_on = open_one(world, course, manager=manager.member)
    amira = world.enter(course, Role.COACH, "Amira Haddad")
    with world.core.units.writing() as unit:
        row = unit.session.get_one(Measurement, going_on.id)
        row.state, row.closed_on = State.SUPPRESSED, row.closes_on
        unit.session.flush()
        sharing.share(row, course.cohort, amira.person.id, with_own=False)
    page = text_of(amira.get(f"/group_maturity/shared/{going_on.id}").text)
    assert "Fewer than 5 people answered." in page
    assert "not shown: too few answered" in amira.get("/group_maturity/shared").text
    assert amira.get(f"/group_maturity/shared/{going_on.id}/report.pdf").status_code == 404


def test_the_coach_s_overview_tells_how_far_it_is_and_what_is_shared_with_her(world: World, course: Course) -> None:
    managers = [world.enter(course, name=name) for name in ("Anna", "Berit", "Cilla", "Disa")]
    going_on, path = reported(world, course, managers[0])
    reported(world, course, managers[1])
    open_one(world, course, manager=managers[2].member)
    amira, henrik = (world.enter(course, Role.COACH, name) for name in ("Amira", "Henrik"))
    managers[0].post(f"{path}/share", {"coach": str(amira.person.id)})
    members = [browser.member for browser in managers if browser.member]
    with world.app.test_request_context(headers={"Accept-Language": "en"}), world.core.units.reading():
        seen = {
            who: [
                str(
                    plugin.cohort_report(course.cohort, members, Role.COACH, viewer)
                    .cells[member.id]["group_asked"]
                    .text
                )
                for member in members
            ]
            for who, viewer in (("amira", amira.person.id), ("henrik", henrik.person.id))
        }
        counts = plugin.cohort_report(course.cohort, members, Role.TRAINING, uuid.uuid4()).counts
    assert seen["amira"] == ["shared with you", "closed", "answering", "not yet"]
    assert seen["henrik"] == ["closed", "closed", "answering", "not yet"]
    assert [(count.key, count.number) for count in counts] == [("group_rated", 0), ("group_asked", 2)]
    assert going_on.figures() is not None
    hers, others = (text_of(coach.get("/cohort").text) for coach in (amira, henrik))
    assert "Anna and the group" in hers
    assert (GM24.validation.notice or {})["en"] in hers
    assert "Group test closes" in hers
    assert " and the group" not in others
    assert "Group test open 1" in others


# --- training ---------------------------------------------------------------------------------------------------------


def test_the_training_department_sees_counts_and_means_from_five_teams_on(world: World, course: Course) -> None:
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    assert "No report yet" in training.get("/group_maturity/overview").text
    for number in range(4):
        reported(world, course, world.enter(course, name=f"Manager {number}"), label=f"Team {number}")
    few = text_of(training.get("/group_maturity/overview").text)
    assert "Not shown yet. Fewer than 5 teams have a report" in few
    assert "Closed \N{EN DASH} Not shown. Fewer than 5." in few
    assert "Team 0" not in few
    reported(world, course, world.enter(course, name="Manager 4"), label="Team 4")
    page = training.get("/group_maturity/overview").text
    told = text_of(page)
    assert "Closed 5 at least" in told
    assert "Means of at least 5 teams" in told
    assert "Orienting 25 a low number" in told
    assert 'data-chart="dots"' in page
    assert (GM24.validation.notice or {})["en"] in told
    assert "Manager" not in told.split("How the groups are doing")[2]


def test_measurements_are_told_of_in_whole_groups() -> None:
    shown = [None] * 5 + [5] * 5 + [10] * 3
    assert [overview.in_groups(number) for number in range(13)] == shown


def training_of(world: World, course: Course) -> Browser:
    return world.enter(course, Role.TRAINING, "Johan Ekström")


def test_settings_are_set_checked_and_never_lost(world: World, course: Course) -> None:
    training = training_of(world, course)
    shown = unescape(training.get("/group_maturity/settings").text)
    seen = re.search(r"name=\"seen\" type=\"hidden\" value=\"(.*?)\">", shown.replace("'", '"')) or re.search(
        r'value="(\{.*?\})"', shown
    )
    assert seen is not None
    stood = seen[1]
    form: dict[str, Any] = {
        "min_respondents": "6",
        "retest_after_days": "120",
        "group_reads_report": "y",
        "ask_for_words": "y",
        "seen": stood,
    }
    for wrong, said in (
        ({"min_respondents": "3"}, "Write at least 4."), ({"min_respondents": "21"}, "Write at most 20."),
        ({"retest_after_days": ""}, "Write a number."), ({"retest_after_days": "many"}, "Write a whole number"),
    ):  # fmt: skip
        refused = training.post("/group_maturity/settings", {**form, **wrong})
        assert refused.status_code == 422
        assert said in refused.text
    saved = training.post("/group_maturity/settings", form)
    assert "saved=1&change=" in saved.headers["Location"]
    assert "Saved." in training.get("/group_maturity/settings?saved=1").text
    late = training.post("/group_maturity/settings", {**form, "min_respondents": "8"})
    assert late.status_code == 409
    assert "at least 6 answers, again after 120 days" in late.text
    assert "own words: yes" in late.text
    assert 'value="8"' in late.text
    assert training.post("/group_maturity/settings", {**form, "seen": "nonsense"}).status_code == 409
    with world.core.units.reading() as unit:
        row = unit.session.get_one(CohortPlugin, (course.cohort.id, "group_maturity"))
        assert row.settings == {
            "min_respondents": 6, "retest_after_days": 120, "group_reads_report": True, "ask_group_about_manager": False,
            "ask_for_words": True,
        }  # fmt: skip


def test_what_is_set_later_changes_no_promise_that_was_given(world: World, course: Course) -> None:
    browser = world.enter(course)
    going_on = open_one(world, course, manager=browser.member)
    with world.core.units.writing() as unit:
        unit.session.get_one(CohortPlugin, (course.cohort.id, "group_maturity")).settings = {
            "min_respondents": 8, "group_reads_report": False,
        }  # fmt: skip
    path = f"/group_maturity/measurements/{going_on.id}"
    page = text_of(browser.get(path).text)
    assert "at least 5 have answered" in page
    assert "can read the same report as you" in page
    answered(going_on, 5)
    assert "Enough have answered" in browser.get(path).text
    later = begin_plan(browser, world, label="Nattpatrullen")
    assert "at least 8 have answered" in text_of(browser.get(later).text)


# --- the editor -------------------------------------------------------------------------------------------------------


def custom(**changes: Any) -> str:
    """The bundled instrument as somebody's own, changed at the top."""
    data = {**yaml.safe_load(SOURCE), "key": "kommunen.grupp", "version": "1.0.0", "supersedes": None, **changes}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def upload(training: Browser, source: str, *, as_file: bool = False) -> Any:
    if as_file:
        data: dict[str, Any] = {"file": (io.BytesIO(source.encode()), "kommunen.yaml"), "source": ""}
        return training.post(f"{EDITOR}/upload", data, content_type="multipart/form-data")
    return training.post(f"{EDITOR}/upload", {"source": source})


def test_a_file_with_an_open_licence_can_be_used_at_once(world: World, course: Course) -> None:
    training = training_of(world, course)
    assert "Vår grupp" in training.get(EDITOR).text or "Our group right now" in training.get(EDITOR).text
    answer = upload(training, custom(), as_file=True)
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"].removeprefix(training.path)
    page = text_of(training.get(path).text)
    assert "In use." in page
    assert "The licence is an open one." in page
    assert "kommunen.grupp 1.0.0" in page
    assert (GM24.validation.notice or {})["en"] in page
    manager = world.enter(course)
    form = manager.get("/group_maturity/measurements/new").text
    assert form.count('name="instrument"') == 2
    assert begin_plan(manager, world, instrument="kommunen.grupp 1.0.0")
    used = text_of(training.get(path).text)
    assert "It has been used, so it cannot be deleted or changed." in used
    assert training.post(f"{path}/delete").headers["Location"].endswith(path)
    again = upload(training, custom(frame=dict.fromkeys(("sv", "en", "lv"), "Tänk.")))
    assert again.status_code == 422
    assert "Version 1.0.0 has been used and stays as it is." in again.text


def test_somebody_s_texts_wait_until_the_right_to_use_them_is_declared(world: World, course: Course) -> None:
    training = training_of(world, course)
    licence = {"id": "Egen", "holder": "Förlaget", "permission_ref": "avtal 7"}
    path = upload(training, custom(licence=licence)).headers["Location"].removeprefix(training.path)
    page = text_of(training.get(path).text)
    assert "It cannot be used yet." in page
    assert "The texts belong to Förlaget, under Egen." in page
    manager = world.enter(course)
    assert "kommunen.grupp" not in manager.get("/group_maturity/measurements/new").text
    for wrong in (" ", "x" * 301, "a\0b"):
        assert training.post(f"{path}/licence", {"reference": wrong}).status_code == 422
    assert training.post(f"{path}/licence", {"reference": "Avtal 2026-11, hyllan"}).status_code == 303
    page = text_of(training.get(path).text)
    assert "Avtal 2026-11, hyllan" in page
    assert "In use." in page
    assert "kommunen.grupp" in manager.get("/group_maturity/measurements/new").text
    training.post(f"{path}/retire")
    assert "Out of use since" in training.get(path).text
    assert "out of use" in training.get(EDITOR).text
    assert "kommunen.grupp" not in manager.get("/group_maturity/measurements/new").text
    training.post(f"{path}/restore")
    assert "kommunen.grupp" in manager.get("/group_maturity/measurements/new").text
    assert training.post(f"{path}/delete").headers["Location"].endswith(EDITOR)
    assert training.get(path).status_code == 404
    with world.core.units.reading() as unit:
        noted = list(
            unit.session.scalars(
                sa.select(AuditEvent.action)
                .where(AuditEvent.action.like("group_maturity.%"))
                .order_by(AuditEvent.chain, AuditEvent.seq)
            )
        )
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(InstrumentVersion)) == 0
    assert noted == [
        f"group_maturity.{what}"
        for what in (
            "instrument_uploaded",
            "licence_declared",
            "instrument_retired",
            "instrument_restored",
            "instrument_deleted",
        )
    ]


@pytest.mark.parametrize("as_file", [False, True])
def test_what_does_not_fit_is_told_line_by_line_and_the_text_stays(world: World, course: Course, as_file: bool) -> None:
    training = training_of(world, course)
    broken = SOURCE.replace("stegvis.gm24", "kommunen.grupp").replace("group: [A1,", "group: [A9,", 1)
    broken = broken.replace("when: {D: {gte: 70}", "when: {D: {gte: 170}", 1)
    answer = upload(training, broken, as_file=as_file)
    assert answer.status_code == 422
    page = unescape(answer.text)
    line = 1 + broken[: broken.index("gte: 170")].count("\n")
    assert f"Line {line}" in page
    assert "This must be at most 100." in page
    assert "kommunen.grupp" in page.split("<textarea")[1]
    assert "Nothing was kept." in page
    nothing = upload(training, "  ")
    assert nothing.status_code == 422
    assert "Choose a file, or write the instrument here." in nothing.text
    assert upload(training, "\0").status_code == 422
    reserved = upload(training, SOURCE)
    assert reserved.status_code == 422
    assert "This key belongs to an instrument that comes with the service." in reserved.text


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_a_version_is_seen_as_it_will_be_read(world: World, course: Course, locale: str) -> None:
    training = training_of(world, course)
    where = f"{EDITOR}/{GM24.key}/{GM24.version}"
    form = unescape(training.get(f"{where}/answer?lang={locale}").text)
    assert form.count('type="radio"') == 30 * 6
    assert GM24.items["A1"].text[locale] in form
    assert (GM24.validation.notice or {})[locale] in form
    marked = re.findall(r'<fieldset class="sv-q" id="\w+" role="radiogroup" lang="(\w+)">', form)
    assert marked == ([] if locale == "en" else [locale] * 30)
    report = unescape(training.get(f"{where}/report?lang={locale}").text)
    assert "The numbers are made up." in report
    for stage in GM24.stages:
        assert GM24.interpretation.group_texts[stage.id][locale] in report
    for texts in GM24.interpretation.gap_texts.values():
        assert texts.own_higher[locale] in report
    assert (GM24.validation.notice or {})[locale] in report


def test_another_organisation_s_instrument_is_not_there(world: World, course: Course) -> None:
    path = upload(training_of(world, course), custom()).headers["Location"].rsplit("/instruments/", 1)[1]
    stranger = world.enter(world.course(), Role.TRAINING, "Ulla")
    assert stranger.get(f"{EDITOR}/{path}").status_code == 404
    for where in ("answer", "report"):
        assert stranger.get(f"{EDITOR}/kommunen.grupp/1.0.0/{where}").status_code == 404
    for what in ("retire", "restore", "delete", "licence"):
        assert stranger.post(f"{EDITOR}/{path}/{what}", {"reference": "x"}).status_code == 404
    assert "kommunen" not in stranger.get(EDITOR).text
    own = training_of(world, course)
    assert own.get(f"{EDITOR}/kommunen.grupp/1.0.0/report").text.count(f"{EDITOR}/{path}") >= 1


def test_reliability_is_shown_where_enough_stand_behind_it(world: World, course: Course) -> None:
    training = training_of(world, course)
    path = upload(training, custom()).headers["Location"].removeprefix(training.path)
    today = world.core.units.clock.now().date()
    with world.core.units.writing() as unit:
        for scale, persons, teams, icc in (("A", 64, 12, 0.21), ("B", 31, 4, None), ("C", 29, 4, None)):
            unit.session.add(Reliability(
                organisation_id=course.organisation.id, instrument_key="kommunen.grupp", instrument_version="1.0.0", scale=scale,
                persons=persons, teams=teams, deviation=0.6, alpha=0.84, icc1=icc, icc2=icc, counted_on=today,
            ))  # fmt: skip
    page = text_of(training.get(path).text)
    assert "Orienting 0.84 0.21 0.21 64 12" in page
    assert "Testing 0.84 – – 31 4" in page
    assert "Coordinating 0.84" not in page


def test_teams_asked_a_second_time_are_a_column_of_their_own(world: World, course: Course) -> None:
    training = training_of(world, course)
    for number in range(5):
        reported(world, course, world.enter(course, name=f"Manager {number}"), label=f"Team {number}")
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Report).values(wave=2))
    page = text_of(training.get("/group_maturity/overview").text)
    assert "The second time" in page
    assert "The first time" not in page
