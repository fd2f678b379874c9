"""Everything of somebody's engagements as data, with a published schema: `schemas/coaching-2.json`.

Which tables and columns go in, the schema says. Which rows is decided row by row by the same rule as on the pages
(`reading.visible`), and then narrowed: a coach's file has no life goals, nothing that belongs to one, and no reference to a
row that is not in it.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from plugins.handledning import data
from plugins.handledning.exports.reached import looked_at, nothing, reached
from plugins.handledning.models import Engagement, Goal, Scope, Suggestion, SuggestionKind, TrustPulse
from plugins.handledning.models.columns import OfEngagement
from plugins.handledning.operations import Access, visible
from plugins.handledning.operations.reading import shown
from service.contract import ConfidentialText, ExportScope, Role, audit_views, now, opened, session, unit
from service.contract import gettext as _

SCHEMAS = Path(__file__).parent.parent / "schemas"
# So many engagements are read with one statement per table.
AT_ONCE = 50
# In which order rows of a kind come, where they have such a column.
ORDER = (
    "number",
    "version",
    "position",
    "written_at",
    "answered_at",
    "rated_at",
    "read_at",
    "given_at",
    "made_at",
    "day",
)
# Ids of other rows that the database does not know to be.
POINTERS = frozenset({"subject_id", "copied_from"})
ABOUT_GOALS = frozenset({SuggestionKind.GOAL, SuggestionKind.GOAL_STATUS})

Rows = Mapping[str, Sequence[Any]]


@cache
def schema() -> Mapping[str, Any]:
    """Returns the published JSON schema."""
    found: Mapping[str, Any] = json.loads((SCHEMAS / "coaching-2.json").read_text("utf-8"))
    return found


def tree(scope: ExportScope) -> Mapping[str, Any]:
    """Returns every engagement that a person reaches with all she may have of it."""
    every = reached(scope)
    audit_views("handledning.export_coaching", *looked_at(scope, every))
    manager, unread = scope.role is Role.MANAGER, list[Mapping[str, str]]()
    return {
        "schema": schema()["$id"],
        "language": scope.locale,
        "made_at": _plain(now()),
        "reader": "manager" if manager else "coach",
        "notice": str(
            _("Only you, and whoever you give it to.") if manager else _("Only you, and each manager her own part.")
        ),
        "nothing": None if every else nothing(scope),
        "engagements": [one for at in range(0, len(every), AT_ONCE) for one in _some(every[at : at + AT_ONCE], unread)],
        # After the engagements, which find out.
        "not_read": _not_read(unread),
    }


def _not_read(texts: Sequence[Mapping[str, str]]) -> Mapping[str, Any] | None:
    """Returns which texts could not be opened, with a sentence about them; None where all could."""
    why = _("These texts could not be read, and are null in the file. The rest is whole.")
    return {"why": str(why), "texts": texts} if texts else None


def _some(some: Sequence[Access], unread: list[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    found: dict[uuid.UUID, dict[str, list[Any]]] = {access.engagement.id: defaultdict(list) for access in some}
    owners = {one for access in some for one in (access.engagement.manager_id, access.engagement.coach_id) if one}
    unit().vault.fetch(owners)
    for model in kinds():
        for row in session().scalars(_query(model, some)):
            found[row.engagement_id][name_of(model)].append(row)
    for access in some:
        yield _engagement(access, _narrowed(access, found[access.engagement.id]), unread)


def kinds() -> Sequence[type[Any]]:
    """Returns the tables that go in: those whose rows are part of one engagement, and that the schema names."""
    return [one for one in data.tables() if issubclass(one, OfEngagement) and name_of(one) in schema()["$defs"]]


def name_of(model: type[Any]) -> str:
    """Returns what a kind of row is called in the file."""
    return str(model.__tablename__).removeprefix("handledning_")


def _query(model: type[Any], some: Sequence[Access]) -> sa.Select[Any]:
    columns = sa.inspect(model).columns
    return (
        sa.select(model)
        .where(shown(some, model, _rule))
        .order_by(*(columns[name] for name in ORDER if name in columns), model.id)
    )


def _rule(access: Access, model: type[Any]) -> sa.ColumnElement[bool]:
    """Which rows she reads. Pulses are shown to both once both have answered, which `_narrowed` sees to."""
    return sa.true() if model is TrustPulse else visible(access, model)


def _narrowed(access: Access, rows: Rows) -> Rows:
    """Returns the rows without pulses that are not shown yet and, for a coach, without life goals and what is theirs."""
    me = access.party.person_id
    answered = {one.session_id for one in rows[name_of(TrustPulse)] if one.person_id == me}
    kept = {name: list(some) for name, some in rows.items()}
    kept[name_of(TrustPulse)] = [one for one in rows[name_of(TrustPulse)] if one.session_id in answered]
    if access.is_managers:
        return kept
    goals = [one for one in rows[name_of(Goal)] if one.scope is not Scope.LIFE]
    kept[name_of(Goal)], ids = goals, {one.id for one in goals}
    return {name: [one for one in some if _of_goals(one, ids)] for name, some in kept.items()}


def _of_goals(row: Any, ids: set[uuid.UUID]) -> bool:
    """Tells whether a row is about no goal, or about one of these."""
    if isinstance(row, Suggestion):
        return row.kind not in ABOUT_GOALS or row.subject_id is None or row.subject_id in ids
    return getattr(row, "goal_id", None) in {None, *ids}


def _engagement(access: Access, rows: Rows, unread: list[Mapping[str, str]]) -> dict[str, Any]:
    its = access.engagement
    there = {one.id for some in rows.values() for one in some}
    frame = {key: _plain(getattr(its, key)) for key in _columns(Engagement)}
    people = {"manager": its.manager, "coach": its.coach}
    return {
        **frame,
        **{seat: one.display_name if one else None for seat, one in people.items()},
        **{
            name_of(model): [_row(access, one, there, unread) for one in rows.get(name_of(model), ())]
            for model in kinds()
        },
    }


def _named(model: type[Any]) -> Mapping[str, Any]:
    """Returns what the schema names of a kind of row. What it does not name does not go in, whatever a table gets."""
    found: Mapping[str, Any] = schema()["$defs"][name_of(model)]["properties"]
    return found


def _columns(model: type[Any]) -> Sequence[str]:
    """Returns the columns of a table that are told as they are."""
    return [key for key in sorted(sa.inspect(model).columns.keys()) if key in _named(model)]


def _row(access: Access, row: Any, there: set[uuid.UUID], unread: list[Mapping[str, str]]) -> dict[str, Any]:
    """Returns a row: its columns, who of the two wrote it, and its texts; one that does not open is null, and `unread` has it."""
    columns, said = sa.inspect(type(row)).columns, {}
    for key in _columns(type(row)):
        value, pointer = getattr(row, key), columns[key].foreign_keys or key in POINTERS
        said[key] = None if pointer and value not in there else _plain(value)
    for key in ("author_id", "person_id"):
        if key in columns:
            said["by"] = _seat(access, getattr(row, key))
    texts = [key for key in _named(type(row)) if isinstance(getattr(type(row), key, None), ConfidentialText)]
    for name in texts:
        said[name] = opened(row, name, actor=access.party.actor)
        if said[name] is None:
            unread.append({"kind": name_of(type(row)), "id": str(row.id), "text": name})
    return said


def _seat(access: Access, person_id: uuid.UUID | None) -> str | None:
    its = access.engagement
    return {its.manager_id: "manager", its.coach_id: "coach"}.get(person_id) if person_id else None


def _plain(value: Any) -> Any:
    """Returns a value as JSON has it: dates as ISO 8601, moments in UTC, ids and words as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, (uuid.UUID, str)) else value
