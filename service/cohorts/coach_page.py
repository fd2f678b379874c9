"""A coach's own page: her managers, those who need her first, as she chose to see them.

Managers are chosen, put in order and cut to a page before anything is read that takes a look-up or opens a seal.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from service import audit
from service.access import Role
from service.clock import local_date
from service.cohorts import choosing, completion_pages, people, term_line
from service.cohorts.board import Board, Row, curve, gather
from service.cohorts.choosing import BY_NAME, BY_NEED, Choice, Option, Sort
from service.cohorts.current import InCohort
from service.cohorts.models import Member
from service.cohorts.terms import Term, term_of
from service.core import core
from service.formats import day
from service.lti import copies, roster_pages
from service.unit import now
from service.web import page

# Filters that the core has itself; a plugin's own have its key before them.
NEEDS, NEW, PAUSED = "needs", "new", "paused"


@dataclass(frozen=True)
class Group:
    """Rows under a heading of their own; without one where the order is another than by need."""

    title: Any
    rows: Sequence[Row]


def show(here: InCohort) -> tuple[str, int]:
    """Shows the cohort to a coach. That she looked is noted before anything of anybody's is read."""
    audit.append_now(
        core().units, here.actor, "cohort.view", object_type="cohort", object_ref=str(here.cohort.id), once=True
    )
    return drawn(here, roster_pages.look(here))


def drawn(here: InCohort, roster: Any) -> tuple[str, int]:
    """Returns the page; that she looks has been noted. `roster` is what there is to say of the course's roster."""
    board, shown = seen(here)
    today = local_date(now(), here.zone)
    total = len(board.members)
    return page(
        "cohorts/coach.html", board=board, shown=shown, heading=_heading(total, len(shown.needing)),
        week=today.isocalendar().week, printed=day(today, year=True), total=total, roster=roster, curve=curve,
        who=here.person.display_name, course=here.cohort.title, copied=copies.question(here),
        timeline=_timeline(board, today, term_of(today, here.cohort)),
        completion=completion_pages.table(here, here.cohort, [row.member for row in board.rows]),
    )  # fmt: skip


def seen(here: InCohort) -> tuple[Board, "Shown"]:
    """Returns what there is to see of the managers, as it was chosen: all that is read for the page."""
    managers = people.listed(here.cohort)
    board = gather(here.plugins.cohort_report(here.cohort, managers, Role.COACH, here.person.id), managers)
    return board, _chosen(board)


def about(here: InCohort, member: Member) -> Board:
    """Returns what a coach may see of one manager."""
    board = gather(here.plugins.cohort_report(here.cohort, [member], Role.COACH, here.person.id), [member])
    board.fill([member])
    return board


@dataclass(frozen=True)
class Shown:
    """The page as it was chosen: the filters, the orders, and the rows in their groups. `number` is of all pages."""

    choice: Choice
    options: Sequence[Option]
    sorts: Sequence[Sort]
    groups: Sequence[Group]
    number: int
    pages: int
    needing: AbstractSet[UUID]


def _chosen(board: Board) -> Shown:
    needs = board.needs()
    titles, members = _filters(board, needs)
    choice = Choice.of(request.args, list(titles), [sort.key for sort in _sorts(board)])
    found = [one for one in board.members if not choice.name or choice.keeps(one.person.display_name)]
    named = {member.person_id for member in found}
    wanted = [members[key] for key in choice.show]
    kept = [one for one in found if all(one.person_id in each for each in wanted)] if wanted else found
    ordered = _ordered(board, kept, choice, needs)
    choice, pages, part = choosing.pages(choice, len(ordered))
    board.fill(ordered[part])
    return Shown(
        choice, choosing.options(choice, titles, members, named), _sorts(board), _groups(board, choice), len(kept), pages,
        board.needs().keys(),
    )  # fmt: skip


def _sorts(board: Board) -> list[Sort]:
    columns = [Sort(column.key, column.title) for column in board.columns]
    return [Sort(BY_NEED, _("Who needs you most")), Sort(BY_NAME, _("Name")), *columns]


def _filters(board: Board, needs: Mapping[UUID, Any]) -> tuple[Mapping[str, Any], Mapping[str, AbstractSet[UUID]]]:
    """Returns the titles of the filters that there is somebody behind or that always stand there, and who is behind each."""
    titles: dict[str, Any] = {NEEDS: _("Needs you")}
    members: dict[str, AbstractSet[UUID]] = {NEEDS: {one.person_id for one in board.members if one.id in needs}}
    for told in board.told:
        for each in told.report.filters:
            titles[told.name(each.key)], members[told.name(each.key)] = each.title, each.persons
    if any(told.report.begun is not None for told in board.told):
        titles[NEW], members[NEW] = _("Not started"), board.new()
    if paused := board.paused():
        titles[PAUSED] = _("Paused")
        members[PAUSED] = {one.person_id for one in board.members if one.id in paused}
    return titles, members


def _ordered(
    board: Board, kept: Sequence[Member], choice: Choice, needs: Mapping[UUID, tuple[float, int]]
) -> Sequence[Member]:
    """Puts managers, who come by name, in the order that was chosen."""
    if choice.sort == BY_NAME:
        return list(reversed(kept)) if choice.backwards else kept
    value = None if choice.sort == BY_NEED else board.values(choice.sort)
    if value is not None:
        return choosing.in_order(kept, value, backwards=choice.backwards)
    resting, nothing = board.paused(), (0.0, 0)

    def place(member: Member) -> tuple[bool, float, int]:
        weight, number = needs.get(member.id, nothing)
        return (bool(resting) and member.id in resting, -weight, -number)

    ordered = sorted(kept, key=place)
    return list(reversed(ordered)) if choice.backwards else ordered


def _groups(board: Board, choice: Choice) -> Sequence[Group]:
    if choice.sort != BY_NEED or choice.backwards:
        return [Group("", board.rows)] if board.rows else []
    resting = board.paused()
    split: dict[Any, list[Row]] = {_("Needs you"): [], _("Going well"): [], _("Paused"): []}
    needed, well, paused = split.values()
    for row in board.rows:
        (needed if row.reasons else paused if row.member.id in resting else well).append(row)
    return [Group(title, rows) for title, rows in split.items() if rows]


def _heading(total: int, needing: int) -> str:
    if not needing:
        return str(_("Nobody needs you right now"))
    told = ngettext(
        "%(num)d of %(total)d managers needs you", "%(num)d of %(total)d managers need you", needing, total=total
    )
    return str(told)


def _timeline(board: Board, today: date, term: Term) -> str:
    found = term_line.picture([row.member for row in board.rows], board.marks, today, term)
    if found is None:
        return ""
    return Markup(render_template("cohorts/picture.html", picture=found))  # noqa: S704 - a template's own output
