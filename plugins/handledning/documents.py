"""What stands in the files to print: the development plan and a session's record, as data for their templates.

A file leaves the service, so it says who may read it, and holds nothing that whoever asked for it may not read. Life goals
and T are in a plan only where it is made for the two alone.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import format_decimal

from plugins.handledning.calculations import GasChange, Zone
from plugins.handledning.forms.fields import FOCUSES, MODES
from plugins.handledning.forms.goals import LEVEL_NAMES, SCOPES, STATES, STATUSES, signed
from plugins.handledning.models import CoachingSession, Homework, Moment, Outcome, Scope, State
from plugins.handledning.operations import Access, Sheet
from plugins.handledning.operations.development import Plan, is_draft
from plugins.handledning.operations.goal_sheets import GoalSheet, attainment
from plugins.handledning.terms import term_words
from service.contract import current_launch, day, day_and_time, local_date, minutes, pdf, share
from service.contract import gettext as _

LEVELS = (-2, -1, 0, 1, 2)


class Readers(StrEnum):
    """For whom a plan is made.

    For the two alone, to be shown to whom the manager wants, for the manager with all that is hers, or for a coach to keep.
    """

    TWO = "two"
    SHOWN = "shown"
    OWN = "own"
    COACH = "coach"


WITH_LIFE_GOALS = frozenset({Readers.TWO, Readers.OWN})


def file_name(kind: str, access: Access, number: int = 0) -> str:
    """Returns a file's name. It names nobody: names of files end up in lists and logs."""
    words = {"plan": _("development-plan"), "record": _("coaching-session")}
    return f"{words[kind]}{f'-{number}' if number else ''}-{access.engagement.started_at.year}.pdf"


def _name(person: Any) -> str:
    return person.display_name if person else str(_("Erased person"))


def _pairs(*pairs: tuple[str, str | None]) -> list[list[str]]:
    """Returns labels and texts, without what nobody wrote."""
    return [[str(label), text] for label, text in pairs if text]


def _word(choices: Iterable[Any], value: str) -> str:
    return next(str(one.label) for one in choices if one.value == value)


# --- the plan ---------------------------------------------------------------------------------------------------------


def plan_file(plan: Plan, readers: Readers, today: date) -> bytes:
    """Returns the plan as a tagged PDF in the reader's language."""
    return pdf(
        "handledning/plan.typ", plan_data(plan, readers, today), locale=current_launch().locale,
        title=str(_("Development plan, %(name)s", name=_name(plan.access.engagement.manager))),
    )  # fmt: skip


def plan_data(plan: Plan, readers: Readers, today: date) -> dict[str, Any]:
    """Returns all that the plan's template shows, in words."""
    its = plan.access.engagement
    goals = [one for one in plan.goals if readers in WITH_LIFE_GOALS or one.goal.scope is not Scope.LIFE]
    last = min(today, its.ended_at.date()) if its.ended_at else today
    return {
        "readers": _readers(plan.access, readers),
        "mark": str(_("Draft")) if is_draft(plan) else None,
        "lead": str(_("%(term)s. Printed %(day)s.", term=term_words(last), day=day(today, year=True))),
        "headings": _headings(),
        "about": _pairs((_("Manager"), _name(its.manager)), (_("Coach"), _name(its.coach))),
        "texts": _texts(plan),
        "roles": [one.text for one in plan.map.roles],
        "situation": plan.map.head.text if plan.map.head else "",
        "t": None if readers is Readers.SHOWN else _t(attainment(goals)),
        "goals": [_goal(one) for one in goals],
        "none": str(_("Nothing written yet.")),
        "homework": [_homework(one) for one in plan.homework],
        "discretion": _discretion(plan),
        "outcomes": _outcomes(plan),
        "sign": [_name(its.manager), _name(its.coach)],
    }


def _readers(access: Access, readers: Readers) -> str:
    manager, coach = _name(access.engagement.manager), _name(access.engagement.coach)
    if readers is Readers.OWN:
        return str(
            _(
                "Only %(manager)s. It also holds what her coach does not read; she decides who is shown it.",
                manager=manager,
            )
        )
    if readers is not Readers.SHOWN:
        return str(_("%(manager)s and %(coach)s, nobody else.", manager=manager, coach=coach))
    return str(
        _(
            "%(manager)s and %(coach)s. %(manager)s alone decides whether anybody else is shown it.",
            manager=manager,
            coach=coach,
        )
    )


def _headings() -> dict[str, str]:
    return {
        "role": str(_("What the role consists of")),
        "situation": str(_("Current situation")),
        "goals": str(_("Goals")),
        "levels": str(_("Five levels")),
        "level": str(_("Level")),
        "means": str(_("What it means")),
        "activities": str(_("Activities")),
        "homework": str(_("Homework")),
        "what": str(_("What")),
        "due": str(_("Due")),
        "state": str(_("State")),
        "discretion": str(_("Discretion")),
        "outcomes": str(_("What the term gave")),
        "checks": str(_("How it shows")),
        "happened": str(_("What happened")),
    }


def _texts(plan: Plan) -> list[list[str]]:
    texts = plan.texts
    return _pairs(
        (_("What the plan is for"), texts.purpose),
        (_("Strengths that help"), texts.strengths),
        (_("What is needed"), texts.resources),
        (_("Support agreed on"), texts.support),
    )


def _t(change: GasChange | None) -> str | None:
    if change is None:
        return None
    numbers = {
        "before": format_decimal(change.baseline, "0.0"),
        "now": format_decimal(change.now, "0.0"),
        "change": format_decimal(change.change, "+0.0;-0.0"),
    }
    return str(
        _(
            "T at the beginning %(before)s, now %(now)s, change %(change)s. It sums up goals that one person set herself, "
            "and compares nobody with anybody.",
            **numbers,
        )
    )


def _goal(one: GoalSheet) -> dict[str, Any]:
    goal, begun = one.goal, one.begun or one.scale
    read_again = [
        (str(_("Its value, half way") if row.moment is Moment.HALFWAY else _("Its value, at the end")),
         " ".join([_("%(number)d of 5.", number=row.rating), row.text]).strip())
        for row in one.readings
    ]  # fmt: skip
    measure = f"{goal.measure} ({goal.unit})" if goal.measure and goal.unit else goal.measure
    return {
        "title": goal.title,
        "line": " · ".join(_goal_line(one)),
        "fields": _pairs(
            (_("What exactly"), goal.what), (_("Where, with whom"), goal.where), (_("What others will see"), goal.behaviour),
        ),
        "facts": _pairs((_("Measure"), measure), (_("Now"), goal.baseline), (_("Is to be"), goal.target)),
        "worth": _pairs(
            (_("Why it can be done"), goal.reason), (_("What it is worth"), goal.value), *read_again,
        ),
        "where": _where(one),
        "levels": _levels(begun) if begun else [],
        "activities": [
            [row.text, day(row.due_on, year=True) if row.due_on else str(_("No date")), _word(STATES, row.state.value)]
            for row in one.activities
        ],
    }  # fmt: skip


def _goal_line(one: GoalSheet) -> list[str]:
    goal = one.goal
    line = [_word(STATUSES, goal.status.value), _word(SCOPES, goal.scope.value)]
    if goal.due_on:
        line.append(str(_("by %(day)s", day=day(goal.due_on, year=True))))
    return line


def _where(one: GoalSheet) -> str | None:
    if one.begun is None or one.begun.baseline is None or one.level is None:
        return None
    words = {"first": signed(one.begun.baseline), "last": signed(one.level), "words": LEVEL_NAMES[one.level]}
    return str(_("Began at %(first)s, now %(last)s: %(words)s.", **words))


def _levels(scale: Any) -> list[list[str]]:
    texts = (scale.much_less, scale.less, scale.expected, scale.more, scale.much_more)
    return [[signed(level), text] for level, text in zip(LEVELS, texts, strict=True)][::-1]


OUTCOMES = {
    Outcome.OPEN: lambda: _("No outcome yet"),
    Outcome.DONE: lambda: _("Done"),
    Outcome.PARTLY: lambda: _("Partly"),
    Outcome.NOT_DONE: lambda: _("Not done"),
    Outcome.DROPPED: lambda: _("Letting it go"),
}


def _homework(item: Homework) -> list[str]:
    return [item.text, day(item.due_on, year=True) if item.due_on else str(_("No date")), str(OUTCOMES[item.state]())]


def _discretion(plan: Plan) -> dict[str, Any] | None:
    found = plan.map.discretion
    if found is None:
        return None
    zones = {
        Zone.OWN: _("decides alone"), Zone.CONSULT: _("after asking others"),
        Zone.PROPOSE: _("proposes"), Zone.GIVEN: _("given by others"),
    }  # fmt: skip
    return {
        "said": str(
            _(
                "Now %(now)s of all there could be, wanted %(wanted)s; %(assumed)s of the questions rest on assumption.",
                now=share(found.now), wanted=share(found.wanted), assumed=share(found.assumption_share),
            )
        ),
        "headers": [str(_("Question")), str(_("Now")), str(_("Wanted"))],
        "rows": [[one.text, str(zones[one.zone_now]), str(zones[one.zone_wanted])] for one in plan.map.questions],
    }  # fmt: skip


def _outcomes(plan: Plan) -> list[list[str]]:
    row = plan.outcomes
    if row is None:
        return []
    return _pairs(
        (_("For myself"), row.own),
        (_("For my role in the group's process"), row.role),
        (_("For the operations"), row.operations),
        (_("How I go on without a coach"), row.self_run),
    )


# --- a session's record -----------------------------------------------------------------------------------------------


def record_file(found: Sheet, coming: CoachingSession | None, zone: str) -> bytes:
    """Returns a session's record as a tagged PDF in the reader's language."""
    return pdf(
        "handledning/record.typ", record_data(found, coming, zone), locale=current_launch().locale,
        title=str(_("Coaching session %(number)d", number=found.session.number)),
    )  # fmt: skip


def record_data(found: Sheet, coming: CoachingSession | None, zone: str) -> dict[str, Any]:
    """Returns all that the record's template shows, in words."""
    its, row = found.engagement, found.session
    return {
        "readers": _readers(found.access, Readers.TWO),
        "mark": None if row.state is State.CLOSED else str(_("Draft: the session is not closed")),
        "lead": f"{term_words(local_date(row.planned_start, zone))}. {_when(row, zone)}.",
        "about": _pairs((_("Manager"), _name(its.manager)), (_("Coach"), _name(its.coach)), *_frame(row)),
        "headings": {**_headings(), "follow_up": str(_("Following up homework")), "decisions": str(_("Decisions")),
                     "new": str(_("Commitments") if row.final else _("New homework")), "next": str(_("Next session"))},
        "none": str(_("Nothing written.")),
        "follow_up": [[item.text, str(OUTCOMES[item.state]()), item.outcome_note] for item in found.follow_up],
        "decisions": _decisions(found),
        "homework": [_new(item) for item in found.new],
        "next": _when(coming, zone) if coming and coming.id != row.id else str(_("No next session is booked.")),
    }  # fmt: skip


def _when(row: CoachingSession, zone: str) -> str:
    return f"{day_and_time(row.planned_start, zone)}, {minutes(row.minutes or row.planned_minutes)}"


def _frame(row: CoachingSession) -> Sequence[tuple[str, str | None]]:
    spent = _(
        "Process %(process)d minutes, result %(result)d minutes.",
        process=row.process_minutes or 0,
        result=row.result_minutes or 0,
    )
    return (
        (_("How"), _word(MODES, row.mode.value) if row.mode else None),
        (_("About"), _word(FOCUSES, row.focus.value) if row.focus else None),
        (_("Time"), str(spent) if row.minutes else None),
    )


def _decisions(found: Sheet) -> list[list[str]]:
    row = found.decision
    return _pairs((_("Decided"), row.text), (_("Expected to lead to"), row.expected)) if row else []


def _new(item: Homework) -> list[str]:
    return [item.text, day(item.due_on, year=True) if item.due_on else str(_("No date")), item.criterion]
