"""PDFs: tagged (PDF/UA-1), with language and title, fonts embedded, made in this process by typst.

A plugin's template imports our page style as `@local/stegvis:1.0.0` (`templates/pdf/`). What people wrote reaches it as
JSON and is text there: nothing of it is read as markup. A template sees its own folder and nothing else of the disk.

The compiler takes one document at a time, some 12 ms for three pages, and remembers what the last ten were made of, which is
some 40 MB.
"""

import json
import re
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from service.core import core

STYLE = Path(__file__).parent / "templates" / "pdf"
# What our own font has, so that nobody has to ask: printable letters up to the end of Latin Extended-A, line breaks.
OURS = re.compile(r"[\n\u0020-\u007e\u00a0-\u017f\u2010-\u2014\u2018-\u201e\u2022\u2026]*")
# Where typst would fetch something, or run what it is given as text.
FORBIDDEN = re.compile(r"@preview/|\b(?:eval|plugin)\s*\(")
INSTEAD = "□"


def pdf(template: str, data: Mapping[str, Any], *, locale: str, title: str) -> bytes:
    """Returns a PDF. `template` is a file in the plugin's folder of templates: `handledning/plan.typ`.

    `data` is anything that JSON can say. A character that no font has (an emoji) is shown as an empty box. Raises
    FileNotFoundError for a template that no plugin has, TypstError for one that is wrong.
    """
    return _made(_find(template), data, locale, title)


def core_pdf(name: str, data: Mapping[str, Any], *, locale: str, title: str) -> bytes:
    """Returns a PDF by one of the core's own templates, as `pdf` does by a plugin's."""
    return _made(STYLE / "core" / name, data, locale, title)


def _made(path: Path, data: Mapping[str, Any], locale: str, title: str) -> bytes:
    with force_locale(locale):
        words = {"page": _("Page {page} of {pages}"), "readers": _("Who may read this")}
    inputs = {
        "data": json.dumps(_shown(data)), "words": json.dumps(words), "lang": locale, "title": _shown(title),
    }  # fmt: skip
    return _compiler().compile(path, inputs)


def problems(folder: Path) -> list[str]:
    """Returns the names of templates below a folder that fetch something, or run what they are given as text."""
    return [path.name for path in sorted(folder.rglob("*.typ")) if FORBIDDEN.search(path.read_text("utf-8"))]


def _find(template: str) -> Path:
    key, _slash, name = template.partition("/")
    if key in core().host and re.fullmatch(r"[a-z0-9_]+\.typ", name):
        path = Path(core().host[key].module.__file__).parent / "templates" / key / name
        if path.is_file():
            return path
    raise FileNotFoundError(template)


def _shown(value: Any) -> Any:
    """Returns the same with each character that no font has as an empty box: PDF/UA allows none that is not shown."""
    if isinstance(value, str):
        return value if OURS.fullmatch(value) else "".join(map(_character, value))
    if isinstance(value, Mapping):
        return {str(key): _shown(one) for key, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, (list, tuple)) else value


@lru_cache(maxsize=4096)
def _character(character: str) -> str:
    if OURS.fullmatch(character):
        return character
    # Controls and halves of characters: nothing of them can be seen.
    if character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff":
        return "" if character < " " else INSTEAD
    return character if _compiler().has(character) else INSTEAD


class _Compiler:
    """typst with our style and fonts, for one thread at a time."""

    def __init__(self) -> None:
        import typst  # noqa: PLC0415 - a large library that most processes never need

        self._lock, self._wrong = threading.Lock(), typst.TypstError
        self._typst = typst.Compiler(
            font_paths=[str(STYLE / "fonts")], ignore_system_fonts=True, package_path=str(STYLE),
            package_cache_path=str(STYLE / "none"),
        )  # fmt: skip

    def compile(self, path: Path, inputs: dict[str, str]) -> bytes:
        """Returns the document of a template."""
        with self._lock:
            made = self._typst.compile(
                str(path), root=str(path.parent), format="pdf", pdf_standards="ua-1", sys_inputs=inputs
            )
        return bytes(made)  # type: ignore[arg-type]  # one document, as no output file was named

    def has(self, character: str) -> bool:
        """Tells whether one of our fonts has a character."""
        with self._lock:
            try:
                self._typst.compile(_PROBE, format="pdf", pdf_standards="ua-1", sys_inputs={"data": character})
            except self._wrong:
                return False
        return True


_PROBE = b'#set document(title: "-")\n#set text(font: ("Schibsted Grotesk", "Libertinus Serif"))\n#sys.inputs.data'


@cache
def _compiler() -> _Compiler:
    return _Compiler()
