"""Who reads which row of an engagement: the matrix of role and data, as one rule per kind of row.

`readable(access, row)` is asked wherever a row is shown, and `visible(access, model)` is the same rule as SQL, so that what
may not be read is not loaded either. What is sealed with somebody's own key is hers alone; what the manager may share is
read when she has shared it; the rest of an engagement is for both.

The rule leans on the row's own engagement, so that `read` reads what is there of many engagements in one statement.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from plugins.handledning.models import (
    Decision,
    DiscretionItem,
    Engagement,
    ExternalTest,
    Goal,
    Note,
    NoteKind,
    NoteReview,
    OperationsGoal,
    ProgrammeFeedback,
    Relation,
    RoleContent,
    Scope,
    Situation,
)
from plugins.handledning.models.columns import OfEngagement, Private
from plugins.handledning.operations.scope import Access, Seat, mine
from service.contract import Denial, NotFound, session

Row = TypeVar("Row", bound=OfEngagement)
Rule = Callable[[Access, type[OfEngagement]], sa.ColumnElement[bool]]

# A map's head and an engagement, beside the rows that are asked for.
_HEAD, _ITS = aliased(Situation), aliased(Engagement)
# The parts of a map by the switch with which they are shared.
MAP_PARTS: dict[type[OfEngagement], Any] = {
    Situation: _HEAD.shares_situation,
    RoleContent: _HEAD.shares_role,
    OperationsGoal: _HEAD.shares_role,
    Relation: _HEAD.shares_relations,
    DiscretionItem: _HEAD.shares_discretion,
}


def read(some: Sequence[Access], model: type[Row], *, order_by: Any) -> Mapping[uuid.UUID, list[Row]]:
    """Returns what one person reads of a kind in engagements that she reaches, by engagement, in one statement."""
    found: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for row in session().scalars(sa.select(model).where(shown(some, model)).order_by(*order_by)):
        found[row.engagement_id].append(row)
    return found


def shown(some: Sequence[Access], model: Any, rule: Rule | None = None) -> sa.ColumnElement[bool]:
    """Returns which rows of a kind one person reads in engagements, by `rule` where it is another than `visible`.

    That she reaches them is asked anew: sharing may have ended since they were looked up, and a file takes its time.
    """
    seats: dict[Seat, list[Access]] = defaultdict(list)
    for one in some:
        seats[one.seat].append(one)
    there = []
    for same in seats.values():
        reached = sa.select(Engagement.id).where(
            Engagement.id.in_([one.engagement.id for one in same]), mine(same[0].party)
        )
        there.append(sa.and_(model.engagement_id.in_(reached), (rule or visible)(same[0], model)))
    return sa.or_(sa.false(), *there)


def visible(access: Access, model: type[OfEngagement]) -> sa.ColumnElement[bool]:
    """Returns which rows of a kind this person reads in the engagements that she reaches from the seat she has in this one."""
    if issubclass(model, Private):
        return model.person_id == access.party.person_id
    if model is Note:
        own = sa.and_(Note.author_id == access.party.person_id, Note.owner_id == access.party.person_id)
        managers = sa.select(_ITS.manager_id).where(_ITS.id == Note.engagement_id).scalar_subquery()
        return sa.or_(sa.and_(Note.kind == NoteKind.SHARED, Note.owner_id == managers), own)
    if model is NoteReview:
        # To the manager it is there when it is decided; the coach has those that she was asked.
        decided, asked = NoteReview.decided_at.is_not(None), NoteReview.coach_id == access.party.person_id
        return decided if access.is_managers else asked
    return sa.true() if access.is_managers else _shown_to_coach(model)


def _shown_to_coach(model: Any) -> sa.ColumnElement[bool]:
    """What a coach reads of her manager's: the map by its switches, life goals and decisions when shared, the rest.

    What she tells the programme is not for her coach.
    """
    if model in MAP_PARTS:
        return sa.select(_HEAD.id).where(_HEAD.engagement_id == model.engagement_id, MAP_PARTS[model]).exists()
    if model is Goal:
        return sa.or_(Goal.scope != Scope.LIFE, Goal.shared)
    if model in (Decision, ExternalTest):
        return sa.and_(model.shared)
    if model is ProgrammeFeedback:
        return sa.false()
    if hasattr(model, "goal_id"):
        goals = sa.select(Goal.id).where(Goal.engagement_id == model.engagement_id, _shown_to_coach(Goal))
        return sa.and_(model.goal_id.in_(goals))
    return sa.true()


def readable(access: Access, row: OfEngagement) -> None:
    """Raises NotFound when this row of the engagement is not for this person to read."""
    table: Any = type(row)
    of_row: Any = row
    query = sa.select(table.id).where(table.id == of_row.id, visible(access, type(row)))
    if session().scalar(query) is None:
        kind = table.__tablename__.removeprefix("handledning_")
        raise NotFound("not_for_her", denial=Denial("handledning.view", "not_for_her", kind, str(of_row.id)))
