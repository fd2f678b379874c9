"""Files of every format, opened by programs that we did not write, and compared with what was to be in them."""

import csv
import dataclasses
import io
import json
import zipfile
from datetime import date

import jsonschema
import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from service.contract import Document, Export, Sheet, hook
from service.exports.models import ExportState
from tests.service.exports import rows_plugin
from tests.service.exports.conftest import ask, fetch

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:stegvis:rows:1", "type": "object",
    "required": ["schema", "names", "day"], "additionalProperties": False,
    "properties": {
        "schema": {"const": "urn:stegvis:rows:1"}, "names": {"type": "array", "items": {"type": "string"}},
        "day": {"type": "string", "format": "date"},
    },
}  # fmt: skip
TREE = {"schema": "urn:stegvis:rows:1", "names": ["=cmd()", "Åsa\u0007 ā"], "day": date(2026, 11, 27)}
NASTY = [
    "=cmd()",
    "+1",
    "-1",
    "@a",
    "\t=1",
    "＝1",
    "a_x0041_b",
    "<f>1</f>&amp;",
    " kant ",
    "rad\nrad",
    "Åsa ā 🙂",
    "\x01=1",
]


@pytest.fixture
def with_all(monkeypatch):
    """Lets the plugin's one export have every format, and as much more as a test says."""
    made = rows_plugin.exports

    def change(**more) -> None:
        def exports(cohort) -> list[Export]:
            every = {
                "formats": frozenset({"csv", "xlsx", "json", "pdf"}),
                "tree": lambda _scope: TREE,
                "schema": SCHEMA,
            }
            return [dataclasses.replace(made(cohort)[0], **(every | more))]

        monkeypatch.setattr(rows_plugin, "exports", hook(exports))

    return change


def made(coach, do_jobs, only, format_: str) -> bytes:
    ask(coach, "rows.all", format_)
    do_jobs()
    assert only().state is ExportState.DONE
    answer = fetch(coach, only())
    assert answer.status_code == 200
    return answer.data


def test_a_workbook_is_read_by_two_others_with_all_its_sheets(coach, do_jobs, only, with_all):
    further = Sheet("Sum: [1]", ["Name", "Share"], lambda: [[name, 0.25] for name in NASTY], ["text", "share"])
    with_all(rows=lambda _scope: [[name, 1, 0.5, date(2026, 11, 27), None, name] for name in NASTY],
             sheets=lambda _scope: [further, further])  # fmt: skip
    data = made(coach, do_jobs, only, "xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        xml = b"".join(archive.read(name) for name in archive.namelist())
    assert b"<f>" not in xml
    assert b"<f " not in xml
    assert b"hyperlink" not in xml
    kept = [name.replace("\x01", "") for name in NASTY]
    book = openpyxl.load_workbook(io.BytesIO(data))
    first, second, third = book.worksheets
    assert (second.title, third.title) == ("Sum 1", "Sum 1 2")
    found = [cell.value.replace("_x005F_", "_") for cell in first["A"][1:]]
    assert found == kept
    assert {cell.data_type for cell in first["A"]} == {"s"}
    assert first["A2"].quotePrefix
    assert (first["D2"].value.date(), first["B2"].value, first["C2"].value) == (date(2026, 11, 27), 1, 0.5)
    assert [sheet.freeze_panes for sheet in book.worksheets] == ["A2"] * 3
    assert second["B2"].number_format == "0%"
    assert second["A1"].font.bold
    other = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert other.sheet_names == [sheet.title for sheet in book.worksheets]
    rows = other.get_sheet_by_index(0).to_python()
    assert rows[1][1:4] == [1, 0.5, date(2026, 11, 27)]
    assert [row[0] for row in rows[1:]] == kept


def test_a_csv_is_sniffed_and_has_one_table(coach, do_jobs, only, with_all):
    with_all(sheets=lambda _scope: [Sheet("More", ["A"], lambda: 1 / 0)])
    text = made(coach, do_jobs, only, "csv").decode("utf-8-sig")
    found = csv.Sniffer().sniff(text)
    assert found.delimiter == ","
    lines = list(csv.reader(io.StringIO(text, newline=""), found))
    assert len(lines) == 1 + rows_plugin.rows_wanted
    assert lines[1] == ["Namn 0 åäö ā", "0", "0", "2026-11-22", "", "'=1+1"]


def test_data_fits_its_schema_and_carries_its_version(coach, do_jobs, only, with_all):
    with_all()
    found = json.loads(made(coach, do_jobs, only, "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert found == {"schema": SCHEMA["$id"], "names": ["=cmd()", "Åsa\u0007 ā"], "day": "2026-11-27"}


@pytest.mark.parametrize("tree", [{"names": []}, TREE | {"day": "i går"}, TREE | {"names": [float("nan")]}])
def test_data_that_does_not_fit_is_not_kept(coach, do_jobs, only, with_all, settings, tree):
    with_all(tree=lambda _scope: tree)
    ask(coach, "rows.all", "json")
    do_jobs()
    assert only().state is ExportState.WAITING
    assert list(settings.export_dir.iterdir()) == []


def test_only_the_formats_a_file_has_are_offered_and_taken(coach, with_all, only):
    with_all(formats=frozenset({"json"}))
    part = coach.get("/exports/choice?what=rows.all").text
    assert 'value="json" checked' in part
    assert 'value="csv"' not in part
    assert "Who sees this?" in part
    answer = coach.post("/exports", {"what": "rows.all", "format": "csv"})
    assert answer.status_code == 422
    assert "All rows: each/one comes as JSON. Choose one." in answer.text
    assert 'value="json" checked' in answer.text
    shown = coach.post("/exports", {"what": "rows.all", "format": "csv", "choose": "1"})
    assert shown.status_code == 200
    assert 'value="json" checked' in shown.text


def test_a_document_that_no_plugin_has_fails_and_leaves_nothing(coach, do_jobs, only, with_all, settings):
    with_all(document=lambda _scope: Document("rows/none.typ", {}, "x"))
    ask(coach, "rows.all", "pdf")
    do_jobs()
    assert only().state is ExportState.WAITING
    assert list(settings.export_dir.iterdir()) == []


def test_a_select_is_written_by_the_database_and_read_as_rows_elsewhere(coach, do_jobs, only, with_all):
    import sqlalchemy as sa

    query = sa.select(sa.literal("=1"), sa.cast(sa.literal(2), sa.Integer), sa.cast(sa.literal(0.5), sa.Double))
    with_all(select=lambda _scope: query, rows=None, count=None, headers=lambda _scope: ["A", "B", "C"])
    text = made(coach, do_jobs, only, "csv").decode("utf-8-sig")
    assert text == '"A","B","C"\r\n"\'=1",2,0.5\r\n'
    assert (only().rows_done, only().rows_total) == (1, 1)
