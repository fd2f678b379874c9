"""The organisation's terms: which days they have, and giving them others."""

from dataclasses import dataclass, field
from datetime import date

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from service.access import requires
from service.clock import local_date
from service.cohorts import terms
from service.cohorts.current import Stay, stay
from service.cohorts.terms import Term
from service.errors import Conflict, Invalid, NotFound
from service.unit import now
from service.web import page

Answer = Response | tuple[str, int]
SENTENCES = {
    "no_day": _l("Write a day as year-month-day."),
    terms.BACKWARDS: _l("A term ends on its first day or later."),
    terms.OVERLAPS: _l(
        "The term beside it has days in common with these. Change that one first, or choose other days."
    ),
    terms.FAR_OFF: _l("A spring term lies about January to June, an autumn term about July to December."),
}


@dataclass
class Line:
    """One term on the page, as typed where something was refused."""

    term: Term
    first: str
    last: str
    errors: dict[str, str] = field(default_factory=dict)
    conflict: bool = False

    @property
    def key(self) -> str:
        """What tells it from the others in the page."""
        return f"{self.term.year}-{2 if self.term.autumn else 1}"


@requires("core.switch_plugins")
def overview() -> Answer:
    """Shows the terms around today."""
    return _show(stay())


@requires("core.switch_plugins")
def write() -> Answer:
    """Gives one term its days. When somebody else was first, both are shown."""
    here, form = stay(), request.form
    organisation_id = here.launch.organisation_id
    shown = {line.key: line for line in _lines(here)}
    line = shown.get(form.get("term", ""))
    if line is None:
        raise NotFound("no_term")
    line.first, line.last = form.get("first", "").strip(), form.get("last", "").strip()
    days = [_day(line.first), _day(line.last)]
    line.errors = {name: "no_day" for name, day in zip(("first", "last"), days, strict=True) if day is None}
    first, last = days
    if first is None or last is None:
        return _show(here, line, status=422)
    version = form.get("version", type=int, default=-1)
    try:
        wanted = Term(line.term.year, line.term.autumn, first, last, last, version)
        made = terms.change(organisation_id, wanted, here.actor)
    except Invalid as refused:
        line.errors = {name: str(why) for name, why in refused.fields.items()}
        return _show(here, line, status=422)
    except Conflict:
        line.conflict = True
        return _show(here, line, status=409)
    return redirect(url_for("l.terms", saved=line.key, change=made), 303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _lines(here: Stay) -> list[Line]:
    found = terms.around(terms.terms_of(here.launch.organisation_id), local_date(now(), here.zone))
    return [Line(term, term.first.isoformat(), term.last.isoformat()) for term in found]


def _show(here: Stay, typed: Line | None = None, *, status: int = 200) -> tuple[str, int]:
    lines = [typed if typed and typed.key == line.key else line for line in _lines(here)]
    return page(
        "cohorts/terms.html", status=status, lines=lines, typed=typed, sentences=SENTENCES,
        saved=next((line for line in lines if line.key == request.args.get("saved")), None),
        organisation=here.organisation_name,
    )  # fmt: skip
