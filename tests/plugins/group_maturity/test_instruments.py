"""The own instrument is complete, and the loader refuses what does not fit."""

import copy
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from plugins.group_maturity.instruments import LIBRARY, OWN, InstrumentRefused, newest, parse, read_folder

GM24 = newest(LIBRARY, OWN)
FOLDER = resources.files("plugins.group_maturity.instruments")
SOURCE = FOLDER.joinpath("stegvis.gm24-0.2.0.yaml").read_text(encoding="utf-8")
LANGUAGES = ("sv", "en", "lv")
# What ratings were made with. Another text under this version would change what people are said to have answered.
SHA256 = {
    "0.1.0": "69817b66323de6d6392633e5ec45ff82b9d04edeb81c15b8e6d8d0f10da594e7",
    "0.2.0": "ebe7b52a118cd20c7a71cd02c895d8b9263d94a625910a49da4c80541d85c077",
}


def texts(value: Any) -> list[dict[str, Any]]:
    """Every mapping from language to words, wherever it stands."""
    if isinstance(value, dict):
        own = [value] if set(value) & set(LANGUAGES) and "translation_status" not in value else []
        return own + [found for part in value.values() for found in texts(part)]
    return [found for part in value for found in texts(part)] if isinstance(value, list) else []


def test_a_published_version_never_changes() -> None:
    assert {version: one.sha256 for (_key, version), one in LIBRARY.items()} == SHA256


def test_the_newer_version_asks_and_counts_as_the_older_does() -> None:
    older = LIBRARY[OWN, "0.1.0"]
    for part in ("forms", "items", "scales", "indices", "stages", "reporting", "response_scale", "frame", "validation"):
        assert getattr(GM24, part) == getattr(older, part)
    assert set(GM24.interpretation.gap_texts) == set(GM24.scales)


def test_it_has_24_and_6_statements_in_interleaved_order() -> None:
    group = [f"{scale}{number}" for number in range(1, 7) for scale in "ABCD"]
    own = [f"M{number}" for number in range(1, 7)]
    assert list(GM24.forms["group"]) == group
    assert list(GM24.forms["self"]) == group + own
    assert list(GM24.forms["group_about_manager"]) == own
    assert GM24.items.keys() == set(group + own)
    assert all(item.scale == name[0] for name, item in GM24.items.items())


def test_exactly_the_reverse_keyed_statements_are_turned() -> None:
    assert {name for name, item in GM24.items.items() if item.reverse} == {"A6", "B6", "C6", "D6"}


def test_every_text_is_there_in_three_languages_and_no_two_are_the_same() -> None:
    data = yaml.safe_load(SOURCE)
    found = texts(data)
    assert len(found) > 60
    for text in found:
        assert set(text) == set(LANGUAGES)
        assert all(text.values())
    for language in LANGUAGES:
        statements = [item.text[language] for item in GM24.items.values()]
        statements += [item.text_other[language] for item in GM24.items.values() if item.text_other]
        assert len(statements) == 36
        assert len(set(statements)) == 36
        assert all(re.fullmatch(r"[A-ZÅÄÖĀĒĪĶŠŽ][^|/]*\.", statement) for statement in statements)
    assert all(len({item.text[language] for language in LANGUAGES}) == 3 for item in GM24.items.values())


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("A1", "sv", "Vi väntar på att chefen ska säga vad som är viktigast innan vi sätter igång."),
        ("B4", "en", "We put more energy into who gets to decide than into what would be best to do."),
        ("D6", "lv", "Mēs atkal un atkal saskaramies ar tām pašām problēmām, neko no tām nemācoties."),
        ("M3", "sv", "Jag har tagit upp något besvärligt rakt och samtidigt visat att jag bryr mig om personen."),
    ],
)
def test_statements_read_as_written(name: str, language: str, text: str) -> None:
    assert GM24.items[name].text[language] == text


def test_a_statement_about_the_manager_mirrors_hers() -> None:
    other = GM24.items["M4"].text_other
    assert other is not None
    assert other["sv"] == "Vår chef har lämnat över ett beslut till oss och låtit det gälla."
    assert other["en"] == "Our manager has handed a decision to us and let it stand."
    assert other["lv"] == "Mūsu vadītājs atstāja kādu lēmumu mūsu ziņā un to respektēja."


def test_the_notice_says_what_it_is_not() -> None:
    notice = GM24.validation.notice
    assert notice is not None
    assert GM24.validation.status == "not_validated"
    assert all("GDQ" in text for text in notice.values())
    assert "har inte validerats vetenskapligt" in notice["sv"]
    assert "has not been scientifically validated" in notice["en"]
    assert "nav zinātniski validēts" in notice["lv"]


def test_answers_and_frame() -> None:
    assert GM24.frame == {
        "sv": "Tänk på de senaste fyra veckorna.",
        "en": "Think of the past four weeks.",
        "lv": "Domājiet par pēdējām četrām nedēļām.",
    }
    assert GM24.response_scale.labels["sv"] == (
        "Stämmer inte alls", "Stämmer dåligt", "Stämmer delvis", "Stämmer ganska bra", "Stämmer helt",
    )  # fmt: skip
    assert GM24.response_scale.not_applicable.labels == {
        "sv": "Kan inte bedöma",
        "en": "Cannot judge",
        "lv": "Nevaru novērtēt",
    }


def test_the_stage_rules_are_the_published_ones() -> None:
    rules = [(s.id, {scale: c.limits for scale, c in s.when.items()}, s.default) for s in GM24.stages]
    assert rules == [
        ("4", {"D": {"gte": 70}, "C": {"gte": 60}, "B": {"lte": 40}}, False),
        ("3", {"C": {"gte": 60}, "B": {"lte": 50}}, False),
        ("2", {"B": {"gte": 50, "gte_scale": "A"}}, False),
        ("1", {"A": {"gte": 50, "gt_scale": "B"}}, False),
        ("mixed", {}, True),
    ]
    assert [stage.title["sv"] for stage in GM24.stages[:4]] == ["Samverkan", "Samordning", "Prövning", "Orientering"]


def test_latvian_is_a_draft() -> None:
    assert GM24.translation_status == {"sv": "source", "en": "reviewed", "lv": "draft"}
    assert GM24.language("lv") == "lv"
    assert GM24.language("fi") == "sv"


Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> str:
    data = copy.deepcopy(yaml.safe_load(SOURCE))
    change(data)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def many_items(data: dict[str, Any]) -> None:
    for number in range(7, 38):
        data["items"][f"A{number}"] = copy.deepcopy(data["items"]["A1"])
        data["forms"]["self"].append(f"A{number}")


REFUSED: dict[str, tuple[Change, str]] = {
    "a translation is missing": (lambda d: d["items"]["C3"]["text"].pop("lv"), r"items\.C3\.text.*look at lv"),
    "a language nobody declared": (lambda d: d["title"].update(fi="Ryhmä"), r"title.*look at fi"),
    "an empty text": (lambda d: d["items"]["C3"]["text"].update(lv=""), r"items\.C3\.text\.lv"),
    "an unknown key": (lambda d: d.update(colour="red"), "colour: There is no such part"),
    "an unknown key deep down": (lambda d: d["items"]["A1"].update(weight=2), r"items\.A1\.weight: There is no such part"),
    "an expression for an operator": (lambda d: d["stages"][0].update(when={"D": {"expr": "D >= 70"}}), r"when\.D\.expr"),
    "an expression for a number": (lambda d: d["stages"][0]["when"].update(D={"gte": "70 if C else 0"}), r"when\.D\.gte"),
    "a scale for a number": (lambda d: d["stages"][0]["when"].update(D={"gte_scale": 3}), r"gte_scale"),
    "a threshold over 100": (lambda d: d["stages"][0]["when"].update(D={"gte": 101}), r"when\.D\.gte"),
    "a condition without a comparison": (lambda d: d["stages"][0]["when"].update(D={}), "compare with something"),
    "a stage with neither": (lambda d: d["stages"][0].pop("when"), "either conditions or default"),
    "61 statements": (many_items, "items: There are more than 60"),
    "a statement in no form": (lambda d: d["forms"]["self"].remove("M1") or d["forms"]["group_about_manager"].remove("M1"), "look at M1"),
    "a form asks what is not there": (lambda d: d["forms"]["self"].append("A7"), "look at A7"),
    "a statement twice": (lambda d: d["forms"]["self"].append("A1"), "same statement twice: look at A1"),
    "no own form": (lambda d: d["forms"].pop("self"), "forms group and self"),
    "a side of one statement": (lambda d: [d["forms"]["group"].remove(f"A{n}") for n in range(1, 6)], r"forms\.group: This asks 1 statements of the scale A"),
    "a side that nobody can answer": (lambda d: d["forms"]["group"].remove("A1") or d["scales"]["A"].update(min_answered=6), r"forms\.group: .*at least 6"),
    "an unknown form": (lambda d: d["forms"].update(boss=["A1"]), r"forms\.boss"),
    "an item of no scale": (lambda d: d["items"]["A1"].update(scale="Z"), "no scale Z"),
    "more asked than there are": (lambda d: d["scales"]["A"].update(min_answered=7), r"scales\.A: The scale needs"),
    "a stage on no scale": (lambda d: d["stages"][0].update(when={"Z": {"gte": 1}}), "no scale Z"),
    "an index on no scale": (lambda d: d["indices"]["MI"]["mean_of"].append({"scale": "Y"}), "no scale Y"),
    "no default": (lambda d: d["stages"].pop(), "Exactly one stage is the default"),
    "the default first": (lambda d: d["stages"].reverse(), "Exactly one stage is the default"),
    "two stages of one id": (lambda d: d["stages"][0].update(id="3"), "same id"),
    "a stage without words": (lambda d: d["interpretation"]["stage_texts"].pop("2"), "a text and questions"),
    "four answers named": (lambda d: d["response_scale"]["labels"]["lv"].pop(), "name every answer"),
    "answers from 5 to 1": (lambda d: d["response_scale"].update(min=5, max=1), "min below max"),
    "no notice": (lambda d: d["validation"].pop("notice"), "notice is required"),
    "validated without references": (lambda d: d["validation"].update(status="validated", notice=None), "notice is required"),
    "a floor under 4": (lambda d: d["reporting"].update(min_respondents_floor=3), "min_respondents_floor"),
    "fewer than the floor": (lambda d: d["reporting"].update(min_respondents=4, min_respondents_floor=5), "below its floor"),
    "a closed licence": (lambda d: d["licence"].update(id="all rights reserved"), "permission_ref"),
    "no source language": (lambda d: d.update(source_language="en"), "translation_status is source"),
    "a control character": (lambda d: d["items"]["A1"]["text"].update(sv="Vi\u200bvi"), "plain text"),
    "301 characters": (lambda d: d["items"]["A1"]["text"].update(sv="v" * 301), "longer than 300"),
    "a name that is a method": (lambda d: d["items"].update(data=copy.deepcopy(d["items"]["A1"])), r"items\.data"),
    "a number for a text": (lambda d: d["title"].update(sv=7), r"title\.sv"),
    "a wrong version": (lambda d: d.update(version="1.0"), "version"),
    "its own checksum": (lambda d: d.update(sha256="0" * 64), "computed"),
    "a date": (lambda d: d.update(supersedes=__import__("datetime").date(2026, 1, 1)), "not readable"),
    "an endless number": (lambda d: d["reporting"].update(min_rwgj=float("nan")), "not readable"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(what: str) -> None:
    change, why = REFUSED[what]
    with pytest.raises(InstrumentRefused, match=why):
        parse(changed(change))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("", "no parts"),
        ("- a\n- b\n", "no parts"),
        ("a: &x [1]\nb: *x\n", "refers to another part"),
        ("a: " + "x" * 200_001, "longer than 200000 bytes"),
        ("a: " + "[" * 12 + "]" * 12, "parts within parts more than 12 deep"),
        ("a: " + "[" * 11 + "]" * 11, "schema: This part is missing"),
        ("a: " + "[" * 100_000, "parts within parts more than 12 deep"),
        ("key: [", "not readable"),
        ("key: a\nkey: b\n", "stands twice"),
        ("items: {A1: {scale: A}, A1: {scale: B}}", "stands twice"),
        ("4: x\n", "not text"),
        ("on: x\n", "not text"),
        ("a: !!python/object/apply:os.system [ls]\n", "not readable"),
        ("translation_status: sv\n", "schema: This part is missing"),
        ('title: "\\ud800"\n', "not readable"),
    ],
)
def test_it_refuses_what_is_not_an_instrument(source: str, why: str) -> None:
    with pytest.raises(InstrumentRefused, match=why):
        parse(source)


def test_a_licence_with_permission_and_a_validated_instrument_are_fine() -> None:
    def permitted(data: dict[str, Any]) -> None:
        data["licence"] = {"id": "all rights reserved", "holder": "Somebody", "permission_ref": "Letter 12"}
        data["validation"] = {"status": "validated", "references": ["A. Author (2020)"]}

    found = parse(changed(permitted))
    assert found.validation.notice is None
    assert found.sha256 != GM24.sha256


def test_the_checksum_is_of_the_meaning_not_of_the_layout() -> None:
    assert parse(changed(lambda _data: None)).sha256 == GM24.sha256


def test_the_newest_version_counts_by_number(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0"):
        text = SOURCE.replace("\nversion: 0.2.0\n", f"\nversion: {version}\n")
        (tmp_path / f"stegvis.gm24-{version}.yaml").write_text(text, encoding="utf-8")
    library = read_folder(tmp_path)
    assert newest(library, OWN).version == "0.10.0"
    with pytest.raises(LookupError, match="no instrument other"):
        newest(library, "other")


def test_a_folder_names_the_file_that_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SOURCE, encoding="utf-8")
    with pytest.raises(InstrumentRefused, match=r"a\.yaml; .*the file is not named after its key"):
        read_folder(tmp_path)
    (tmp_path / "a.yaml").write_text("key: [", encoding="utf-8")
    with pytest.raises(InstrumentRefused, match=r"a\.yaml; .*not readable"):
        read_folder(tmp_path)
