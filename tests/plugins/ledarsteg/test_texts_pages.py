"""The training department's pages, and what managers see of them."""

import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.forms.texts import SettingsForm
from plugins.ledarsteg.models import SlotText, Step, StepText
from plugins.ledarsteg.settings import LedarstegSettings
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import CohortPlugin, Member
from service.lti.service_models import LineItem
from tests.plugins.ledarsteg.support import make
from tests.plugins.ledarsteg.test_pages import visible
from tests.support import Browser, Course, World

pytestmark = pytest.mark.once


CORE = "/ledarsteg/texts/core_model/sv"
STEP = {
    "key": "k", "revision": "0", "title": "Fråga först", "cue": "någon vill ha ett beslut", "action": "frågar jag vad hon föreslår",
    "minutes": "5", "body": "Mer **om** det",
}  # fmt: skip
SET = {"max_active_first_month": "3", "reviews_asked": "8", "review_weeks": "12", "term_ends_on": ""}


@pytest.fixture
def training(world: World, course: Course) -> Browser:
    """The training department's browser."""
    return world.enter(course, Role.TRAINING, "Johan Ekström")


def rows(world: World, model: type) -> list[Any]:
    with world.core.units.reading() as unit:
        return list(unit.session.scalars(sa.select(model)))


# ---- texts ----


def test_a_text_is_written_looked_at_and_shown_where_it_belongs(
    world: World, course: Course, karin: Member, training: Browser
) -> None:
    assert "Nothing is shown where nothing is written." in training.get("/ledarsteg/texts").text
    body = "## Kärnan\r\n\r\nAtt **vara** <script>alert(1)</script>"
    seen = training.post(CORE, {"revision": "0", "body": body, "preview": "1"})
    assert seen.status_code == 200
    assert "<h2>Kärnan</h2>" in seen.text
    assert "<script>alert" not in seen.text
    assert "## Kärnan" in seen.text  # still in the form
    assert rows(world, SlotText) == []
    assert training.post(CORE, {"revision": "0", "body": body}).status_code == 303
    manager = world.enter(course, member=karin, locale="lv")
    text = manager.post("/ledarsteg/aha", {"part": "week", "week": "E-pasts"}).text
    assert '<div class="sv-prose" lang="sv"><h2>Kärnan</h2>' in text
    own = world.enter(course, member=karin, locale="sv").post("/ledarsteg/aha", {"part": "week", "week": "Mejl"}).text
    assert '<div class="sv-prose"><h2>Kärnan</h2>' in own


def test_two_who_write_one_text_see_both(world: World, course: Course, training: Browser) -> None:
    training.post(CORE, {"revision": "0", "body": "Den första"})
    other = world.enter(course, Role.TRAINING, "Eva Sundin", locale="sv")
    answer = other.post(CORE, {"revision": "0", "body": "Den andra"})
    assert answer.status_code == 409
    assert "Den första" in visible(answer.text)
    assert "Den andra</textarea>" in answer.text
    assert other.post(CORE, {"revision": "1", "body": "Den andra"}).status_code == 303
    assert [(text.body, text.revision) for text in rows(world, SlotText)] == [("Den andra", 2)]


@pytest.mark.parametrize("body", ["x" * 20_001, "a\0b", "half \ufffd pair"])
@pytest.mark.parametrize("preview", [{}, {"preview": "1"}])
def test_a_text_that_cannot_be_kept_is_still_in_the_form(training: Browser, body: str, preview: dict[str, str]) -> None:
    answer = training.post(CORE, {"revision": "0", "body": body, **preview})
    assert answer.status_code == 422
    assert 'id="body-error"' in answer.text
    if "\0" not in body:
        assert body in answer.text


@pytest.mark.parametrize("path", ["core_model/de", "vision/sv", "core_model/sv/x", "steps/sv"])
def test_a_place_that_is_none_is_not_found(training: Browser, path: str) -> None:
    assert training.get(f"/ledarsteg/texts/{path}").status_code == 404


# ---- steps ----


def test_a_step_is_written_offered_withdrawn_and_offered_again(
    world: World, course: Course, karin: Member, training: Browser
) -> None:
    manager = world.enter(course, member=karin)
    assert "There are no steps here yet" in manager.get("/ledarsteg/steps").text
    assert training.get("/ledarsteg/texts/steps/new").status_code == 200
    seen = training.post("/ledarsteg/texts/steps/new/sv", {**STEP, "preview": "1"})
    assert "<p>Mer <strong>om</strong> det</p>" in seen.text
    assert rows(world, Step) == []
    for _ in range(2):
        assert training.post("/ledarsteg/texts/steps/new/sv", STEP).status_code == 303
    (step,) = rows(world, Step)
    text = manager.get("/ledarsteg/steps").text
    for said in (
        '<div lang="sv"><h2', "Fråga först", "5 minutes", '<span lang="sv">någon vill ha ett beslut</span>', "<p>Mer <strong>om</strong> det</p>",
        "This text is not there in your language. It is shown in Swedish.", f'{manager.path}/ledarsteg/new?step={step.id}"',
    ):  # fmt: skip
        assert said in text
    assert manager.get(f"/ledarsteg/new?step={step.id}").status_code == 200
    path = f"/ledarsteg/texts/steps/{step.id}"
    training.post(f"{path}/withdraw", {"withdrawn": "on"})
    assert "There are no steps here yet" in manager.get("/ledarsteg/steps").text
    assert "Offer again" in training.get("/ledarsteg/texts").text
    training.post(f"{path}/withdraw", {"withdrawn": "off"})
    assert "Fråga först" in manager.get("/ledarsteg/steps").text


def test_a_step_is_written_in_a_second_language(world: World, training: Browser) -> None:
    training.post("/ledarsteg/texts/steps/new/sv", STEP)
    (step,) = rows(world, Step)
    path = f"/ledarsteg/texts/steps/{step.id}/en"
    form = training.get(path).text
    assert 'name="minutes" type="text" value="5"' in form
    assert 'value="1"' in form
    assert training.post(path, {**STEP, "title": "Ask first", "revision": "1"}).status_code == 303
    assert sorted(text.title for text in rows(world, StepText)) == ["Ask first", "Fråga först"]
    conflict = training.post(path, {**STEP, "title": "Ask, then decide", "revision": "1"})
    assert conflict.status_code == 409
    assert "Ask first" in visible(conflict.text)
    assert 'value="Ask, then decide"' in conflict.text
    seen = training.post(path, {**STEP, "revision": "2", "preview": "1"})
    assert seen.status_code == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"), ({"title": "x" * 201}, "title"), ({"minutes": "0"}, "minutes"), ({"minutes": "16"}, "minutes"),
        ({"minutes": "five"}, "minutes"), ({"cue": "a\0b"}, "cue"), ({"action": "x" * 501}, "action"), ({"body": "x" * 20_001}, "body"),
    ],
)  # fmt: skip
def test_a_step_with_something_wrong_names_it(
    world: World, training: Browser, fields: dict[str, str], field: str
) -> None:
    training.post("/ledarsteg/texts/steps/new/sv", STEP)
    (step,) = rows(world, Step)
    for path, revision in (("new/sv", "0"), (f"{step.id}/sv", "1")):
        answer = training.post(f"/ledarsteg/texts/steps/{path}", {**STEP, "revision": revision, **fields})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        if field != "cue":
            assert "någon vill ha ett beslut</textarea>" in answer.text
    assert [text.title for text in rows(world, StepText)] == ["Fråga först"]


def test_another_organisations_steps_are_not_found(world: World, training: Browser) -> None:
    training.post("/ledarsteg/texts/steps/new/sv", STEP)
    (step,) = rows(world, Step)
    other = world.enter(world.course(), Role.TRAINING, "Eva Sundin")
    path = f"/ledarsteg/texts/steps/{step.id}"
    assert other.get(f"{path}/sv").status_code == 404
    assert other.post(f"{path}/sv", STEP).status_code == 404
    assert other.post(f"{path}/withdraw", {"withdrawn": "on"}).status_code == 404
    assert "Fråga först" not in other.get("/ledarsteg/texts").text
    for path in (f"steps/{step.id}/de", f"steps/{uuid.uuid4()}/sv"):
        assert training.get(f"/ledarsteg/texts/{path}").status_code == 404
    assert training.post("/ledarsteg/texts/steps/new/de", STEP).status_code == 404


# ---- settings ----


def test_the_form_has_a_field_for_every_setting() -> None:
    assert set(SettingsForm()._fields) - {"seen"} == set(LedarstegSettings.model_fields)


def settings_of(world: World) -> dict[str, Any]:
    return next(row.settings for row in rows(world, CohortPlugin))


def seen_in(text: str) -> str:
    found = re.search(r'name="seen" type="hidden" value="([^"]*)"', text)
    assert found is not None
    return found.group(1).replace("&#34;", '"')


def test_settings_are_saved_shown_and_audited(world: World, course: Course, training: Browser) -> None:
    seen = seen_in(training.get("/ledarsteg/settings").text)
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(CohortPlugin).values(completion=True))
    changed = {**SET, "reviews_asked": "6", "term_ends_on": "2026-12-18", "seen": seen}
    for _ in range(2):
        assert training.post("/ledarsteg/settings", changed).status_code == 303
    assert settings_of(world) == {
        "max_active_first_month": 3,
        "reviews_asked": 6,
        "review_weeks": 12,
        "term_ends_on": "2026-12-18",
        "coach_sees_activity": False,
    }
    text = training.get("/ledarsteg/settings?saved=1").text
    assert 'value="2026-12-18"' in text
    assert "Saved." in text
    with world.core.units.reading() as unit:
        # One for each setting that changed, with what it was and what it became; the same form again changes nothing.
        told = unit.session.execute(sa.select(AuditEvent.action, AuditEvent.reason).order_by(AuditEvent.seq)).all()
        assert {action for action, _reason in told} == {"plugin.settings"}
        assert len(told) == len({reason for _action, reason in told}) == 3
        assert unit.session.scalars(sa.select(LineItem.plugin)).all() == ["ledarsteg"]
    manager = world.enter(course)
    make(world, manager.member) if manager.member else None
    assert "6 Friday reviews within 12 weeks" in manager.get("/ledarsteg/journal").text
    assert "December 18" in manager.get("/ledarsteg/term").text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"max_active_first_month": "0"}, "max_active_first_month"), ({"max_active_first_month": "11"}, "max_active_first_month"),
        ({"reviews_asked": ""}, "reviews_asked"), ({"reviews_asked": "many"}, "reviews_asked"), ({"review_weeks": "61"}, "review_weeks"),
        ({"review_weeks": "7"}, "review_weeks"), ({"term_ends_on": "in June"}, "term_ends_on"), ({"term_ends_on": "2026-02-30"}, "term_ends_on"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_named(world: World, training: Browser, fields: dict[str, str], field: str) -> None:
    seen = seen_in(training.get("/ledarsteg/settings").text)
    answer = training.post("/ledarsteg/settings", {**SET, "seen": seen, **fields})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert fields[field] in answer.text
    assert settings_of(world) == {}


def test_two_who_set_something_see_both(world: World, course: Course, training: Browser) -> None:
    seen = seen_in(training.get("/ledarsteg/settings").text)
    training.post("/ledarsteg/settings", {**SET, "reviews_asked": "6", "seen": seen})
    answer = training.post("/ledarsteg/settings", {**SET, "reviews_asked": "5", "seen": seen})
    assert answer.status_code == 409
    assert "Friday reviews that are asked 6" in visible(answer.text)
    assert 'name="reviews_asked" type="text" value="5"' in answer.text
    assert (
        training.post("/ledarsteg/settings", {**SET, "reviews_asked": "5", "seen": seen_in(answer.text)}).status_code
        == 303
    )
    assert settings_of(world)["reviews_asked"] == 5
    assert training.post("/ledarsteg/settings", {**SET, "seen": "nonsense"}).status_code == 409


# ---- whose pages ----

PATHS = ["texts", "texts/core_model/sv", "texts/steps/new", "settings"]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH])
def test_nobody_else_writes_texts(world: World, course: Course, role: Role) -> None:
    inside = world.enter(course, role, "Amira Haddad")
    for path in PATHS:
        assert inside.get(f"/ledarsteg/{path}").status_code == 403
    for path in ("texts/core_model/sv", "texts/steps/new/sv", "settings"):
        assert inside.post(f"/ledarsteg/{path}", {}).status_code == 403


@pytest.mark.parametrize("locale", ["sv", "en", "lv"])
def test_every_language_shows_the_training_departments_pages(
    world: World, course: Course, training: Browser, locale: str
) -> None:
    training.post("/ledarsteg/texts/steps/new/sv", STEP)
    inside = world.enter(course, Role.TRAINING, "Johan Ekström", locale=locale)
    for path in PATHS:
        answer = inside.get(f"/ledarsteg/{path}")
        assert answer.status_code == 200
        assert f'<html lang="{locale}"' in answer.text
