"""How long coaching is kept after it ended, and its deletion then: an engagement with all that was written in it, or none.

What was written goes first; agreements and contracts later, and with them the engagement's own frame of dates and minutes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from plugins.handledning import data, models
from plugins.handledning.calculations import OPEN, EndReason, Status
from plugins.handledning.models import (
    Agreement,
    AgreementLine,
    CoachingSession,
    CoachListing,
    CoachProposal,
    Contract,
    ContractItem,
    Engagement,
    SessionPart,
)
from service.contract import Due, Retention, count_rows, delete_rows, lazy, now, session

CONTENT = "content"
CONTENT_DAYS, PAPER_DAYS, PLACE_DAYS = 183, 730, 365
Some = tuple[type[Any], sa.ColumnElement[bool]]
# What outlives the content, in the order in which it can be deleted.
_PAPERS: tuple[type[Any], ...] = (
    AgreementLine, Agreement, ContractItem, Contract, SessionPart, CoachingSession,
)  # fmt: skip
_PLACES: tuple[type[Any], ...] = (CoachListing, CoachProposal)


def _over(due: Due) -> sa.ColumnElement[bool]:
    """Engagements that ended before the moment; one that nobody ended is over with its cohort."""
    forgotten_with_cohort = sa.and_(Engagement.ended_at.is_(None), Engagement.cohort_id.in_(due.ended()))
    return sa.and_(
        Engagement.cohort_id.in_(due.cohorts()), sa.or_(Engagement.ended_at < due.before, forgotten_with_cohort)
    )


def _content(ids: Any) -> list[Some]:
    written = (
        model
        for model in data.tables()
        if hasattr(model, "engagement_id") and model not in _PAPERS and model is not Engagement
    )
    return [(model, _any(model).engagement_id.in_(ids)) for model in reversed(list(written))]


def _any(model: Any) -> Any:
    return model


def _papers(ids: Any) -> list[Some]:
    return [*((model, model.engagement_id.in_(ids)) for model in _PAPERS), (Engagement, Engagement.id.in_(ids))]


def _to_forget(due: Due) -> sa.Select[Any]:
    return sa.select(Engagement.id).where(_over(due), Engagement.forgotten_at.is_(None))


def managers_content(due: Due) -> sa.Select[*tuple[Any, ...]]:
    """Selects the managers in whose engagements something that was written is due, and the courses."""
    return sa.select(Engagement.manager_id, Engagement.cohort_id).where(
        _over(due), Engagement.forgotten_at.is_(None), Engagement.manager_id.is_not(None)
    )


def count_content(due: Due) -> Mapping[str, int]:
    """Returns how many rows of what was written are due, by table."""
    return count_rows(_content(_to_forget(due)))


def delete_content(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes what was written in some engagements. Those without a word are noted on the way, and not asked again."""
    while True:
        query = _to_forget(due).order_by(Engagement.id).limit(limit).with_for_update(skip_locked=True)
        ids = session().scalars(query).all()
        gone = delete_rows(_content(ids))
        these = sa.update(Engagement).where(Engagement.id.in_(ids))
        ended = {"status": Status.CLOSED, "ended_at": now(), "end_reason": EndReason.CHANGED}
        session().execute(these.where(Engagement.status.in_(OPEN)).values(ended))
        session().execute(these.values(forgotten_at=now()))
        if any(gone.values()) or not ids:
            return gone


def _to_end(due: Due) -> sa.Select[Any]:
    return sa.select(Engagement.id).where(_over(due))


def count_papers(due: Due) -> Mapping[str, int]:
    """Returns how many rows of agreements, contracts, sessions and engagements are due, by table."""
    return count_rows(_papers(_to_end(due)))


def delete_papers(due: Due, limit: int) -> Mapping[str, int]:
    """Deletes some engagements with their papers, and what is left of what was written."""
    ids = session().scalars(_to_end(due).order_by(Engagement.id).limit(limit)).all()
    return delete_rows([*_content(ids), *_papers(ids)]) if ids else {}


def count_places(due: Due) -> Mapping[str, int]:
    """Returns how many places on lists of coaches, and proposals of coaches, are due."""
    return count_rows([(model, model.cohort_id.in_(due.ended())) for model in _PLACES])


def delete_places(due: Due, _limit: int) -> Mapping[str, int]:
    """Deletes them: a course has few."""
    return delete_rows([(model, model.cohort_id.in_(due.ended())) for model in _PLACES])


_KINDS: Mapping[str, Any] = {getattr(models, name).__tablename__: title for name, title in data.TITLES.items()}
_END = lazy("the end of the engagement, or of its cohort where nobody ended it")
RULES: Sequence[Retention] = (
    Retention(
        CONTENT, lazy("What was written in coaching: sessions, goals, notes, maps"), CONTENT_DAYS, _END, 90, 730,
        count_content, delete_content, _KINDS, whose=managers_content,
    ),
    Retention(
        "papers", lazy("Agreements, contracts, and the dates and minutes of sessions"), PAPER_DAYS, _END, 730, 10 * 365,
        count_papers, delete_papers, _KINDS,
    ),
    Retention(
        "places", lazy("Coaches on the list of a course, and proposals of coaches"), PLACE_DAYS,
        lazy("the end of the cohort"), 90, 5 * 365, count_places, delete_places, _KINDS,
    ),
)  # fmt: skip
