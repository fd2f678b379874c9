"""Readiness, ego, value, openness, who sees what, and a coach's profile."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import request

from plugins.handledning import operations
from plugins.handledning.calculations import Told, said
from plugins.handledning.forms import Difference
from plugins.handledning.forms.before import JOBS, EgoForm, OpennessForm, ProfileForm, ReadinessForm, ValueForm
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.fields import stripped
from plugins.handledning.models import Moment
from plugins.handledning.routes.base import Answer, enter, pages, party, to, zone
from service.contract import Conflict, page, requires


def _posted() -> Any:
    return request.form if request.method == "POST" else None


@pages.route("/engagements/<uuid:engagement_id>/readiness", methods=["GET", "POST"])
@requires("handledning.take_part")
def readiness(engagement_id: uuid.UUID) -> Answer:
    """Three statements. The manager answers them as often as she wants; her coach reads what they came to."""
    access = enter(engagement_id)
    form, status = ReadinessForm(_posted()), 200
    if request.method == "POST":
        access.only_manager("answer_readiness")
        if form.validate():
            operations.answer_readiness(access, form.answers())
            return to(".readiness", engagement_id=engagement_id)
        status = 422
    checks = operations.readiness_checks(access)
    return page(
        "handledning/readiness.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        form=form,
        checks=checks,
        zone=zone(),
    )


@pages.route("/engagements/<uuid:engagement_id>/ego", methods=["GET", "POST"])
@requires("handledning.take_part")
def ego(engagement_id: uuid.UUID) -> Answer:
    """A minute before meeting, for oneself alone."""
    access = enter(engagement_id)
    form, status = EgoForm(_posted()), 200
    if request.method == "POST":
        if form.validate():
            operations.write_ego_check(access, form.jobs.data or [], stripped(form.text.data))
            return to(".ego", engagement_id=engagement_id)
        status = 422
    return page(
        "handledning/ego.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        form=form,
        checks=operations.ego_checks(access),
        jobs={one.value: one.label for one in JOBS},
        zone=zone(),
    )


@pages.route("/engagements/<uuid:engagement_id>/value", methods=["GET", "POST"])
@requires("handledning.own")
def value(engagement_id: uuid.UUID) -> Answer:
    """Four statements of value, at the start and at the end, for herself."""
    access = enter(engagement_id)
    access.only_manager("answer_value")
    moment = Moment.END if request.values.get("moment") == Moment.END.value else Moment.START
    there = {one.moment: one for one in operations.value_checks(access)}
    form, status = ValueForm(_posted(), data=_value_data(there.get(moment))), 200
    if request.method == "POST":
        if form.validate():
            operations.answer_value(access, moment, form.answers(), stripped(form.text.data))
            return to(".value", engagement_id=engagement_id)
        status = 422
    return page(
        "handledning/value.html",
        status=status,
        its=access.engagement,
        form=form,
        there=there,
        moment=moment,
        zone=zone(),
    )


def _value_data(check: Any) -> dict[str, Any]:
    names = ("asked", "supported", "unashamed", "worth")
    return {**dict(zip(names, check.answers, strict=True)), "text": check.text} if check else {}


@pages.route("/engagements/<uuid:engagement_id>/openness", methods=["GET", "POST"])
@requires("handledning.take_part")
def openness(engagement_id: uuid.UUID) -> Answer:
    """How open the manager wants the talks to be. Every version is kept; her coach reads them."""
    access = enter(engagement_id)
    form, status = OpennessForm(_posted()), 200
    differing: Sequence[Difference] = ()
    if request.method == "POST":
        access.only_manager("write_openness")
        try:
            if form.validate():
                operations.write_openness(access, form.seen, form.draft())
                return to(".openness", engagement_id=engagement_id, saved=1)
            status = 422
        except Conflict:
            access.open()
            status, differing = 409, differ([("", _openness_form(access))], [("", form)])
    versions = operations.openness(access)
    if request.method == "GET":
        form = _openness_form(access)
    elif differing:
        form.version.data = str(versions[0].version)
    return page(
        "handledning/openness.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        form=form,
        versions=versions,
        differ=differing,
        saved="saved" in request.args,
        zone=zone(),
    )


def _openness_form(access: operations.Access) -> OpennessForm:
    newest = next(iter(operations.openness(access)), None)
    if newest is None:
        return OpennessForm(data={"version": "0"})
    challenge = str(newest.challenge) if newest.challenge else None
    return OpennessForm(
        data={
            "challenge": challenge,
            "inside": newest.inside,
            "outside": newest.outside,
            "version": str(newest.version),
        }
    )


@pages.get("/engagements/<uuid:engagement_id>/who")
@requires("handledning.take_part")
def who(engagement_id: uuid.UUID) -> Answer:
    """Who sees what, what the employer is told, and who has looked."""
    access = enter(engagement_id)
    paper = operations.contract(access)
    tells = said(paper.in_force.told) if paper.in_force else frozenset()
    return page(
        "handledning/who.html",
        its=access.engagement,
        mine=access.is_managers,
        tells=[one for one in Told if one in tells],
        in_force=paper.in_force,
    )


@pages.route("/profile", methods=["GET", "POST"])
@requires("handledning.coach")
def profile() -> Answer:
    """A coach's own profile."""
    me = party()
    there = operations.own_profile(me)
    form, status = ProfileForm(_posted(), data=_profile_data(there)), 200
    differing: Sequence[Difference] = ()
    if request.method == "POST":
        try:
            if form.validate():
                operations.save_profile(me, form.seen, form.draft())
                return to(".profile", saved=1)
            status = 422
        except Conflict:
            saved = ProfileForm(data=_profile_data(there))
            status, differing = 409, differ([("", saved)], [("", form)])
            form.version.data = saved.version.data
    return page("handledning/profile.html", status=status, form=form, differ=differing, saved="saved" in request.args)


def _profile_data(there: Any) -> dict[str, Any]:
    if there is None:
        return {"version": "0"}
    typed = vars(operations.drafted_profile(there))
    return {**typed, "ethics": there.ethics.value if there.ethics else None, "version": str(there.version)}
