"""Where the training department decides what the gradebook is told, and what coaches and managers see of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from service.access import Role, requires
from service.cohorts import completion, counting, people
from service.cohorts.completion import Standing
from service.cohorts.counting import Shown
from service.cohorts.current import InCohort, Stay, stay
from service.cohorts.models import Cohort, Member
from service.cohorts.suppression import DEFAULT_MINIMUM
from service.cohorts.switchboard import STATES, known
from service.core import core
from service.errors import NotFound
from service.host import Plugin
from service.lti.columns import SCORE
from service.lti.service_models import DeliveryState, LineItem
from service.web import page

Answer = Response | tuple[str, int]
HOOK = "progress"
# What a state is called, and the mark that goes with it.
STATE_WORDS: Mapping[DeliveryState, Any] = {
    DeliveryState.SENT: _("Told"),
    DeliveryState.WAITING: _("On its way"),
    DeliveryState.REFUSED: _("Not taken"),
    DeliveryState.NEEDS_ATTENTION: _("Given up"),
}
STATE_MARKS = {
    DeliveryState.SENT: "done", DeliveryState.WAITING: "later", DeliveryState.REFUSED: "att",
    DeliveryState.NEEDS_ATTENTION: "att",
}  # fmt: skip
_REASONS: Mapping[str, Any] = {
    "not_a_learner": _("The learning platform does not count this person as a participant of the course."),
    "not_allowed": _("The learning platform does not let Stegvis write in the gradebook."),
    "scope_not_granted": _("The learning platform does not let Stegvis write in the gradebook."),
    "no_service": _("The course offers Stegvis no gradebook."),
    "no_column": _("There is no column for this in the gradebook, and Stegvis may not make one."),
    "column_gone": _("The column was taken away in the gradebook."),
    "platform_not_active": _("The learning platform is disconnected."),
}
_AWAY = _("The learning platform does not answer as it should. It is tried again by itself.")


def why(reason: str) -> Any:
    """Returns a sentence for the reason of a delivery or a column; nothing where there is none."""
    return _REASONS.get(reason, _AWAY) if reason else ""


@dataclass(frozen=True)
class Line:
    """One part on the page: whether its completion is told, of how many it has been, and what is wrong."""

    plugin: Plugin
    on: bool
    told: Shown = None
    column: LineItem | None = None
    problems: Sequence[Any] = ()


@requires("core.completion")
def completion_page() -> Answer:
    """Shows what the gradebook is told, part by part, and lets that be switched."""
    return _show(_here())


@requires("core.completion")
def switch(plugin: str) -> Answer:
    """Switches on or off that a part's completion is told for the cohort of this launch."""
    here, found = _here(), known(plugin)
    if not found.implements(HOOK):
        raise NotFound("no_progress")
    on = STATES.get(request.form.get("state", ""))
    if on is None:
        return _show(here, unreadable=True, status=422)
    completion.switch(here.cohort, found.key, on, here.actor)
    return redirect(url_for("l.completion", changed=found.key), 303)


@requires("core.completion")
def send_now() -> Answer:
    """Has completions gathered and told at once, those that were given up or not taken as well."""
    here = _here()
    completion.send_now(here.cohort, here.actor)
    return redirect(url_for("l.completion", sent="now"), 303)


@requires("core.own_choice")
def choose() -> Answer:
    """A manager decides whether her course is told of her."""
    here = _here()
    state = STATES.get(request.form.get("state", ""))
    if state is None:
        raise NotFound("no_such_choice")
    completion.choose(here.cohort, here.person.id, state, here.actor)
    return redirect(url_for("l.who", _anchor="completion"), 303)


@requires("core.completion")
def approve(member: UUID) -> Answer:
    """Notes by hand that a manager whom the gradebook is not told of has taken part."""
    here, state = _here(), STATES.get(request.form.get("state", ""))
    if state is None:
        return _show(here, unreadable=True, status=422)
    completion.approve(here.cohort, people.find(here.cohort, member).member.person_id, state, here.actor)
    return redirect(url_for("l.completion", _anchor="by-hand"), 303)


def _here() -> InCohort:
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    return here


def _show(here: InCohort, *, unreadable: bool = False, status: int = 200) -> tuple[str, int]:
    lines = _lines(here)
    changed = next((line for line in lines if line.plugin.key == request.args.get("changed")), None)
    return page(
        "cohorts/completion.html", status=status, lines=lines, changed=changed, unreadable=unreadable,
        sent=request.args.get("sent") == "now", course=here.cohort.title, minimum=DEFAULT_MINIMUM,
        offered=SCORE in here.cohort.grade_scopes.split(), archived=here.cohort.archived_at is not None,
        states=STATE_WORDS, by_hand=_by_hand(here),
    )  # fmt: skip


def _by_hand(here: InCohort) -> list[tuple[Member, bool]]:
    """The managers of whom nothing is told, by name, and whether training has noted that they took part."""
    silent = completion.not_told(here.cohort.id)
    managers = people.managers(here.cohort) if silent else []
    return [(one, silent[one.person_id].approved_at is not None) for one in managers if one.person_id in silent]


def _lines(here: InCohort) -> list[Line]:
    told = completion.told(here.cohort.id)
    able = [plugin for plugin in here.plugins if plugin.implements(HOOK)]
    keys = [plugin.key for plugin in able if plugin.key in told]
    columns = completion.columns(here.cohort)
    told_of = counting.of_cohort(here.cohort).figures.counts
    # That somebody is on the way to the gradebook is said where it may be one of enough.
    enough = bool(keys) and len(people.managers(here.cohort)) >= DEFAULT_MINIMUM
    standings = completion.standings(here.cohort, keys) if enough else {}
    return [
        _line(plugin, columns.get(plugin.key), _of(standings, plugin.key), told_of.get(f"{counting.TOLD}{plugin.key}"))
        if plugin.key in keys
        else Line(plugin, on=False)
        for plugin in able
    ]


def _of(standings: Mapping[UUID, Mapping[str, Standing]], plugin: str) -> list[Standing]:
    return [by_plugin[plugin] for by_plugin in standings.values() if plugin in by_plugin]


def _line(plugin: Plugin, column: LineItem | None, standings: Sequence[Standing], told_of: Shown) -> Line:
    """The number is the week's, as on every page: one that moved at once would tell who it was. What is wrong has none."""
    reasons = dict.fromkeys([column.reason if column else "", *(one.reason for one in standings)])
    return Line(
        plugin, on=True, told=told_of, column=column,
        problems=list(dict.fromkeys(str(why(reason)) for reason in reasons if reason)),
    )  # fmt: skip


# --- for the other pages ----------------------------------------------------------------------------------------------


def told_here(here: Stay) -> list[Plugin]:
    """Returns the parts whose completion the course is told, for everybody to see."""
    told = completion.told(here.cohort.id) if here.cohort is not None else {}
    return [core().host[key] for key in told if key in here.plugins]


def news(here: InCohort) -> list[Plugin]:
    """Returns the parts whose completion will be told of a manager and has not been: she knows before it happens."""
    told = told_here(here)
    if told and here.person.id in completion.not_told(here.cohort.id):
        return []
    mine = completion.standings(here.cohort, [p.key for p in told], here.person.id) if told else {}
    sent = {key for key, one in mine.get(here.person.id, {}).items() if one.state is DeliveryState.SENT}
    return [plugin for plugin in told if plugin.key not in sent]


def may_choose(here: Stay) -> bool | None:
    """Returns whether a manager's course is told of her; None where there is nothing to choose."""
    if here.cohort is None or here.role is not Role.MANAGER or not told_here(here):
        return None
    return here.person.id not in completion.not_told(here.cohort.id)


@dataclass(frozen=True)
class Table:
    """What a coach sees: the parts that are told, and for each manager what became of each."""

    plugins: Sequence[Plugin]
    rows: Sequence[tuple[Member, Sequence[Standing | None]]]
    states: Mapping[DeliveryState, Any] = field(default_factory=lambda: STATE_WORDS)
    marks: Mapping[DeliveryState, str] = field(default_factory=lambda: STATE_MARKS)

    def why(self, standing: Standing) -> Any:
        """What went wrong, in a sentence."""
        return why(standing.reason)


def table(here: Stay, cohort: Cohort, members: Sequence[Member]) -> Table:
    """Returns what became of telling about these members. Two statements, however many they are."""
    plugins = told_here(here)
    found = completion.standings(cohort, [plugin.key for plugin in plugins]) if plugins else {}
    return Table(
        plugins, [(one, [found.get(one.person_id, {}).get(plugin.key) for plugin in plugins]) for one in members]
    )
