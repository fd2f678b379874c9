"""The shape of plugins and of the project: whoever has read one plugin has read them all."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import plugins
import service
from service.contract import hooks
from service.host import ENTRY_POINTS
from tests.example import FOLDER, with_example

ROOT = Path(__file__).parents[2]
FOLDERS = {key: Path(str(module.__file__)).parent for key, module in with_example().items()}
ROLES = {
    "__init__", "models", "operations", "routes", "forms", "calculations", "cards", "exports", "feeds", "jobs", "settings",
    # What stands in files to print, as data for their templates.
    "documents",
    # The second door's pages, the practice cohort's content and the two hooks about one person, where they need room.
    "guests", "demo", "practice", "data", "report", "rows", "terms", "instruments", "declarations", "texts",
    # What the training department's page over many cohorts draws.
    "programme",
}  # fmt: skip
DATA = {"templates", "translations", "README.md", "migrations", "instruments", "static", "schemas"}
LONGEST = 300
EXTRACTED = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
WORDS = {"_": None, "lazy": None, "lazy_gettext": None, "gettext": None, "ngettext": (1, 2), "_l": None}

each_plugin = pytest.mark.parametrize("key", sorted(FOLDERS))


def modules(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]


# --- the project ------------------------------------------------------------------------------------------------------


def test_service_and_plugins_are_this_projects_own() -> None:
    """Both names are common; nothing else in the environment may provide them."""
    assert Path(plugins.__file__) == ROOT / "plugins" / "__init__.py"
    assert Path(service.__file__) == ROOT / "service" / "__init__.py"


def test_the_entry_points_are_those_that_are_installed() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][ENTRY_POINTS]
    installed = {
        entry.name: entry.value
        for entry in metadata.distribution("stegvis").entry_points
        if entry.group == ENTRY_POINTS
    }
    assert installed == declared, (
        "pyproject.toml declares other entry points than are installed: run `pip install --no-deps -e .` again"
    )


def test_imports_go_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_import_rules_name_every_part_of_the_core() -> None:
    """A new module of the core is closed to plugins from its first day."""
    rules = (ROOT / ".importlinter").read_text()
    section = re.search(r"\[importlinter:contract:contract-only\](.*?)\n\[", rules, re.DOTALL)
    parts = {
        path.stem for path in (ROOT / "service").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    missing = sorted(
        part for part in parts - {"__init__", "contract"} if f"service.{part}\n" not in f"{section.group(1)}\n"
    )
    assert missing == []


# --- each plugin ------------------------------------------------------------------------------------------------------


@each_plugin
def test_its_folder_is_named_as_its_key(key: str) -> None:
    module = with_example()[key]
    assert module.manifest().key == key
    assert FOLDERS[key].name in (key, f"stegvis_{key}")


@each_plugin
def test_it_has_the_same_files_in_the_same_roles(key: str) -> None:
    here = {
        path.stem if path.suffix == ".py" or path.is_dir() else path.name
        for path in FOLDERS[key].iterdir()
        if path.name != "__pycache__"
    }
    assert here - ROLES - DATA == set()
    assert {"__init__", "README.md", "templates", "translations"} <= here


@each_plugin
def test_its_readme_says_what_it_does_what_it_stores_and_who_sees_what(key: str) -> None:
    text = (FOLDERS[key] / "README.md").read_text().lower()
    assert [words for words in (r"stor|keeps|kept", r"sees|see |read") if not re.search(words, text)] == []


@each_plugin
def test_its_modules_stay_under_300_lines(key: str) -> None:
    long = {
        str(path.relative_to(FOLDERS[key])): count
        for path in modules(FOLDERS[key])
        if (count := len(path.read_text().splitlines())) >= LONGEST
    }
    assert long == {}


def test_the_cores_modules_stay_under_300_lines() -> None:
    files = modules(ROOT / "service")
    assert {
        str(path.relative_to(ROOT)): n for path in files if (n := len(path.read_text().splitlines())) >= LONGEST
    } == {}


@each_plugin
def test_its_first_file_is_a_table_of_contents(key: str) -> None:
    """Only the manifest, the hooks, and what they are made of: no hook is longer than the manifest."""
    tree = ast.parse((FOLDERS[key] / "__init__.py").read_text())
    long = [f.name for f in tree.body if isinstance(f, ast.FunctionDef) and f.name != "manifest" and len(f.body) > 4]
    assert long == []


@each_plugin
def test_it_imports_the_contract_and_nothing_else_of_ours(key: str) -> None:
    own = with_example()[key].__name__
    found = set()
    for path in modules(FOLDERS[key]):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [a.name for a in getattr(node, "names", [])]
                if isinstance(node, ast.Import)
                else []
            )
            found |= {name for name in names if name.split(".")[0] in ("service", "plugins", "tests")}
    assert {name for name in found if name != "service.contract" and not (name + ".").startswith(own + ".")} == set()


@each_plugin
def test_its_operations_and_calculations_know_nothing_of_the_web(key: str) -> None:
    web = []
    for path in modules(FOLDERS[key]):
        if {"operations", "calculations"} & set(path.relative_to(FOLDERS[key]).with_suffix("").parts):
            web += [
                f"{path.name}: {line}"
                for line in path.read_text().splitlines()
                if re.match(r"\s*(from|import) (flask|wtforms|werkzeug)\b", line)
            ]
    assert web == []


def test_no_plugin_takes_a_hook_under_another_name() -> None:
    """`specname=` would let a function answer a hook that the gate, which goes by names, does not see."""
    places = [*(ROOT / "plugins").rglob("*.py"), *FOLDER.rglob("*.py")]
    assert [str(path) for path in places if re.search(r"\bspecname\s*=", path.read_text())] == []


@each_plugin
def test_it_implements_hooks_of_the_contract_alone(key: str) -> None:
    known = {*hooks.AT_START, *hooks.PER_COHORT, *hooks.PER_PROGRAMME, *hooks.TO_ONE, *hooks.ALWAYS}
    implemented = {name for name, value in vars(with_example()[key]).items() if hasattr(value, "stegvis_impl")}
    assert "manifest" in implemented
    assert implemented <= known


@each_plugin
def test_what_is_looked_at_has_words_for_whom_it_belongs_to(key: str) -> None:
    """The person whose things are opened reads on a page of hers what was opened."""
    source = "".join(path.read_text() for path in modules(FOLDERS[key]))
    actions = set(re.findall(r'audit_views?\(\s*"([\w.]+)"', source))
    assert actions == set(with_example()[key].manifest().audit_words)


@each_plugin
def test_its_pages_have_no_inline_style_or_script(key: str) -> None:
    """The content policy refuses both, so they would be silently without effect."""
    bad = re.compile(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<script(?![^>]*\bnonce=)|<style|javascript:", re.IGNORECASE)
    found = {
        path.name: match.group() for path in FOLDERS[key].rglob("*.html") if (match := bad.search(path.read_text()))
    }
    assert found == {}


# --- words ------------------------------------------------------------------------------------------------------------


@cache
def wanted(folder: Path) -> frozenset[tuple[str, ...]]:
    """Every message of the sources."""
    found = extract_from_dir(folder, method_map=EXTRACTED, keywords=WORDS)
    return frozenset(texts(message) for _file, _line, message, _comments, _context in found if message)


def catalogue(folder: Path, locale: str) -> Catalog:
    with (folder / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def texts(message_string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message_string,) if isinstance(message_string, str) else tuple(message_string)


@each_plugin
@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_every_message_is_translated(key: str, locale: str) -> None:
    there = {texts(message.id): message for message in catalogue(FOLDERS[key], locale) if message.id}
    assert wanted(FOLDERS[key])
    missing = [
        message for message in wanted(FOLDERS[key]) if message not in there or not all(texts(there[message].string))
    ]
    assert missing == []
    assert [message.id for message in there.values() if message.fuzzy] == []


@each_plugin
@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_the_compiled_catalogue_says_what_the_written_one_says(key: str, locale: str) -> None:
    with (FOLDERS[key] / "translations" / locale / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {texts(message.id): texts(message.string) for message in read_mo(file) if message.id}
    written = {
        texts(message.id): texts(message.string)
        for message in catalogue(FOLDERS[key], locale)
        if message.id and all(texts(message.string))
    }
    assert compiled == written


@each_plugin
@pytest.mark.parametrize("locale", ["sv", "lv"])
def test_translations_keep_the_placeholders(key: str, locale: str) -> None:
    def holes(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)[sd]", text))

    wrong = []
    for message in catalogue(FOLDERS[key], locale):
        if message.id:
            asked = set().union(*(holes(text) for text in texts(message.id)))
            wrong += [message.id for text in texts(message.string) if text and not holes(text) <= asked]
            wrong += [
                message.id
                for text in texts(message.string)[-1:]
                if text and isinstance(message.id, str) and holes(text) != asked
            ]
    assert wrong == []
