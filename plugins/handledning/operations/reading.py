"""Who reads which row of an engagement: the matrix of role and data, as one rule per kind of row.

`readable(access, row)` is asked wherever a row is shown, and `visible(access, model)` is the same rule as SQL, so that what
may not be read is not loaded either. What is sealed with somebody's own key is hers alone; what the manager may share is
read when she has shared it; the rest of an engagement is for both.
"""

from typing import Any

import sqlalchemy as sa

from plugins.handledning.models import (
    Decision,
    DiscretionItem,
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
from plugins.handledning.operations.scope import Access
from service.contract import Denial, NotFound, session

# The parts of a map by the switch with which they are shared.
MAP_PARTS: dict[type[OfEngagement], Any] = {
    Situation: Situation.shares_situation,
    RoleContent: Situation.shares_role,
    OperationsGoal: Situation.shares_role,
    Relation: Situation.shares_relations,
    DiscretionItem: Situation.shares_discretion,
}


def visible(access: Access, model: type[OfEngagement]) -> sa.ColumnElement[bool]:
    """Returns which rows of a kind this person reads in this engagement."""
    if issubclass(model, Private):
        return model.person_id == access.party.person_id
    if model is Note:
        own = sa.and_(Note.author_id == access.party.person_id, Note.owner_id == access.party.person_id)
        shared = sa.and_(Note.kind == NoteKind.SHARED, Note.owner_id == access.engagement.manager_id)
        return sa.or_(shared, own)
    if model is NoteReview:
        # To the manager it is there when it is decided; the coach has those that she was asked.
        decided, asked = NoteReview.decided_at.is_not(None), NoteReview.coach_id == access.party.person_id
        return decided if access.is_managers else asked
    return sa.true() if access.is_managers else _shown_to_coach(access, model)


def _shown_to_coach(access: Access, model: Any) -> sa.ColumnElement[bool]:
    """What a coach reads of her manager's: the map by its switches, life goals and decisions when shared, the rest.

    What she tells the programme is not for her coach.
    """
    if model in MAP_PARTS:
        shares = sa.select(Situation.id).where(Situation.engagement_id == access.engagement.id, MAP_PARTS[model])
        return shares.exists()
    if model is Goal:
        return sa.or_(Goal.scope != Scope.LIFE, Goal.shared)
    if model in (Decision, ExternalTest):
        return sa.and_(model.shared)
    if model is ProgrammeFeedback:
        return sa.false()
    if hasattr(model, "goal_id"):
        goals = sa.select(Goal.id).where(Goal.engagement_id == access.engagement.id, _shown_to_coach(access, Goal))
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
