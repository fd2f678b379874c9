"""Each hook is documented, typed, implemented, and tested here; the loop at the top says so of hooks added tomorrow."""

import inspect
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from flask import Blueprint, Flask

from service.access import Role
from service.cohorts.models import Cohort, Member, Person
from service.contract import (
    Adopted,
    CohortReport,
    ContentItem,
    DemoCast,
    ExportScope,
    Manifest,
    ProgrammeReport,
    Progress,
    Proposal,
    hooks,
    manifest,
    records,
    reports,
)
from service.host import Host, Part
from tests.example import FOLDER, Note, operations, with_example
from tests.support import World, parts

ALL = (*hooks.AT_START, *hooks.PER_COHORT, *hooks.PER_PROGRAMME, *hooks.TO_ONE, *hooks.ALWAYS)
README = Path(hooks.__file__).with_name("README.md")


# --- every hook -------------------------------------------------------------------------------------------------------


def test_the_lists_hold_every_hook_once() -> None:
    declared = [name for name, value in vars(hooks).items() if hasattr(value, f"{hooks.PROJECT}_spec")]
    assert sorted(declared) == sorted(ALL)


@pytest.mark.parametrize("name", ALL)
def test_every_hook_says_in_a_sentence_when_it_is_asked_and_what_it_returns(name: str) -> None:
    first = inspect.getdoc(getattr(hooks, name)).splitlines()[0]
    assert first.startswith("Asked ")
    assert first.endswith(".")


@pytest.mark.parametrize("name", ALL)
def test_every_hook_is_typed(name: str) -> None:
    function = getattr(hooks, name)
    known = {
        **vars(records),
        **vars(reports),
        **vars(manifest),
        **vars(hooks),
        "Blueprint": Blueprint,
        "Cohort": Cohort,
        "Member": Member,
        "Person": Person,
        "Role": Role,
    }
    hints = get_type_hints(function, globalns=known)
    assert set(hints) == {*inspect.signature(function).parameters, "return"}


@pytest.mark.parametrize("name", ALL)
def test_cohort_comes_first_exactly_where_the_plugin_must_be_on(name: str) -> None:
    first = next(iter(inspect.signature(getattr(hooks, name)).parameters), "")
    # The practice cohort asks every plugin, and must say which cohort it is.
    assert (first == "cohort") is (name in (*hooks.PER_COHORT, *hooks.TO_ONE, "seed_demo"))
    assert (first == "cohorts") is (name in hooks.PER_PROGRAMME)


@pytest.mark.parametrize("name", ALL)
def test_every_hook_is_used_by_a_plugin(name: str) -> None:
    assert any(hasattr(getattr(module, name, None), f"{hooks.PROJECT}_impl") for module in with_example().values())


@pytest.mark.parametrize("name", ALL)
def test_every_hook_has_a_test_of_its_own(name: str) -> None:
    assert f"test_hook_{name}" in globals()


@pytest.mark.parametrize("name", ALL)
def test_every_hook_has_an_example_in_the_readme(name: str) -> None:
    assert any(re.search(rf"^def {name}\(", block, re.MULTILINE) for block in blocks())


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_readme_shows_code_that_runs() -> None:
    """Each example is a piece of the example plugin, word for word, and that plugin is what all these tests run."""
    sources = [path.read_text() for path in sorted((FOLDER / "stegvis_example").rglob("*.py"))]
    pieces = [piece for block in blocks() for piece in block.strip("\n").split("\n\n\n")]
    assert pieces
    assert [piece for piece in pieces if not any(piece in source for source in sources)] == []


def test_the_readme_shows_a_pdf_template_that_is_used() -> None:
    [shown] = re.findall(r"```typst\n(.*?)```", README.read_text(), re.DOTALL)
    assert shown == (FOLDER / "stegvis_example" / "templates" / "example" / "notes.typ").read_text()


def test_the_readme_names_every_word_a_plugin_may_import() -> None:
    import service.contract

    text = README.read_text()
    assert [name for name in service.contract.__all__ if not re.search(rf"`{name}[`(]", text)] == []


# --- one test per hook, through the host as the core asks -----------------------------------------------------------------


@pytest.fixture
def host(app: Flask) -> Host:
    return parts(app).host


class Scene:
    """A course with two managers, one of whom has written two notes, and a coach."""

    def __init__(self, world: World) -> None:
        course = world.course(plugins={"example": {}})
        self.cohort: Cohort = course.cohort
        self.writer = world.member(course, name="Karin Lindqvist")
        self.silent = world.member(course, name="Anna Berg")
        self.coach = world.member(course, Role.COACH, "Maria Coach")
        self.members = [self.writer, self.silent]
        self.host: Host = parts(world.app).host
        self.part: Part = self.host.for_cohort({"example": {}})


@pytest.fixture
def scene(app: Flask, world: World) -> Iterator[Scene]:
    """The unit of work and a request stay open for the test: texts are chosen in the request's language."""
    made = Scene(world)
    with app.test_request_context("/", headers={"Accept-Language": "en"}), parts(app).units.writing() as unit:
        unit.session.add_all([made.cohort, *made.members, made.coach])
        for text in ("Första", "Andra"):
            operations.write(made.cohort, made.writer, text)
        yield made


def test_hook_manifest(host: Host) -> None:
    assert isinstance(host["example"].manifest, Manifest)
    assert {plugin.key: plugin.manifest.key for plugin in host} == {plugin.key: plugin.key for plugin in host}


def test_hook_blueprint(app: Flask, host: Host) -> None:
    assert isinstance(host["example"].blueprint, Blueprint)
    assert "l.example.notes" in app.view_functions


def test_hook_guest_blueprint(app: Flask, host: Host) -> None:
    assert isinstance(host["example"].guest_blueprint, Blueprint)
    assert "g.example.greeting" in app.view_functions


def test_hook_content_items(host: Host) -> None:
    items = host["example"].content_items
    assert [item.key for item in items] == ["notes"]
    assert all(isinstance(item, ContentItem) for plugin in host for item in plugin.content_items)


def only(answers: Sequence[tuple[Any, Any]]) -> Any:
    """The answer of the one plugin that is on."""
    [(plugin, answer)] = answers
    assert plugin.key == "example"
    return answer


def test_hook_home_cards(scene: Scene) -> None:
    [card] = only(scene.part.home_cards(scene.cohort, scene.writer))
    assert (card.template, card.context["number"], card.context["note"].body) == ("example/card.html", 2, "Andra")
    assert only(scene.part.home_cards(scene.cohort, scene.silent)) == ()


def test_hook_timeline(scene: Scene) -> None:
    events = only(scene.part.timeline(scene.cohort, scene.writer))
    assert [event.state for event in events] == ["done", "done"]
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_hook_cohort_report(scene: Scene) -> None:
    report = only(scene.part.cohort_report(scene.cohort, scene.members, Role.COACH, uuid.uuid4()))
    assert isinstance(report, CohortReport)
    assert {member: cells["notes"].value for member, cells in report.cells.items()} == {
        scene.writer.id: 2,
        scene.silent.id: 0,
    }
    counts = only(scene.part.cohort_report(scene.cohort, scene.members, Role.TRAINING, uuid.uuid4()))
    assert (counts.columns, dict(counts.cells), [count.number for count in counts.counts]) == ((), {}, [1])


def test_hook_programme_report(scene: Scene) -> None:
    host = scene.host
    [(plugin, report)] = host.programme_report({"example": [scene.cohort, scene.cohort], "absent": []})
    assert plugin.key == "example"
    assert isinstance(report, ProgrammeReport)
    assert [list(picture.rows) for picture in report.pictures] == [[["Courses", "2"]]]
    assert host.programme_report({"example": []}) == []


def test_hook_exports(scene: Scene) -> None:
    [export] = only(scene.part.exports(scene.cohort))
    scope = ExportScope(scene.cohort.id, scene.coach.person_id, Role.COACH, "en")
    rows = [list(row) for row in export.rows(scope)]
    assert rows == [["Anna Berg", 0], ["Karin Lindqvist", 2]]
    assert export.count(scope) == len(rows)
    assert {len(row) for row in rows} == {len(export.headers(scope))}


def test_hook_progress(scene: Scene) -> None:
    progress = only(scene.part.progress(scene.cohort, scene.members))
    assert progress == {scene.writer.id: Progress(2, 3), scene.silent.id: Progress(0, 3)}
    assert not progress[scene.writer.id].complete
    assert Progress(3, 3).complete
    assert not Progress(0, 0).complete


def test_hook_adopt(scene: Scene) -> None:
    proposal = Proposal("goal", "Tydliga mål", "group_maturity", uuid.uuid4())
    adopted = scene.part.adopt(scene.cohort, scene.silent, proposal)
    assert isinstance(adopted, Adopted)
    assert adopted.plugin == "example"
    [card] = only(scene.part.home_cards(scene.cohort, scene.silent))
    assert (card.context["note"].id, card.context["note"].body) == (adopted.ref, "Tydliga mål")


def test_a_plugin_is_not_offered_its_own_proposal_nor_what_it_does_not_want(scene: Scene) -> None:
    assert scene.part.adopt(scene.cohort, scene.silent, Proposal("goal", "x", "example", uuid.uuid4())) is None
    assert scene.part.adopt(scene.cohort, scene.silent, Proposal("habit", "x", "ledarsteg", uuid.uuid4())) is None


def everyones(answers: Sequence[tuple[Any, Any]]) -> Mapping[str, Any]:
    return {plugin.key: answer for plugin, answer in answers}


def test_hook_personal_data(host: Host, scene: Scene) -> None:
    """Asked of every plugin, on or off."""
    answers = everyones(host.everyone().personal_data(scene.writer.person))
    assert set(answers) == {plugin.key for plugin in host if hasattr(plugin.module, "personal_data")}
    [notes] = answers["example"]
    assert [row["text"] for row in notes.rows] == ["Första", "Andra"]


def test_hook_left_out(host: Host, scene: Scene) -> None:
    """Asked of every plugin, on or off, and again whether or not she asked for a copy."""
    for asked in (False, True):
        answers = everyones(host.everyone().left_out(scene.writer.person, asked=asked))
        assert [str(one.title) for one in answers["example"]] == ["Visits of guests"]


def test_hook_erase(host: Host, scene: Scene) -> None:
    answers = everyones(host.everyone().erase(scene.writer.person))
    assert [(gone.name, gone.rows) for gone in answers["example"]] == [("notes", 2)]
    assert everyones(host.everyone().personal_data(scene.writer.person))["example"][0].rows == []


def test_hook_seed_demo(host: Host, scene: Scene) -> None:
    from service.contract import session

    cast = DemoCast(
        [scene.silent], scene.coach, scene.coach, scene.writer.first_seen_at.date(), lambda _moment: nullcontext()
    )
    host["example"].module.seed_demo(cohort=scene.cohort, cast=cast)
    assert session().query(Note).filter_by(member_id=scene.silent.id).count() == 2
