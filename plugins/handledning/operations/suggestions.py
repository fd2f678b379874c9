"""What a coach suggests. She never writes a decision, an outcome or a status: the manager does, in her own words, or not."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from plugins.handledning.models import CoachingSession, Goal, Homework, Suggestion, SuggestionKind
from plugins.handledning.models.columns import OfEngagement
from plugins.handledning.operations.reading import readable
from plugins.handledning.operations.scope import Access, find, rows
from service.contract import Invalid, NotFound, notify, now, session, unit

# What a suggestion is about, where it is about one thing.
SUBJECTS: dict[SuggestionKind, type[OfEngagement]] = {
    SuggestionKind.GOAL: Goal,
    SuggestionKind.GOAL_STATUS: Goal,
    SuggestionKind.OUTCOME: Homework,
}


def suggest(
    access: Access,
    suggestion_id: uuid.UUID,
    kind: SuggestionKind,
    text: str,
    *,
    session_id: uuid.UUID | None = None,
    subject_id: uuid.UUID | None = None,
) -> Suggestion:
    """Keeps what the coach suggests; the same id again changes nothing. The coach alone may.

    Raises Invalid for nothing, and NotFound for a session or subject that is not this engagement's to read for her.
    """
    access.only_coach("suggest")
    access.open()
    there = find(access, Suggestion, suggestion_id)
    if there is not None:
        return there
    if not text:
        raise Invalid(text="empty")
    if session_id is not None:
        _own(access, CoachingSession, session_id)
    if kind in SUBJECTS and subject_id is not None:
        _own(access, SUBJECTS[kind], subject_id)
    made = Suggestion(
        id=suggestion_id,
        engagement_id=access.engagement.id,
        manager_id=access.manager_id,
        kind=kind,
        author_id=access.party.person_id,
        session_id=session_id,
        subject_id=subject_id,
        made_at=now(),
        text=text,
    )
    session().add(made)
    session().flush()
    notify(access.manager_id, cohort_id=access.engagement.cohort_id)
    return made


def _own(access: Access, model: type[OfEngagement], row_id: uuid.UUID) -> None:
    found = find(access, model, row_id)
    if found is None:
        raise NotFound("subject")
    readable(access, found)


def waiting(access: Access, *where: sa.ColumnElement[bool]) -> Sequence[Suggestion]:
    """Returns the suggestions that wait for the manager's answer, oldest first; both read them."""
    found = rows(
        access, Suggestion, Suggestion.answered_at.is_(None), *where, order_by=(Suggestion.made_at, Suggestion.id)
    )
    unit().vault.fetch({one.manager_id for one in found})
    return found


def answer(access: Access, suggestion_id: uuid.UUID) -> Suggestion:
    """Notes that the manager has taken a suggestion up or left it; answering again changes nothing. She alone may."""
    access.only_manager("answer_suggestion")
    access.open()
    found = find(access, Suggestion, suggestion_id)
    if found is None:
        raise NotFound("suggestion")
    found.answered_at = found.answered_at or now()
    session().flush()
    return found
