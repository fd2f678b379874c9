"""Deciding on mails: that somebody has something to read, and each week that a coach's managers need her."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask import has_app_context

from service.audit import OPERATOR
from service.cohorts.models import Member, Person
from service.cohorts.zones import rules, zone_of
from service.core import core
from service.jobs import outbox
from service.jobs.models import Job, JobState
from service.mail.models import AddressState, Mail, MailAddress, MailKind, MailServer, MailState
from service.mail.times import EVENING, MORNING
from service.unit import Units, current, insert_into

KIND = "mail.send"
# A mail waits a little, so that what happens together is told together.
SOON = timedelta(minutes=15)
# The digest goes on Monday morning, by her own clock.
MONDAY = 0
SERVER = 1
OPEN = (JobState.QUEUED, JobState.RUNNING)
KEPT = timedelta(days=90)
UNCONFIRMED = timedelta(days=7)


class Notice(StrEnum):
    """What a plugin may let a mail say. It says no more than its title, whatever it is about."""

    READING = MailKind.READING.value


def notify(
    whose: Member | Person | uuid.UUID | None, kind: Notice = Notice.READING, cohort_id: uuid.UUID | None = None
) -> None:
    """Lets a mail tell somebody that there is something for her, if she has asked for such mails.

    `whose` is a member, or a person or her id; `cohort_id` the course to which the link leads, hers for a
    member; without one it leads to the course that she was in last. None, for somebody who has been erased, does nothing.

    In a writing unit: the mail is decided in the transaction of what it tells of. It says that there is something to
    read and where the course is, never what or from whom; however often this is called, at most one goes to her a day,
    and none at night. Who gave no address, or wants none, gets nothing, and nothing is written down.
    """
    if whose is None or not _is_on():
        return
    if isinstance(whose, Member):
        person_id, cohort_id = whose.person_id, cohort_id or whose.cohort_id
    else:
        person_id = whose.id if isinstance(whose, Person) else whose
    decide(person_id, cohort_id, MailKind(kind.value), current().now() + SOON, wants_reading(person_id))


def wants_reading(person: Any) -> sa.ColumnElement[bool]:
    """The condition that a person, an id or a column, wants to be told by mail of what concerns her."""
    return sa.exists().where(
        MailAddress.person_id == person, MailAddress.state == AddressState.CONFIRMED, MailAddress.reading
    )


def _is_on() -> bool:
    return has_app_context() and core().settings.sends_mail


def decide(
    person_id: uuid.UUID, cohort_id: uuid.UUID | None, kind: MailKind, due: datetime, wanted: sa.ColumnElement[bool]
) -> None:
    """Writes a mail down unless one of its kind waits already. One statement."""
    columns = (Mail.id, Mail.person_id, Mail.cohort_id, Mail.kind, Mail.state, Mail.tries, Mail.reason,
               Mail.decided_at, Mail.due_at)  # fmt: skip
    values = (uuid.uuid4(), person_id, cohort_id, kind, MailState.WAITING, 0, "", current().now(), due)
    row = sa.select(
        *(sa.literal(value, column.type) for value, column in zip(values, columns, strict=True))
    ).where(wanted)  # fmt: skip
    insert = insert_into(Mail).from_select([column.key for column in columns], row)
    current().session.execute(
        insert.on_conflict_do_nothing(
            index_elements=["person_id", "kind"], index_where=sa.text("state = 'waiting'")
        )
    )  # fmt: skip


def decide_digests(units: Units) -> int:
    """Decides on the digest of everybody who wants one and whose Monday morning has come. Returns how many."""
    with units.reading() as unit:
        query = (
            sa.select(Person)
            .join(MailAddress, MailAddress.person_id == Person.id)
            .where(MailAddress.state == AddressState.CONFIRMED, MailAddress.digest)
        )
        persons = list(unit.session.scalars(query))
        due = [(person.id, monday) for person in persons if (monday := this_monday(person, unit.now())) is not None]
    for person_id, monday in due:
        with units.writing() as unit:
            had = sa.exists().where(
                Mail.person_id == person_id, Mail.kind == MailKind.DIGEST, Mail.decided_at >= monday
            )
            decide(person_id, None, MailKind.DIGEST, unit.now(), ~had)
    return len(due)


def this_monday(person: Person, now: datetime) -> datetime | None:
    """Returns when this Monday's digest was due, by the person's clock; None on other days and before the morning."""
    there = now.astimezone(rules(zone_of(person)))
    if there.weekday() != MONDAY or not MORNING <= there.hour < EVENING:
        return None
    return there.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def decide_due(units: Units) -> bool:
    """Decides on a job that sends what is due, one at a time, unless the server is left alone. Tells whether."""
    if not _is_on():
        return False
    with units.reading() as unit:
        if not unit.session.scalar(_ready(unit.now())):
            return False
    with units.writing() as unit:
        # The lock puts two who decide at once in order.
        unit.session.execute(insert_into(MailServer).values(id=SERVER, failures=0, reason="").on_conflict_do_nothing())
        unit.session.execute(sa.select(MailServer.id).where(MailServer.id == SERVER).with_for_update())
        if not unit.session.scalar(_ready(unit.now())):
            return False
        outbox.decide(KIND, OPERATOR)
    return True


def _ready(now: datetime) -> sa.Select[bool]:
    due = sa.exists().where(Mail.state == MailState.WAITING, Mail.due_at <= now)
    away = sa.exists().where(MailServer.id == SERVER, MailServer.closed_until > now)
    job = sa.exists().where(Job.kind == KIND, Job.state.in_(OPEN))
    return sa.select(sa.and_(due, ~away, ~job))


def forget(units: Units) -> int:
    """Removes what is kept no longer: mails of three months ago, addresses that nobody confirmed within a week."""
    with units.writing() as unit:
        now = unit.now()
        old = sa.delete(Mail).where(Mail.state != MailState.WAITING, Mail.decided_at < now - KEPT)
        unsure = sa.delete(MailAddress).where(
            MailAddress.state == AddressState.PENDING, MailAddress.given_at < now - UNCONFIRMED
        )
        gone: list[Any] = [unit.session.execute(one) for one in (old, unsure)]
        return sum(int(one.rowcount) for one in gone)
