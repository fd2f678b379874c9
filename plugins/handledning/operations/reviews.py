"""A coach's own notes about a manager who asks for her data: the coach looks at each, and gives it out or says why not.

The notes are sealed with the coach's key and stay hers; what she gives out is written anew, sealed with the manager's.
Nothing is given out by itself. A note may tell of somebody else, or be held back by a law, and what was given out cannot
be taken back: Article 15(4) wants that weighed by somebody. Nor is silence a refusal: what is undecided when its time is
up is called overdue to the manager, and counted to the training department, whose duty the answer is (Article 12(3)).

A coach who has left the course still decides, from any course of the organisation in which she takes part in coaching,
as coach or as manager: they are her own words, which her own copy gives her too. Nobody decides in her place. Whoever
took over as coach was never meant to read them, and the training department reads no content at all.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from plugins.handledning.models import Engagement, Ground, Note, NoteKind, NoteReview, ReviewDecision
from plugins.handledning.operations.leaving import coaches_of
from plugins.handledning.operations.scope import Party
from service.contract import (
    Actor,
    Cohort,
    Conflict,
    Denial,
    Invalid,
    NotFound,
    Role,
    audit,
    insert_into,
    notify,
    now,
    opened,
    session,
    unit,
)

# From domain.md §5.3.
TERM = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """How a manager's request stands: how many are being looked at and until when, overdue, and not given out.

    `left` and `left_overdue` are those of the undecided whose coach is a coach of that course no more; they are not among
    the others.
    """

    waiting: int
    due_at: datetime
    overdue: int
    refused: int
    left: int = 0
    left_overdue: int = 0


@dataclass(frozen=True)
class Choice:
    """What a coach decides of a note: `text` is what she leaves of it, `ground` why not all of it."""

    decision: ReviewDecision
    ground: Ground | None = None
    text: str = ""


def ask(manager_id: uuid.UUID) -> int:
    """Asks the manager's coaches for their own notes about her, in all cohorts. Asked-for ones are not asked for again.

    Also not by two requests at once, neither of which sees what the other writes. A mail tells each coach who wants such
    mails that there is something to read. Returns how many it found to ask for.
    """
    known = sa.select(NoteReview.id).where(NoteReview.note_id == Note.id)
    query = (
        sa.select(Note, Engagement)
        .join(Engagement, Engagement.id == Note.engagement_id)
        .where(Engagement.manager_id == manager_id, Note.kind == NoteKind.COACH_PRIVATE, ~known.exists())
        .order_by(Note.written_at, Note.id)
        .with_for_update(of=Engagement)
    )
    found = session().execute(query).all()
    asked = [
        {
            "engagement_id": its.id, "manager_id": manager_id, "coach_id": note.author_id, "note_id": note.id,
            "written_at": note.written_at, "asked_at": now(), "due_at": now() + TERM, "version": 1,
        }
        for note, its in found
    ]  # fmt: skip
    if asked:
        once = insert_into(NoteReview).on_conflict_do_nothing(index_elements=["note_id"])
        session().execute(once, [{"id": uuid.uuid4(), **one} for one in asked])
    # Whichever course leads her in, all that she is asked for stands there; she may have left the one it comes from.
    for coach_id in dict.fromkeys(note.author_id for note, _its in found):
        notify(coach_id)
    return len(found)


def standing_of(manager_id: uuid.UUID) -> Standing:
    """Returns how a manager's request stands, in two statements and what it takes to know the coaches of each course."""
    one, moment = NoteReview, now()
    query = sa.select(
        sa.func.max(one.due_at), sa.func.count().filter(one.decision == ReviewDecision.REFUSED),
    ).where(one.manager_id == manager_id)  # fmt: skip
    due_at, refused = session().execute(query).one()
    numbers = Counter(
        (gone, due < moment) for gone, due in _undecided(one.manager_id == manager_id)
    )  # fmt: skip
    return Standing(
        numbers[False, False],
        due_at or moment,
        numbers[False, True],
        refused,
        numbers[True, False],
        numbers[True, True],
    )


def _undecided(where: sa.ColumnElement[bool]) -> list[tuple[bool, datetime]]:
    """Returns of undecided reviews whether their coach has left the course, and until when they are to be decided."""
    query = (
        sa.select(Engagement.cohort_id, NoteReview.coach_id, NoteReview.due_at)
        .join(Engagement, Engagement.id == NoteReview.engagement_id)
        .where(where, NoteReview.decided_at.is_(None))
    )
    found = session().execute(query).all()
    here = {cohort_id: coaches_of(cohort_id) for cohort_id in {row[0] for row in found}}
    return [(coach_id not in here[cohort_id], due_at) for cohort_id, coach_id, due_at in found]


@dataclass(frozen=True)
class Overdue:
    """How many notes are undecided though their time is up, and of how many the coach has left the course."""

    number: int
    left: int


def overdue_in(cohort_id: uuid.UUID) -> Overdue:
    """Returns how many notes of a cohort are undecided though their time is up. Not whose, and not by whom."""
    found = _undecided(sa.and_(Engagement.cohort_id == cohort_id, NoteReview.due_at < now()))
    return Overdue(len(found), sum(gone for gone, _due in found))


def reviews_of(party: Party) -> Sequence[NoteReview]:
    """Returns her own reviews, undecided ones first, the most urgent before the others."""
    query = _mine(party).order_by(NoteReview.decided_at.is_not(None), NoteReview.due_at, NoteReview.id)
    return session().scalars(query).all()


def elsewhere(party: Party, some: Sequence[NoteReview]) -> dict[uuid.UUID, str]:
    """Returns of which course a review is, by its id, for those of another course than this one."""
    query = (
        sa.select(NoteReview.id, Cohort.title)
        .join(Engagement, Engagement.id == NoteReview.engagement_id)
        .join(Cohort, Cohort.id == Engagement.cohort_id)
        .where(NoteReview.id.in_([one.id for one in some]), Cohort.id != party.cohort.id)
    )
    return {row[0]: row[1] for row in session().execute(query)}


def undecided(party: Party) -> dict[uuid.UUID, datetime]:
    """Returns by manager of this cohort when the coach has to have decided of her notes, the first day of several."""
    here = Engagement.cohort_id == party.cohort.id
    query = _mine(party).where(here, NoteReview.decided_at.is_(None)).order_by(NoteReview.due_at.desc())
    return {one.manager_id: one.due_at for one in session().scalars(query)}


def review_of(party: Party, review_id: uuid.UUID, *, lock: bool = False) -> tuple[NoteReview, Note | None]:
    """Returns one of the coach's own reviews and her note. Raises NotFound for anything else."""
    query = _mine(party).where(NoteReview.id == review_id)
    found = session().scalars(query.with_for_update(of=NoteReview) if lock else query).one_or_none()
    if found is None:
        raise NotFound("note_review", denial=Denial("handledning.review", "not_for_her", "note_review", str(review_id)))
    unit().vault.fetch({party.person_id})
    return found, session().get(Note, found.note_id) if found.note_id else None


def _mine(party: Party) -> sa.Select[NoteReview]:
    """Whoever wrote a note reaches what she is asked for, whether she is a coach there still and whether it has ended.

    She comes as coach or manager, from a course of the organisation in which it was written.
    """
    return (
        sa.select(NoteReview)
        .join(Engagement, Engagement.id == NoteReview.engagement_id)
        .join(Cohort, Cohort.id == Engagement.cohort_id)
        .where(
            Cohort.organisation_id == party.cohort.organisation_id,
            NoteReview.coach_id == party.person_id,
            sa.literal(party.role in (Role.COACH, Role.MANAGER)),
        )
    )


def decide(party: Party, review_id: uuid.UUID, choice: Choice) -> NoteReview:
    """Decides of one note, once. Raises Invalid for a choice that is not complete, Conflict where it was decided otherwise."""
    found, note = review_of(party, review_id, lock=True)
    if found.decided_at is not None:
        if found.decision is choice.decision:
            return found
        raise Conflict("decided")
    if note is None:
        raise NotFound("note")
    found.text = _given_out(note, choice, party.actor)
    found.decision, found.decided_at, found.version = choice.decision, now(), found.version + 1
    found.ground = None if choice.decision is ReviewDecision.RELEASED else choice.ground
    session().flush()
    audit(
        party.actor, "handledning.decide_review", reason=choice.decision.value, object_type="note_review",
        object_ref=str(found.id),
    )  # fmt: skip
    return found


def _given_out(note: Note, choice: Choice, actor: Actor) -> str:
    """Returns what the manager gets.

    Raises Invalid where a reason is missing, where nothing was left out or left over, and where the note does not open.
    """
    if choice.decision is not ReviewDecision.RELEASED and choice.ground is None:
        raise Invalid(ground="missing")
    if choice.decision is ReviewDecision.REFUSED:
        return ""
    if opened(note, "body", actor=actor) is None:
        raise Invalid(decision="unread")
    if choice.decision is ReviewDecision.RELEASED:
        return note.body
    text = choice.text.strip()
    if not text:
        raise Invalid(text="empty")
    if text == note.body.strip():
        raise Invalid(text="whole")
    return text


def check_free(note_id: uuid.UUID) -> None:
    """Raises Invalid for a note that the manager has asked for and the coach has not decided of: it stays as it is."""
    query = sa.select(NoteReview.id).where(NoteReview.note_id == note_id, NoteReview.decided_at.is_(None))
    if session().scalar(query) is not None:
        raise Invalid(note="asked_for")
