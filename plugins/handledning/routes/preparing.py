"""Preparing a session: the manager's page, the coach's pick of questions, and the agenda of both."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import request

from plugins.handledning.forms import Difference
from plugins.handledning.forms.bank import QuestionsForm
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.term import DRIVERS, AgendaForm, Prepared
from plugins.handledning.models import Driver, State, Suggestion
from plugins.handledning.operations import suggestions
from plugins.handledning.operations.bank import bank, in_language
from plugins.handledning.operations.goal_sheets import goals_of
from plugins.handledning.operations.preparing import (
    QUESTIONS_MAX,
    Preparation,
    add_to_agenda,
    pick_questions,
    preparation,
    remove_from_agenda,
    save_preparation,
)
from plugins.handledning.routes.base import Answer, pages, party, to, zone
from plugins.handledning.routes.sessions import settled
from plugins.handledning.texts import BANK
from service.contract import Conflict, audit_view, current_launch, page, requires


def _language() -> str:
    return current_launch().locale


@pages.get("/sessions/<uuid:session_id>/prepare")
@requires("handledning.take_part")
def prepare(session_id: uuid.UUID) -> Answer:
    """What is prepared for a session, as the reader's own page of it."""
    found = preparation(party(), session_id)
    if not found.sheet.is_managers:
        audit_view("handledning.view_session", "coaching_session", str(session_id), found.sheet.engagement.manager_id)
        return _coachs(found)
    return _managers(found, Prepared(found, goals_of(found.sheet.access)))


def _shown(found: Preparation, agenda: AgendaForm | None) -> dict[str, Any]:
    row = found.sheet.session
    words = {one.id: in_language({"sv": one.sv, "en": one.en, "lv": one.lv}, _language()) for one in found.answers}
    return {
        "found": found,
        "sheet": found.sheet,
        "row": row,
        "its": found.sheet.engagement,
        "mine": found.sheet.is_managers,
        "me": found.sheet.access.party.person_id,
        "agenda": agenda or AgendaForm().fresh(),
        "drivers": {one.value: one.label for one in DRIVERS},
        "asked": words,
        "settled": settled(found.sheet),
        "coming": row.state in (State.PLANNED, State.PREPARED),
        "saved": "saved" in request.args and request.method == "GET",
        "zone": zone(),
    }


def _managers(
    found: Preparation, forms: Prepared, *, status: int = 200, agenda: AgendaForm | None = None, **more: Any
) -> Answer:
    waiting = suggestions.waiting(found.sheet.access, Suggestion.session_id == found.sheet.session.id)
    return page(
        "handledning/prepare.html", status=status, forms=forms, waiting=waiting, **_shown(found, agenda), **more
    )  # fmt: skip


def _coachs(
    found: Preparation,
    *,
    form: QuestionsForm | None = None,
    status: int = 200,
    agenda: AgendaForm | None = None,
) -> Answer:
    offered = _offered(found)
    picked = [answer.question_key for answer in found.answers]
    form = form or QuestionsForm(data={"questions": picked}).offering(offered)
    themes = [(theme.title[_language()], theme.theme) for theme in BANK]
    by_theme = {one.key: one.draft.theme for one in bank(found.sheet.access.party.cohort)}
    return page(
        "handledning/prepare_coach.html",
        status=status,
        form=form,
        offered=offered,
        themes=themes,
        by_theme=by_theme,
        most=QUESTIONS_MAX,
        **_shown(found, agenda),
    )


def _offered(found: Preparation) -> Mapping[str, str]:
    """What a coach may pick: the bank as it is now, and what the session has already, in the words it was asked with."""
    there = {one.question_key: {"sv": one.sv, "en": one.en, "lv": one.lv} for one in found.answers}
    now = {one.key: one.words for one in bank(found.sheet.access.party.cohort) if not one.draft.retired}
    return {key: in_language(words, _language())[1] for key, words in {**now, **there}.items()}


@pages.post("/sessions/<uuid:session_id>/prepare")
@requires("handledning.own")
def save_prepared(session_id: uuid.UUID) -> Answer:
    """Keeps what the manager prepared."""
    found = preparation(party(), session_id, lock=True)
    found.sheet.only_manager("prepare")
    forms = Prepared(found, goals_of(found.sheet.access), request.form)
    if not forms.validate():
        return _managers(found, forms, status=422)
    try:
        save_preparation(party(), session_id, forms.topic.seen, forms.draft())
    except Conflict:
        return _outrun(found, forms)
    return to(".prepare", session_id=session_id, saved=1)


def _outrun(found: Preparation, forms: Prepared) -> Answer:
    """Somebody saved or closed in between: both texts are shown and none is lost."""
    saved = Prepared(found, goals_of(found.sheet.access))
    differing: list[Difference] = list(differ(saved.forms(), forms.forms()))
    forms.topic.version.data = saved.topic.version.data
    return _managers(found, forms, status=409, differ=differing)


@pages.post("/sessions/<uuid:session_id>/questions")
@requires("handledning.coach")
def questions(session_id: uuid.UUID) -> Answer:
    """Keeps which questions the coach picked."""
    found = preparation(party(), session_id, lock=True)
    found.sheet.access.only_coach("pick_questions", "coaching_session", session_id)
    form = QuestionsForm(request.form).offering(_offered(found))
    if not form.validate():
        return _coachs(found, form=form, status=422)
    pick_questions(party(), session_id, form.questions.data or [])
    return to(".prepare", session_id=session_id, saved=1)


@pages.post("/sessions/<uuid:session_id>/agenda")
@requires("handledning.take_part")
def agenda(session_id: uuid.UUID) -> Answer:
    """Adds something to take up."""
    found = preparation(party(), session_id, lock=True)
    form = AgendaForm(request.form)
    if not form.validate():
        if found.sheet.is_managers:
            return _managers(found, Prepared(found, goals_of(found.sheet.access)), status=422, agenda=form)
        return _coachs(found, status=422, agenda=form)
    text = (form.text.data or "").strip()
    add_to_agenda(party(), session_id, form.row_id(session_id), text, Driver(form.driver.data))
    return to(".prepare", session_id=session_id, _anchor="agenda")


@pages.post("/sessions/<uuid:session_id>/agenda/<uuid:item_id>/remove")
@requires("handledning.take_part")
def drop_agenda(session_id: uuid.UUID, item_id: uuid.UUID) -> Answer:
    """Takes one's own item off the agenda."""
    remove_from_agenda(party(), session_id, item_id)
    return to(".prepare", session_id=session_id, _anchor="agenda")
