"""The development plan and the sessions' records as PDF, one part for each engagement."""

from collections.abc import Sequence
from typing import Any

from plugins.handledning.documents import Readers, plan_data, record_data
from plugins.handledning.exports.reached import looked_at, name_of, nothing, reached, zone
from plugins.handledning.models import CoachingSession, State
from plugins.handledning.operations import Access
from plugins.handledning.operations.development import plan_of
from plugins.handledning.operations.goal_sheets import today_of
from plugins.handledning.operations.records import held_sheets
from plugins.handledning.operations.scope import rows
from service.contract import Document, ExportScope, Role, audit_view
from service.contract import gettext as _


def plans(scope: ExportScope) -> Document:
    """Returns the development plan of every engagement: whole to the manager, what is shared to her coach."""
    readers = Readers.OWN if scope.role is Role.MANAGER else Readers.COACH
    parts = []
    for one in reached(scope):
        audit_view("handledning.export_plan", *looked_at(one), actor=one.party.actor)
        parts.append({"title": name_of(one), **plan_data(plan_of(one), readers, today_of(one))})
    return Document("handledning/plans.typ", _paper(scope, parts), str(_("Development plan")))


def records(scope: ExportScope) -> Document:
    """Returns the record of every session that was held."""
    parts = []
    for one in reached(scope):
        audit_view("handledning.export_records", *looked_at(one), actor=one.party.actor)
        parts.append(_engagement(one))
    return Document("handledning/records.typ", _paper(scope, parts), str(_("Records of coaching sessions")))


def _paper(scope: ExportScope, parts: list[dict[str, Any]]) -> dict[str, Any]:
    whose = (
        _("Only you, and whoever you give it to.")
        if scope.role is Role.MANAGER
        else _("Only you, and each manager her own part.")
    )
    return {"readers": str(whose), "nothing": None if parts else nothing(scope), "parts": parts}


def _engagement(access: Access) -> dict[str, Any]:
    meetings = rows(
        access,
        CoachingSession,
        CoachingSession.state != State.CANCELLED,
        order_by=(CoachingSession.planned_start, CoachingSession.id),
    )
    return {
        "title": name_of(access),
        "none": str(_("No session has been held yet.")),
        "records": [
            {
                "title": str(_("Coaching session %(number)d", number=found.session.number)),
                **record_data(found, _next(meetings, found.session), zone(access)),
            }
            for found in held_sheets(access)
        ],
    }


def _next(meetings: Sequence[CoachingSession], one: CoachingSession) -> CoachingSession | None:
    """Returns the session that came, or is to come, after one of them."""
    return next((other for other in meetings if other.planned_start > one.planned_start), None)
