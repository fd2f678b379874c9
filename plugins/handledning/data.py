"""A person's own copy, and her erasure: every table of the plugin, by what its columns say of whose a row is."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from plugins.handledning import models
from plugins.handledning.calculations import OPEN, EndReason, Status
from plugins.handledning.models import CancelReason, CoachingSession, Engagement, Note, NoteKind, NoteReview, State
from plugins.handledning.models.columns import Private
from plugins.handledning.operations import reviews
from service.contract import (
    Base,
    CannotOpen,
    ConfidentialText,
    Erased,
    LeftOut,
    Person,
    PersonalData,
    day,
    lazy,
    local_date,
    now,
    session,
    unit,
)
from service.contract import gettext as _

# What people call each kind of row, for the tables with a person in them.
TITLES: dict[str, Any] = {
    "Engagement": lazy("Coaching, as manager or as coach"),
    "CoachingSession": lazy("Coaching sessions: dates and minutes"),
    "CoachProfile": lazy("Your profile as a coach"),
    "CoachListing": lazy("Your place on the list of coaches"),
    "CoachProposal": lazy("Coaches proposed to you"),
    "ReadinessCheck": lazy("Readiness"),
    "EgoCheck": lazy("Your ego at the door"),
    "ValueCheck": lazy("The value for you"),
    "Openness": lazy("Levels of openness"),
    "Agreement": lazy("Agreements about responsibilities"),
    "AgreementLine": lazy("Your own lines in agreements"),
    "Contract": lazy("Contracts"),
    "ContractItem": lazy("Lines of contracts"),
    "Situation": lazy("Current situation"),
    "RoleContent": lazy("What your role consists of"),
    "Relation": lazy("Relations to other roles"),
    "DiscretionItem": lazy("Discretion"),
    "OperationsGoal": lazy("Operational goals"),
    "Goal": lazy("Goals"),
    "GasScale": lazy("Scales of goals"),
    "GasRating": lazy("Where you said you were on a scale"),
    "ValueReading": lazy("The value of goals, read again"),
    "Activity": lazy("Activities"),
    "SessionText": lazy("What sessions were about"),
    "SessionPart": lazy("Parts of sessions: minutes and techniques"),
    "AgendaItem": lazy("Agendas"),
    "Answer": lazy("Answers before sessions"),
    "Decision": lazy("Decisions"),
    "Homework": lazy("Homework"),
    "TrustPulse": lazy("Trust pulses"),
    "CoachFeedback": lazy("Feedback to your coach"),
    "Contact": lazy("Contacts between sessions"),
    "Note": lazy("Notes"),
    "NoteReview": lazy("Your coach's own notes about you, as far as they were given out"),
    "Suggestion": lazy("Suggestions of your coach"),
    "ExternalTest": lazy("Tests taken elsewhere"),
    "PlanPage": lazy("Development plan"),
    "TermOutcomes": lazy("What a term gave"),
    "ProgrammeFeedback": lazy("Feedback about the programme"),
}  # fmt: skip
# These belong to a cohort, and hold nothing about anybody.
NOBODYS = frozenset({"Question", "Evaluation", "ProgrammeGroup"})
# These hold no text and are both sides': dates, minutes and acceptances stay as the other's.
FRAMES = frozenset({"Engagement", "CoachingSession", "SessionPart", "Agreement", "Contract"})
# What is not part of anybody's copy of herself: other people's ids.
_PEOPLE = frozenset({
    "manager_id", "coach_id", "person_id", "owner_id", "author_id", "proposed_by",
})  # fmt: skip


def tables() -> Iterator[type[Base]]:
    """Yields every model of the plugin, what is referred to first."""
    by_table = {str(mapper.local_table): mapper.class_ for mapper in Base.registry.mappers}
    ours = {getattr(models, name) for name in models.__all__}
    for table in Base.metadata.sorted_tables:
        if by_table.get(table.name) in ours:
            yield by_table[table.name]


def hers(model: Any, person_id: UUID) -> sa.ColumnElement[bool]:
    """Returns which rows of a table are a person's: written by her, about her, or shared with her by being hers."""
    side = sa.or_(Engagement.manager_id == person_id, Engagement.coach_id == person_id)
    if model is Engagement:
        return side
    if model is NoteReview:
        # What was decided, for her whom it is about; that somebody is still to decide is told beside the copy.
        return sa.and_(NoteReview.decided_at.is_not(None), NoteReview.manager_id == person_id)
    if model is Note:
        shared = sa.and_(Note.kind == NoteKind.SHARED, Note.owner_id == person_id)
        return sa.or_(Note.author_id == person_id, shared)
    whose = [name for name in ("manager_id", "person_id", "coach_id") if name in sa.inspect(model).columns]
    if whose:
        return sa.or_(*(getattr(model, name) == person_id for name in whose))
    return sa.and_(model.engagement_id.in_(sa.select(Engagement.id).where(side)))


def personal_data(person: Person) -> Sequence[PersonalData]:
    """Returns all rows about a person, opened: what she wrote or shares, and the frames of what she took part in."""
    found = []
    for model in tables():
        if model.__name__ in NOBODYS:
            continue
        rows = session().scalars(sa.select(model).where(hers(model, person.id))).all()
        copies = [_copy(row, person.id) for row in rows]
        found.append(PersonalData(model.__tablename__, copies, TITLES[model.__name__], late=model is NoteReview))
    return found


def _copy(row: Any, person_id: UUID) -> dict[str, Any]:
    """Returns a row as she may have it: every column that is not another person, and every text of it, opened."""
    mapper = sa.inspect(type(row))
    texts = [name for name, value in vars(type(row)).items() if isinstance(value, ConfidentialText)]
    plain = {
        key: getattr(row, key)
        for key in sorted(mapper.columns.keys())
        if key not in _PEOPLE and not key.endswith("_sealed")
    }
    if isinstance(row, Engagement):
        plain["role"] = "manager" if row.manager_id == person_id else "coach"
    unit().vault.fetch({person_id})
    return {**plain, **{name: _text(row, name) for name in texts}}


def _text(row: Any, name: str) -> str:
    """A text of a row. One that does not open must not keep the rest of her copy from her."""
    try:
        text: str = getattr(row, name)
    except CannotOpen:
        return str(_("This text could not be opened."))
    return text


_NOTES = lazy("Your coaches' own notes about you")
_LOOKED_AT = lazy(
    "A coach's own notes about you are your personal data, and may be about others, too. She gives out each one, or says why"
    " not (GDPR, Article 15(4)). What she gives out comes in a file of its own."
)
_LEFT = lazy(
    "The coach who wrote them has left the course. She alone can decide, when she comes into a course with"
    " coaching in it; nobody reads them in her place, and nothing is given out by itself. The training department is told how"
    " many are overdue, not whose: tell them her name, so that they reach her."
)
_NOTHING_OF_OTHERS = lazy("They are other people's. Their owners get them in their own copies.")


def left_out(person: Person, *, asked: bool) -> Sequence[LeftOut]:
    """Returns what is not in a person's copy; with `asked` her coaches are asked for their notes about her."""
    if asked:
        reviews.ask(person.id)
    standing = reviews.standing_of(person.id)
    found = [LeftOut(lazy("Texts of other people in your coaching"), _NOTHING_OF_OTHERS)]
    if standing.waiting:
        until = local_date(standing.due_at, person.own_zone or person.zone or "Europe/Stockholm")
        state = _("Your coach is looking at them, until %(day)s.", day=day(until, year=True))
        found.append(LeftOut(_NOTES, _LOOKED_AT, standing.waiting, state))
    if standing.overdue:
        late = _(
            "Your coach should have decided by now. The training department has been told how many there are; ask them."
        )
        found.append(LeftOut(_NOTES, _LOOKED_AT, standing.overdue, late, overdue=True))
    if standing.left + standing.left_overdue:
        late = bool(standing.left_overdue)
        number = standing.left + standing.left_overdue
        found.append(LeftOut(_NOTES, _LOOKED_AT, number, _LEFT, overdue=late))
    if standing.refused:
        why = _("Your coach does not give them out. Her reason stands with each of them in your copy.")
        found.append(LeftOut(_NOTES, _LOOKED_AT, standing.refused, why))
    return found


def erase(person: Person) -> Sequence[Erased]:
    """Erases a person.

    What a manager wrote and shared goes, with her coaches' notes and pulses about her. A coach's own notes and pulses
    go, and what she wrote into the manager's papers stays the manager's, without her name. Dates, minutes and
    acceptances stay as the other's.
    """
    found = []
    managed = sa.select(Engagement.id).where(Engagement.manager_id == person.id).scalar_subquery()
    for model in reversed(list(tables())):
        if model.__name__ in NOBODYS or model.__name__ in FRAMES:
            continue
        gone = session().scalars(sa.delete(model).where(_goes(model, person.id, managed)).returning(_any(model).id))
        found.append(Erased(model.__tablename__, len(gone.all()), title=TITLES[model.__name__]))
        _forget_author(model, person.id)
    return [*reversed(found), _leave(person.id)]


def _any(model: type[Base]) -> Any:
    return model


def _goes(model: Any, person_id: UUID, managed: Any) -> sa.ColumnElement[bool]:
    """Which rows go: hers, and what others keep about her as their manager."""
    if model is Note:
        return sa.or_(Note.owner_id == person_id, Note.engagement_id.in_(managed))
    if model is NoteReview:
        # What she was given stays a manager's when her coach is erased; what was never decided goes with the note.
        undecided = sa.and_(NoteReview.coach_id == person_id, NoteReview.decided_at.is_(None))
        return sa.or_(NoteReview.manager_id == person_id, undecided)
    if issubclass(model, Private):
        return sa.or_(model.person_id == person_id, model.engagement_id.in_(managed))
    return hers(model, person_id)


def _forget_author(model: Any, person_id: UUID) -> None:
    for name in ("author_id", "proposed_by", *(("coach_id",) if model is NoteReview else ())):
        if name in sa.inspect(model).columns:
            column = getattr(model, name)
            session().execute(sa.update(model).where(column == person_id).values({name: None}))


def _leave(person_id: UUID) -> Erased:
    """Takes her out of her engagements, which end; what was booked is called off in the other's calendar too."""
    side = hers(Engagement, person_id)
    one, going_on = CoachingSession, sa.select(Engagement.id).where(side, Engagement.status.in_(OPEN))
    off = {
        "state": State.CANCELLED,
        "cancelled_at": now(),
        "cancel_reason": CancelReason.OTHER,
        "sequence": one.sequence + 1,
    }
    booked = sa.and_(one.state.in_((State.PLANNED, State.PREPARED)), one.planned_start > now())
    session().execute(sa.update(one).where(one.engagement_id.in_(going_on), booked).values(off))
    number = session().scalar(sa.select(sa.func.count()).select_from(Engagement).where(side)) or 0
    ended = {"status": Status.CLOSED, "ended_at": now(), "end_reason": EndReason.ERASED}
    session().execute(sa.update(Engagement).where(side, Engagement.status.in_(OPEN)).values(ended))
    for column in (Engagement.manager_id, Engagement.coach_id):
        session().execute(sa.update(Engagement).where(column == person_id).values({column.key: None}))
    kept = lazy("Dates, minutes and acceptances stay, without you, as the other's count of sessions.")
    return Erased("handledning_engagement", number, kept, TITLES["Engagement"])
