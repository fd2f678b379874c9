"""Message catalogues: `update` from the sources, `compile`, and `check` that nothing is missing or stale.

One catalogue for the core and one per bundled plugin, each beside the code it speaks for. English is the message id,
so only Swedish and Latvian are files. A Latvian catalogue is a draft until a native reader has reviewed it.
"""

import ast
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("sv", "lv")
# A compiled file carries a date; one that never changes keeps a rebuild from changing the file.
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "lazy": None, "ngettext": (1, 2)}
METHODS = [("demo/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
# Without these a template that uses `do` is skipped, silently, with all its texts.
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false"}}
PYTHON_TAGS = ("python-format", "python-brace-format")


def homes() -> list[Path]:
    """Returns the folders that have a catalogue of their own."""
    return [ROOT / "service", *sorted(p.parent for p in (ROOT / "plugins").glob("*/__init__.py"))]


def template(home: Path) -> Catalog:
    """Returns the messages that the sources under a folder use today."""
    catalog = Catalog(project="Stegvis", charset="utf-8")
    found = extract_from_dir(str(home), METHODS, OPTIONS, keywords=KEYWORDS)  # type: ignore[arg-type]
    for name, _line, message, _comments, context in sorted(found, key=lambda row: (str(row[2]), row[0])):
        catalog.add(message, None, [(name, None)], context=context)
    return catalog


def path(home: Path, locale: str, suffix: str = "po") -> Path:
    """Returns where a catalogue lies."""
    return home / "translations" / locale / "LC_MESSAGES" / f"messages.{suffix}"


def read(home: Path, locale: str) -> Catalog:
    """Reads a catalogue, or begins one."""
    where = path(home, locale)
    if where.exists():
        with where.open("rb") as file:
            return read_po(file, locale=locale)
    return Catalog(locale=locale, project="Stegvis", charset="utf-8")


def merged(home: Path, locale: str) -> Catalog:
    """Returns a catalogue with exactly the messages of today and the translations there are."""
    kept = read(home, locale)
    fresh = Catalog(locale=locale, project="Stegvis", charset="utf-8", fuzzy=False)
    for message in template(home):
        if message.id:
            old = kept.get(message.id)
            text = old.string if old and not old.fuzzy else None
            fresh.add(message.id, text, locations=sorted(set(message.locations)))
    return fresh


def as_po(catalog: Catalog) -> bytes:
    """Returns the file's bytes, without dates, so that a rebuild changes nothing."""
    out = io.BytesIO()
    write_po(out, catalog, omit_header=False, sort_output=True, no_location=True, width=110)
    names = (
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Generated-By",
        "Report-Msgid",
        "Language-Team",
    )
    dated = [name.encode() for name in names]
    lines = [line for line in out.getvalue().split(b"\n") if not any(line.startswith(b'"' + name) for name in dated)]
    head = next(i for i, line in enumerate(lines) if line.startswith(b"msgid"))
    return b"\n".join(lines[head:])


def as_mo(catalog: Catalog) -> bytes:
    """Returns the compiled file's bytes."""
    catalog = read_po(io.BytesIO(as_po(catalog)), locale=str(catalog.locale))
    catalog.creation_date = catalog.revision_date = UNDATED
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """Returns the messages without a translation."""

    def empty(value: object) -> bool:
        return not value or (isinstance(value, tuple) and not all(value))

    return [str(m.id) for m in catalog if m.id and empty(m.string)]


def hidden(home: Path) -> list[str]:
    """Returns where a message stands inside an f-string: extraction does not see it there, and it stays English."""
    found = []
    for file in sorted(home.rglob("*.py")):
        for text in ast.walk(ast.parse(file.read_text("utf-8"))):
            calls = (
                [one for one in ast.walk(text) if isinstance(one, ast.Call)] if isinstance(text, ast.JoinedStr) else []
            )
            if any(isinstance(one.func, ast.Name) and one.func.id in KEYWORDS for one in calls):
                found.append(f"{file.relative_to(ROOT)}:{text.lineno}")
    return found


def main(what: str) -> int:
    """Runs one of update, compile, check."""
    wrong = 0
    for home in homes():
        for where in hidden(home):
            print(f"{where}: take the message out of the f-string")
            wrong += 1
        for locale in LOCALES:
            catalog = merged(home, locale)
            name = f"{home.relative_to(ROOT)} {locale}"
            for message in missing(catalog):
                print(f"{name}: no translation of {message!r}")
                wrong += 1
            po, mo = path(home, locale), path(home, locale, "mo")
            if what == "check":
                for where, wanted in ((po, as_po(catalog)), (mo, as_mo(catalog))):
                    if not where.exists() or where.read_bytes() != wanted:
                        print(f"{where.relative_to(ROOT)} is not what the sources say: make translations")
                        wrong += 1
            else:
                po.parent.mkdir(parents=True, exist_ok=True)
                po.write_bytes(as_po(catalog))
                mo.write_bytes(as_mo(catalog))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
