"""What a teacher does in a course: choosing activities, copying the course, results, and who takes part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from service.demo.gradebook import LineItem, Result
from service.demo.messages import DEEP_LINKING, SUBMISSION_REVIEW
from service.demo.pages import MOST_PEOPLE, found, locale_of, start_url
from service.demo.people import LEARNER, Course, Person
from service.demo.practice import PracticeLms, current_lms
from service.demo.school import ACTIVE

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("teaching", __name__, url_prefix="/courses/<course>")

STATUSES = {"Active": "Aktiv", "Inactive": "Avstängd", "Deleted": "Borttagen"}


@blueprint.get("/choose/as/<person>")
def choose(course: str, person: str) -> str:
    """The tools that activities can be chosen from, and the chosen one's own page in a frame (Deep Linking 2.0)."""
    lms = current_lms()
    place, teacher = _teacher(course, person)
    tools = [tool for tool in lms.tools if not lms.is_pending(tool)]
    tool = next((tool for tool in tools if tool.client_id == request.args.get("client_id")), None)
    if tool is None:
        return render_template("lms/choose.html", lms=lms, course=place, person=teacher, tools=tools)
    source = start_url(
        teacher, course=place.key, client_id=tool.client_id, message_type=DEEP_LINKING, locale=locale_of(teacher)
    )
    return _in_frame(lms, place, teacher, "Lägg till aktivitet", f"{tool.name}: Lägg till aktivitet", source)


@blueprint.post("/copy/as/<person>")
def copy(course: str, person: str) -> Response:
    """Copy the course, and tell the tools that asked to be told of copies."""
    lms = current_lms()
    place, teacher = _teacher(course, person)
    copied = lms.copy_course(place)
    lms.notify_copy(copied)
    return redirect(url_for("pages.course", course=copied.key, person=teacher.key), 303)


@blueprint.get("/grades/as/<person>")
def grades(course: str, person: str) -> str:
    """The gradebook: a column for each line item, a row for each learner."""
    lms = current_lms()
    place, teacher = _teacher(course, person)
    learners = [line.person for line in lms.roster(place) if line.status == ACTIVE and LEARNER in line.person.roles]
    columns = lms.gradebook.items(place.id)
    results = {item.id: {result.user_id: result for result in lms.gradebook.results(item)} for item in columns}
    rows = [
        (learner, [(item, _shown(item, results[item.id].get(learner.id))) for item in columns])
        for learner in learners[:MOST_PEOPLE]
    ]
    return render_template(
        "lms/grades.html",
        lms=lms,
        course=place,
        person=teacher,
        columns=columns,
        rows=rows,
        more=len(learners) - len(rows),
    )


def _shown(item: LineItem, result: Result | None) -> tuple[str, str]:
    """A result and the comment beside it, as the gradebook shows them."""
    if result is None:
        return "–", ""
    score = "–" if result.score is None else f"{result.score:g}/{item.maximum:g}"
    return score, result.comment


@blueprint.get("/review/<link>/<learner>/as/<person>")
def review(course: str, link: str, learner: str, person: str) -> str:
    """One learner's work in an activity, in a frame (Submission Review 1.0)."""
    place, teacher = _teacher(course, person)
    _, about, activity = found(course, learner, link)
    source = start_url(
        teacher, course=place.key, link=activity.key, message_type=SUBMISSION_REVIEW, for_user=about.id,
        client_id=request.args.get("client_id"), locale=locale_of(teacher),
    )  # fmt: skip
    heading = f"{about.name}: {activity.title}"
    return _in_frame(current_lms(), place, teacher, heading, f"Granska {heading}", source)


@blueprint.get("/roster/as/<person>")
def roster(course: str, person: str) -> str:
    """Who takes part, and who could."""
    lms = current_lms()
    place, teacher = _teacher(course, person)
    lines = lms.roster(place)
    inside = {line.person.id for line in lines}
    outside = [one for one in lms.people if one.id not in inside]
    return render_template(
        "lms/roster.html", lms=lms, course=place, person=teacher, lines=lines[:MOST_PEOPLE],
        more=max(len(lines) - MOST_PEOPLE, 0), outside=outside[:MOST_PEOPLE], statuses=STATUSES,
    )  # fmt: skip


@blueprint.post("/roster/as/<person>")
def change_roster(course: str, person: str) -> Response:
    """Enrol, suspend or unenrol somebody."""
    lms = current_lms()
    place, teacher = _teacher(course, person)
    actions = {"enrol": lms.enrol, "suspend": lms.suspend, "unenrol": lms.unenrol}
    action = actions.get(request.form.get("action", ""))
    if action is None:
        abort(400)
    _, somebody, _ = found(course, request.form.get("person", ""), None)
    action(somebody, place)
    return redirect(url_for("teaching.roster", course=place.key, person=teacher.key), 303)


def _teacher(course: str, person: str) -> tuple[Course, Person]:
    """The course and somebody who may change it; 403 for a learner."""
    place, somebody, _ = found(course, person, None)
    if not somebody.is_staff:
        abort(403)
    return place, somebody


def _in_frame(lms: PracticeLms, course: Course, person: Person, heading: str, title: str, source: str) -> str:
    return render_template(
        "lms/framed.html", lms=lms, course=course, person=person, heading=heading, title=title, source=source
    )
