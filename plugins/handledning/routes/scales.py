"""A goal's five levels, where she began and where she is; and the activities that lead there."""

import uuid
from datetime import timedelta

from flask import request

from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.goals import ActivityForm, LevelForm, ScaleForm, activity_data, scale_data
from plugins.handledning.models import Activity, ActivityState
from plugins.handledning.operations.activities import add_activity, change_activity
from plugins.handledning.operations.goal_sheets import GoalSheet, goals_of, today_of
from plugins.handledning.operations.scales import NotFive, begin_on, rate, write_scale
from plugins.handledning.operations.scope import Access, reach_row
from plugins.handledning.routes.base import Answer, enter, pages, party, posted, to
from plugins.handledning.routes.goals import goal_page, open_goal
from service.contract import Conflict, Invalid, page, requires
from service.contract import gettext as _

# A new activity is proposed for so many days on.
DAYS_ON = 14


@pages.route("/goals/<uuid:goal_id>/scale", methods=["GET", "POST"])
@requires("handledning.own")
def scale(goal_id: uuid.UUID) -> Answer:
    """The five levels, to write."""
    found = open_goal(goal_id)
    found.access.only_manager("write_scale", "goal", goal_id)
    form = ScaleForm(posted(), data=scale_data(found))
    if request.method == "GET":
        return _scale_form(found, form)
    if not form.validate():
        return _scale_form(found, form, status=422)
    try:
        write_scale(found, form.seen, form.texts())
    except NotFive as refusal:
        form.mark(refusal)
        return _scale_form(found, form, status=422, refused=True)
    except Conflict:
        found.access.open()
        saved = ScaleForm(data=scale_data(found))
        form.version.data = saved.version.data
        return _scale_form(found, form, status=409, differ=differ([("", saved)], [("", form)]))
    return to(".goal", goal_id=goal_id, _anchor="levels")


def _scale_form(found: GoalSheet, form: ScaleForm, *, status: int = 200, **more: object) -> Answer:
    newest = found.scale
    frozen = newest is not None and newest.baseline is not None
    return page(
        "handledning/scale.html", status=status, its=found.access.engagement, goal=found.goal, form=form, frozen=frozen, **more
    )  # fmt: skip


@pages.post("/goals/<uuid:goal_id>/level")
@requires("handledning.own")
def level(goal_id: uuid.UUID) -> Answer:
    """Says where she begins, or where she is."""
    found = open_goal(goal_id)
    newest = found.scale
    if newest is None:
        return goal_page(found, status=422, refused_level=_("Write the five levels first."))
    form = LevelForm(request.form).on(newest, beginning=newest.baseline is None)
    if newest.id != form.scale_id:
        again = LevelForm(data={"note": form.note.data}).on(newest, beginning=newest.baseline is None)
        words = _("The levels were changed meanwhile. Nothing was saved. Look at them, and choose again.")
        return goal_page(found, status=409, level=again, refused_level=words)
    if not form.validate():
        return goal_page(found, status=422, level=form)
    try:
        _say(found, form, int(form.level.data))
    except Invalid:
        form.level.errors = [
            _(
                "Six goals have begun already, and more are not weighed against each other. This one goes on with its activities."
            )
        ]
        return goal_page(found, status=422, level=form)
    return to(".goal", goal_id=goal_id, _anchor="levels")


def _say(found: GoalSheet, form: LevelForm, where: int) -> None:
    newest = found.scale
    if newest is not None and newest.baseline is None:
        begin_on(found, form.scale_id, where)
    else:
        rate(found, form.scale_id, where, (form.note.data or "").strip())


@pages.route("/engagements/<uuid:engagement_id>/activities/new", methods=["GET", "POST"])
@requires("handledning.own")
def new_activity(engagement_id: uuid.UUID) -> Answer:
    """A new activity for one of the goals."""
    access = enter(engagement_id)
    access.only_manager("write_activity")
    access.open()
    due = today_of(access) + timedelta(days=DAYS_ON)
    form = ActivityForm(posted(), data={"goal": request.args.get("goal", ""), "due_on": due}).towards(goals_of(access))
    if request.method == "GET":
        form.fresh()
        return _activity_form(access, form)
    if not form.validate():
        return _activity_form(access, form, status=422)
    row = add_activity(access, form.goal_id, form.draft(form.row_id(engagement_id)))
    return to(".goal", goal_id=row.goal_id, _anchor="activities")


def _activity_form(access: Access, form: ActivityForm, *, status: int = 200, **more: object) -> Answer:
    return page("handledning/activity.html", status=status, its=access.engagement, form=form, **more)


@pages.route("/activities/<uuid:activity_id>", methods=["GET", "POST"])
@requires("handledning.own")
def activity(activity_id: uuid.UUID) -> Answer:
    """One activity, to change and to say where it is."""
    row, access = reach_row(party(), Activity, activity_id, lock=request.method == "POST")
    access.only_manager("write_activity", "activity", activity_id)
    form = ActivityForm(posted(), data=activity_data(row)).towards(goals_of(access))
    form.goal.data = str(row.goal_id)
    if request.method == "GET":
        return _activity_form(access, form, row=row)
    if not form.validate():
        return _activity_form(access, form, row=row, status=422)
    try:
        change_activity(party(), activity_id, form.seen, form.draft(activity_id), ActivityState(form.state.data))
    except Conflict:
        access.open()
        saved = ActivityForm(data=activity_data(row)).towards(goals_of(access))
        form.version.data = saved.version.data
        return _activity_form(access, form, row=row, status=409, differ=differ([("", saved)], [("", form)]))
    return to(".goal", goal_id=row.goal_id, _anchor="activities")
