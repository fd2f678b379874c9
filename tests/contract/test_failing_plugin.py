"""A plugin that fails in a display hook costs its own part, and neither the page, the database nor the others."""

import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.contract import Card, Cohort, CohortReport, Count, Manifest, Member, Permission, hook, session
from service.contract.hooks import PER_COHORT
from service.host import Part, Unavailable, guarded
from tests.example import operations, with_example
from tests.support import World, parts


def raises() -> Any:
    raise ZeroDivisionError("karin@example.org wrote this")


def sql_error() -> Any:
    return session().execute(sa.text("SELECT nothing FROM nowhere")).all()


def breaks_a_rule() -> Any:
    """Two rows with one key: on PostgreSQL the transaction is unusable from here on without a savepoint."""
    table = sa.table("cohort_plugin", sa.column("cohort_id"), sa.column("plugin"))
    return session().execute(sa.insert(table).values(cohort_id=None, plugin=None))


def writes_and_raises() -> Any:
    session().execute(sa.text("UPDATE example_note SET body_sealed = NULL"))
    raise RuntimeError("after writing")


def fails_late() -> Any:
    def generate() -> Iterator[Any]:
        yield from ()
        raise RuntimeError("while its rows are read")

    return generate()


def failing(make_wrong: Callable[[], Any]) -> ModuleType:
    """A plugin whose every display hook does the same wrong thing."""
    module = ModuleType("failing_package")
    module.__file__ = "/nowhere/failing_package/__init__.py"

    @hook
    def manifest() -> Manifest:
        return Manifest(
            key="failing",
            title="Failing",
            summary="",
            permissions=(Permission("failing.use", frozenset({Role.MANAGER})),),
        )

    module.manifest = manifest
    for name in PER_COHORT:
        setattr(module, name, hook(lambda make_wrong=make_wrong: make_wrong()))
    return module


WRONG: dict[str, Callable[[], Any]] = {
    "raises": raises, "sql_error": sql_error, "breaks_a_rule": breaks_a_rule, "writes_and_raises": writes_and_raises,
    "fails_late": fails_late, "none": lambda: None, "a_text": lambda: "text", "a_number": lambda: 7,
    "other_things": lambda: [object()], "a_record_of_another_hook": lambda: [Count("x", "x", 1)],
}  # fmt: skip


class Stage:
    """A course where the failing plugin stands first and the example after it."""

    def __init__(self, app: Flask, world: World) -> None:
        course = world.course(plugins={"failing": {}, "example": {}})
        self.cohort: Cohort = course.cohort
        self.member: Member = world.member(course)
        self.part: Part = parts(app).host.for_cohort({"failing": {}, "example": {}})

    def ask(self, name: str) -> dict[str, Any]:
        arguments = {
            "home_cards": (self.cohort, self.member), "timeline": (self.cohort, self.member), "exports": (self.cohort,),
            "cohort_report": (self.cohort, [self.member], Role.COACH, self.member.person_id), "progress": (self.cohort, [self.member]),
        }  # fmt: skip
        return {plugin.key: answer for plugin, answer in getattr(self.part, name)(*arguments[name])}


@pytest.fixture
def make_stage(make_app: Callable[..., Flask]) -> Callable[[Callable[[], Any]], tuple[Flask, Stage]]:
    def make(wrong: Callable[[], Any]) -> tuple[Flask, Stage]:
        from service.db import Base

        app = make_app(plugins={"failing": failing(wrong), "example": with_example()["example"]})
        Base.metadata.create_all(parts(app).units.engine)
        return app, Stage(app, World(app))

    return make


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_its_slot_has_an_incident_number_and_the_others_answer(
    make_stage: Callable[..., Any], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app, stage = make_stage(WRONG[kind])
    with app.test_request_context("/"), parts(app).units.writing() as unit:
        unit.session.add_all([stage.cohort, stage.member])
        note = operations.write(stage.cohort, stage.member, "Min anteckning")
        incidents = set()
        for name in PER_COHORT:
            answers = stage.ask(name)
            assert isinstance(answers["failing"], Unavailable), name
            assert not isinstance(answers["example"], Unavailable), name
            incidents.add(answers["failing"].incident)
        assert len(incidents) == len(PER_COHORT)
        unit.session.refresh(note)
        assert note.body == "Min anteckning"
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["incident"] for line in logged if line["event"] == "plugin_failed"} == incidents
    assert "karin@example.org" not in json.dumps(logged)


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_in_a_reading_unit_too(make_stage: Callable[..., Any], kind: str) -> None:
    app, stage = make_stage(WRONG[kind])
    with app.test_request_context("/"), parts(app).units.reading():
        for name in PER_COHORT:
            answers = stage.ask(name)
            assert [isinstance(answer, Unavailable) for answer in answers.values()] == [
                key == "failing" for key in answers
            ], name


def test_what_it_added_to_a_reading_page_is_not_written_later(make_stage: Callable[..., Any]) -> None:
    def adds() -> Any:
        from service.cohorts.models import Organisation

        session().add(Organisation(name="slipped in", created_at=None))
        return []

    app, stage = make_stage(adds)
    with app.test_request_context("/"), parts(app).units.reading() as unit:
        assert isinstance(stage.ask("home_cards")["failing"], Unavailable)
        assert not unit.session.new


def test_an_operation_that_fails_is_not_hidden(make_stage: Callable[..., Any]) -> None:
    """A copy of a person's data that lacks a part, or half an erasure, must not look whole."""
    app, stage = make_stage(raises)
    failing_module = parts(app).host["failing"].module
    for name in ("personal_data", "erase"):
        setattr(failing_module, name, hook(lambda person: raises()))
        with parts(app).units.reading(), pytest.raises(ZeroDivisionError):
            getattr(parts(app).host.everyone(), name)(stage.member.person)


def test_settings_that_do_not_fit_are_the_plugins_defaults_filled_in(make_stage: Callable[..., Any]) -> None:
    app, _ = make_stage(raises)
    part = parts(app).host.for_cohort({"example": {"asked": 5}})
    assert part.settings("example").asked == 5
    assert parts(app).host.for_cohort({"example": {}}).settings("example").asked == 3
    assert "example" in part
    assert "failing" not in part


def test_guarded_gives_back_what_was_made(make_stage: Callable[..., Any]) -> None:
    app, _ = make_stage(raises)
    with parts(app).units.reading():
        plugin = parts(app).host["failing"]
        assert guarded(plugin, lambda: 7) == 7
        assert isinstance(guarded(plugin, raises), Unavailable)


def test_good_records_pass() -> None:
    from service.answers import fitting

    assert fitting("home_cards", iter([Card("a.html", {})])) == (Card("a.html", {}),)
    assert fitting("cohort_report", CohortReport()) == CohortReport()
    assert fitting("progress", {}) == {}
