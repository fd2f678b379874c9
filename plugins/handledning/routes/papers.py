"""The two papers that both accept: the agreement about responsibilities and the contract."""

import uuid
from typing import Any

from flask import request

from plugins.handledning import operations
from plugins.handledning.calculations import OPEN, Progress, Section, Told, said
from plugins.handledning.forms.compare import differ
from plugins.handledning.forms.fields import version_of
from plugins.handledning.forms.papers import AgreementForms, ContractForms
from plugins.handledning.models import ItemKind
from plugins.handledning.operations import Access, Incomplete
from plugins.handledning.routes.base import Answer, enter, pages, to, zone
from plugins.handledning.texts import STANDARD
from service.contract import Conflict, NotFound, current_launch, local_date, now, page, requires


def _differs(access: Access) -> bool:
    """A lost race that there is something to do about: where it has ended, there is nothing."""
    return access.engagement.status in OPEN


@pages.get("/engagements/<uuid:engagement_id>/agreement")
@requires("handledning.take_part")
def agreement(engagement_id: uuid.UUID) -> Answer:
    """The thirty lines and the two's own, and who has accepted them."""
    access = enter(engagement_id)
    found = operations.agreement(access)
    return _agreement(access, AgreementForms(found, more="more" in request.args), found=found)


def _agreement(access: Access, forms: AgreementForms, *, status: int = 200, found: Any = None, **more: Any) -> Answer:
    found = found or operations.agreement(access)
    return page(
        "handledning/agreement.html",
        status=status,
        its=access.engagement,
        mine=access.is_managers,
        seat=access.seat,
        found=found,
        forms=forms,
        standard=STANDARD,
        locale=current_launch().locale,
        open=_differs(access),
        zone=zone(),
        **more,
    )


@pages.post("/engagements/<uuid:engagement_id>/agreement")
@requires("handledning.take_part")
def write_agreement(engagement_id: uuid.UUID) -> Answer:
    """Keeps the own lines as the next version."""
    access = enter(engagement_id)
    found = operations.agreement(access)
    forms = AgreementForms(found, request.form)
    if not forms.validate():
        return _agreement(access, forms, status=422, found=found)
    try:
        operations.write_lines(access, forms.seen, forms.drafts())
    except Conflict:
        if not _differs(access):
            raise
        differing = differ(AgreementForms(found).placed(), forms.placed())
        forms.version = str(found.newest.version)
        return _agreement(access, forms, status=409, found=found, differ=differing)
    extra = {"more": 1} if request.form.get("action") == "more" else {}
    return to(".agreement", engagement_id=engagement_id, **extra)


@pages.post("/engagements/<uuid:engagement_id>/agreement/accept")
@requires("handledning.take_part")
def accept_agreement(engagement_id: uuid.UUID) -> Answer:
    """Accepts the version the page showed; an older one is refused, and the newest shown."""
    access = enter(engagement_id)
    try:
        operations.accept_agreement(access, version_of(request.form.get("version")))
    except Conflict:
        if not _differs(access):
            raise
        return _agreement(access, AgreementForms(operations.agreement(access)), status=409, outdated=True)
    return to(".agreement", engagement_id=engagement_id)


@pages.get("/engagements/<uuid:engagement_id>/contract")
@requires("handledning.take_part")
def contract(engagement_id: uuid.UUID) -> Answer:
    """The contract: to read, to write in, and to accept."""
    access = enter(engagement_id)
    found = operations.contract(access)
    more = request.args.get("more", "")
    return _contract(
        access, ContractForms(found, more=more), found=found, writing="write" in request.args or bool(more)
    )


def _contract(access: Access, forms: ContractForms, *, status: int = 200, found: Any = None, **more: Any) -> Answer:
    found = found or operations.contract(access)
    today = local_date(now(), zone())
    shown = {
        "status": status,
        "its": access.engagement,
        "mine": access.is_managers,
        "seat": access.seat,
        "found": found,
        "forms": forms,
        "open": _differs(access),
        "today": today,
        "distance": found.distance(today),
        "kinds": ItemKind,
        "sections": Section,
        "progresses": list(Progress),
        "tells": [one for one in Told if one in said(found.newest.told)],
        "zone": zone(),
        **more,
    }
    return page("handledning/contract.html", **shown)


@pages.post("/engagements/<uuid:engagement_id>/contract")
@requires("handledning.take_part")
def write_contract(engagement_id: uuid.UUID) -> Answer:
    """Keeps the contract as typed, whole or not. Once accepted, it is the next version that is written."""
    access = enter(engagement_id)
    found = operations.contract(access)
    forms = ContractForms(found, request.form)
    if not forms.validate():
        return _contract(access, forms, status=422, found=found, writing=True)
    try:
        operations.write_contract(access, *forms.seen, forms.draft())
    except Conflict:
        if not _differs(access):
            raise
        saved = ContractForms(found)
        differing = differ(saved.placed(), forms.placed())
        forms.admit(saved)
        return _contract(access, forms, status=409, found=found, writing=True, differ=differing)
    action = request.form.get("action", "")
    extra = {"more": action.removeprefix("more-")} if action.startswith("more-") else {}
    return to(".contract", engagement_id=engagement_id, **extra)


@pages.post("/engagements/<uuid:engagement_id>/contract/accept")
@requires("handledning.take_part")
def accept_contract(engagement_id: uuid.UUID) -> Answer:
    """Accepts the version the page showed. An older one, or one with a part missing, is refused with the reason."""
    access = enter(engagement_id)
    number, version = (version_of(request.form.get(name)) for name in ("number", "version"))
    try:
        operations.accept_contract(access, number, version)
    except Incomplete:
        found = operations.contract(access)
        return _contract(access, ContractForms(found), status=422, found=found, refused=True)
    except Conflict:
        if not _differs(access):
            raise
        found = operations.contract(access)
        return _contract(access, ContractForms(found), status=409, found=found, outdated=True)
    return to(".contract", engagement_id=engagement_id)


@pages.post("/engagements/<uuid:engagement_id>/contract/progress")
@requires("handledning.own")
def contract_progress(engagement_id: uuid.UUID) -> Answer:
    """Says how far an intermediate result is."""
    access = enter(engagement_id)
    try:
        key, progress = uuid.UUID(request.form.get("key", "")), Progress(request.form.get("progress", ""))
    except ValueError as error:
        raise NotFound("no_such_progress") from error
    operations.set_progress(access, key, progress)
    return to(".contract", engagement_id=engagement_id, _anchor="intermediate")
