"""Goals: the list with the sum that only the two see, a goal's own page, and the form to write one."""

import uuid
from typing import Any

from flask import request

from plugins.handledning.calculations import OPEN
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.goals import (
    LEVEL_NAMES,
    SCOPES,
    STATES,
    STATUSES,
    FirstForm,
    GoalForm,
    LevelForm,
    ValueReadingForm,
    goal_data,
    signed,
)
from plugins.handledning.forms.notes import GoalSuggestForm
from plugins.handledning.models import Goal, GoalStatus, Moment, Suggestion, SuggestionKind
from plugins.handledning.operations import suggestions
from plugins.handledning.operations.goal_sheets import (
    GoalSheet,
    attainment,
    goal_sheet,
    goals_of,
    leanings,
    smart_of,
    today_of,
)
from plugins.handledning.operations.goals import (
    NotSettled,
    change_goal,
    make_goal,
    read_value,
    set_goal_status,
    settle_goal,
    share_goal,
)
from plugins.handledning.operations.scales import level_texts
from plugins.handledning.operations.scope import Access, reach_row
from plugins.handledning.routes.base import Answer, enter, pages, party, posted, to, zone
from service.contract import Conflict, NotFound, audit_view, page, requires

WORDS = {
    "levels": LEVEL_NAMES,
    "scopes": {one.value: one.label for one in SCOPES},
    "statuses": {one.value: one.label for one in STATUSES},
    "states": {one.value: one.label for one in STATES},
}


@pages.get("/engagements/<uuid:engagement_id>/goals")
@requires("handledning.take_part")
def goals(engagement_id: uuid.UUID) -> Answer:
    """All goals that the reader may read, and T with its change."""
    access = enter(engagement_id)
    sheets = goals_of(access)
    return page(
        "handledning/goals.html",
        its=access.engagement,
        mine=access.is_managers,
        sheets=sheets,
        change=attainment(sheets),
        open=access.engagement.status in OPEN,
        words=WORDS,
        signed=signed,
        today=today_of(access),
    )


@pages.route("/engagements/<uuid:engagement_id>/goals/new", methods=["GET", "POST"])
@requires("handledning.own")
def new_goal(engagement_id: uuid.UUID) -> Answer:
    """A new goal with its first activity."""
    access = enter(engagement_id)
    access.only_manager("write_goal")
    access.open()
    form = GoalForm(posted()).leaning_on(leanings(access))
    first = FirstForm(posted(), prefix="first-")
    if request.method == "GET":
        form.fresh()
        return _goal_form(access, form, first=first)
    if not all([form.validate(), first.validate()]):
        return _goal_form(access, form, first=first, status=422)
    goal_id = form.row_id(engagement_id)
    make_goal(access, goal_id, form.draft(), first.draft(uuid.uuid5(goal_id, "first")))
    return to(".goal", goal_id=goal_id)


def _goal_form(access: Access, form: GoalForm, *, status: int = 200, **more: Any) -> Answer:
    return page(
        "handledning/goal_form.html",
        status=status,
        its=access.engagement,
        form=form,
        leans=leanings(access),
        **more,
    )


@pages.route("/goals/<uuid:goal_id>/edit", methods=["GET", "POST"])
@requires("handledning.own")
def edit_goal(goal_id: uuid.UUID) -> Answer:
    """A goal, to write in."""
    found = open_goal(goal_id)
    found.access.only_manager("write_goal", "goal", goal_id)
    form = GoalForm(posted(), data=goal_data(found.goal)).leaning_on(leanings(found.access))
    if request.method == "GET":
        return _goal_form(found.access, form, goal=found.goal)
    if not form.validate():
        return _goal_form(found.access, form, goal=found.goal, status=422)
    try:
        change_goal(found, form.seen, form.draft())
    except Conflict:
        found.access.open()
        saved = GoalForm(data=goal_data(found.goal)).leaning_on(leanings(found.access))
        form.version.data = saved.version.data
        return _goal_form(
            found.access, form, goal=found.goal, status=409, differ=differ([("", saved)], [("", form)])
        )  # fmt: skip
    return to(".goal", goal_id=goal_id)


def open_goal(goal_id: uuid.UUID) -> GoalSheet:
    """Returns the goal of this request: locked where something is written, noted where the coach reads."""
    writing = request.method not in ("GET", "HEAD")
    if not writing:
        _row, access = reach_row(party(), Goal, goal_id)
        if not access.is_managers:
            audit_view("handledning.view_goal", "goal", str(goal_id), access.engagement.manager_id)
    return goal_sheet(party(), goal_id, lock=writing)


@pages.get("/goals/<uuid:goal_id>")
@requires("handledning.take_part")
def goal(goal_id: uuid.UUID) -> Answer:
    """One goal: where she is, what it says, its activities, its value."""
    return goal_page(open_goal(goal_id))


def goal_page(found: GoalSheet, *, status: int = 200, **forms: Any) -> Answer:
    """Shows a goal's page; a form that was refused is given, the others are as they are saved."""
    newest = found.scale
    waiting = suggestions.waiting(found.access, Suggestion.subject_id == found.goal.id)
    shown = {
        "found": found,
        "goal": found.goal,
        "its": found.access.engagement,
        "mine": found.access.is_managers,
        "open": found.access.engagement.status in OPEN,
        "newest": newest,
        "texts": level_texts(found.begun or newest),
        "smart": smart_of(found),
        "leans": _leans_on(found),
        "waiting": waiting,
        "words": WORDS,
        "signed": signed,
        "moments": [Moment.HALFWAY, Moment.END],
        "today": today_of(found.access),
        "zone": zone(),
        "level": LevelForm(data={"level": _level(found)}).on(newest, beginning=newest.baseline is None)
        if newest
        else None,
        "value": ValueReadingForm(),
        "suggest": GoalSuggestForm().fresh(),
        **forms,
    }
    return page("handledning/goal.html", status=status, **shown)


def _level(found: GoalSheet) -> str:
    return str(found.level) if found.level is not None and found.scale is found.begun else ""


def _leans_on(found: GoalSheet) -> dict[str, str]:
    """What of the map the goal leans on, in words, where the reader may read them."""
    there = leanings(found.access)
    return {
        name: row.text
        for name, rows in there.items()
        for row in rows
        if row.id == getattr(found.goal, name)
    }  # fmt: skip


@pages.post("/goals/<uuid:goal_id>/settle")
@requires("handledning.own")
def settle(goal_id: uuid.UUID) -> Answer:
    """Settles a goal, or says which checks are lacking."""
    found = open_goal(goal_id)
    try:
        settle_goal(found)
    except NotSettled:
        return goal_page(found, status=422, refused=True)
    return to(".goal", goal_id=goal_id)


@pages.post("/goals/<uuid:goal_id>/status")
@requires("handledning.own")
def goal_status(goal_id: uuid.UUID) -> Answer:
    """Says where a goal is."""
    found = open_goal(goal_id)
    if request.form.get("status") not in list(GoalStatus):
        raise NotFound("no_such_status")
    set_goal_status(found, GoalStatus(request.form["status"]))
    return to(".goal", goal_id=goal_id, _anchor="status")


@pages.post("/goals/<uuid:goal_id>/share")
@requires("handledning.own")
def share(goal_id: uuid.UUID) -> Answer:
    """Lets the coach read a life goal, or no longer."""
    share_goal(open_goal(goal_id), shared=request.form.get("shared") == "on")
    return to(".goal", goal_id=goal_id, _anchor="share")


@pages.post("/goals/<uuid:goal_id>/value")
@requires("handledning.own")
def goal_value(goal_id: uuid.UUID) -> Answer:
    """Keeps what she says of a goal's value, half way or at the end."""
    found = open_goal(goal_id)
    form = ValueReadingForm(request.form)
    if not form.validate():
        return goal_page(found, status=422, value=form)
    read_value(found, Moment(form.moment.data), int(form.rating.data), (form.text.data or "").strip())
    return to(".goal", goal_id=goal_id, _anchor="value")


@pages.post("/goals/<uuid:goal_id>/suggest")
@requires("handledning.coach")
def suggest_goal(goal_id: uuid.UUID) -> Answer:
    """Keeps what the coach suggests about a goal."""
    found = open_goal(goal_id)
    form = GoalSuggestForm(request.form)
    if not form.validate():
        return goal_page(found, status=422, suggest=form)
    kind = SuggestionKind(form.about.data)
    text = (form.text.data or "").strip()
    suggestions.suggest(found.access, form.row_id(goal_id), kind, text, subject_id=goal_id)
    return to(".goal", goal_id=goal_id, _anchor="suggestions")
