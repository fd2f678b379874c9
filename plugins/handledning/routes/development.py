"""The development plan: one page, written in by both, and the plan and a session's record as files to print."""

import uuid
from collections.abc import Sequence

from flask import request
from werkzeug.wrappers import Response

from plugins.handledning.calculations import OPEN
from plugins.handledning.documents import Readers, file_name, plan_file, record_file
from plugins.handledning.forms import Difference
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.development import PlanForm, SupportForm
from plugins.handledning.forms.goals import signed
from plugins.handledning.operations import Access, sheet
from plugins.handledning.operations.development import Plan, is_draft, plan_of, settle_plan, write_plan
from plugins.handledning.operations.goal_sheets import today_of
from plugins.handledning.operations.overview import overview
from plugins.handledning.routes.base import Answer, enter, pages, party, posted, to, zone
from plugins.handledning.routes.goals import WORDS
from plugins.handledning.terms import term_words
from service.contract import Conflict, Invalid, audit_view, now, page, requires


def _form(access: Access, plan: Plan) -> PlanForm | SupportForm:
    data = {**vars(plan.texts), "version": str(plan.version)}
    return PlanForm(data=data) if access.is_managers else SupportForm(data=data)


@pages.route("/engagements/<uuid:engagement_id>/development", methods=["GET", "POST"])
@requires("handledning.take_part")
def development(engagement_id: uuid.UUID) -> Answer:
    """The whole plan on one page. The manager writes its texts; her coach writes what they agree on."""
    access = enter(engagement_id)
    if request.method == "GET":
        plan = plan_of(access)
        return _page(plan, _form(access, plan))
    form = PlanForm(posted()) if access.is_managers else SupportForm(posted())
    if not form.validate():
        return _page(plan_of(access), form, status=422)
    try:
        write_plan(access, form.seen, form.draft())
    except Conflict:
        access.open()
        plan = plan_of(access)
        saved = _form(access, plan)
        form.version.data = saved.version.data
        return _page(plan, form, status=409, differing=differ([("", saved)], [("", form)]))
    return to(".development", engagement_id=engagement_id, saved=1)


def _page(
    plan: Plan,
    form: PlanForm | SupportForm,
    *,
    status: int = 200,
    differing: Sequence[Difference] = (),
    lacks: bool = False,
) -> Answer:
    access = plan.access
    return page(
        "handledning/development.html",
        status=status,
        plan=plan,
        its=access.engagement,
        mine=access.is_managers,
        open=access.engagement.status in OPEN,
        draft=is_draft(plan),
        form=form,
        differ=differing,
        lacks=lacks,
        saved="saved" in request.args and request.method == "GET",
        term=term_words(today_of(access)),
        life=any(one.goal.scope == "life" for one in plan.goals),
        words=WORDS,
        signed=signed,
        zone=zone(),
    )


@pages.post("/engagements/<uuid:engagement_id>/development/settle")
@requires("handledning.own")
def settle_development(engagement_id: uuid.UUID) -> Answer:
    """The manager says that the plan stands."""
    access = enter(engagement_id)
    try:
        settle_plan(access)
    except Invalid:
        plan = plan_of(access)
        return _page(plan, _form(access, plan), status=422, lacks=True)
    return to(".development", engagement_id=engagement_id)


@pages.get("/engagements/<uuid:engagement_id>/plan.pdf")
@requires("handledning.take_part")
def plan_pdf(engagement_id: uuid.UUID) -> Response:
    """The plan as a file. Life goals and T are in it only where it is made for the two alone (`?for=two`)."""
    access = enter(engagement_id)
    readers = Readers.TWO if request.args.get("for") == Readers.TWO else Readers.SHOWN
    return _file(plan_file(plan_of(access), readers, today_of(access)), file_name("plan", access))


@pages.get("/sessions/<uuid:session_id>/record.pdf")
@requires("handledning.take_part")
def record_pdf(session_id: uuid.UUID) -> Response:
    """A session's record as a file, for the two."""
    found = sheet(party(), session_id)
    if not found.is_managers:
        audit_view("handledning.view_session", "coaching_session", str(session_id), found.engagement.manager_id)
    coming = overview(party(), found.engagement.id).next_session(now())
    return _file(record_file(found, coming, zone()), file_name("record", found.access, found.session.number))


def _file(made: bytes, name: str) -> Response:
    return Response(
        made, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )  # fmt: skip
