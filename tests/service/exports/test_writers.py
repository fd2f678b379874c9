"""Cells that a spreadsheet could take for a formula, and texts that a file cannot hold."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.exports import xlsx
from service.exports.models import ExportFormat
from service.exports.writers import TooManyRows, clean, disarm, open_writer

MADE = datetime(2026, 11, 22, tzinfo=UTC)
SIGNS = "=+-@＝＋－＠"
LEADS = ["", " ", "\t", "\r", "\n", "'", '"', "\u00a0", "\ufeff", "\u200b", "’", " '\t ", "\x00", "\x1b"]


def write(path, rows, *, format_=ExportFormat.CSV, locale="en", headers=("A",), kinds=()):
    with open_writer(format_, path, locale=locale, title="Rows", headers=headers, kinds=kinds, made_at=MADE) as writer:
        writer.rows(rows)
    return path.read_bytes()


def read(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("sign", SIGNS)
def test_nothing_that_begins_like_a_formula_stays_one(lead, sign):
    assert disarm(f"{lead}{sign}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("text", ["Karin", "3 = 3", "a@b.se", "Möte - uppföljning", "", "1+1", "’Citat’"])
def test_ordinary_texts_are_left_alone(text):
    assert disarm(text) == text


@settings(deadline=None)  # the machine may be busy
@given(st.text())
def test_no_text_begins_with_a_sign(text):
    safe = disarm(text)
    assert not safe.lstrip().startswith(tuple(SIGNS))
    safe.encode()


def test_csv_quotes_every_text_and_no_number(tmp_path):
    row = ['Säg "ja"; nej, =1\n=2', 1, -2.5, date(2026, 11, 22), None, "-1"]
    assert write(tmp_path / "a", [row]) == (
        b'\xef\xbb\xbf"A"\r\n' + '"Säg ""ja""; nej, =1\n=2",1,-2.5,2026-11-22,,"\'-1"\r\n'.encode()
    )
    assert write(tmp_path / "b", [row], locale="lv").endswith(b';1;-2,5;2026-11-22;;"\'-1"\r\n')


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_csv_reads_back_as_it_was_but_for_the_apostrophe(tmp_path_factory, texts):
    found = read(write(tmp_path_factory.mktemp("csv") / "a", [texts]))[1:]
    assert found == [[disarm(text) for text in texts]]


@pytest.mark.parametrize("locale", ["en", "sv"])
@pytest.mark.parametrize(
    ("odd", "written"),
    [
        (-0.0, "0"), (1e15, "1.00000000000000e+15"), (-2e15, "-2.00000000000000e+15"), (1e300, "1.00000000000000e+300"),
        (1e-05, "1e-05"), (float("nan"), "nan"), (float("-inf"), "-inf"), (100.0, "100"), (0.25, "0.25"), (None, ""),
    ],
)  # fmt: skip
def test_a_number_is_written_the_same_whatever_stands_beside_it(tmp_path, locale, odd, written):
    written = written.replace(".", ",") if locale == "sv" else written
    half = "0,5" if locale == "sv" else "0.5"
    for rows in ([[odd]], [[0.5], [odd]], [[odd], [0.5]], [[odd], ["a"]]):
        told = [half if value == 0.5 else '"a"' if value == "a" else written for (value,) in rows]
        assert write(tmp_path / "f", rows, locale=locale).decode("utf-8-sig").split("\r\n")[1:-1] == told


def test_texts_dates_and_whole_numbers_are_written_the_same_where_some_are_missing(tmp_path):
    whole = [["a", date(2026, 3, 1), 1], ["=b", date(2026, 3, 1), -2], ['c"', date(2026, 3, 2), 3]]
    lines = write(tmp_path / "f", whole, headers="ABC").split(b"\r\n")[1:-1]
    assert lines == [b'"a",2026-03-01,1', b'"\'=b",2026-03-01,-2', b'"c""",2026-03-02,3']
    for place, row in enumerate(whole):
        rows = [*whole[:place], [None] * 3, *whole[place:]]
        told = write(tmp_path / "f", rows, headers="ABC").split(b"\r\n")[1:-1]
        assert told == [*lines[:place], b",,", *lines[place:]], row


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_xlsx_holds_no_formula_and_reads_back(tmp_path_factory, texts):
    data = write(tmp_path_factory.mktemp("xlsx") / "a.xlsx", [texts], format_=ExportFormat.XLSX, headers=["=A1"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in archive.namelist())
        assert not any("hyperlink" in name for name in archive.namelist())
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet["A1"].value == "=A1"
    assert all(cell.data_type in {"s", "n"} and not (cell.data_type == "n" and cell.value) for cell in sheet[2] or ())


def test_xlsx_types_shares_and_dates(tmp_path):
    write(
        tmp_path / "a.xlsx",
        [[0.25, date(2026, 11, 22), 7]],
        format_=ExportFormat.XLSX,
        headers=["S", "D", "N"],
        kinds=["share", "date", "number"],
    )
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet["A2"].number_format == "0%"
    assert sheet["B2"].is_date
    assert (sheet["A2"].value, sheet["C2"].value) == (0.25, 7)


def test_columns_are_as_wide_as_what_stands_first_in_them(tmp_path):
    rows = [["Annika Bergström-Lindqvist", 1, "x" * 300], ["Bo", None, None]]
    write(tmp_path / "f", rows, format_=ExportFormat.XLSX, headers=("Name", "A long heading of a number", "Text"))
    sheet = openpyxl.load_workbook(io.BytesIO((tmp_path / "f").read_bytes())).active
    assert [sheet.column_dimensions[name].width for name in "ABC"] == [28, 28, 40]


def test_the_same_rows_give_the_same_file(tmp_path):
    rows = [["Karin", 1, None]] * 50
    for format_ in (ExportFormat.CSV, ExportFormat.XLSX):
        assert write(tmp_path / f"1.{format_}", rows, format_=format_) == write(
            tmp_path / f"2.{format_}", rows, format_=format_
        )


def test_control_characters_and_lone_surrogates_are_taken_out(tmp_path):
    text = "a\x00b\x07c\ud800d\x9be\tf\ng"
    assert clean(text) == "abcde\tf\ng"
    assert read(write(tmp_path / "a", [[text]]))[1] == ["abcde\tf\ng"]
    write(tmp_path / "a.xlsx", [[text]], format_=ExportFormat.XLSX)
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["A2"].value == "abcde\tf\ng"


@pytest.mark.parametrize("format_", [ExportFormat.CSV, ExportFormat.XLSX])
@pytest.mark.parametrize("rows", [0, 50_000])
def test_a_full_disk_is_told_as_that(format_, rows):
    with (
        pytest.raises(OSError, match="No space left"),
        open_writer(
            format_, Path("/dev/full"), locale="en", title="A", headers=["A"], kinds=[], made_at=MADE
        ) as writer,
    ):
        writer.rows([["x" * 20]] * rows or [["x"]])


def test_more_rows_than_a_workbook_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    assert write(tmp_path / "a.xlsx", [["a"], ["b"]], format_=ExportFormat.XLSX)
    with pytest.raises(TooManyRows):
        write(tmp_path / "b.xlsx", [["a"], ["b"], ["c"]], format_=ExportFormat.XLSX)
