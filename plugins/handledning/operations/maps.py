"""The map of a manager's role: situation, role content, relations, discretion, goals of the operations.

She alone writes it. Each part is hers until she shares it with her coach, and hers again when she stops.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from plugins.handledning.calculations import Discretion, Question, Source, Zone, discretion
from plugins.handledning.models import DiscretionItem, Goal, OperationsGoal, Relation, RoleContent, Situation
from plugins.handledning.models.columns import Shared
from plugins.handledning.operations.reading import read, visible
from plugins.handledning.operations.scope import Access, check_version, rows
from service.contract import audit, session, unit


class Part(StrEnum):
    """The parts of a map that can be shared one by one."""

    SITUATION = "situation"
    ROLE = "role"
    RELATIONS = "relations"
    DISCRETION = "discretion"


@dataclass(frozen=True)
class RoleDraft:
    """One thing that the role consists of. `id` is kept from the first time its row was shown."""

    id: uuid.UUID
    text: str


@dataclass(frozen=True)
class RelationDraft:
    """One relation to another role."""

    id: uuid.UUID
    role: str
    quality: int | None = None
    intention: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class QuestionDraft:
    """One question of the role: whose it is now, whose she wants it to be, and where that is written."""

    id: uuid.UUID
    text: str
    zone_now: Zone
    zone_wanted: Zone
    source: Source


@dataclass(frozen=True)
class OperationsDraft:
    """One goal of the operations."""

    id: uuid.UUID
    text: str
    reference: str = ""


RowDraft = RoleDraft | RelationDraft | QuestionDraft | OperationsDraft
# Which table a kind of row is kept in, and where a goal may lean on it.
_TABLES: dict[type[Any], tuple[type[Shared], Any]] = {
    RoleDraft: (RoleContent, Goal.role_content_id),
    RelationDraft: (Relation, None),
    QuestionDraft: (DiscretionItem, Goal.discretion_id),
    OperationsDraft: (OperationsGoal, Goal.operations_goal_id),
}


# Where a map's page has each kind of row.
MAP_LISTS: dict[type[RowDraft], str] = {
    RoleDraft: "roles",
    RelationDraft: "relations",
    QuestionDraft: "questions",
    OperationsDraft: "operations",
}


@dataclass(frozen=True)
class MapPage:
    """A map as one of the two reads it: for a coach, the parts that are shared and nothing of the others."""

    version: int
    shares: Mapping[Part, bool]
    head: Situation | None = None
    roles: Sequence[RoleContent] = ()
    relations: Sequence[Relation] = ()
    questions: Sequence[DiscretionItem] = ()
    operations: Sequence[OperationsGoal] = ()

    @property
    def empty(self) -> bool:
        """True where nothing is written of what this person reads."""
        head = self.head
        lists = (self.roles, self.relations, self.questions, self.operations)
        return not (any(lists) or (head and (head.text or head.solutions)))

    @property
    def discretion(self) -> Discretion | None:
        """What the questions come to."""
        return discretion([Question(one.zone_now, one.zone_wanted, one.source) for one in self.questions])


def map_of(access: Access) -> MapPage:
    """Returns the map of an engagement as this person may read it."""
    return maps_by([access])[access.engagement.id]


def maps_by(some: Sequence[Access]) -> Mapping[uuid.UUID, MapPage]:
    """Returns the maps of several engagements, by engagement, in as many statements as for one."""
    flags = sa.select(
        Situation.engagement_id,
        Situation.version,
        Situation.shares_situation,
        Situation.shares_role,
        Situation.shares_relations,
        Situation.shares_discretion,
    ).where(Situation.engagement_id.in_([one.engagement.id for one in some]))
    found = {row[0]: row[1:] for row in session().execute(flags)}
    roles = read(some, RoleContent, order_by=(RoleContent.position, RoleContent.id))
    relations = read(some, Relation, order_by=(Relation.position, Relation.id))
    questions = read(some, DiscretionItem, order_by=(DiscretionItem.position, DiscretionItem.id))
    operations = read(some, OperationsGoal, order_by=(OperationsGoal.position, OperationsGoal.id))
    heads = read(some, Situation, order_by=(Situation.id,))
    kinds: Sequence[Mapping[uuid.UUID, Sequence[Shared]]] = (roles, relations, questions, operations, heads)
    unit().vault.fetch({row.manager_id for kind in kinds for these in kind.values() for row in these})
    pages = {}
    for key in (one.engagement.id for one in some):
        version, *shared = found.get(key, (0, False, False, False, False))
        head, flags_of = next(iter(heads[key]), None), dict(zip(Part, shared, strict=True))
        pages[key] = MapPage(version, flags_of, head, roles[key], relations[key], questions[key], operations[key])
    return pages


def _list(access: Access, model: Any) -> Any:
    return rows(access, model, visible(access, model), order_by=(model.position, model.id))


def _head(access: Access, seen: int) -> Situation:
    """Returns the head of the map, made where there is none. Raises Conflict when somebody saved after `seen`."""
    access.only_manager("write_map")
    access.open()
    head = next(iter(rows(access, Situation)), None)
    check_version(head.version if head else 0, seen)
    if head is None:
        head = Situation(
            engagement_id=access.engagement.id, manager_id=access.manager_id, version=0, shares_situation=False,
            shares_role=False, shares_relations=False, shares_discretion=False,
        )  # fmt: skip
        session().add(head)
    head.version += 1
    return head


def write_situation(access: Access, seen: int, text: str, solutions: str) -> Situation:
    """Keeps the current situation in her words, and the solutions she sees herself. She alone may."""
    access.only_manager("write_map")
    there = next(iter(rows(access, Situation)), None)
    if there is not None and (there.text, there.solutions) == (text, solutions):
        return there
    head = _head(access, seen)
    head.text, head.solutions = text, solutions
    session().flush()
    return head


def write_rows(access: Access, seen: int, kind: type[RowDraft], drafts: Sequence[RowDraft]) -> None:
    """Keeps one list of the map as typed: what is not there any more goes, and goals that leaned on it stand alone.

    The same again changes nothing. Raises Conflict when somebody saved after `seen`.
    """
    access.only_manager("write_map")
    model, leaning = _TABLES[kind]
    there = {row.id: row for row in _list(access, model)}
    if [drafted_row(kind, row) for row in there.values()] == list(drafts):
        return
    _head(access, seen)
    for row_id in there.keys() - {draft.id for draft in drafts}:
        if leaning is not None:
            session().execute(sa.update(Goal).where(leaning == row_id).values({leaning.key: None}))
        session().delete(there[row_id])
    for place, draft in enumerate(drafts):
        values = {name: value for name, value in vars(draft).items() if name != "id"}
        row = there.get(draft.id)
        if row is None:
            made: Any = model
            row = made(
                id=draft.id, engagement_id=access.engagement.id, manager_id=access.manager_id, position=place, **values
            )
            session().add(row)
        for name, value in {"position": place, **values}.items():
            setattr(row, name, value)
    session().flush()


def drafted_row(kind: type[RowDraft], row: Any) -> RowDraft:
    """Returns a row as it would be typed."""
    values = {name: getattr(row, name) for name in kind.__dataclass_fields__}
    return kind(**values)


def share_part(access: Access, part: Part, *, shared: bool) -> None:
    """Shares a part of the map with the coach, or stops sharing it. The manager alone may; saying it again is nothing."""
    access.only_manager("share_map")
    access.open()
    there = next(iter(rows(access, Situation)), None)
    if bool(there and getattr(there, f"shares_{part.value}")) is shared:
        return
    head = _head(access, there.version if there else 0)
    setattr(head, f"shares_{part.value}", shared)
    session().flush()
    action = "handledning.share_map" if shared else "handledning.unshare_map"
    audit(access.party.actor, action, reason=part.value, object_type="engagement", object_ref=str(access.engagement.id))
