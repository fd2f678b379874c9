"""What people call the words that the database has for states, kinds and the like. One without words stands as it is."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from flask_babel import lazy_gettext as _

from service.audit import AuditEvent
from service.cohorts.changes import what
from service.cohorts.words import ROLES
from service.core import core

TRAIL = AuditEvent.__tablename__
# The columns whose values are such words, but for those in `coded`. In every other column stands what somebody wrote, and
# that is never replaced.
CODED = frozenset({
    "action", "cancel_reason", "category", "channel", "direction", "driver", "end_reason", "focus", "format", "key", "kind",
    "locale", "mode", "moment", "outcome", "per", "phase", "plugin", "progress", "role", "scope", "side",
    "source", "state", "status", "technique", "theme", "told", "type", "value_type", "whose", "zone_now", "zone_wanted",
})  # fmt: skip
CODES: Mapping[str, Any] = {
    **{role.value: words for role, words in ROLES.items()},
    "active": _("active"), "allow": _("went well"), "archived": _("put away"), "assumption": _("an assumption"),
    "at_least": _("at least"), "at_most": _("at most"), "boolean": _("done or not"), "boss": _("my manager"),
    "both": _("both"), "cancelled": _("called off"), "challenge": _("healthy confrontation"), "client": _("Manager"),
    "closed": _("closed"), "closing": _("closing"), "consult": _("after asking"), "crossroads": _("crossroads"),
    "day": _("day"), "decision": _("decision"), "decisions": _("decisions"), "delegation": _("delegation"), "deny": _("refused"),
    "discretion": _("freedom to act"), "done": _("done"), "emotions": _("emotions"), "error": _("went wrong"),
    "experiment": _("experiment"), "firefighting": _("firefighting"), "follow_up": _("follow-up"), "given": _("given"),
    "halfway": _("halfway"), "homework": _("homework"), "in_person": _("in the same room"), "intermediate": _("part result"),
    "leader_contribution": _("leader contribution"), "life": _("life"), "manager_private": _("only for yourself"),
    "meetings": _("meetings"), "minutes": _("minutes"), "missed": _("not done"), "observation": _("observation"),
    "off": _("off"), "old_habits": _("old habits"), "on": _("on"), "open": _("open"), "open_questions": _("open questions"),
    "opening": _("opening"), "other": _("other"), "own": _("decide myself"), "own_data": _("all your data"), "part": _("partly"),
    "partly": _("partly"), "paused": _("paused"), "people": _("leading others"), "performance": _("performance"),
    "personal": _("personal"), "phone": _("phone"), "plain": _("a note"), "planned": _("planned"), "practice": _("practice"),
    "process": _("process"), "professional": _("professional"), "propose": _("propose"), "relation": _("relation"),
    "reported": _("closed, with a report"), "responsibility": _("responsibility"), "result": _("result"), "risk": _("risk"),
    "routines": _("routines"), "running": _("running"), "scaling": _("questions of scale"),
    "seemingly_urgent": _("seemingly urgent"), "sessions": _("number of sessions"), "shared": _("for both"),
    "skip": _("skipped"), "submitted": _("given in"), "suppressed": _("closed, not shown"), "talk_first": _("talk first"),
    "topic": _("topic"), "trust": _("building trust"), "video": _("video"), "waiting": _("waiting"), "week": _("week"),
    "core": _("Stegvis itself"), "csv": "CSV", "json": "JSON", "pdf": "PDF", "xlsx": "Excel", "zip": "ZIP",
    "sv": "Svenska", "en": "English", "lv": "Latviešu",
}  # fmt: skip


def coded(kind: str) -> AbstractSet[str]:
    """Returns the columns of a kind of rows, by the name of its table, whose values are such words.

    What is sealed was written by somebody, whatever its column is called, and an action is a word in the trail alone.
    """
    names = (name.split(".") for plugin in core().host for name in plugin.manifest.confidential)
    written = {column for table, column in names if table == kind}
    return CODED - written - (frozenset() if kind == TRAIL else {"action"})


def words(column: str, value: str) -> str:
    """Returns a value of a coded column as people read it."""
    if column == "action":
        return str(what(value, own=True))
    return str(CODES.get(value, value))
