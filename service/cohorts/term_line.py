"""The term of the managers on a page, one row each: what the plugins marked on its days, as a picture with its table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from service.cohorts.models import Member
from service.cohorts.terms import Term
from service.contract.reports import Picture, TermMark
from service.formats import short_day

EMPTY = "\N{EN DASH}"


def picture(members: Sequence[Member], marks: Sequence[TermMark], today: date, term: Term) -> Picture | None:
    """Returns the picture; None where no day of these managers' term is marked."""
    # Of these members and of this term alone: one day years ago would make the rest too small to read.
    here = {member.id for member in members}
    marks = [mark for mark in marks if mark.member_id in here and mark.at >= term.first]
    told = {mark.member_id for mark in marks}
    rows = [member for member in members if member.id in told]
    if not rows:
        return None
    kinds = list(dict.fromkeys((str(mark.what), mark.shape) for mark in marks))
    days = [term.first, today, *(mark.at for mark in marks)]
    places = {member.id: row for row, member in enumerate(rows)}
    found: dict[tuple[UUID, str], list[date]] = defaultdict(list)
    for mark in sorted(marks, key=lambda mark: mark.at):
        found[mark.member_id, str(mark.what)].append(mark.at)
    chart: dict[str, Any] = {
        "kind": "timeline", "rows": [member.person.display_name for member in rows], "now": today.isoformat(),
        "nowLabel": _("today"), "from": min(days).isoformat(),
        "to": (max(term.last, *days) + timedelta(days=7)).isoformat(),
        "series": [_series(what, shape, marks, places) for what, shape in kinds],
    }  # fmt: skip
    table = [
        [member.person.display_name, *(_dates(found[member.id, what]) for what, _shape in kinds)] for member in rows
    ]
    return Picture(
        "term", _("The term, one row each"), _("The managers on this page of whom there is something to show."), chart,
        [_("Manager"), *(what[:1].upper() + what[1:] for what, _shape in kinds)], table,
    )  # fmt: skip


def _series(what: str, shape: str, marks: Sequence[TermMark], places: Mapping[UUID, int]) -> dict[str, Any]:
    data = [
        [mark.at.isoformat(), places[mark.member_id]] for mark in marks if (str(mark.what), mark.shape) == (what, shape)
    ]
    return {"name": what, "mark": shape, "data": data}


def _dates(days: Sequence[date]) -> str:
    return ", ".join(map(short_day, days)) or EMPTY
