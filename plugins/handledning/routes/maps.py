"""The map of a role: what is shared of it, the situation, and its four lists."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import request

from plugins.handledning import operations
from plugins.handledning.calculations import OPEN
from plugins.handledning.forms import Difference
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.fields import stripped
from plugins.handledning.forms.maps import LISTS, SOURCES, ZONES, ListForms, SituationForm
from plugins.handledning.operations import Access, MapPage, Part
from plugins.handledning.routes.base import Answer, enter, pages, to
from service.contract import Conflict, NotFound, page, requires

# Which switch shares a list. The operations' own goals go with the role.
SHARED_BY = {
    "role": Part.ROLE,
    "relations": Part.RELATIONS,
    "discretion": Part.DISCRETION,
    "operations": Part.ROLE,
}


@pages.route("/engagements/<uuid:engagement_id>/map", methods=["GET", "POST"])
@requires("handledning.take_part")
def situation(engagement_id: uuid.UUID) -> Answer:
    """The whole map as this person may read it; the manager writes her situation here."""
    access = enter(engagement_id)
    found = operations.map_of(access)
    form, status = SituationForm(_posted(), data=_situation(found)), 200
    differing: Sequence[Difference] = ()
    if request.method == "POST":
        access.only_manager("write_map")
        try:
            if form.validate():
                texts = stripped(form.text.data), stripped(form.solutions.data)
                operations.write_situation(access, form.seen, *texts)
                return to(".situation", engagement_id=engagement_id, saved=1)
            status = 422
        except Conflict:
            _reread(access)
            saved = SituationForm(data=_situation(found))
            status, differing = 409, differ([("", saved)], [("", form)])
            form.version.data = saved.version.data
    return page(
        "handledning/map.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        found=found,
        form=form,
        differ=differing,
        parts_=list(Part),
        zones={one.value: one.label for one in ZONES},
        sources={one.value: one.label for one in SOURCES},
        open=access.engagement.status in OPEN,
        saved="saved" in request.args,
    )


def _posted() -> Any:
    return request.form if request.method == "POST" else None


def _situation(found: MapPage) -> dict[str, Any]:
    head = found.head
    return {
        "text": head.text if head else "",
        "solutions": head.solutions if head else "",
        "version": str(found.version),
    }


def _reread(access: Access) -> None:
    """A lost race that there is nothing to do about, because it has ended, is the plain refusal."""
    if access.engagement.status not in OPEN:
        raise Conflict("closed")


@pages.route("/engagements/<uuid:engagement_id>/map/<name>", methods=["GET", "POST"])
@requires("handledning.own")
def map_list(engagement_id: uuid.UUID, name: str) -> Answer:
    """One list of the map, to write in."""
    if name not in LISTS:
        raise NotFound("no_such_list")
    access = enter(engagement_id)
    access.only_manager("write_map")
    found = operations.map_of(access)
    forms = ListForms(access.engagement.id, name, found, _posted(), more="more" in request.args)
    status = 200
    differing: Sequence[Difference] = ()
    if request.method == "POST":
        try:
            if forms.validate():
                operations.write_rows(access, forms.seen, forms.kind, forms.drafts())
                return _onwards(engagement_id, name)
            status = 422
        except Conflict:
            _reread(access)
            saved = ListForms(access.engagement.id, name, found)
            differing = differ(saved.placed(), forms.placed())
            forms.admit(saved)
            status = 409
    return page(
        "handledning/map_list.html",
        status=status,
        its=access.engagement,
        name=name,
        forms=forms,
        differ=differing,
        shared=found.shares[SHARED_BY[name]],
    )


def _onwards(engagement_id: uuid.UUID, name: str) -> Answer:
    if request.form.get("action") == "more":
        return to(".map_list", engagement_id=engagement_id, name=name, more=1)
    return to(".situation", engagement_id=engagement_id, _anchor=name)


@pages.post("/engagements/<uuid:engagement_id>/map/share")
@requires("handledning.own")
def share_map(engagement_id: uuid.UUID) -> Answer:
    """Shares a part of the map with the coach, or stops."""
    access = enter(engagement_id)
    if request.form.get("part") not in list(Part):
        raise NotFound("no_such_part")
    operations.share_part(access, Part(request.form["part"]), shared=request.form.get("shared") == "on")
    return to(".situation", engagement_id=engagement_id, _anchor="shares")
