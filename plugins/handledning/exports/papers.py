"""The development plan and the sessions' records as PDF, one part for each engagement."""

from collections.abc import Sequence
from typing import Any

from plugins.handledning.documents import Readers, plan_data, record_data
from plugins.handledning.exports.reached import looked_at, name_of, nothing, party, reached, zone
from plugins.handledning.operations import Access
from plugins.handledning.operations.development import plans_of
from plugins.handledning.operations.goal_sheets import today_of
from plugins.handledning.operations.records import Record, records_of
from service.contract import Document, ExportScope, Role, Terms, audit_views, terms_of
from service.contract import gettext as _


def plans(scope: ExportScope) -> Document:
    """Returns the development plan of every engagement: whole to the manager, what is shared to her coach."""
    readers = Readers.OWN if scope.role is Role.MANAGER else Readers.COACH
    every, terms = reached(scope), _terms(scope)
    audit_views("handledning.export_plan", *looked_at(scope, every))
    parts = [
        {"title": name_of(plan.access), **plan_data(plan, readers, today_of(plan.access), terms)}
        for plan in plans_of(every)
    ]
    return Document("handledning/plans.typ", _paper(scope, parts), str(_("Development plan")))


def records(scope: ExportScope) -> Document:
    """Returns the record of every session that was held."""
    every = reached(scope)
    audit_views("handledning.export_records", *looked_at(scope, every))
    held, terms = records_of(every), _terms(scope)
    parts = [_engagement(one, held[one.engagement.id], terms) for one in every]
    return Document("handledning/records.typ", _paper(scope, parts), str(_("Records of coaching sessions")))


def _paper(scope: ExportScope, parts: list[dict[str, Any]]) -> dict[str, Any]:
    whose = (
        _("Only you, and whoever you give it to.")
        if scope.role is Role.MANAGER
        else _("Only you, and each manager her own part.")
    )
    return {"readers": str(whose), "nothing": None if parts else nothing(scope), "parts": parts}


def _terms(scope: ExportScope) -> Terms:
    return terms_of(party(scope).cohort.organisation_id)


def _engagement(access: Access, held: Sequence[Record], terms: Terms) -> dict[str, Any]:
    return {
        "title": name_of(access),
        "none": str(_("No session has been held yet.")),
        "records": [
            {
                "title": str(_("Coaching session %(number)d", number=one.sheet.session.number)),
                **record_data(one.sheet, one.coming, zone(access), terms),
            }
            for one in held
        ],
    }
