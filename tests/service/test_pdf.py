"""PDFs, read back by a reader that is not ours: words, language, tags, fonts, pages; and text that tries to be markup."""

import io
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdf
import pytest
from flask import Flask
from typst import TypstError

from service import pdf as making
from service.contract import pdf
from service.errors import StartRefused
from tests.contract.test_start import stranger
from tests.contract.test_work import altered
from tests.example import with_example
from tests.support import World, parts

LETTERS = "åäöÅÄÖ āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ é ü – “citat” ”citat” » 69 %"
HOSTILE = '#read("/etc/passwd") #eval("1+1") $ x^2 $ *fet* _kursiv_ ] [ } { \\ ` @ref <label> = rubrik // kvar /* kvar */ #{1}'


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    app = make_app(plugins=with_example())
    with app.app_context():
        yield app


def notes(*texts: str, locale: str = "sv", title: str = "Anteckningar") -> pypdf.PdfReader:
    data = {"readers": "Bara du.", "notes": [{"day": f"{n} november", "text": text} for n, text in enumerate(texts, 1)]}
    return pypdf.PdfReader(io.BytesIO(pdf("example/notes.typ", data, locale=locale, title=title)))


def words(reader: pypdf.PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def tags(node: Any) -> Iterator[str]:
    """The structure types below a node, in reading order."""
    node = resolved(node)
    if isinstance(node, list):
        for one in node:
            yield from tags(one)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from tags(node["/K"])


def fonts(reader: pypdf.PdfReader) -> dict[str, bool]:
    """The fonts of all pages by name, and whether their outlines are in the file."""
    found = {}
    for page in reader.pages:
        for font in resolved(page["/Resources"]["/Font"]).values():
            for below in resolved(resolved(font)["/DescendantFonts"]):
                descriptor = resolved(resolved(below)["/FontDescriptor"])
                found[str(descriptor["/FontName"])] = bool({"/FontFile2", "/FontFile3"} & set(descriptor))
    return found


def test_every_letter_of_our_languages_comes_out_as_it_went_in(app: Flask) -> None:
    reader = notes(LETTERS, title="Anteckningar för Ķīna Šūž")
    assert LETTERS in words(reader)
    assert reader.metadata.title == "Anteckningar för Ķīna Šūž"
    assert "Anteckningar för Ķīna Šūž" in words(reader)


@pytest.mark.parametrize(("locale", "page"), [("sv", "Sida 1 av 1"), ("en", "Page 1 of 1"), ("lv", "1. lapa no 1")])
def test_it_says_its_language_and_its_pages(app: Flask, locale: str, page: str) -> None:
    reader = notes("text", locale=locale)
    assert reader.trailer["/Root"]["/Lang"] == locale
    assert page in words(reader)


def test_it_is_tagged_and_says_so(app: Flask) -> None:
    root = notes("Ett\n\nTvå").trailer["/Root"]
    assert resolved(root["/MarkInfo"])["/Marked"]
    assert b"pdfuaid:part" in resolved(root["/Metadata"]).get_data()
    found = list(tags(root["/StructTreeRoot"]))
    assert found[0] == "/Document"
    assert {"/P", "/Title", "/H1"} <= set(found)
    assert resolved(root["/ViewerPreferences"])["/DisplayDocTitle"]


def test_its_fonts_are_in_it_and_ours(app: Flask) -> None:
    found = fonts(notes(LETTERS))
    assert all(found.values())
    assert {name.split("+")[1] for name in found} == {"SchibstedGrotesk-Regular", "SchibstedGrotesk-SemiBold"}


def test_what_is_longer_than_a_page_goes_on_on_the_next(app: Flask) -> None:
    reader = notes(*["Vi är tolv i gruppen. " * 60] * 6)
    assert len(reader.pages) >= 2
    assert f"Sida 2 av {len(reader.pages)}" in words(reader)
    assert "Vem får läsa detta: Bara du." in reader.pages[1].extract_text()


def test_nothing_that_is_written_is_read_as_markup(app: Flask) -> None:
    reader = notes(HOSTILE, title=HOSTILE)
    assert words(reader).count(HOSTILE) >= 2
    assert "root:" not in words(reader)
    assert reader.metadata.title == HOSTILE


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ja 😀 nej", "ja □ nej"), ("中文", "□□"), ("a\x00b\x07c", "abc"), ("\ud800", "□"), ("a\x85b", "a□b"),
        ("→ ✓ ☐ ≥", "→ ✓ ☐ ≥"), ("Ελλάδα Москва", "Ελλάδα Москва"), ("e\u0301", "é"), ("en\nny", "en ny"),
    ],
)  # fmt: skip
def test_a_character_that_no_font_has_is_a_box_and_stops_nothing(app: Flask, written: str, shown: str) -> None:
    said = words(notes(f"före {written} efter", title=f"T {written}"))
    assert f"före {shown} efter" in unicodedata.normalize("NFC", said)


def test_a_title_is_needed_and_an_empty_note_is_not_a_mistake(app: Flask) -> None:
    assert words(notes("")).startswith("Anteckningar")
    with pytest.raises(TypstError):
        notes("x", title="")


@pytest.mark.parametrize(
    "name", ["example/none.typ", "nobody/notes.typ", "example/../notes.typ", "notes.typ", "example/notes.html", ""]
)
def test_a_template_that_is_not_there_is_told(app: Flask, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        pdf(name, {}, locale="sv", title="x")


@pytest.mark.parametrize("source", ['#read("/etc/passwd")', '#read("../outside.txt")', '#include "../outside.txt"'])
def test_a_template_sees_its_own_folder_alone(tmp_path: Path, source: str) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "a.typ").write_text(f'#set document(title: "a")\n{source}')
    with pytest.raises(TypstError):
        making._compiler().compile(tmp_path / "inside" / "a.typ", {})


@pytest.mark.parametrize(
    "source",
    ['#import "@preview/tiaoma:0.3.0"', "#eval(data.text)", '#eval (data.text, mode: "markup")', '#plugin("a.wasm")'],
)
def test_a_template_that_fetches_or_runs_something_stops_the_start(
    make_app: Callable[..., Flask], tmp_path: Path, source: str
) -> None:
    folder = tmp_path / "templates" / "stranger"
    folder.mkdir(parents=True)
    (folder / "plan.typ").write_text(source)
    module = stranger()
    module.__file__ = str(tmp_path / "__init__.py")
    with pytest.raises(StartRefused, match=r"'stranger': PDF template 'plan\.typ' fetches something or runs text"):
        make_app(plugins={"stranger": module})


def test_many_at_once_each_get_their_own(app: Flask) -> None:
    def one(number: int) -> bool:
        with app.app_context():
            return f"nummer {number} slut" in words(notes(f"nummer {number} slut"))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(24)))


def test_the_page_gives_it(make_app: Callable[..., Flask]) -> None:
    from service.db import Base

    app = make_app(plugins={"example": altered()})
    Base.metadata.create_all(parts(app).units.engine)
    world = World(app)
    browser = world.enter(world.course(plugins={"example": {}}))
    browser.post("/example/", {"body": LETTERS})
    answer = browser.get("/example/notes.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert LETTERS in words(pypdf.PdfReader(io.BytesIO(answer.data)))


# --- the parts of our page style --------------------------------------------------------------------------------------

PARTS = """#import "@local/stegvis:1.0.0": *
#show: paper.with(readers: "Du", mark: "Utkast", lead: "Hösten")
= Rubrik
== Underrubrik
#fields(("Etikett", "Ett\\nTvå"), ("Nästa", "Tre"))
#rows(([Mål], [Poäng]), ((data.cell, 2), ([*fet*], measure(0.4, "40"))), numbers: (1,))
#notice(kind: "attention")[Visas inte.]
#list([Ett], [Två])
#empty("Inget än") #badge("Klart")
#signatures("Chef", "Handledare")
"""


def test_its_parts_are_tagged_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "parts.typ").write_text(PARTS)
    inputs = {"data": '{"cell": "#h(1cm)"}', "words": '{"page": "{page}/{pages}", "readers": "Läsare"}', "lang": "sv", "title": "Delar"}  # fmt: skip
    reader = pypdf.PdfReader(io.BytesIO(making._compiler().compile(tmp_path / "parts.typ", inputs)))
    said, found = words(reader), list(tags(reader.trailer["/Root"]["/StructTreeRoot"]))
    for text in (
        "Rubrik",
        "Underrubrik",
        "Etikett",
        "Ett Två",
        "#h(1cm)",
        "40",
        "Visas inte.",
        "Inget än",
        "Utkast",
        "Läsare: Du",
        "1/1",
    ):
        assert text in said, text
    assert found.count("/Table") == 1
    assert found.count("/TH") == 2
    assert found.count("/TD") == 4
    assert {"/L", "/LI", "/Lbl", "/LBody", "/THead"} <= set(found)
