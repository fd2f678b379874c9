"""The audit trail as a file: a person's own part of it, or what the training department changed.

Columns as the reference asks: time, role of the actor, action, object. Codes and ids, as they are kept; no content.
"""

import uuid
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from service.access import Role
from service.audit import AuditEvent
from service.cohorts import changes
from service.cohorts.models import Cohort, Person
from service.cohorts.words import ROLES
from service.cohorts.zones import zone_of
from service.contract.records import Export, ExportScope
from service.exports.cells import Value
from service.unit import current


def exports() -> list[Export]:
    """Returns the declarations: one key for each kind of reader, as they read different things."""
    return [
        Export(
            key="trail", file="granskningslogg", title=lazy_gettext("Audit log, about you"),
            contains=lazy_gettext(
                "Who opened what is yours and what you did yourself: time, role, action and object. Never what it says."
            ),
            readers=lazy_gettext("Only you."), roles=frozenset({Role.MANAGER, Role.COACH}),
            headers=_headers, count=_count, rows=_rows, formats=frozenset({"csv"}),
        ),
        Export(
            key="changes", file="granskningslogg", title=lazy_gettext("Audit log, changes"),
            contains=lazy_gettext(
                "Who switched what on or off and changed roles, settings and courses: time, role, action and object."
            ),
            readers=lazy_gettext("You, in the training department. No content and no names are in it."),
            roles=frozenset({Role.TRAINING}),
            headers=_headers, count=_count, rows=_rows, formats=frozenset({"csv"}),
        ),
    ]  # fmt: skip


def _headers(_scope: ExportScope) -> Sequence[str]:
    return [_("Time"), _("Role"), _("Action"), _("Outcome"), _("Object"), _("Object id"), _("About you")]


def _events(scope: ExportScope) -> sa.Select[AuditEvent]:
    query = sa.select(AuditEvent)
    if scope.role is Role.TRAINING:
        cohort = current().session.get_one(Cohort, scope.cohort_id)
        return query.where(changes.of_configuration(cohort.organisation_id))
    return query.where(sa.or_(AuditEvent.subject_id == scope.person_id, AuditEvent.actor_id == scope.person_id))


def _count(scope: ExportScope) -> int:
    return current().session.scalar(sa.select(sa.func.count()).select_from(_events(scope).subquery())) or 0


def _rows(scope: ExportScope) -> Iterator[Sequence[Value]]:
    session = current().session
    zone = ZoneInfo(zone_of(session.get_one(Person, scope.person_id), session.get_one(Cohort, scope.cohort_id)))
    roles = {role.value: str(words) for role, words in ROLES.items()}
    query = _events(scope).order_by(AuditEvent.at, AuditEvent.seq).execution_options(yield_per=1000)
    for event in session.scalars(query):
        yield [
            event.at.astimezone(zone).isoformat(timespec="seconds"), roles.get(event.role, event.role), event.action,
            event.outcome, event.object_type, _object(event), _("Yes") if event.subject_id == scope.person_id else "",
        ]  # fmt: skip


def _object(event: AuditEvent) -> str:
    """An id, as it is kept; a name of ours (a plugin, a setting) as it is."""
    try:
        return str(uuid.UUID(event.object_ref))
    except ValueError:
        return event.object_ref
