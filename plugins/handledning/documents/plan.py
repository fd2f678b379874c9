"""The development plan, as data for its template."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from flask_babel import format_decimal

from plugins.handledning.calculations import GasChange, Zone
from plugins.handledning.documents.words import (
    OUTCOMES,
    Readers,
    headings,
    name_of,
    pairs,
    text_of,
    who_may_read,
    word,
)
from plugins.handledning.forms.goals import LEVEL_NAMES, SCOPES, STATES, STATUSES, signed
from plugins.handledning.models import Homework, Moment, Scope
from plugins.handledning.operations import Access
from plugins.handledning.operations.development import Plan, is_draft
from plugins.handledning.operations.goal_sheets import GoalSheet, attainment
from plugins.handledning.terms import term_words
from service.contract import Terms, current_launch, day, pdf, share
from service.contract import gettext as _

LEVELS = (-2, -1, 0, 1, 2)


WITH_LIFE_GOALS = frozenset({Readers.TWO, Readers.OWN})


def plan_file(plan: Plan, readers: Readers, today: date) -> bytes:
    """Returns the plan as a tagged PDF in the reader's language."""
    return pdf(
        "handledning/plan.typ", plan_data(plan, readers, today), locale=current_launch().locale,
        title=str(_("Development plan, %(name)s", name=name_of(plan.access.engagement.manager))),
    )  # fmt: skip


def plan_data(plan: Plan, readers: Readers, today: date, terms: Terms | None = None) -> dict[str, Any]:
    """Returns all that the plan's template shows, in words. `terms` as `term_words` takes them."""
    its = plan.access.engagement
    goals = [one for one in plan.goals if readers in WITH_LIFE_GOALS or one.goal.scope is not Scope.LIFE]
    last = min(today, its.ended_at.date()) if its.ended_at else today
    return {
        "readers": who_may_read(plan.access, readers),
        "mark": str(_("Draft")) if is_draft(plan) else None,
        "lead": str(
            _(
                "%(term)s. Printed %(day)s.",
                term=term_words(last, plan.access.party.cohort, terms),
                day=day(today, year=True),
            )
        ),
        "headings": headings(),
        "about": pairs((_("Manager"), name_of(its.manager)), (_("Coach"), name_of(its.coach))),
        "texts": _texts(plan),
        "roles": [text_of(plan.access, one, "text") for one in plan.map.roles],
        "situation": text_of(plan.access, plan.map.head, "text") if plan.map.head else "",
        "t": None if readers is Readers.SHOWN else _t(attainment(goals)),
        "goals": [_goal(plan, one) for one in goals],
        "none": str(_("Nothing written yet.")),
        "homework": [_homework(plan, one) for one in plan.homework],
        "discretion": _discretion(plan),
        "outcomes": _outcomes(plan),
        "sign": [name_of(its.manager), name_of(its.coach)],
    }


def _texts(plan: Plan) -> list[list[str]]:
    names = {
        "purpose": _("What the plan is for"), "strengths": _("Strengths that help"), "resources": _("What is needed"),
        "support": _("Support agreed on"),
    }  # fmt: skip
    return _fields(plan, plan.row, names)


def _fields(plan: Plan, row: Any, names: Mapping[str, str]) -> list[list[str]]:
    """Returns texts of a row with what each is called, without what nobody wrote."""
    return pairs(*((title, text_of(plan.access, row, name)) for name, title in names.items())) if row else []


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


def _goal(plan: Plan, one: GoalSheet) -> dict[str, Any]:
    begun = one.begun or one.scale
    said = partial(text_of, one.access, one.goal)
    read_again = [
        (str(_("Its value, half way") if row.moment is Moment.HALFWAY else _("Its value, at the end")),
         " ".join([_("%(number)d of 5.", number=row.rating), text_of(one.access, row, "text")]).strip())
        for row in one.readings
    ]  # fmt: skip
    measure, unit = said("measure"), said("unit")
    return {
        "title": said("title"),
        "line": " · ".join(_goal_line(one)),
        "fields": pairs(
            (_("What exactly"), said("what")), (_("Where, with whom"), said("where")),
            (_("What others will see"), said("behaviour")),
        ),
        "facts": pairs(
            (_("Measure"), f"{measure} ({unit})" if measure and unit else measure), (_("Now"), said("baseline")),
            (_("Is to be"), said("target")),
        ),
        "worth": pairs(
            *_leans_on(plan, one), (_("Why it can be done"), said("reason")), (_("What it is worth"), said("value")),
            *read_again,
        ),
        "where": _where(one),
        "levels": _levels(one.access, begun) if begun else [],
        "activities": [
            [text_of(one.access, row, "text"), _day(row.due_on), word(STATES, row.state.value)] for row in one.activities
        ],
    }  # fmt: skip


def _leans_on(plan: Plan, one: GoalSheet) -> list[tuple[str, str]]:
    """What of the map a goal leans on, for SMART's A and R; to a coach only from the parts that are shared with her."""
    goal, its = one.goal, plan.map
    leans = (
        (_("Leans on the question"), goal.discretion_id, its.questions),
        (_("Part of the role"), goal.role_content_id, its.roles),
        (_("Goal of the operations"), goal.operations_goal_id, its.operations),
    )
    return [
        (title, text_of(plan.access, row, "text")) for title, key, rows in leans for row in rows if row.id == key
    ]  # fmt: skip


def _goal_line(one: GoalSheet) -> list[str]:
    goal = one.goal
    line = [word(STATUSES, goal.status.value), word(SCOPES, goal.scope.value)]
    if goal.due_on:
        line.append(str(_("by %(day)s", day=day(goal.due_on, year=True))))
    return line


def _where(one: GoalSheet) -> str | None:
    if one.begun is None or one.begun.baseline is None or one.level is None:
        return None
    words = {"first": signed(one.begun.baseline), "last": signed(one.level), "words": LEVEL_NAMES[one.level]}
    return str(_("Began at %(first)s, now %(last)s: %(words)s.", **words))


def _levels(access: Access, scale: Any) -> list[list[str]]:
    names = ("much_less", "less", "expected", "more", "much_more")
    return [[signed(level), text_of(access, scale, name)] for level, name in zip(LEVELS, names, strict=True)][::-1]


def _homework(plan: Plan, item: Homework) -> list[str]:
    return [text_of(plan.access, item, "text"), _day(item.due_on), str(OUTCOMES[item.state]())]


def _day(due: date | None) -> str:
    return day(due, year=True) if due else str(_("No date"))


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
                "Now %(now)s of all there could be, wanted %(wanted)s, a gap of %(gap)s; %(assumed)s of the questions rest on"
                " assumption.",
                now=share(found.now),
                wanted=share(found.wanted),
                gap=f"{'+' if found.gap > 0 else ''}{share(found.gap)}",
                assumed=share(found.assumption_share),
            )
        ),
        "headers": [str(_("Question")), str(_("Now")), str(_("Wanted"))],
        "rows": [
            [text_of(plan.access, one, "text"), str(zones[one.zone_now]), str(zones[one.zone_wanted])]
            for one in plan.map.questions
        ],
    }  # fmt: skip


def _outcomes(plan: Plan) -> list[list[str]]:
    names = {
        "own": _("For myself"), "role": _("For my role in the group's process"), "operations": _("For the operations"),
        "self_run": _("How I go on without a coach"),
    }  # fmt: skip
    return _fields(plan, plan.outcomes, names)
