"""What must be true before the first request: each mistake stops the start with one sentence that names it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask
from sqlalchemy.orm import Mapped

from service.contract import (
    Base,
    Card,
    Cohort,
    Command,
    ConfidentialText,
    JobKind,
    Manifest,
    Member,
    Periodic,
    Permission,
    Retention,
    Role,
    hook,
    pk,
    requires,
)
from service.contract.manifest import RESERVED
from service.errors import StartRefused
from service.host import discover
from tests.support import BASE, KEY, OTHER_KEY

ROOT = Path(__file__).parents[2]
Make = Callable[..., Flask]


def stranger(key: str = "stranger", name: str = "stranger_package", **hooks: Any) -> ModuleType:
    """A plugin made on the spot, with a manifest unless `manifest=None`."""
    module = ModuleType(name)
    module.__file__ = f"/nowhere/{name}/__init__.py"
    permissions = (Permission(f"{key}.use", frozenset({Role.MANAGER})),)

    @hook
    def manifest() -> Manifest:
        return Manifest(key=key, title=key, summary=key, permissions=permissions)

    for hook_name, function in {"manifest": manifest, **hooks}.items():
        if function is not None:
            setattr(module, hook_name, function)
    return module


def pages(key: str = "stranger", folder: Path | None = None) -> Blueprint:
    return Blueprint(
        key, __name__, root_path=str(folder) if folder else None, template_folder="templates" if folder else None
    )


def giving(blueprint: Blueprint) -> Callable[[], Blueprint]:
    @hook
    def give() -> Blueprint:
        return blueprint

    return give


def refusal(make_app: Make, *modules: ModuleType) -> str:
    """The one sentence that stops the start."""
    with pytest.raises(StartRefused) as stopped:
        make_app(plugins={module.__name__: module for module in modules})
    sentence = str(stopped.value)
    assert "\n" not in sentence
    return sentence


def test_a_plugin_without_mistakes_starts(make_app: Make) -> None:
    assert "stranger" in make_app(plugins={"stranger": stranger()}).extensions["stegvis"].host


def test_a_misspelt_hook(make_app: Make) -> None:
    @hook
    def hom_cards(cohort: Cohort, member: Member) -> list[Card]:
        return []

    sentence = refusal(make_app, stranger(hom_cards=hom_cards))
    assert "hom_cards" in sentence
    assert "stranger_package" in sentence


def test_a_misspelt_argument(make_app: Make) -> None:
    @hook
    def home_cards(cohort: Cohort, membre: Member) -> list[Card]:
        return []

    sentence = refusal(make_app, stranger(home_cards=home_cards))
    assert "membre" in sentence
    assert "stranger_package" in sentence


def test_a_missing_manifest(make_app: Make) -> None:
    assert refusal(make_app, stranger(manifest=None)) == "plugin 'stranger_package' has no manifest hook"


def test_a_manifest_hook_that_fails(make_app: Make) -> None:
    @hook
    def manifest() -> Manifest:
        raise KeyError("colour")

    assert "stranger_package" in refusal(make_app, stranger(manifest=manifest))


def test_a_manifest_that_is_none(make_app: Make) -> None:
    @hook
    def manifest() -> Manifest:
        return {"key": "stranger"}  # type: ignore[return-value]

    assert "stranger_package" in refusal(make_app, stranger(manifest=manifest))


@pytest.mark.parametrize("key", sorted(RESERVED))
def test_a_reserved_key(make_app: Make, key: str) -> None:
    sentence = refusal(make_app, stranger(key))
    assert repr(key) in sentence


@pytest.mark.parametrize("key", ["", "ab", "Stranger", "två", "a.b", "a/b", "a-b", "9lives", "x" * 41, "stranger\n"])
def test_a_key_that_is_no_key(make_app: Make, key: str) -> None:
    assert repr(key) in refusal(make_app, stranger(key))


def test_the_core_reserves_all_its_own_words(make_app: Make) -> None:
    """A plugin's pages hang beside the core's; a core word that is free could be taken by a plugin."""
    app = make_app(plugins={})
    words = {
        str(rule).split("/")[3].split("<")[0]
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/l/<uuid:launch>/")
    }
    assert {word for word in words if word and word not in RESERVED} == set()


def test_two_plugins_of_one_key(make_app: Make) -> None:
    sentence = refusal(make_app, stranger(name="one"), stranger(name="other"))
    assert sentence == "two plugins have the key 'stranger': remove one of them"


def test_a_permission_without_the_prefix(make_app: Make) -> None:
    @hook
    def manifest() -> Manifest:
        return Manifest(key="stranger", title="", summary="", permissions=(Permission("core.any", frozenset(Role)),))

    assert refusal(make_app, stranger(manifest=manifest)) == "plugin 'stranger': permission 'core.any' lacks its prefix"


def nothing(*_: object) -> int:
    return 0


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"jobs": (JobKind("other.close", nothing),)}, "job kind 'other.close' lacks the prefix 'stranger.'"),
        ({"jobs": (JobKind("stranger.", nothing),)}, "job kind 'stranger.' is not of small letters"),
        ({"jobs": (JobKind("stranger." + "x" * 60, nothing),)}, "is not of small letters, digits, _ and -, at most 60"),
        ({"jobs": (JobKind("stranger.a", nothing), JobKind("stranger.a", nothing))}, "job kind 'stranger.a' is declared twice"),
        ({"periodic": (Periodic("tidy", nothing),)}, "periodic work 'tidy' lacks the prefix 'stranger.'"),
        ({"periodic": (Periodic("stranger.a", nothing),) * 2}, "periodic work 'stranger.a' is declared twice"),
        ({"audit_words": {"other.view": "x"}}, "audited action 'other.view' lacks the prefix 'stranger.'"),
        ({"commands": (Command("--help", "", nothing),)}, "command '--help' is not of small letters"),
        ({"commands": (Command("verify", "", nothing),) * 2}, "command 'verify' is declared twice"),
        ({"retention": (Retention("a", "", 5, ""),) * 2}, "rule of keeping 'a' is declared twice"),
        ({"retention": (Retention("a", "", 5, "", least=6),)}, "rule of keeping 'a' has days outside its own limits"),
        ({"retention": (Retention("a", "", 5, "", count=nothing),)}, "rule of keeping 'a' needs both count and delete"),
        ({"retention": (Retention("a", "", 5, "", most=6),)}, "needs both count and delete, or fixed days and neither"),
    ],
)  # fmt: skip
def test_work_under_a_name_that_is_not_its_own(make_app: Make, declared: dict[str, Any], sentence: str) -> None:
    promised = replace(stranger().manifest(), **declared)

    @hook
    def manifest() -> Manifest:
        return promised

    said = refusal(make_app, stranger(manifest=manifest))
    assert said.startswith("plugin 'stranger': ")
    assert sentence in said


def test_work_of_three_sorts_may_share_a_name(make_app: Make) -> None:
    promised = replace(
        stranger().manifest(),
        jobs=(JobKind("stranger.tidy", nothing),),
        periodic=(Periodic("stranger.tidy", nothing),),
        commands=(Command("tidy", "", nothing),),
    )

    @hook
    def manifest() -> Manifest:
        return promised

    assert "stranger.tidy" in make_app(plugins={"s": stranger(manifest=manifest)}).extensions["stegvis"].host.jobs


def test_a_blueprint_of_another_name(make_app: Make) -> None:
    assert "'other'" in refusal(make_app, stranger(blueprint=giving(pages("other"))))


def test_a_guest_blueprint_of_another_name(make_app: Make) -> None:
    assert "'other'" in refusal(make_app, stranger(guest_blueprint=giving(pages("other"))))


def test_a_route_without_a_permission(make_app: Make) -> None:
    blueprint = pages()
    blueprint.add_url_rule("/bare", "bare", lambda: "")
    sentence = refusal(make_app, stranger(blueprint=giving(blueprint)))
    assert "'l.stranger.bare' declares no permission" in sentence


def test_a_guest_route_without_a_permission(make_app: Make) -> None:
    blueprint = pages()
    blueprint.add_url_rule("/bare", "bare", lambda: "")
    assert "'g.stranger.bare' declares no permission" in refusal(make_app, stranger(guest_blueprint=giving(blueprint)))


def test_a_route_with_an_unknown_permission(make_app: Make) -> None:
    blueprint = pages()
    blueprint.add_url_rule("/odd", "odd", requires("stranger.oops")(lambda: ""))
    sentence = refusal(make_app, stranger(blueprint=giving(blueprint)))
    assert sentence == "endpoint 'l.stranger.odd' requires 'stranger.oops', which no manifest declares"


def test_a_template_outside_the_prefix(make_app: Make, tmp_path: Path) -> None:
    (tmp_path / "templates" / "stegvis").mkdir(parents=True)
    (tmp_path / "templates" / "stegvis" / "base.html").write_text("taken over")
    sentence = refusal(make_app, stranger(blueprint=giving(pages(folder=tmp_path))))
    assert sentence == "plugin 'stranger': template 'base.html' is not in templates/stranger/"


def test_a_guests_template_outside_the_prefix(make_app: Make, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "loose.html").write_text("")
    assert "'loose.html'" in refusal(make_app, stranger(guest_blueprint=giving(pages(folder=tmp_path))))


@pytest.fixture
def tidy() -> Any:
    """Takes tables that a test made out of the metadata again."""
    before = set(Base.metadata.tables)
    yield
    made = [
        model
        for model in Base.registry._class_registry.values()
        if getattr(model, "__module__", "").startswith("stranger_")
    ]
    for model in made:
        Base.registry._dispose_cls(model)
        model.__mapper__._set_dispose_flags()
    for name in set(Base.metadata.tables) - before:
        Base.metadata.remove(Base.metadata.tables[name])


def make_model(package: str, table: str, **columns: Any) -> type:
    annotations = {"id": Mapped[pk]} | ({"text_sealed": Mapped[bytes | None]} if columns else {})
    return type(
        "Thing",
        (Base,),
        {"__tablename__": table, "__module__": f"{package}.models", "__annotations__": annotations, **columns},
    )


@pytest.mark.usefixtures("tidy")
def test_a_table_outside_the_prefix(make_app: Make) -> None:
    kept = make_model("stranger_tables", "audit_notes")
    sentence = refusal(make_app, stranger(name="stranger_tables"))
    assert kept.__tablename__ == "audit_notes"
    assert sentence == "plugin 'stranger': table 'audit_notes' lacks the prefix 'stranger_'"


@pytest.mark.usefixtures("tidy")
def test_a_table_without_a_class_outside_the_prefix(make_app: Make) -> None:
    module = stranger(name="stranger_bare")
    module.between = sa.Table("audit_between", Base.metadata, sa.Column("id", sa.Uuid, primary_key=True))
    sentence = refusal(make_app, module)
    assert "'audit_between'" in sentence


@pytest.mark.usefixtures("tidy")
def test_confidential_text_that_the_manifest_forgets(make_app: Make) -> None:
    kept = make_model("stranger_sealed", "stranger_sealed", text=ConfidentialText("text_sealed", owner="id"))
    sentence = refusal(make_app, stranger(name="stranger_sealed"))
    assert kept.__tablename__ == "stranger_sealed"
    assert sentence == "plugin 'stranger': manifest and models disagree on confidential text 'stranger_sealed.text'"


def test_confidential_text_that_no_model_has(make_app: Make) -> None:
    module = stranger()
    promised = replace(module.manifest(), confidential=frozenset({"stranger_diary.text"}))

    @hook
    def manifest() -> Manifest:
        return promised

    assert "'stranger_diary.text'" in refusal(make_app, stranger(manifest=manifest))


# --- the same on the command line -------------------------------------------------------------------------------------


def install(folder: Path, name: str, source: str) -> None:
    """Puts a plugin on a path as an installed distribution would be."""
    (folder / f"{name}.py").write_text(source)
    declare(folder, name, name)


def declare(folder: Path, name: str, module: str) -> None:
    """Declares a module that is found on the path already."""
    record = folder / f"{name}-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(f"[stegvis.plugins]\n{name} = {module}\n")


def stegvis(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    values = {
        "STEGVIS_PUBLIC_URL": BASE, "STEGVIS_DEMO": "true", "STEGVIS_MASTER_KEY": KEY, "STEGVIS_SECRET_KEY": OTHER_KEY,
        "STEGVIS_DATA_DIR": str(folder),
    }  # fmt: skip
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STEGVIS_")}
    return subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", *arguments],
        capture_output=True, text=True, cwd=ROOT, env={**clean, **values, "PYTHONPATH": str(folder)}, timeout=60, check=False,
    )  # fmt: skip


MISSPELT = """
from service.contract import Manifest, hook
@hook
def manifest(): return Manifest(key="broken", title="", summary="", permissions=())
@hook
def hom_cards(cohort, member): return []
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("source", "named"), [(MISSPELT, "hom_cards"), ("import nothing_of_that_name", "nothing_of_that_name")]
)
@pytest.mark.parametrize("command", [("web",), ("plugin", "list"), ("db", "upgrade")])
def test_the_command_line_says_the_sentence_and_ends_with_78(
    tmp_path: Path, command: tuple[str, ...], source: str, named: str
) -> None:
    install(tmp_path, "broken", source)
    ended = stegvis(tmp_path, *command)
    assert ended.returncode == 78, ended.stderr
    assert ended.stderr.startswith("stegvis does not start: ")
    assert named in ended.stderr
    assert "broken" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip().count("\n") == 0


@pytest.mark.process
def test_two_distributions_with_one_key_are_told(tmp_path: Path) -> None:
    install(tmp_path, "ledarsteg", "")
    ended = stegvis(tmp_path, "plugin", "list")
    assert (ended.returncode, ended.stderr) == (
        78,
        "stegvis does not start: two plugins have the key 'ledarsteg': remove one of them\n",
    )


def test_the_installed_plugins_are_found_by_their_entry_points() -> None:
    assert {"ledarsteg", "handledning", "group_maturity"} <= set(discover())
