"""What people call the columns that are in a copy; one without words stands there by its own name."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

COLUMNS: Mapping[str, Any] = {
    "action": _("What was done"), "answer": _("Answer"), "answered_at": _("Answered"), "asked_at": _("Asked"),
    "at": _("When"), "body": _("Text"), "changed_at": _("Changed"), "choice": _("Choice"), "closed_at": _("Closed"),
    "cohort_id": _("Course, by number"), "contribution": _("Contribution"), "course": _("Course"), "created_at": _("Made"),
    "address": _("Address"), "chosen_at": _("Chosen"), "given_at": _("Given"), "sent_at": _("Sent"), "placed_at": _("Placed"),
    "decided_at": _("Decided"), "decided_on": _("Decided"), "decision": _("Decision"), "due_on": _("Due"),
    "ended_at": _("Ended"), "expires_at": _("Valid until"), "first_seen_at": _("First seen"), "format": _("Format"),
    "granted_at": _("Given"), "ground": _("Reason"), "habit_id": _("Habit, by number"), "id": _("Number"),
    "kind": _("Kind"), "last_seen_at": _("Last seen"), "local_date": _("Day"), "locale": _("Language"),
    "minutes": _("Minutes"), "monday": _("Week from"), "name": _("Name"), "note": _("Your line"), "noted_at": _("Noted"),
    "object_type": _("Kind of thing"), "object_ref": _("Its number"), "outcome": _("How it ended"),
    "own_zone": _("Time zone, your choice"), "planned_start": _("Planned"), "plugin": _("Part of Stegvis"),
    "purpose": _("Purpose"), "reason": _("Reason"), "revoked_at": _("Ended"), "role": _("Role"),
    "shared": _("Shared"), "shared_at": _("Shared"), "starts_on": _("Since"), "state": _("State"), "status": _("State"),
    "sub": _("Your number in the learning platform"), "submitted_at": _("Given in"), "target": _("Target"),
    "text": _("Text"), "title": _("Title"), "value": _("Value"), "what": _("What"), "who": _("Who"), "why": _("Why"),
    "written_at": _("Written"), "zone": _("Time zone"),
}  # fmt: skip


def column(name: str) -> str:
    """Returns what people call a column."""
    return str(COLUMNS[name]) if name in COLUMNS else name.replace("_", " ")
