"""The development plan and the sessions' records as PDF, one part for each engagement."""

from typing import Any

from plugins.handledning.documents import Readers, plan_data, record_data
from plugins.handledning.exports.reached import name_of, nothing, reached, zone
from plugins.handledning.models import CoachingSession
from plugins.handledning.operations import Access
from plugins.handledning.operations.development import plan_of
from plugins.handledning.operations.goal_sheets import today_of
from plugins.handledning.operations.overview import COMING
from plugins.handledning.operations.records import held_sheets
from plugins.handledning.operations.scope import rows
from service.contract import Document, ExportScope, Role, now
from service.contract import gettext as _


def plans(scope: ExportScope) -> Document:
    """Returns the development plan of every engagement: whole to the manager, what is shared to her coach."""
    readers = Readers.OWN if scope.role is Role.MANAGER else Readers.COACH
    parts = [
        {"title": name_of(one), **plan_data(plan_of(one), readers, today_of(one))}
        for one in reached(scope, "export_plan")
    ]
    return Document("handledning/plans.typ", _paper(scope, parts), str(_("Development plan")))


def records(scope: ExportScope) -> Document:
    """Returns the record of every session that was held."""
    parts = [_engagement(one) for one in reached(scope, "export_records")]
    return Document("handledning/records.typ", _paper(scope, parts), str(_("Records of coaching sessions")))


def _paper(scope: ExportScope, parts: list[dict[str, Any]]) -> dict[str, Any]:
    whose = (
        _("Only you, and whoever you give it to.")
        if scope.role is Role.MANAGER
        else _("Only you, and each manager her own part.")
    )
    return {"readers": str(whose), "nothing": None if parts else nothing(scope), "parts": parts}


def _engagement(access: Access) -> dict[str, Any]:
    booked = rows(
        access, CoachingSession, CoachingSession.state.in_(sorted(COMING)), CoachingSession.planned_start > now(),
        order_by=(CoachingSession.planned_start, CoachingSession.id),
    )  # fmt: skip
    coming = next(iter(booked), None)
    return {
        "title": name_of(access),
        "none": str(_("No session has been held yet.")),
        "records": [
            {
                "title": str(_("Coaching session %(number)d", number=found.session.number)),
                **record_data(found, coming, zone(access)),
            }
            for found in held_sheets(access)
        ],
    }
