"""Writing a person's copy. Nothing of it is held whole but what the PDF shows."""

import html
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from service.catalogues import speaking
from service.clock import local_date
from service.cohorts.models import Person
from service.contract.records import LeftOut, PersonalData
from service.core import core
from service.exports.models import ExportFile
from service.exports.own import codes, held, parts, sealing
from service.exports.own.names import SUPPLEMENT
from service.exports.own.parts import Archive, Entry
from service.formats import day
from service.pdf import core_pdf
from service.unit import current

SCHEMA_NAME = "stegvis.own_data/1"
SCHEMA = Path(__file__).with_name("schema.json")
# Rows between two reports of how far it is.
AT_ONCE = 500
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Part:
    """What one part of Stegvis holds about her."""

    key: str
    title: str
    kinds: Sequence[PersonalData]


def collect(person: Person, *, late_only: bool) -> list[Part]:
    """Returns what every part holds about a person, of plugins on or off. `late_only`: what somebody looked at first."""
    found = [] if late_only else [Part("core", str(_("Stegvis itself")), held.kinds(person))]
    for plugin, kinds in core().host.everyone().personal_data(person):
        wanted = [kind for kind in kinds if kind.late or not late_only]
        if wanted:
            found.append(Part(plugin.key, str(plugin.manifest.title), wanted))
    return found


def left_out(person: Person, *, asked: bool = False) -> list[LeftOut]:
    """Returns what her copy does not hold. `asked` begins what somebody has to look at first."""
    found = [*held.left_out()]
    for plugin, some in core().host.everyone().left_out(person, asked=asked):
        with speaking(plugin.key):
            found += [LeftOut(str(one.title), str(one.why), one.number, str(one.state), one.overdue) for one in some]
    return found


def fill(row: ExportFile, path: Path, report: Report) -> int:
    """Writes the ZIP of one export to a path, reporting rows done of rows. Returns how many there are."""
    person = current().session.get_one(Person, row.person_id)
    found = collect(person, late_only=row.kind == SUPPLEMENT)
    total = sum(len(kind.rows) for part in found for kind in part.kinds)
    report(0, total)
    zone = person.own_zone or person.zone or "Europe/Stockholm"
    page = path.with_name("data.html")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        writing = _Writing(Archive(archive), row, person, zone, _title(row))
        done = writing.data(found, page, total, report)
        writing.rest(left_out(person))
    page.unlink()
    return done


def _title(row: ExportFile) -> str:
    if row.kind == SUPPLEMENT:
        return str(_("What was given out to you afterwards"))
    return str(_("Everything that Stegvis keeps about you"))


@dataclass
class _Writing:
    archive: Archive
    row: ExportFile
    person: Person
    zone: str
    title: str

    def __post_init__(self) -> None:
        self._shown: list[dict[str, Any]] = []

    @property
    def _about(self) -> dict[str, Any]:
        return {"made_for": str(self.person.id), "asked_at": self.row.created_at.isoformat(), "locale": self.row.locale}

    def data(self, found: Sequence[Part], page: Path, total: int, report: Report) -> int:
        """Writes data.json into the archive and data.html beside it in one pass, then puts that in as well."""
        done = 0
        with self.archive.entry("data.json") as data, page.open("wb") as beside:
            readable = Entry(beside)
            readable.write(parts.html_head(self.title, self.row.locale) + self._intro())
            head = {"schema": SCHEMA_NAME, **self._about}
            data.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "parts": [')
            for done in self._parts(found, data, readable):
                if done % AT_ONCE == 0:
                    report(done, max(total, done))
            data.write("]}\n")
            readable.write(parts.HTML_END)
        with self.archive.entry("data.html") as entry, page.open("rb") as file:
            shutil.copyfileobj(file, entry)
        return done

    def _intro(self) -> str:
        made = day(local_date(self.row.created_at, self.zone), year=True)
        words = _(
            "Asked for on %(day)s. The file data.json holds the same for machines, and the numbers that join it.",
            day=made,
        )
        return f"<p>{html.escape(str(words))}</p>\n"

    def _parts(self, found: Sequence[Part], data: Entry, readable: Entry) -> Iterator[int]:
        done = 0
        for number, part in enumerate(found):
            head = {"part": part.key, "title": part.title}
            data.write((",\n" if number else "\n") + json.dumps(head, ensure_ascii=False)[:-1] + ', "kinds": [')
            readable.write(parts.heading(2, part.title))
            with speaking(part.key):
                for place, kind in enumerate(part.kinds):
                    for _row in self._kind(part, kind, data, readable, first=not place):
                        done += 1
                        yield done
            data.write("]}")

    def _kind(self, part: Part, kind: PersonalData, data: Entry, readable: Entry, *, first: bool) -> Iterator[None]:
        title = parts.title_of(kind)
        head = {"name": kind.name, "title": title}
        data.write(("\n" if first else ",\n") + json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": [')
        shown: dict[str, Any] = {"part": part.title, "title": title, "rows": [], "more": 0}
        coded, number = codes.coded(kind.name), 0
        for number, row in enumerate(kind.rows, 1):
            data.write((",\n" if number > 1 else "\n") + parts.as_json(row))
            told = parts.words(row, self.zone, coded)
            if number == 1:
                readable.write(parts.heading(3, title))
            readable.write(parts.html_row(told))
            if number <= parts.IN_PDF:
                shown["rows"].append([[name, text[: parts.LONGEST_IN_PDF]] for name, text in told])
            yield
        shown["more"] = max(0, number - parts.IN_PDF)
        data.write("]}")
        if number:
            self._shown.append(shown)

    def rest(self, missing: Sequence[LeftOut]) -> None:
        """Writes what is left out, the PDF, the schema, and last the manifest with its signature."""
        lines = parts.left_out_lines(missing)
        self.archive.add("not-included.json", json.dumps(lines, indent=2, ensure_ascii=False).encode())
        self.archive.add("not-included.html", self._missing(lines).encode())
        self.archive.add("data.pdf", self._pdf(lines))
        self.archive.add("schema.json", SCHEMA.read_bytes())
        body, signature = sealing.manifest(core().settings, self.archive.files, self._about)
        self.archive.zip.writestr(sealing.MANIFEST, body)
        self.archive.zip.writestr(sealing.SIGNATURE, signature)

    def _missing(self, lines: Sequence[dict[str, Any]]) -> str:
        title = str(_("What is not in it, and why"))
        rows = [
            parts.heading(2, line["what"] + (f" ({line['number']})" if line["number"] else ""))
            + "".join(f"<p>{html.escape(text)}</p>\n" for text in (line["why"], line["state"]) if text)
            for line in lines
        ]
        return parts.html_head(title, self.row.locale) + "".join(rows) + parts.HTML_END

    def _pdf(self, lines: Sequence[dict[str, Any]]) -> bytes:
        made = day(local_date(self.row.created_at, self.zone), year=True)
        data = {
            "title": self.title, "asked": _("Asked for on %(day)s.", day=made), "kinds": self._shown, "missing": lines,
            "missing_title": _("What is not in it, and why"), "readers": _("Only you, until you give it to somebody."),
            "more": _("… and further rows, which stand in data.html and data.json: {number}"),
        }  # fmt: skip
        return core_pdf("own_data.typ", _strings(data), locale=self.row.locale, title=self.title)


def _strings(value: Any) -> Any:
    """Returns the same with words that are translated only when they are read as plain text."""
    if isinstance(value, dict):
        return {key: _strings(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_strings(one) for one in value]
    return value if value is None or isinstance(value, (int, str)) else str(value)
