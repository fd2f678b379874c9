"""What she wrote in earlier courses: to read, and habits of it to take along."""

from uuid import UUID

from flask import redirect, url_for

from plugins.ledarsteg.cards import archive as cards
from plugins.ledarsteg.operations import archive as operations
from plugins.ledarsteg.routes.base import Answer, bp, owner, settings
from service.contract import Invalid, page, requires


@bp.get("/archive")
@requires("ledarsteg.own")
def archive() -> Answer:
    """The earlier courses, and the habits that can be taken along."""
    return page("ledarsteg/archive.html", **cards.overview(owner()), problem="")


@bp.get("/archive/<uuid:cohort_id>")
@requires("ledarsteg.own")
def archive_course(cohort_id: UUID) -> Answer:
    """All that she wrote in one of them, to read."""
    return page("ledarsteg/archive_course.html", **cards.course(owner(), cohort_id))


@bp.post("/archive/habits/<uuid:habit_id>")
@requires("ledarsteg.own")
def archive_carry(habit_id: UUID) -> Answer:
    """Takes a habit along."""
    mine = owner()
    try:
        made = operations.carry(mine, habit_id, max_first_month=settings().max_active_first_month)
    except Invalid as error:
        problem = next(iter(error.fields.values()))
        return page("ledarsteg/archive.html", status=422, **cards.overview(mine), problem=problem)
    return redirect(url_for(".habit", habit_id=made.id), 303)
