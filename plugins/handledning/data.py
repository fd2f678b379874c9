"""A person's own copy, and her erasure."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from plugins.handledning.models import CoachingSession, Decision, Engagement, Homework, Status
from service.contract import Erased, Person, PersonalData, lazy, now, session

# What people call each kind of row.
_ENGAGEMENTS, _SESSIONS = lazy("Coaching, as manager or as coach"), lazy("Coaching sessions: dates and minutes")
_DECISIONS, _HOMEWORK = lazy("Decisions"), lazy("Homework")


def personal_data(person: Person) -> Sequence[PersonalData]:
    """Returns all rows about a person: what she wrote as a manager, and the frames of what she took part in."""
    engagements = session().scalars(sa.select(Engagement).where(_side(person.id))).all()
    meetings = (
        session()
        .scalars(sa.select(CoachingSession).where(CoachingSession.engagement_id.in_([e.id for e in engagements])))
        .all()
    )
    decisions = session().scalars(sa.select(Decision).where(Decision.manager_id == person.id)).all()
    homework = session().scalars(sa.select(Homework).where(Homework.manager_id == person.id)).all()
    return [
        PersonalData("handledning_engagement", [_engagement(one, person.id) for one in engagements], _ENGAGEMENTS),
        PersonalData("handledning_coaching_session", [_meeting(one) for one in meetings], _SESSIONS),
        PersonalData("handledning_decision", [_decision(one) for one in decisions], _DECISIONS),
        PersonalData("handledning_homework", [_homework(one) for one in homework], _HOMEWORK),
    ]


def _side(person_id: UUID) -> sa.ColumnElement[bool]:
    return sa.or_(Engagement.manager_id == person_id, Engagement.coach_id == person_id)


def _engagement(one: Engagement, person_id: UUID) -> dict[str, Any]:
    role = "manager" if one.manager_id == person_id else "coach"
    return {
        "id": one.id,
        "role": role,
        "status": one.status.value,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
    }


def _meeting(one: CoachingSession) -> dict[str, Any]:
    return {
        "id": one.id,
        "engagement": one.engagement_id,
        "number": one.number,
        "planned_start": one.planned_start,
        "planned_minutes": one.planned_minutes,
        "process_minutes": one.process_minutes,
        "result_minutes": one.result_minutes,
        "state": one.state.value,
        "final": one.final,
        "closed_at": one.closed_at,
    }


def _decision(one: Decision) -> dict[str, Any]:
    return {"session": one.session_id, "decision": one.text, "expected": one.expected}


def _homework(one: Homework) -> dict[str, Any]:
    return {
        "session": one.session_id,
        "text": one.text,
        "criterion": one.criterion,
        "due_on": one.due_on,
        "comfort": one.comfort,
        "state": one.state.value,
        "outcome_note": one.outcome_note,
    }


def erase(person: Person) -> Sequence[Erased]:
    """Erases what she wrote and takes her out of her engagements. A manager's text stays when her coach is erased."""
    decisions = _delete(Decision, person.id)
    homework = _delete(Homework, person.id)
    frames = session().scalar(sa.select(sa.func.count()).select_from(Engagement).where(_side(person.id))) or 0
    _leave(person.id)
    return [
        Erased("handledning_decision", decisions, title=_DECISIONS),
        Erased("handledning_homework", homework, title=_HOMEWORK),
        Erased(
            "handledning_engagement",
            frames,
            lazy("Dates and minutes stay, without her, as the other's count of sessions."),
            _ENGAGEMENTS,
        ),
    ]


def _delete(model: type[Decision] | type[Homework], person_id: UUID) -> int:
    ids = session().scalars(sa.delete(model).where(model.manager_id == person_id).returning(model.id)).all()
    return len(ids)


def _leave(person_id: UUID) -> None:
    still = sa.and_(_side(person_id), Engagement.status != Status.CLOSED)
    session().execute(sa.update(Engagement).where(still).values(status=Status.CLOSED, ended_at=now()))
    session().execute(sa.update(Engagement).where(Engagement.manager_id == person_id).values(manager_id=None))
    session().execute(sa.update(Engagement).where(Engagement.coach_id == person_id).values(coach_id=None))
