"""How long things are kept, for the training department: the days of each rule, what a change would do, the last run."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _

from service.access import requires
from service.clock import local_date
from service.cohorts.current import Stay, stay
from service.errors import Invalid
from service.retention import rules, work
from service.retention.rules import Line, Rule
from service.unit import now
from service.web import page

PERMISSION = "core.retention"
LONGEST_NUMBER = 6
# Rows are told of by their order of magnitude. They are no people: one person's year of habits is hundreds of them, and an
# exact number for any days that one asks for would tell day by day what the only manager of a course had written.
MAGNITUDES = (100, 1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Asked:
    """A change before it is made: from how many days to how many, and how many rows the next run would delete by it.

    `rows` is how many at least, None for fewer than the least that is told.
    """

    line: Line
    days: int
    rows: int | None


@dataclass(frozen=True)
class Run:
    """The last run as the training department sees it: that it ran, and how many rows at least."""

    at: Any
    done: bool
    rows: int | None


@requires(PERMISSION)
def retention() -> tuple[str, int]:
    """Shows the days of each rule, and the last run."""
    here = stay()
    changed = next((line for line in _lines(here) if line.rule.code == request.args.get("changed")), None)
    return _show(here, changed=changed)


@requires(PERMISSION)
def change(rule: str) -> Any:
    """Says what other days would do; with `step=save` makes them so."""
    here, found = stay(), rules.find(rule)
    line = next(one for one in _lines(here) if one.rule.code == found.code)
    try:
        days = _days(found, request.form.get("days", ""))
    except Invalid:
        return _show(
            here, wrong=(found.code, request.form.get("days", "")[:LONGEST_NUMBER], _outside(found)), status=422
        )
    if request.form.get("step") != "save":
        return _show(here, asked=Asked(line, days, _rows(here, found, days)))
    if request.form.get("before") != str(line.days):
        return _show(here, asked=Asked(line, days, _rows(here, found, days)), conflict=True, status=409)
    made = rules.decide(found, days, here.actor)
    return redirect(url_for("l.retention", changed=found.code, change=made), 303)


def _days(rule: Rule, typed: str) -> int:
    """Returns the days as typed. Raises Invalid for anything but a whole number within the rule's limits."""
    text = typed.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Invalid(days="number")
    least, most = rule.limits
    if not least <= int(text) <= most:
        raise Invalid(days="outside")
    return int(text)


def _outside(rule: Rule) -> str:
    least, most = rule.limits
    if not rule.may_change:
        return str(_("These days cannot be changed. Nothing was changed."))
    words = _("Write a whole number of days from %(least)d to %(most)d. Nothing was changed.", least=least, most=most)
    return str(words)


def _lines(here: Stay) -> list[Line]:
    return rules.lines(here.launch.organisation_id)


def _rows(here: Stay, rule: Rule, days: int) -> int | None:
    organisation_id = here.launch.organisation_id
    count = rule.declared.count
    rows = sum(count(rule.due(organisation_id, days, now())).values()) if count is not None else 0
    return _enough(rows)


def _enough(rows: int) -> int | None:
    return max((least for least in MAGNITUDES if least <= rows), default=None)


def _last(here: Stay) -> Run | None:
    runs = work.latest(here.launch.organisation_id)
    if not runs:
        return None
    rows = sum(sum(kinds.values()) for kinds in work.report(runs[0].id).values())
    return Run(local_date(runs[0].started_at, here.zone), runs[0].finished_at is not None, _enough(rows))


def _show(here: Stay, *, status: int = 200, **values: Any) -> tuple[str, int]:
    lines = _lines(here)
    groups = [(holder, list(some)) for holder, some in groupby(lines, key=lambda line: line.rule.holder_text)]
    known = {"asked": None, "changed": None, "wrong": None, "conflict": False}
    return page(
        "cohorts/retention.html", status=status, groups=groups, last=_last(here), k=MAGNITUDES[0],
        organisation=here.organisation_name, **{**known, **values},
    )  # fmt: skip
