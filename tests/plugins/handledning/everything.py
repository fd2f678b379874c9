"""One row of everything that coaching keeps, each text with a word of its own: for tests of who reads what, and where it lies."""

import enum
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from plugins.handledning import data
from plugins.handledning.models import (
    Agreement,
    CoachingSession,
    CoachProfile,
    Contract,
    ContractItem,
    Decision,
    ExternalTest,
    Goal,
    ItemKind,
    Note,
    NoteKind,
    NoteReview,
    ReviewDecision,
    Scope,
    Situation,
    TrustPulse,
    ValueCheck,
)
from plugins.handledning.models.columns import OfEngagement, Private, Shared
from service.contract import Base, ConfidentialText
from service.db import UtcDateTime
from service.unit import Unit
from tests.plugins.handledning.support import Pair

WHEN = datetime(2026, 10, 1, 11, 0, tzinfo=UTC)
# Rows that are there in more than one kind, by what distinguishes them.
KINDS: dict[type[Any], list[tuple[str, dict[str, Any]]]] = {
    Goal: [
        ("professional", {"scope": Scope.PROFESSIONAL, "shared": True}),
        ("life", {"scope": Scope.LIFE, "shared": False}),
        ("life_shared", {"scope": Scope.LIFE, "shared": True}),
    ],
    ContractItem: [("", {"kind": ItemKind.RISK})],
    Decision: [("kept", {"shared": False}), ("shared", {"shared": True})],
    ExternalTest: [("kept", {"shared": False}), ("shared", {"shared": True})],
    NoteReview: [("", {"decision": ReviewDecision.RELEASED, "decided_at": WHEN})],
    Note: [(kind.value, {"kind": kind}) for kind in NoteKind],
}
# These are numbers in disguise: too short to be told from chance in a page.
DIGITS = {"answers", "value", "jobs"}


def word(model: type[Base], kind: str, attribute: str) -> str:
    """The word that a text holds, and no other text does."""
    return f"Zq{model.__name__}{kind.title().replace('_', '')}{attribute.title().replace('_', '')}Xk"


@dataclass
class Everything:
    """The rows, by model and kind, and each text's word by (model name, kind, attribute)."""

    rows: dict[tuple[str, str], Any] = field(default_factory=dict)
    words: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def id_of(self, model: type[Base], kind: str = "") -> uuid.UUID:
        found: uuid.UUID = self.rows[model.__name__, kind].id
        return found


def texts_of(model: type[Base]) -> list[str]:
    """The confidential texts of a model."""
    return [name for name, value in vars(model).items() if isinstance(value, ConfidentialText)]


def fill(two: Pair, *, shares: bool = False, beside: bool = True) -> Everything:
    """Writes one row of every kind into an engagement. `shares` shares the whole map; `beside` also what is of no engagement."""
    everything = Everything()
    with two.writing() as unit:
        there = sa.select(CoachingSession.id).where(CoachingSession.engagement_id == two.engagement.id)
        assert unit.session.scalar(there) is None, "fill comes first"
        for model in data.tables():
            if model.__name__ == "Engagement" or model.__name__ in data.NOBODYS:
                continue
            if not beside and not issubclass(model, OfEngagement):
                continue
            for kind, given in _kinds(model):
                _add(
                    unit, two, everything, model, kind, {**given, **({"shares": shares} if model is Situation else {})}
                )
    return everything


def _kinds(model: type[Any]) -> list[tuple[str, dict[str, Any]]]:
    if model is ValueCheck:  # the manager alone is asked
        return [("manager", {})]
    if issubclass(model, Private):
        return [("manager", {}), ("coach", {})]
    if "goal_id" in sa.inspect(model).columns:
        return [("", {}), ("life", {})]
    return KINDS.get(model, [("", {})])


def _add(unit: Unit, two: Pair, everything: Everything, model: type[Any], kind: str, given: dict[str, Any]) -> None:
    """Adds one row: what is given, who it belongs to, and for the rest whatever fits."""
    row = None
    if model in (Agreement, Contract, CoachProfile):  # may be there already
        mine = (
            {"engagement_id": two.engagement.id}
            if issubclass(model, OfEngagement)
            else {"person_id": two.coach.person_id}
        )
        row = unit.session.scalars(sa.select(model).filter_by(**mine)).first()
    row = row or _make(two, everything, model, kind, dict(given))
    unit.session.add(row)
    for name in texts_of(model):
        there = word(model, kind, name)
        if name not in DIGITS:
            everything.words[model.__name__, kind, name] = there
            setattr(row, name, there)
        else:
            setattr(row, name, "stay" if name == "jobs" else "4443"[: 1 if name == "value" else 4])
    unit.session.flush()
    everything.rows[model.__name__, kind] = row


def _make(two: Pair, everything: Everything, model: type[Any], kind: str, given: dict[str, Any]) -> Any:
    if given.pop("shares", False):
        given |= {f"shares_{part}": True for part in ("situation", "role", "relations", "discretion")}
    people = {"manager": two.manager.person_id, "coach": two.coach.person_id}
    given |= {"manager_id": people["manager"], "coach_id": people["coach"], "engagement_id": two.engagement.id}
    given |= {"cohort_id": two.course.cohort.id, "author_id": people["coach"], "proposed_by": None}
    if issubclass(model, Private) or model is CoachProfile:
        given["person_id"] = people[kind or "coach"]
    if model is Note:
        given["author_id"] = people["manager" if kind == "manager_private" else "coach"]
        given["owner_id"] = people["manager"] if kind == "shared" else given["author_id"]
    values = {}
    for column in sa.inspect(model).columns:
        if column.key in given:
            values[column.key] = given[column.key]
        elif column.foreign_keys and column.key != "person_id":
            values[column.key] = _referred(everything, column, kind)
        elif not column.nullable and column.default is None and column.server_default is None and column.key != "id":
            values[column.key] = _fitting(column)
    return model(**values)


def _referred(everything: Everything, column: Any, kind: str) -> uuid.UUID | None:
    """The row of the table that a foreign key leads to: of the same kind, else of the ordinary one."""
    wanted = next(iter(column.foreign_keys)).column.table.name
    there = {key[1]: row.id for key, row in everything.rows.items() if type(row).__tablename__ == wanted}
    return next((there[one] for one in (kind, "professional", "") if one in there), None)


def _fitting(column: Any) -> Any:
    if isinstance(column.type, sa.Enum):
        kind = column.type.enum_class
        assert issubclass(kind, enum.StrEnum)
        return next(iter(kind))
    by_type = {
        UtcDateTime: WHEN,
        sa.Date: date(2026, 10, 20),
        sa.Boolean: False,
        sa.Uuid: uuid.uuid4(),
        sa.JSON: [],
        sa.Integer: 1,
    }
    return next((value for kind, value in by_type.items() if isinstance(column.type, kind)), "something")


__all__ = ["DIGITS", "Everything", "Shared", "TrustPulse", "fill", "texts_of", "word"]
