"""The verbs: writing, reading and removing notes. No Flask here, so that a worker may use them too."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from service.contract import (
    Cohort,
    Erased,
    Member,
    NotFound,
    Person,
    PersonalData,
    Role,
    decide_job,
    issue_pass,
    issue_token,
    live_tokens,
    local_date,
    members_as,
    now,
    progress_changed,
    revoke_token,
    session,
    zone_of,
)
from stegvis_example.models import Note

GUEST_DAYS = 7


def write(cohort: Cohort, member: Member, body: str) -> Note:
    """Keeps a note, dated by the member's own calendar."""
    person = session().get_one(Person, member.person_id)
    note = Note(
        cohort_id=cohort.id, member_id=member.id, person_id=member.person_id,
        written_on=local_date(now(), zone_of(person, cohort)), written_at=now(), body=body,
    )  # fmt: skip
    session().add(note)
    session().flush()
    progress_changed(cohort, "example")
    return note


def get(member: Member, note_id: uuid.UUID) -> Note:
    """Returns one of the member's notes. Raises NotFound for anybody else's."""
    note = session().scalar(sa.select(Note).where(Note.id == note_id, Note.member_id == member.id))
    if note is None:
        raise NotFound("note")
    return note


def newest(cohort: Cohort, member_id: uuid.UUID) -> tuple[Member, Note]:
    """Returns a manager of the cohort and her newest note. Raises NotFound for anybody else, and before her first."""
    member = next((one for one in members_as(cohort, Role.MANAGER) if one.id == member_id), None)
    notes = of_member(member) if member is not None else ()
    if member is None or not notes:
        raise NotFound("note")
    return member, notes[-1]


def of_member(member: Member) -> Sequence[Note]:
    """Returns the member's notes, oldest first."""
    query = sa.select(Note).where(Note.member_id == member.id).order_by(Note.written_at, Note.id)
    return session().scalars(query).all()


def remove(member: Member, note_id: uuid.UUID) -> None:
    """Removes one of the member's notes. Raises NotFound for anybody else's."""
    session().delete(get(member, note_id))
    session().flush()


def ask_to_clear(cohort: Cohort, member: Member) -> None:
    """Decides that a worker removes all the member's notes."""
    decide_job("example.clear", member.id, cohort)


def counts(members: Sequence[Member]) -> Mapping[uuid.UUID, int]:
    """Returns how many notes each member has written, in one statement."""
    query = (
        sa.select(Note.member_id, sa.func.count())
        .where(Note.member_id.in_([member.id for member in members]))
        .group_by(Note.member_id)
    )
    return dict(session().execute(query).all())


def invite(cohort: Cohort, member: Member) -> str:
    """Makes a guest link to the member's greeting. Returns its secret word, which is shown once."""
    expires = now() + timedelta(days=GUEST_DAYS)
    _, word = issue_pass(cohort, "example", expires_at=expires, subject_id=member.id)
    return word


def share_days(cohort: Cohort, member: Member) -> str:
    """Makes a secret address of the days of the member's notes, instead of any she had. It is shown once."""
    stop_sharing_days(cohort, member)
    _, address = issue_token(cohort, member, "example", "days")
    return address


def stop_sharing_days(cohort: Cohort, member: Member) -> None:
    """Ends the member's secret addresses."""
    for token in live_tokens(cohort, member, "example", "days"):
        revoke_token(token.id)


def personal_data(person: Person) -> Sequence[PersonalData]:
    """Returns all notes of a person, opened."""
    notes = session().scalars(sa.select(Note).where(Note.person_id == person.id).order_by(Note.written_at))
    return [PersonalData("notes", [{"written_on": note.written_on, "text": note.body} for note in notes])]


def erase(person: Person) -> Sequence[Erased]:
    """Deletes all notes of a person."""
    gone = session().execute(sa.delete(Note).where(Note.person_id == person.id).returning(Note.id)).all()
    return [Erased("notes", len(gone))]
