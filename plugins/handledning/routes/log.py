"""Decisions with what came of them, calls between sessions, and tests taken elsewhere."""

import uuid
from typing import Any

from flask import request

from plugins.handledning.calculations import OPEN
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.notes import (
    CHANNELS,
    ContactForm,
    DecisionForm,
    TestForm,
    decision_data,
    test_data,
)
from plugins.handledning.models import Contact, Decision, ExternalTest
from plugins.handledning.operations.decisions import decisions, keep_decision
from plugins.handledning.operations.elsewhere import (
    contacts,
    external_tests,
    keep_test,
    note_contact,
    remove_contact,
    remove_test,
)
from plugins.handledning.operations.goal_sheets import today_of
from plugins.handledning.operations.scope import Access, reach_row
from plugins.handledning.routes.base import Answer, enter, pages, party, posted, to, zone
from service.contract import Conflict, Invalid, page, requires
from service.contract import gettext as _


def _page(template: str, access: Access, *, status: int = 200, **more: Any) -> Answer:
    return page(
        f"handledning/{template}.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        me=access.party.person_id,
        open=access.engagement.status in OPEN,
        zone=zone(),
        **more,
    )


@pages.get("/engagements/<uuid:engagement_id>/decisions")
@requires("handledning.take_part")
def all_decisions(engagement_id: uuid.UUID) -> Answer:
    """Her decisions; to her coach those she shares."""
    access = enter(engagement_id)
    return _page("decisions", access, decisions=decisions(access))


@pages.route("/engagements/<uuid:engagement_id>/decisions/new", methods=["GET", "POST"])
@requires("handledning.own")
def new_decision(engagement_id: uuid.UUID) -> Answer:
    """A decision outside a session."""
    access = enter(engagement_id)
    access.only_manager("write_decision")
    access.open()
    form = DecisionForm(posted())
    if request.method == "GET":
        form.fresh()
        return _page("decision", access, form=form)
    if not form.validate():
        return _page("decision", access, form=form, status=422)
    keep_decision(access, form.row_id(engagement_id), 0, form.draft())
    return to(".all_decisions", engagement_id=engagement_id)


@pages.route("/decisions/<uuid:decision_id>", methods=["GET", "POST"])
@requires("handledning.own")
def decision(decision_id: uuid.UUID) -> Answer:
    """A decision, to change, to follow up and to share."""
    row, access = reach_row(party(), Decision, decision_id, lock=request.method == "POST")
    access.only_manager("write_decision", "decision", decision_id)
    form = DecisionForm(posted(), data=decision_data(row))
    if request.method == "GET":
        return _page("decision", access, form=form, row=row)
    if not form.validate():
        return _page("decision", access, form=form, row=row, status=422)
    try:
        keep_decision(access, decision_id, form.seen, form.draft())
    except Conflict:
        access.open()
        saved = DecisionForm(data=decision_data(row))
        form.version.data = saved.version.data
        differing = differ([("", saved)], [("", form)])
        return _page("decision", access, form=form, row=row, status=409, differ=differing)
    return to(".all_decisions", engagement_id=access.engagement.id)


@pages.route("/engagements/<uuid:engagement_id>/contacts", methods=["GET", "POST"])
@requires("handledning.take_part")
def all_contacts(engagement_id: uuid.UUID) -> Answer:
    """Calls and messages in between, and a form to note one."""
    access = enter(engagement_id)
    form = ContactForm(posted(), data={"day": today_of(access)})
    if request.method == "GET":
        form.fresh()
        return _contacts(access, form)
    access.open()
    if not form.validate():
        return _contacts(access, form, status=422)
    try:
        note_contact(access, form.row_id(engagement_id), form.draft())
    except Invalid:
        form.day.errors = [_("This day is still to come. Choose the day it was.")]
        return _contacts(access, form, status=422)
    return to(".all_contacts", engagement_id=engagement_id)


def _contacts(access: Access, form: ContactForm, *, status: int = 200) -> Answer:
    channels = {one.value: one.label for one in CHANNELS}
    return _page("contacts", access, status=status, contacts=contacts(access), form=form, channels=channels)


@pages.post("/contacts/<uuid:contact_id>/remove")
@requires("handledning.take_part")
def drop_contact(contact_id: uuid.UUID) -> Answer:
    """Takes a contact away again."""
    _row, access = reach_row(party(), Contact, contact_id, lock=True)
    remove_contact(access, contact_id)
    return to(".all_contacts", engagement_id=access.engagement.id)


@pages.get("/engagements/<uuid:engagement_id>/tests")
@requires("handledning.take_part")
def all_tests(engagement_id: uuid.UUID) -> Answer:
    """Tests she has taken elsewhere; to her coach those she shares."""
    access = enter(engagement_id)
    return _page("tests", access, tests=external_tests(access))


@pages.route("/engagements/<uuid:engagement_id>/tests/new", methods=["GET", "POST"])
@requires("handledning.own")
def new_test(engagement_id: uuid.UUID) -> Answer:
    """A test taken elsewhere."""
    access = enter(engagement_id)
    access.only_manager("write_test")
    access.open()
    form = TestForm(posted())
    if request.method == "GET":
        form.fresh()
        return _page("test", access, form=form)
    return _keep_test(access, form, form.row_id(engagement_id), 0)


@pages.route("/tests/<uuid:test_id>", methods=["GET", "POST"])
@requires("handledning.own")
def test(test_id: uuid.UUID) -> Answer:
    """A test taken elsewhere, to change and to share."""
    row, access = reach_row(party(), ExternalTest, test_id, lock=request.method == "POST")
    access.only_manager("write_test", "external_test", test_id)
    form = TestForm(posted(), data=test_data(row))
    if request.method == "GET":
        return _page("test", access, form=form, row=row)
    return _keep_test(access, form, test_id, form.seen, row)


def _keep_test(
    access: Access, form: TestForm, test_id: uuid.UUID, seen: int, row: ExternalTest | None = None
) -> Answer:
    if not form.validate():
        return _page("test", access, form=form, row=row, status=422)
    try:
        keep_test(access, test_id, seen, form.draft())
    except Invalid:
        form.taken_on.errors = [_("This day is still to come. Choose the day it was.")]
        return _page("test", access, form=form, row=row, status=422)
    except Conflict:
        access.open()
        saved = TestForm(data=test_data(row) if row is not None else {})
        form.version.data = saved.version.data
        return _page("test", access, form=form, row=row, status=409, differ=differ([("", saved)], [("", form)]))
    return to(".all_tests", engagement_id=access.engagement.id)


@pages.post("/tests/<uuid:test_id>/remove")
@requires("handledning.own")
def drop_test(test_id: uuid.UUID) -> Answer:
    """Takes a test away for good."""
    _row, access = reach_row(party(), ExternalTest, test_id, lock=True)
    remove_test(access, test_id)
    return to(".all_tests", engagement_id=access.engagement.id)
