"""Files of measurements: what a page shows and no more, the notice in every row."""

import io
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import unescape
from typing import Any

import jsonschema
import pypdf
import pytest
import sqlalchemy as sa
from flask_babel import force_locale

import plugins.group_maturity as plugin
from plugins.group_maturity.models import Measurement, State
from plugins.group_maturity.operations import sharing
from plugins.group_maturity.report import files
from service.access import Role
from service.catalogues import speaking
from service.cohorts.models import Member
from service.contract import Export, ExportScope
from service.pdf import pdf
from tests.plugins.group_maturity.measuring import GM24, Open, open_one
from tests.plugins.group_maturity.rating import submit
from tests.plugins.group_maturity.test_manager_flow import reported
from tests.plugins.group_maturity.test_programme import reported as kept
from tests.service.test_pdf import tags, words
from tests.support import Browser, Course, World, every_statement


@contextmanager
def asked(
    world: World, course: Course, browser: Browser, key: str, locale: str = "en"
) -> Iterator[tuple[Export, ExportScope]]:
    """An export and for whom it is, where a worker would write it."""
    (export,) = [each for each in plugin.exports(course.cohort) if each.key == key]
    (role,) = export.roles
    scope = ExportScope(course.cohort.id, browser.person.id, role, locale)
    with (
        world.app.app_context(), force_locale(locale), speaking("group_maturity"), world.core.units.reading(),
    ):  # fmt: skip
        yield export, scope


def data_of(world: World, course: Course, browser: Browser, key: str, locale: str = "en") -> dict[str, Any]:
    """The JSON file, which follows its published schema to the letter."""
    with asked(world, course, browser, key, locale) as (export, scope):
        assert export.tree is not None
        assert export.schema is not None
        tree: dict[str, Any] = json.loads(json.dumps(export.tree(scope)))
        jsonschema.Draft202012Validator.check_schema(export.schema)
        jsonschema.Draft202012Validator(export.schema).validate(tree)
        assert tree["schema"] == export.schema["$id"]
        return tree


def paper_of(world: World, course: Course, browser: Browser, key: str, locale: str = "en") -> pypdf.PdfReader:
    """The PDF file."""
    with asked(world, course, browser, key, locale) as (export, scope):
        assert export.document is not None
        made = export.document(scope)
        return pypdf.PdfReader(io.BytesIO(pdf(made.template, made.data, locale=locale, title=made.title)))


def file(world: World, course: Course, browser: Browser, key: str, locale: str = "en") -> list[list[Any]]:
    """The headings and rows of a file as a worker would write them."""
    with asked(world, course, browser, key, locale) as (export, scope):
        assert export.headers is not None
        assert export.rows is not None
        assert export.count is not None
        rows: list[Sequence[Any]] = [[str(title) for title in export.headers(scope)], *export.rows(scope)]
        assert export.count(scope) == len(rows) - 1
        assert {len(row) for row in rows} == {len(rows[0])}
        return [list(row) for row in rows]


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_a_manager_s_file_says_what_her_reports_show(world: World, locale: str) -> None:
    course = world.course()
    browser, other = world.enter(course), world.enter(course, name="Petra")
    going_on, path = reported(world, course, browser)
    browser.post(f"{path}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    hidden = open_one(world, course, manager=browser.member, label="Nattpatrullen")
    reported(world, course, other, label="Petras")
    open_one(world, course, manager=browser.member, label="Still open")
    with world.core.units.writing() as unit:
        row = unit.session.get_one(Measurement, hidden.id)
        row.state, row.closed_on = State.SUPPRESSED, row.closes_on
    headings, *rows = file(world, course, browser, "group_measurement", locale)
    assert len(rows) == 6
    assert [row[0] for row in rows] == ["Dagteamet"] * 5 + ["Nattpatrullen"]
    assert {row[4] for row in rows} == {(GM24.validation.notice or {})[locale]}
    assert {(row[2], row[3]) for row in rows} == {(GM24.version, GM24.sha256)}
    assert [row[8] for row in rows[:5]] == [scale.title[locale] for scale in GM24.scales.values()]
    assert rows[0][7] == "8–12"
    assert rows[5][7:14] == ["–"] * 7
    if locale == "en":
        assert headings[8:] == [
            "Side", "The group", "You", "Gap", "Agreement", "Agreement, stricter", "Stage", "Change",
        ]  # fmt: skip
        assert rows[2][9:15] == [75, 75, 0, "very strong", "very strong", "Collaborating"]
        assert rows[4][9:12] == ["–", 50, "–"]
        assert rows[3][9:12] == ["≥\u200990", "≥\u200990", "0"]
        assert rows[5][14] == "Not shown. Fewer than 5."
    assert "Petras" not in repr(rows)
    assert "Still open" not in repr(rows)
    assert going_on.figures() is not None


def test_the_training_department_s_file_has_means_from_five_teams_on_and_says_why_not_before(world: World) -> None:
    course = world.course()
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    assert file(world, course, training, "group_means")[1:] == [
        ["No measurement of this course has a report yet.", *[None] * 7]
    ]
    for number in range(4):
        reported(world, course, world.enter(course, name=f"Manager {number}"), label=f"Team {number}")
    _headings, *few = file(world, course, training, "group_means")
    assert len(few) == 8
    assert {tuple(row[5:]) for row in few} == {("–", "", "Fewer than 5 teams.")}
    reported(world, course, world.enter(course, name="Manager 4"), label="Team 4")
    _headings, *enough = file(world, course, training, "group_means")
    assert [tuple(row[3:]) for row in enough[:4]] == [
        (1, "Orienting", 25, 5, ""), (1, "Testing", 10, 5, ""), (1, "Coordinating", 75, 5, ""),
        (1, "Collaborating", 90, 5, ""),
    ]  # fmt: skip
    assert {tuple(row[5:]) for row in enough[4:]} == {("–", "", "Fewer than 5 teams.")}
    assert {row[2] for row in enough} == {(GM24.validation.notice or {})["en"]}
    assert "Team" not in repr(enough)
    tree = data_of(world, course, training, "group_means")
    assert [(one["wave"], one["title"], one["mean"], one["teams"]) for one in tree["means"]] == [
        (row[3], row[4], None if row[5] == "–" else row[5], row[6] or None) for row in enough
    ]
    assert {one["why"] for one in tree["means"]} == {None, "Fewer than 5 teams."}


def shown_in_database(world: World, one: Open) -> dict[str, Any]:
    """The frozen figures as SQL of our own reads them."""
    with world.core.units.reading() as unit:
        query = sa.text("select figures from group_maturity_report where measurement_id = :one")
        query = query.bindparams(sa.bindparam("one", type_=sa.Uuid())).columns(figures=sa.JSON)
        kept = unit.session.execute(query, {"one": one.id})
        return dict(kept.scalar_one())


@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_every_format_says_what_the_frozen_report_holds(world: World, locale: str) -> None:
    course = world.course()
    browser = world.enter(course)
    one, path = reported(world, course, browser)
    browser.post(f"{path}/own", {"take": submit(browser).rsplit("/", 1)[-1]})
    kept = shown_in_database(world, one)
    (found,) = data_of(world, course, browser, "group_measurement", locale)["measurements"]
    scales = {each["scale"]: each["pomp_rounded"] for each in found["report"]["scales"]}
    assert found["report"]["n_band"] == kept["band"]
    assert {name: (each or {}).get("value") for name, each in scales.items() if name in kept["scales"]} == {
        name: value for name, (value, _edge) in kept["scales"].items()
    }
    assert found["report"]["stage"] == kept["stage"]
    rows = file(world, course, browser, "group_measurement", locale)[1:]
    by_title = {row[8]: row[9] for row in rows}
    for each in found["report"]["scales"]:
        number = each["pomp_rounded"]
        expected = "–" if number is None else str(number["value"])
        assert str(by_title[each["title"]]).endswith(expected)
    reader = paper_of(world, course, browser, "group_measurement", locale)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == locale
    assert {"/Title", "/H1", "/H2", "/Table", "/TH"} <= set(tags(root["/StructTreeRoot"]))
    said = words(reader)
    assert GM24.sha256 in repr(rows)
    for text in (GM24.sha256, GM24.version, "Dagteamet", " ".join((GM24.validation.notice or {})[locale].split())[:60]):
        assert text in said


def test_a_coach_has_what_is_shared_with_her_now_and_the_own_picture_only_with_it(world: World) -> None:
    course = world.course()
    karin, petra = world.enter(course, name="Karin"), world.enter(course, name="Petra")
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    one, path = reported(world, course, karin)
    karin.post(f"{path}/own", {"take": submit(karin).rsplit("/", 1)[-1]})
    reported(world, course, petra, label="Petras hemliga")
    hidden = open_one(world, course, manager=petra.member, label="Nattpatrullen")
    empty = [["No manager shares a measurement with you now.", *[None] * 16]]
    assert file(world, course, coach, "shared_measurement")[1:] == empty
    assert data_of(world, course, coach, "shared_measurement")["nothing"] == empty[0][0]
    assert str(empty[0][0]) in words(paper_of(world, course, coach, "shared_measurement"))
    with world.core.units.writing() as unit:
        row = unit.session.get_one(Measurement, hidden.id)
        row.state, row.closed_on = State.SUPPRESSED, row.closes_on
        unit.session.flush()
        sharing.share(row, course.cohort, coach.person.id, with_own=True)
        sharing.share(unit.session.get_one(Measurement, one.id), course.cohort, coach.person.id, with_own=False)
    headings, *rows = file(world, course, coach, "shared_measurement")
    assert headings[0] == "Manager"
    assert headings[11] == "The manager"
    assert {(row[0], row[1]) for row in rows} == {("Karin", "Dagteamet"), ("Petra", "Nattpatrullen")}
    assert {row[11] for row in rows if row[0] == "Karin"} == {""}
    assert all(row[10] == "–" for row in rows if row[0] == "Petra")
    tree = data_of(world, course, coach, "shared_measurement")
    kept, withheld = tree["measurements"]
    assert {each["self"] for each in kept["report"]["scales"]} == {None}
    assert (withheld["report"], withheld["why"]) == (None, "Not shown. Fewer than 5.")
    said = words(paper_of(world, course, coach, "shared_measurement"))
    assert "Karin: " in said
    assert "Not shown. Fewer than 5." in said
    assert "Your own picture" not in said
    for text in (repr(rows), json.dumps(tree), said):
        assert "hemliga" not in text
    with world.core.units.writing() as unit:
        sharing.share(unit.session.get_one(Measurement, one.id), course.cohort, coach.person.id, with_own=True)
    assert data_of(world, course, coach, "shared_measurement")["measurements"][0]["report"]["scales"][0]["self"]
    with world.core.units.reading() as unit:
        seen = unit.session.execute(
            sa.text("select subject_id from audit_event where action = 'group_maturity.view_report'")
        )
        assert len({row.subject_id for row in seen}) == 2
    shared_page = f"/group_maturity/shared/{one.id}"
    for active in (False, True):  # while she is not in the course she could not stop sharing
        with world.core.units.writing() as unit:
            unit.session.get_one(Member, karin.member.id).active = active
        names = {"Karin", "Petra"} if active else {"Petra"}
        assert {row[0] for row in file(world, course, coach, "shared_measurement")[1:]} == names
        assert coach.get(shared_page).status_code == (200 if active else 404)
        assert ("Karin" in coach.get("/group_maturity/shared").text) is active
    with world.core.units.writing() as unit:
        sharing.stop(unit.session.get_one(Measurement, one.id), coach.person.id)
    assert {row[0] for row in file(world, course, coach, "shared_measurement")[1:]} == {"Petra"}


def test_a_manager_without_measurements_is_told_so_in_every_format(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    sentence = "No measurement of your group has ended yet."
    assert file(world, course, browser, "group_measurement")[1:] == [[sentence, *[None] * 15]]
    assert data_of(world, course, browser, "group_measurement")["nothing"] == sentence
    assert sentence in words(paper_of(world, course, browser, "group_measurement"))


def test_statements_are_a_sheet_of_their_own_where_ten_have_answered(world: World) -> None:
    course = world.course()
    browser = world.enter(course)
    reported(world, course, browser, 10, size=12)
    with asked(world, course, browser, "group_measurement") as (export, scope):
        assert export.sheets is not None
        (sheet,) = export.sheets(scope)
        (found,) = data_of(world, course, browser, "group_measurement")["measurements"]
        rows = [list(row) for row in sheet.rows()]
    assert [row[3] for row in rows] == [each["text"] for each in found["report"]["statements"]]
    assert {len(row) for row in rows} == {len(sheet.headers)}
    assert len(rows) == 24
    assert files.SCHEMA == "group_measurement/2"


# --- what does not open ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["texts", "key"])
def test_what_does_not_open_is_told_in_its_place_and_every_file_is_made(world: World, how: str) -> None:
    course = world.course()
    karin, coach = world.enter(course, name="Karin"), world.enter(course, Role.COACH, "Amira Haddad")
    one, path = reported(world, course, karin)
    karin.post(f"{path}/own", {"take": submit(karin).rsplit("/", 1)[-1]})
    hidden = open_one(world, course, manager=karin.member, label="Nattpatrullen")
    with world.core.units.writing() as unit:
        row = unit.session.get_one(Measurement, hidden.id)
        row.state, row.closed_on = State.SUPPRESSED, row.closes_on
        for each in (row, unit.session.get_one(Measurement, one.id)):
            sharing.share(each, course.cohort, coach.person.id, with_own=True)
        unit.session.flush()
        if how == "key":
            unit.vault.destroy(karin.person.id, unit.now())
        else:
            unit.session.execute(sa.text("update group_maturity_measurement set label_sealed = :x"), {"x": b"damaged"})
            unit.session.execute(
                sa.text("update group_maturity_self_rating set answers_sealed = :x"), {"x": b"damaged"}
            )
    name, own = "What the group is called could not be read.", "The manager's own picture could not be read."
    for browser, key in ((karin, "group_measurement"), (coach, "shared_measurement")):
        _headings, *rows = file(world, course, browser, key)
        labels = {(row[-16], row[-6]) for row in rows}
        assert labels == {("Name not readable", "not readable"), ("Name not readable", "–")}
        assert {row[-7] for row in rows} > {"–", 75}
        first, second = data_of(world, course, browser, key)["measurements"]
        shown, withheld = (first, second) if first["report"] else (second, first)
        assert (shown["group"], shown["not_read"], shown["report"]["group"]) == (None, f"{name} {own}", None)
        assert (withheld["group"], withheld["not_read"], withheld["report"]) == (None, name, None)
        said = words(paper_of(world, course, browser, key))
        assert said.count(name) == 2
        assert said.count(own) == 1
    for browser, address in (
        (karin, f"/group_maturity/measurements/{one.id}"),
        (coach, f"/group_maturity/shared/{one.id}"),
    ):
        answer = browser.get(f"{address}/report.pdf")
        assert own in words(pypdf.PdfReader(io.BytesIO(answer.data)))
    assert (
        json.loads(karin.get(f"/group_maturity/measurements/{one.id}/report.json").data)["not_read"] == f"{name} {own}"
    )
    with world.core.units.writing() as unit:
        sharing.stop(unit.session.get_one(Measurement, hidden.id), coach.person.id)
    assert own in unescape(coach.get("/cohort").text)  # her dashboard still draws what the group answered
    assert karin.get(path).status_code >= 400  # where she would go on writing, it is refused whole


def test_a_coachs_files_take_as_many_statements_for_twelve_reports_as_for_two(world: World) -> None:
    course = world.course()
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    amounts: dict[str, set[int]] = defaultdict(set)
    for number in range(12):
        manager = world.member(course, name=f"Chef {number}")
        for wave in (1, 2):
            kept(
                world, course, manager, wave=wave, numbered=True, scales={}, agreement={}, items={}, index=None, stage=None,
            )  # fmt: skip
        with world.core.units.writing() as unit:
            first, second = unit.session.scalars(
                sa.select(Measurement)
                .where(Measurement.manager_id == manager.person_id)
                .order_by(Measurement.created_at)
            )
            second.previous_id, second.label = first.id, f"Group {number}"
            sharing.share(second, course.cohort, coach.person.id, with_own=True)
        if number not in (1, 11):
            continue
        assert len(data_of(world, course, coach, "shared_measurement")["measurements"]) == number + 1
        with asked(world, course, coach, "shared_measurement") as (export, scope):
            assert export.tree is not None
            assert export.document is not None
            assert export.rows is not None
            for key, make in (
                ("json", export.tree), ("pdf", export.document), ("rows", lambda scope: list(export.rows(scope))),
            ):  # fmt: skip
                with every_statement(world) as statements:
                    make(scope)
                amounts[key].add(len(statements))
    assert {key: len(numbers) for key, numbers in amounts.items()} == {"json": 1, "pdf": 1, "rows": 1}, amounts
