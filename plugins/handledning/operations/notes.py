"""Notes of three kinds: shared by the two, the coach's own, the manager's own.

A private note is sealed with its writer's key and is hers for good. To let the other one read it she writes a shared one
with its words, and the private one stays as it was: nothing private turns into something shared where it lies.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from plugins.handledning.models import CoachingSession, Note, NoteKind, NoteType
from plugins.handledning.operations import reviews
from plugins.handledning.operations.reading import readable, visible
from plugins.handledning.operations.scope import Access, Seat, check_version, find, rows
from service.contract import Forbidden, Invalid, NotFound, notify, now, session, unit

PRIVATE = {Seat.MANAGER: NoteKind.MANAGER_PRIVATE, Seat.COACH: NoteKind.COACH_PRIVATE}


@dataclass(frozen=True)
class NoteDraft:
    """A new note as typed. A referral says that something lies outside coaching, and nothing of what it is."""

    body: str
    shared: bool = False
    type: NoteType = NoteType.PLAIN
    session_id: uuid.UUID | None = None


def notes(access: Access) -> Sequence[Note]:
    """Returns the shared notes and one's own, newest first. The other's private ones are not even counted."""
    found = rows(access, Note, visible(access, Note), order_by=(Note.written_at.desc(), Note.id))
    unit().vault.fetch({one.owner_id for one in found})
    return found


def note(access: Access, note_id: uuid.UUID) -> Note:
    """Returns one note that this person reads. Raises NotFound for any other."""
    found = find(access, Note, note_id)
    if found is None:
        raise NotFound("note")
    readable(access, found)
    return found


def write_note(access: Access, note_id: uuid.UUID, draft: NoteDraft) -> Note:
    """Writes a note. The same id again changes nothing. Raises Invalid for nothing written.

    A referral is shared and holds no words. Feedback is the coach's to give.
    """
    access.open()
    there = find(access, Note, note_id)
    if there is not None:
        return there
    referral = draft.type is NoteType.REFERRAL
    if draft.type is NoteType.FEEDBACK:
        access.only_coach("give_feedback")
    if not draft.body and not referral:
        raise Invalid(body="empty")
    if draft.session_id is not None and find(access, CoachingSession, draft.session_id) is None:
        raise NotFound("session")
    kind = NoteKind.SHARED if draft.shared or referral else PRIVATE[access.seat]
    return _add(access, note_id, kind, draft.type, "" if referral else draft.body, session_id=draft.session_id)


def _add(
    access: Access,
    note_id: uuid.UUID,
    kind: NoteKind,
    sort: NoteType,
    body: str,
    *,
    session_id: uuid.UUID | None,
    copied_from: uuid.UUID | None = None,
) -> Note:
    """Adds a note: what is shared is sealed with the manager's key, what is private with the writer's own."""
    me = access.party.person_id
    added = Note(
        id=note_id,
        engagement_id=access.engagement.id,
        kind=kind,
        type=sort,
        author_id=me,
        owner_id=access.manager_id if kind is NoteKind.SHARED else me,
        session_id=session_id,
        copied_from=copied_from,
        written_at=now(),
        changed_at=now(),
        version=1,
        body=body,
    )
    session().add(added)
    session().flush()
    if kind is NoteKind.SHARED and access.seat is Seat.COACH:
        notify(access.manager_id, cohort_id=access.engagement.cohort_id)
    return added


def change_note(access: Access, note_id: uuid.UUID, seen: int, body: str) -> Note:
    """Keeps one's own note as typed: its words alone, never who reads it. The same again changes nothing.

    Raises Forbidden for the other's shared note, Invalid for nothing and while the manager has asked for it, Conflict when
    one saved after `seen`.
    """
    access.open()
    row = _written_by(access, note_id)
    if row.body == body:
        return row
    reviews.check_free(row.id)
    check_version(row.version, seen)
    if not body:
        raise Invalid(body="empty")
    row.body, row.changed_at, row.version = body, now(), row.version + 1
    session().flush()
    return row


def share_copy(access: Access, note_id: uuid.UUID) -> Note:
    """Writes a shared note with the words of one's private one, which stays private. The same words again make no second.

    Raises Invalid for a note that is shared already.
    """
    access.open()
    row = _written_by(access, note_id)
    if row.kind is NoteKind.SHARED:
        raise Invalid(kind="shared")
    copy_id = uuid.uuid5(row.id, f"shared {row.version}")
    there = find(access, Note, copy_id)
    return there or _add(
        access, copy_id, NoteKind.SHARED, row.type, row.body, session_id=row.session_id, copied_from=row.id
    )


def remove_note(access: Access, note_id: uuid.UUID) -> None:
    """Takes away one's own private note for good.

    Raises Invalid for a shared one, which both have read, and for one that the manager has asked for.
    """
    access.open()
    row = _written_by(access, note_id)
    if row.kind is NoteKind.SHARED:
        raise Invalid(kind="shared")
    reviews.check_free(row.id)
    session().delete(row)
    session().flush()


def _written_by(access: Access, note_id: uuid.UUID) -> Note:
    row = note(access, note_id)
    if row.author_id != access.party.person_id:
        raise Forbidden("author_only", denial=access.denial("change_note", "author_only", "note", note_id))
    return row
