"""The development plan, as data for its template."""

from datetime import date
from typing import Any

from flask_babel import format_decimal

from plugins.handledning.calculations import GasChange, Zone
from plugins.handledning.documents.words import OUTCOMES, Readers, headings, name_of, pairs, who_may_read, word
from plugins.handledning.forms.goals import LEVEL_NAMES, SCOPES, STATES, STATUSES, signed
from plugins.handledning.models import Homework, Moment, Scope
from plugins.handledning.operations.development import Plan, is_draft
from plugins.handledning.operations.goal_sheets import GoalSheet, attainment
from plugins.handledning.terms import term_words
from service.contract import current_launch, day, pdf, share
from service.contract import gettext as _

LEVELS = (-2, -1, 0, 1, 2)


WITH_LIFE_GOALS = frozenset({Readers.TWO, Readers.OWN})


def plan_file(plan: Plan, readers: Readers, today: date) -> bytes:
    """Returns the plan as a tagged PDF in the reader's language."""
    return pdf(
        "handledning/plan.typ", plan_data(plan, readers, today), locale=current_launch().locale,
        title=str(_("Development plan, %(name)s", name=name_of(plan.access.engagement.manager))),
    )  # fmt: skip


def plan_data(plan: Plan, readers: Readers, today: date) -> dict[str, Any]:
    """Returns all that the plan's template shows, in words."""
    its = plan.access.engagement
    goals = [one for one in plan.goals if readers in WITH_LIFE_GOALS or one.goal.scope is not Scope.LIFE]
    last = min(today, its.ended_at.date()) if its.ended_at else today
    return {
        "readers": who_may_read(plan.access, readers),
        "mark": str(_("Draft")) if is_draft(plan) else None,
        "lead": str(
            _("%(term)s. Printed %(day)s.", term=term_words(last, plan.access.party.cohort), day=day(today, year=True))
        ),
        "headings": headings(),
        "about": pairs((_("Manager"), name_of(its.manager)), (_("Coach"), name_of(its.coach))),
        "texts": _texts(plan),
        "roles": [one.text for one in plan.map.roles],
        "situation": plan.map.head.text if plan.map.head else "",
        "t": None if readers is Readers.SHOWN else _t(attainment(goals)),
        "goals": [_goal(one) for one in goals],
        "none": str(_("Nothing written yet.")),
        "homework": [_homework(one) for one in plan.homework],
        "discretion": _discretion(plan),
        "outcomes": _outcomes(plan),
        "sign": [name_of(its.manager), name_of(its.coach)],
    }


def _texts(plan: Plan) -> list[list[str]]:
    texts = plan.texts
    return pairs(
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
        "fields": pairs(
            (_("What exactly"), goal.what), (_("Where, with whom"), goal.where), (_("What others will see"), goal.behaviour),
        ),
        "facts": pairs((_("Measure"), measure), (_("Now"), goal.baseline), (_("Is to be"), goal.target)),
        "worth": pairs(
            (_("Why it can be done"), goal.reason), (_("What it is worth"), goal.value), *read_again,
        ),
        "where": _where(one),
        "levels": _levels(begun) if begun else [],
        "activities": [
            [row.text, day(row.due_on, year=True) if row.due_on else str(_("No date")), word(STATES, row.state.value)]
            for row in one.activities
        ],
    }  # fmt: skip


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


def _levels(scale: Any) -> list[list[str]]:
    texts = (scale.much_less, scale.less, scale.expected, scale.more, scale.much_more)
    return [[signed(level), text] for level, text in zip(LEVELS, texts, strict=True)][::-1]


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
    return pairs(
        (_("For myself"), row.own),
        (_("For my role in the group's process"), row.role),
        (_("For the operations"), row.operations),
        (_("How I go on without a coach"), row.self_run),
    )
