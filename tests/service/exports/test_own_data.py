"""A person's own copy: everything of hers and nothing of anybody else's, signed, from every part, on or off."""

import hashlib
import io
import json
import re
import uuid
import weakref
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pypdf
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask_babel import force_locale

from plugins.ledarsteg.calculations import State
from plugins.ledarsteg.models import Entry, Habit, Plan
from service.access import Role
from service.audit import Actor
from service.cohorts.models import CohortPlugin, Member
from service.cohorts.programme_models import CompletionChoice
from service.db import Base
from service.exports.models import ExportFile, ExportState
from service.exports.own import codes, held, sealing, words
from service.exports.own import parts as own_parts
from service.exports.own.cli import verify_export
from service.jobs import outbox, work
from service.lti.service_models import RosterEntry
from service.mail import addresses
from service.settings import Settings
from tests.conftest import settings_for
from tests.plugins.ledarsteg.support import make
from tests.support import Browser, Course, OffsetClock, World, parts

HERS, OTHERS = "Zqmorgonpromenadxk", "Zqhemligtannatxk"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


def noted_habit(world: World, member: Member, title: str, *, days: int) -> None:
    """A habit of hers, and a note on some days of it."""
    habit = make(world, member, title)
    with world.core.units.writing() as unit:
        for number in range(days):
            day = habit.starts_on + timedelta(days=number)
            unit.session.add(Entry(
                habit_id=habit.id, person_id=member.person_id, local_date=day, state=State.DONE, noted_at=unit.now(), note=title,
            ))  # fmt: skip


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


@pytest.fixture
def karin(world: World, course: Course) -> Browser:
    browser = world.enter(course, Role.MANAGER, "Karin Lindqvist", locale="sv")
    noted_habit(world, browser.member, HERS, days=3)
    noted_habit(world, world.member(course, name="Otto Annan"), OTHERS, days=3)
    return browser


def do_jobs(app: Flask) -> None:
    with parts(app).units.reading():
        due = outbox.due()
    for job_id in due:
        work.perform(app, job_id)


def rows(app: Flask) -> list[ExportFile]:
    with parts(app).units.reading() as unit:
        return list(unit.session.scalars(sa.select(ExportFile).order_by(ExportFile.created_at)))


def made(app: Flask) -> Path:
    row = rows(app)[-1]
    assert row.state is ExportState.DONE, row.reason
    return parts(app).settings.export_dir / row.file_key


def copy_of(app: Flask, browser: Browser, **form: str) -> zipfile.ZipFile:
    assert browser.post("/data/copy", form).status_code == 303
    do_jobs(app)
    return zipfile.ZipFile(io.BytesIO(made(app).read_bytes()))


def data_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    return json.loads(archive.read("data.json"))


def kinds(data: dict[str, Any]) -> dict[str, list[Any]]:
    return {kind["name"]: kind["rows"] for part in data["parts"] for kind in part["kinds"]}


def test_it_holds_hers_and_nothing_of_others_in_every_file(app: Flask, karin: Browser) -> None:
    archive = copy_of(app, karin)
    assert archive.namelist() == [
        "data.json", "data.html", "not-included.json", "not-included.html", "data.pdf", "schema.json", "manifest.json", "manifest.sig",
    ]  # fmt: skip
    jsonschema.validate(data_of(archive), json.loads(archive.read("schema.json")))
    pdf = pypdf.PdfReader(io.BytesIO(archive.read("data.pdf")))
    told = {
        "json": archive.read("data.json").decode(), "html": archive.read("data.html").decode(),
        "pdf": "".join(page.extract_text() for page in pdf.pages),
    }  # fmt: skip
    for name, text in told.items():
        assert HERS in text, name
        assert OTHERS not in text, name
        assert "Otto Annan" not in text, name
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "sv"
    assert '<html lang="sv">' in told["html"]
    found = kinds(data_of(archive))
    assert len(found["ledarsteg_entry"]) == 3
    assert found["person"][0]["name"] == "Karin Lindqvist"
    assert found["launch"][0]["course"] == "Enhetschefer 2026"
    assert {"handledning_engagement", "group_maturity_self_rating", "audit_event"} <= found.keys()
    # No secret of the service, and no number of anybody else.
    assert not {"browser_hash", "ticket_hash", "token_hash", "hash"} & {
        key for some in found.values() for row in some for key in row
    }


# Tables of the core that name a person and are not in her copy as rows of hers.
ELSEWHERE = {
    "person_key": "a key", "person_key_before": "a key",
    "invite": "the address by which a platform comes; that she made it is among what she did, in the trail",
}  # fmt: skip


def test_every_table_of_the_core_that_names_a_person_is_in_it(app: Flask, karin: Browser) -> None:
    naming = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("service.")
        and any(key.column.table.name in {"person", "member"} for key in mapper.local_table.foreign_keys)
    }
    assert {"mail_address", "role_grant", "launch"} <= naming
    with app.test_request_context("/"), parts(app).units.reading():
        assert naming - ELSEWHERE.keys() <= {kind.name for kind in held.kinds(karin.person)}


def test_her_address_choice_and_place_on_a_list_are_in_it(app: Flask, karin: Browser, course: Course) -> None:
    with app.app_context(), parts(app).units.writing() as unit:
        person = unit.session.merge(karin.person)
        addresses.give(person, "karin@kommun.example", "sv", Actor())
        unit.session.add(CompletionChoice(cohort_id=course.cohort.id, person_id=person.id, chosen_at=unit.now()))
        for sub, name in ((person.sub, "Karin Lindqvist"), ("another", "Otto Annan")):
            unit.session.add(RosterEntry(
                cohort_id=course.cohort.id, sub=sub, name=name, role="manager", run=uuid.uuid4(), person_id=uuid.uuid4(),
                member_id=uuid.uuid4(),
            ))  # fmt: skip
    found = kinds(data_of(copy_of(app, karin)))
    [address], [mail], [choice], [line] = (
        found[name] for name in ("mail_address", "mail", "completion_choice", "roster_entry")
    )
    assert (address["address"], address["state"]) == ("karin@kommun.example", "pending")
    assert (mail["kind"], choice["course"], line["name"]) == ("confirm", "Enhetschefer 2026", "Karin Lindqvist")
    assert not {"stop_hash", "confirm_hash", "stop_sealed", "run"} & {
        key for row in (address, mail, line) for key in row
    }


def test_people_read_words_and_machines_get_the_rest(app: Flask, karin: Browser) -> None:
    archive = copy_of(app, karin)
    page = archive.read("data.html").decode()
    assert "<dt>Roll</dt><dd>Chef</dd>" in page
    assert "<dt>Vad som görs eller gjordes</dt><dd>Begärde en fil</dd>" in page
    assert not {"<dt>seq</dt>", "<dt>from roster</dt>", "<dd>manager</dd>"} & set(
        re.findall(r"<d[td]>[^<]*</d[td]>", page)
    )
    found = kinds(data_of(archive))
    assert found["audit_event"][0]["seq"]
    assert found["member"][0]["role"] == "manager"
    named = {name for rows in found.values() for row in rows for name in row if words.is_for_people(name, "sv")}
    assert named - words.COLUMNS.keys() - {"sv"} == set()
    assert codes.words("state", "never_heard_of") == "never_heard_of"


def test_what_she_wrote_is_hers_even_where_it_is_a_word_of_ours(app: Flask, karin: Browser) -> None:
    """In columns too that are called as a code's is: the action of a plan is none of the trail's."""
    with parts(app).units.writing() as unit:
        habit_id = unit.session.scalars(sa.select(Habit.id).where(Habit.person_id == karin.person.id)).one()
        plan = unit.session.scalars(sa.select(Plan).where(Plan.habit_id == habit_id)).one_or_none()
        plan = plan or Plan(id=uuid.uuid4(), habit_id=habit_id, person_id=karin.person.id)
        plan.cue, plan.action = "open", "frågar jag vad hon föreslår"
        unit.session.add(plan)
    page = copy_of(app, karin).read("data.html").decode()
    assert "<dd>frågar jag vad hon föreslår</dd>" in page
    assert "<dd>open</dd>" in page
    with app.app_context():
        for name in {name for plugin in parts(app).host for name in plugin.manifest.confidential}:
            table, _dot, column = name.partition(".")
            assert column not in codes.coded(table)
        assert {"action", "role"} <= codes.coded("audit_event")
        assert "action" not in codes.coded("a_table_of_another_plugin")


def test_what_is_not_in_it_is_said_with_why(app: Flask, karin: Browser) -> None:
    lines = json.loads(copy_of(app, karin).read("not-included.json"))
    assert all(line["what"] and line["why"] for line in lines)
    assert any("namn" in line["why"] for line in lines)  # anonymous answers
    assert "Säkerhetskopior" in [line["what"] for line in lines]
    page = karin.get("/data").text
    assert all(line["what"] in page for line in lines)


def test_a_part_that_is_off_is_in_it(app: Flask, karin: Browser, course: Course) -> None:
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(CohortPlugin).values(enabled=False))
    assert HERS in copy_of(app, karin).read("data.json").decode()


def test_it_is_of_all_her_courses(app: Flask, world: World, karin: Browser, course: Course) -> None:
    other = world.member(world.course("Höst", beside=course), person=karin.person)
    noted_habit(world, other, "Zqandrakursenxk", days=1)
    archive = copy_of(app, karin)
    assert "Zqandrakursenxk" in archive.read("data.json").decode()
    assert {row["course"] for row in kinds(data_of(archive))["member"]} == {"Enhetschefer 2026", "Höst"}


def test_who_looked_stands_in_it_by_name(app: Flask, world: World, karin: Browser, course: Course) -> None:
    training = world.enter(course, Role.TRAINING, "Johan Ekström")
    assert training.get(f"/privacy/{karin.person.id}").status_code == 200
    [look] = kinds(data_of(copy_of(app, karin)))["audit_look"]
    assert (look["who"], look["role"], look["action"]) == ("Johan Ekström", "training", "privacy.view")


def test_the_pdf_shows_so_many_rows_and_says_that_there_are_more(
    app: Flask, karin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.exports.own.parts.IN_PDF", 2)
    monkeypatch.setattr("service.exports.own.writing.AT_ONCE", 2)
    archive = copy_of(app, karin)
    pdf = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(archive.read("data.pdf"))).pages)
    assert "data.html och data.json: 1" in pdf
    assert len(kinds(data_of(archive))["ledarsteg_entry"]) == 3
    row = rows(app)[-1]
    assert row.rows_done == row.rows_total == sum(map(len, kinds(data_of(archive)).values()))


def test_asking_twice_makes_one(app: Flask, karin: Browser) -> None:
    for _ in range(2):
        karin.post("/data/copy")
    assert len(rows(app)) == 1


def test_nobody_else_fetches_it_and_she_does(app: Flask, world: World, karin: Browser, course: Course) -> None:
    copy_of(app, karin)
    row = rows(app)[-1]
    for role in (Role.MANAGER, Role.COACH, Role.TRAINING):
        assert world.enter(course, role, "Någon Annan").post(f"/exports/{row.id}/file").status_code == 404
    page = karin.get("/exports").text
    assert "Alla dina uppgifter" in page
    assert "mina-uppgifter.zip" in page


@pytest.mark.parametrize(
    ("what", "format_"), [("core.own_data", "csv"), ("core.overview", "zip"), ("core.own_data", "xlsx")]
)
def test_no_other_file_is_a_zip_and_a_copy_is_nothing_else(
    world: World, course: Course, what: str, format_: str
) -> None:
    coach = world.enter(course, Role.COACH, "Amira Haddad")
    assert coach.post("/exports", {"what": what, "format": format_}).status_code == 422


def test_without_a_course_or_a_role_it_cannot_be_asked_for(app: Flask, world: World, course: Course) -> None:
    for role in (Role.NONE, Role.CANDIDATE):
        browser = world.enter(course, role, "Någon")
        assert browser.post("/data/copy").status_code == 403
        assert "Open Stegvis from one of your courses" in browser.get("/data").text
    assert rows(app) == []


def test_every_sort_of_value_is_said(app: Flask) -> None:
    row = {"a": b"x", "b": True, "c": {"d": 1}, "e": ["f", "g"], "h": None, "i": State.DONE}
    assert own_parts.clean(row) == {
        "a": None,
        "b": True,
        "c": {"d": 1},
        "e": ["f", "g"],
        "h": None,
        "i": State.DONE.value,
    }
    with app.app_context(), force_locale("en"):
        assert own_parts.words(row, "UTC", frozenset()) == [
            ("b", "yes"),
            ("c", "d: 1"),
            ("e", "f\ng"),
            ("i", State.DONE.value),
        ]


# --- the seal ---------------------------------------------------------------------------------------------------------


def spoiled(path: Path, to: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(to, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return to


def resign(files: dict[str, bytes]) -> None:
    """What somebody without the key can do: make the manifest fit, and the signature not."""
    told = json.loads(files["manifest.json"])
    files["data.json"] += b" "
    told["files"]["data.json"] = {
        "sha256": hashlib.sha256(files["data.json"]).hexdigest(),
        "size": len(files["data.json"]),
    }
    files["manifest.json"] = json.dumps(told).encode()


SPOILED: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "changed": (lambda files: files.update({"data.json": b"x" * len(files["data.json"])}), "data.json was changed"),
    "longer": (lambda files: files.update({"data.json": files["data.json"] + b" "}), "data.json was changed"),
    "removed": (lambda files: files.pop("data.pdf"), "data.pdf is missing"),
    "added": (lambda files: files.update({"more.txt": b"more"}), "more.txt does not belong"),
    "resigned": (resign, "manifest.json was not signed by this installation, or was changed"),
    "no manifest": (lambda files: files.pop("manifest.json"), "manifest.json is missing"),
    "no base64": (lambda files: files.update({"manifest.sig": b"???"}), "manifest.json was not signed"),
    "huge manifest": (lambda files: files.update({"manifest.json": b" " * (1 << 21)}), "is not one of ours"),
}  # fmt: skip


def test_the_seal_fits_and_every_change_shows(
    app: Flask, karin: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of(app, karin)
    path, settings = made(app), parts(app).settings
    assert sealing.problems(settings, path) == []
    for name, (change, sentence) in SPOILED.items():
        found = sealing.problems(settings, spoiled(path, tmp_path / "spoiled.zip", change))
        assert sentence in "\n".join(found), name
    (tmp_path / "no.zip").write_bytes(b"no ZIP")
    assert "not a readable ZIP file" in sealing.problems(settings, tmp_path / "no.zip")[0]
    twice = tmp_path / "twice.zip"
    twice.write_bytes(path.read_bytes())
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("data.json", b"another")
    assert "data.json is twice in the file" in sealing.problems(settings, twice)
    monkeypatch.setattr("service.exports.own.cli.load", lambda: settings)
    assert CliRunner().invoke(verify_export, [str(path)]).exit_code == 0
    assert CliRunner().invoke(verify_export, [str(tmp_path / "spoiled.zip")]).exit_code == 1


def test_a_damaged_copy_is_told_in_a_sentence(app: Flask, karin: Browser, tmp_path: Path) -> None:
    copy_of(app, karin)
    whole = made(app).read_bytes()
    damaged = tmp_path / "damaged.zip"
    with zipfile.ZipFile(made(app)) as archive:
        places = {info.filename: info.header_offset + len(info.filename) + 54 for info in archive.infolist()}
    for name, place in places.items():
        for length in (1, 60):
            damaged.write_bytes(
                whole[:place] + bytes(0xFF ^ byte for byte in whole[place : place + length]) + whole[place + length :]
            )
            assert sealing.problems(parts(app).settings, damaged), name
    # Marked as encrypted, in both places where that stands.
    locked = bytearray(whole)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[whole.rindex(mark) + at] |= 1
        locked[whole.index(mark) + at] |= 1
    damaged.write_bytes(locked)
    assert sealing.problems(parts(app).settings, damaged)


def test_an_earlier_master_key_still_verifies_and_another_installation_does_not(
    app: Flask, karin: Browser, tmp_path: Path, settings: Settings
) -> None:
    copy_of(app, karin)
    key = settings.master_key.get_secret_value()
    other = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="
    assert sealing.problems(settings_for(tmp_path, master_key=other, previous_master_keys=key), made(app)) == []
    assert sealing.problems(settings_for(tmp_path, master_key=other), made(app)) != []


def test_a_large_history_is_written_without_being_held(
    app: Flask, karin: Browser, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is alive of 6,000 days at once is a few hundred rows: the number of entries that exist does not grow with them."""
    with parts(app).units.writing() as unit:
        habit = unit.session.scalars(sa.select(Habit).where(Habit.person_id == karin.person.id)).one()
        first = unit.session.scalars(
            sa.select(Entry).where(Entry.habit_id == habit.id).order_by(Entry.local_date)
        ).first()
        values = {column.name: getattr(first, column.key) for column in Entry.__table__.columns if column.name != "id"}
        unit.session.execute(sa.insert(Entry), [
            {**values, "id": uuid.uuid4(), "local_date": first.local_date - timedelta(days=1 + number), "note_sealed": None, "reason_sealed": None}
            for number in range(6_000)
        ])  # fmt: skip
    alive, most = set(), 0

    def loaded(entry: Entry, _context: Any) -> None:
        nonlocal most
        alive.add(weakref.ref(entry, alive.discard))
        most = max(most, len(alive))

    sa.event.listen(Entry, "load", loaded)
    try:
        archive = copy_of(app, karin)
    finally:
        sa.event.remove(Entry, "load", loaded)
    assert len(kinds(data_of(archive))["ledarsteg_entry"]) == 6_003
    assert most < 1500


def test_values_are_written_as_people_read_them(app: Flask) -> None:
    row = {
        "sv": "Hur går det?", "en": "How is it going?", "starts_at": 8 * 60 + 5, "share": 0.25, "shared": False,
        "answers": {"D1": {"statement": "Vi följer upp", "answer": 5}, "D2": 4}, "note": "", "raw": b"x", "own_word": ["a", "b"],
        "person_id": uuid.uuid4(), "seq": 3,
    }  # fmt: skip
    with app.test_request_context("/"), force_locale("sv"):
        told = dict(own_parts.words(row, "Europe/Stockholm", frozenset()))
        names = {name: words.column(name) for name in row}
    assert told == {
        names["sv"]: "Hur går det?", names["starts_at"]: "08:05", names["share"]: "0,25", names["shared"]: "nej",
        names["answers"]: "Vi följer upp: 5\nD2: 4", "own word": "a\nb",
    }  # fmt: skip
