"""The operator's texts: what ships, what an operator puts in its place, and what happens when that is broken."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service.errors import StartRefused
from service.settings import Settings
from service.texts_pages import MAX_BYTES, PLACEHOLDER, PLACEHOLDERS, SHIPPED
from tests.conftest import settings_for
from tests.support import BASE

pytestmark = pytest.mark.once

PAGES = ("privacy", "terms", "accessibility")
LANGUAGES = ("sv", "en", "lv")
NAMES = {"sv": "Svenska", "en": "English", "lv": "Latviešu"}
Open = Callable[..., str]


@pytest.fixture
def opened(make_app: Callable[..., Flask], settings: Settings) -> Open:
    """Opens a page of an installation with the given settings; returns its HTML."""

    def get(path: str, *, language: str = "", **changes: Any) -> str:
        app = make_app(settings=settings.model_copy(update=changes))
        answer = app.test_client().get(path, base_url=BASE, headers={"Accept-Language": language} if language else {})
        assert answer.status_code == 200
        return answer.text

    return get


def words(html: str) -> str:
    """The words of a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def shown_language(html: str) -> str:
    """The language that the text itself says it is in."""
    page = re.search(r'<html lang="(\w+)"', html)
    article = re.search(r'<article [^>]*lang="(\w+)"', html)
    return (article or page)[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_each_text_ships_in_each_language(app: Flask, page: str, language: str) -> None:
    answer = app.test_client().get(f"/{page}", base_url=BASE, headers={"Accept-Language": language})
    first = (SHIPPED / f"{page}.{language}.md").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert re.findall(r"<h1>(.*?)</h1>", answer.text) == [first]
    assert f"<title>{first} – Stegvis</title>" in answer.text
    assert not PLACEHOLDER.search(words(answer.text))
    assert not re.search(r"<(form|button|iframe|script)|\s(style|on\w+)=", answer.text)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    others = re.findall(r'<a href="\?lang=(\w+)" lang="(\w+)" hreflang="(\w+)">(.*?)</a>', answer.text)
    assert others == [(code, code, code, NAMES[code]) for code in LANGUAGES if code != language]
    assert ("Melnraksts" in answer.text) == (language == "lv")


@pytest.mark.parametrize("page", PAGES)
def test_the_three_languages_say_the_same(page: str) -> None:
    """As far as that can be counted: the same headings, list items and placeholders, in the same order."""
    shapes = []
    for language in LANGUAGES:
        text = (SHIPPED / f"{page}.{language}.md").read_text(encoding="utf-8")
        assert set(PLACEHOLDER.findall(text)) <= PLACEHOLDERS
        shapes.append(re.findall(r"^(?:#+|-) |\{[a-z_]+\}", text, re.MULTILINE))
    assert shapes[0] == shapes[1] == shapes[2]


def test_the_language_asked_for_comes_before_the_browsers(opened: Open) -> None:
    assert shown_language(opened("/privacy?lang=lv", language="en")) == "lv"
    assert shown_language(opened("/privacy?lang=xx", language="en")) == "en"
    assert shown_language(opened("/privacy", language="de")) == "sv"


def test_the_operator_is_named_and_reached(opened: Open) -> None:
    html = opened(
        "/privacy", language="en", operator_name="Kommunen *A* <b>& B</b>", operator_contact="dso@example.org"
    )
    assert "<strong>Kommunen *A* &lt;b&gt;&amp; B&lt;/b&gt;</strong>" in html
    assert html.count('<a href="mailto:dso@example.org"') == 2


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("https://example.org/fråga", 'href="https://example.org/fr%C3%A5ga"'),
        ("Växeln, 08-123 45", "own data: Växeln, 08-123 45<"),
        ("http://example.org", "own data: http://example.org<"),
        ("[x](https://evil.example)", "own data: [x](https://evil.example)<"),
        ("<script>alert(1)</script>@x", "own data: &lt;script&gt;alert(1)&lt;/script&gt;@x<"),
    ],
)
def test_where_to_turn_is_a_link_only_when_it_is_one(opened: Open, contact: str, expected: str) -> None:
    assert expected in opened("/privacy", language="en", operator_contact=contact)


@pytest.mark.parametrize("page", PAGES)
def test_what_the_operator_has_not_filled_in_is_said(opened: Open, page: str) -> None:
    html = opened(f"/{page}", language="en")
    assert "[the operator has not filled in its name]" in html
    assert "[the operator has not filled in where to turn]" in html


def test_privacy_tells_what_this_installation_keeps_and_how_long(app: Flask, opened: Open) -> None:
    seen = words(opened("/privacy", language="en", launch_hours=7, export_days=5, export_downloads=2))
    for plugin in app.extensions["stegvis"].host:
        assert f"{plugin.manifest.title}: {plugin.manifest.summary}" in seen
        for rule in plugin.manifest.retention:
            kept = f"{rule.days} days, counted from" if rule.days else "deleted at once,"
            assert f"{plugin.manifest.title}: {rule.what}: {kept} {rule.counted_from}" in seen
    assert "Small steps: Habits, what was noted for them, insights and weekly reviews: 365 days" in seen
    assert (
        "Stegvis itself: The audit trail: 730 days, counted from each event. The training department may choose from 365 to 3650."
        in seen
    )
    assert "no time limit is set" not in seen  # each plugin says how long it keeps what
    assert "after 7 hours" in seen
    assert "kept for 5 days and can be fetched 2 times" in seen


def test_the_parts_are_named_in_the_readers_language(opened: Open) -> None:
    assert "Små steg: " in words(opened("/privacy", language="sv"))
    assert "Mazie soļi: " in words(opened("/privacy", language="lv"))


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What the service has logged about texts."""
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "text_unusable"]


def put(folder: Path, name: str, text: str | bytes) -> None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_an_operators_text_replaces_the_one_that_ships(opened: Open, tmp_path: Path, page: str, language: str) -> None:
    put(tmp_path, f"{page}.{language}.md", "# Vårt & ert\n\nOur own words, by {operator}. <script>alert(1)</script>\n")
    html = opened(f"/{page}", language=language, texts_dir=tmp_path, operator_name="Kommunen")
    assert "<h1>Vårt &amp; ert</h1>" in html
    assert "<p>Our own words, by Kommunen. &lt;script&gt;" in html
    assert shown_language(html) == language


def test_an_operators_text_is_read_again_when_it_changes(
    make_app: Callable[..., Flask], settings: Settings, tmp_path: Path
) -> None:
    client = make_app(settings=settings.model_copy(update={"texts_dir": tmp_path})).test_client()
    for at, said in enumerate(("first", "other")):
        put(tmp_path, "terms.sv.md", f"# x\n\nthe {said} words")
        os.utime(tmp_path / "terms.sv.md", (at, at))
        assert f"the {said} words" in client.get("/terms?lang=sv", base_url=BASE).text


def test_a_missing_translation_falls_back_to_swedish_then_english(opened: Open, tmp_path: Path) -> None:
    note = "This text is not there in your language"
    put(tmp_path, "terms.en.md", "# Terms\n\nours in English")
    html = opened("/terms", language="lv", texts_dir=tmp_path)
    assert "ours in English" in html
    assert (shown_language(html), '<html lang="lv">' in html) == ("en", True)
    put(tmp_path, "terms.sv.md", "# Villkor\n\nvåra på svenska")
    html = opened("/terms", language="lv", texts_dir=tmp_path)
    assert "våra på svenska" in html
    assert shown_language(html) == "sv"
    html = opened("/terms", language="en", texts_dir=tmp_path)
    assert "ours in English" in html
    assert note not in html
    assert opened("/privacy", language="lv", texts_dir=tmp_path).count("<h1>Personas dati</h1>") == 1


def test_the_note_about_another_language_is_there(opened: Open, tmp_path: Path) -> None:
    put(tmp_path, "terms.sv.md", "# Villkor\n\nvåra på svenska")
    assert "This text is not there in your language" in opened("/terms", language="en", texts_dir=tmp_path)


BROKEN = {
    "not text": b"# x\n\n\xff\xfe\x00",
    "empty": b"",
    "no heading": b"words\n\nwords",
    "a heading alone": b"# x\n",
    "an empty heading": b"# \n\nwords",
    "misspelt placeholder": b"# x\n\nby {oprator}",
    "too long": b"# x\n\n" + b"a" * MAX_BYTES,
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("page", PAGES)
def test_a_broken_text_is_told_of_once_and_the_one_that_ships_is_shown(
    opened: Open, tmp_path: Path, page: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, f"{page}.sv.md", BROKEN[kind])
    first = (SHIPPED / f"{page}.sv.md").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    for _ in range(2):
        assert f"<h1>{first}</h1>" in opened(f"/{page}", language="sv", texts_dir=tmp_path)
    [line] = told(capsys)
    assert (line["level"], line["file"]) == ("warning", f"{page}.sv.md")
    assert len(str(line)) < 300


def test_a_folder_in_the_place_of_a_text_is_told_of(
    opened: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "terms.sv.md").mkdir()
    assert "<h1>Användarvillkor</h1>" in opened("/terms", language="sv", texts_dir=tmp_path)
    assert [line["why"] for line in told(capsys)] == ["IsADirectoryError"]


def test_a_broken_translation_falls_back_to_the_operators_own(opened: Open, tmp_path: Path) -> None:
    put(tmp_path, "terms.en.md", b"\xff")
    put(tmp_path, "terms.sv.md", "# Villkor\n\nvåra på svenska")
    assert "våra på svenska" in opened("/terms", language="en", texts_dir=tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_only_reading(app: Flask, page: str) -> None:
    client = app.test_client()
    assert client.head(f"/{page}", base_url=BASE).status_code == 200
    assert client.post(f"/{page}", base_url=BASE).status_code == 405
    assert client.get(f"/{page}/../x", base_url=BASE).status_code == 404
    assert "Set-Cookie" not in client.get(f"/{page}", base_url=BASE).headers


@pytest.mark.parametrize("folder", ["nowhere", "a-file"])
def test_a_folder_of_texts_that_is_not_there_stops_the_start(tmp_path: Path, folder: str) -> None:
    put(tmp_path, "a-file", "# x")
    with pytest.raises(StartRefused, match="STEGVIS_TEXTS_DIR"):
        settings_for(tmp_path, texts_dir=tmp_path / folder)


def test_no_folder_is_not_the_one_the_process_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEGVIS_TEXTS_DIR", "")
    assert settings_for(tmp_path).texts_dir is None
