"""The coach's page of one manager's shared habits, and the thread about each of them, from either side."""

from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import coach as cards
from plugins.ledarsteg.cards import comments as threads
from plugins.ledarsteg.forms.others import CommentForm
from plugins.ledarsteg.operations import coach as reading
from plugins.ledarsteg.operations import comments, get
from plugins.ledarsteg.routes.base import Answer, bp, owner
from service.contract import Invalid, NotFound, audit_view, current_launch, page, requires, wants_partial


@bp.get("/manager/<uuid:member_id>")
@requires("ledarsteg.coach")
def manager(member_id: UUID) -> Answer:
    """What one manager shares with the coaches of the course."""
    return _manager_page(member_id)


def _manager_page(member_id: UUID, status: int = 200, typed: tuple[UUID, CommentForm] | None = None) -> Answer:
    here = current_launch()
    person = reading.manager(here.cohort, member_id)
    shared = reading.shared_with_coach(here.cohort, person)
    # Looking at another person's habits leaves a trace before anything of hers is opened.
    audit_view("ledarsteg.view_shared", "member", str(member_id), person)
    shown = cards.page(member_id, person, shared, here.person.id, here.zone, typed)
    return page("ledarsteg/manager.html", status=status, **shown)


@bp.post("/manager/<uuid:member_id>/<uuid:habit_id>/comment")
@requires("ledarsteg.coach")
def coach_comment(member_id: UUID, habit_id: UUID) -> Answer:
    """Adds a coach's line to the thread of a shared habit, or shows the page again with what is wrong."""
    here = current_launch()
    _check_hers(member_id, habit_id)
    form = CommentForm(request.form)
    if not form.validate():
        return _manager_page(member_id, 422, (habit_id, form))
    comments.say_to(here.cohort, here.person.id, habit_id, form.text.data or "", UUID(form.form_id.data))
    return redirect(url_for(".manager", member_id=member_id, _anchor=f"thread-{habit_id}"), 303)


@bp.post("/manager/<uuid:member_id>/<uuid:habit_id>/seen")
@requires("ledarsteg.coach")
def coach_seen(member_id: UUID, habit_id: UUID) -> Answer:
    """Notes that a coach has seen a thread."""
    here = current_launch()
    _check_hers(member_id, habit_id)
    comments.see_shared(here.cohort, here.person.id, habit_id)
    if wants_partial():
        return "", 204
    return redirect(url_for(".manager", member_id=member_id, _anchor=f"thread-{habit_id}"), 303)


def _check_hers(member_id: UUID, habit_id: UUID) -> None:
    """Raises NotFound for a habit that is not shared, or not this manager's."""
    cohort = current_launch().cohort
    if comments.shared_habit(cohort, habit_id).person_id != reading.manager(cohort, member_id).id:
        raise NotFound("habit")


@bp.get("/<uuid:habit_id>/comments")
@requires("ledarsteg.own")
def thread(habit_id: UUID) -> Answer:
    """The thread about one of the manager's own habits."""
    return _thread_page(habit_id)


def _thread_page(habit_id: UUID, status: int = 200, form: CommentForm | None = None) -> Answer:
    mine = owner()
    habit = get(mine, habit_id)
    return page("ledarsteg/thread.html", status=status, habit=habit, thread=threads.of_owner(mine, habit, form))


@bp.post("/<uuid:habit_id>/comments")
@requires("ledarsteg.own")
def comment(habit_id: UUID) -> Answer:
    """Adds a line of the manager's own to the thread of her habit."""
    form = CommentForm(request.form)
    mine = owner()
    get(mine, habit_id)
    if not form.validate():
        return _thread_page(habit_id, 422, form)
    try:
        comments.say(mine, habit_id, form.text.data or "", UUID(form.form_id.data))
    except Invalid as error:
        # The habit is not shared any more, perhaps since another tab.
        habit, shown = get(mine, habit_id), threads.of_owner(mine, get(mine, habit_id))
        problem = next(iter(error.fields.values()))
        return page(
            "ledarsteg/thread.html", status=422, habit=habit, thread=shown, problem=problem, typed=form.text.data
        )
    return redirect(url_for(".thread", habit_id=habit_id), 303)


@bp.post("/<uuid:habit_id>/comments/seen")
@requires("ledarsteg.own")
def comments_seen(habit_id: UUID) -> Answer:
    """Notes that the manager has seen the thread of her habit."""
    comments.see_own(owner(), habit_id)
    if wants_partial():
        return "", 204
    return redirect(url_for(".thread", habit_id=habit_id), 303)
