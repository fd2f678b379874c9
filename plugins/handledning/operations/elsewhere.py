"""What happens outside the sessions: calls in between, and tests taken elsewhere."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plugins.handledning.models import Channel, Contact, ExternalTest
from plugins.handledning.operations.goal_sheets import today_of
from plugins.handledning.operations.reading import visible
from plugins.handledning.operations.scope import Access, check_version, find, rows
from service.contract import Forbidden, Invalid, NotFound, session, unit

# A day: a call that is longer is a slip of the pen.
CONTACT_MAX = 1440


@dataclass(frozen=True)
class ContactDraft:
    """A call or message as typed."""

    day: date
    channel: Channel
    minutes: int | None = None
    note: str = ""


def contacts(access: Access) -> Sequence[Contact]:
    """Returns the calls and messages in between, the latest first; both read them."""
    found = rows(access, Contact, order_by=(Contact.day.desc(), Contact.id))
    unit().vault.fetch({one.manager_id for one in found})
    return found


def note_contact(access: Access, contact_id: uuid.UUID, draft: ContactDraft) -> Contact:
    """Notes a call or message; either of the two may. The same id again changes nothing; it counts as no session.

    Raises Invalid for a day that is still to come and for minutes that no day has.
    """
    access.open()
    there = find(access, Contact, contact_id)
    if there is not None:
        return there
    if draft.day > today_of(access):
        raise Invalid(day="to_come")
    if draft.minutes is not None and not 0 < draft.minutes <= CONTACT_MAX:
        raise Invalid(minutes="unlikely")
    added = Contact(
        id=contact_id,
        engagement_id=access.engagement.id,
        manager_id=access.manager_id,
        author_id=access.party.person_id,
        day=draft.day,
        channel=draft.channel,
        minutes=draft.minutes,
        note=draft.note,
    )
    session().add(added)
    session().flush()
    return added


def remove_contact(access: Access, contact_id: uuid.UUID) -> None:
    """Takes a contact away again. Raises Forbidden for one that the other noted."""
    access.open()
    row = find(access, Contact, contact_id)
    if row is None:
        raise NotFound("contact")
    if row.author_id != access.party.person_id:
        raise Forbidden("author_only", denial=access.denial("remove_contact", "author_only", "contact", contact_id))
    session().delete(row)
    session().flush()


@dataclass(frozen=True)
class TestDraft:
    """A test taken elsewhere as typed: when, what, with whom, and what she herself makes of it."""

    __test__ = False  # its name is no promise to pytest

    taken_on: date
    name: str
    provider: str = ""
    summary: str = ""
    shared: bool = False


def external_tests(access: Access) -> Sequence[ExternalTest]:
    """Returns the tests she has taken elsewhere, the latest first; to her coach those she shares."""
    found = rows(
        access, ExternalTest, visible(access, ExternalTest), order_by=(ExternalTest.taken_on.desc(), ExternalTest.id)
    )
    unit().vault.fetch({one.manager_id for one in found})
    return found


def drafted_test(row: ExternalTest) -> TestDraft:
    """Returns a test as it would be typed."""
    return TestDraft(row.taken_on, row.name, row.provider, row.summary, row.shared)


def keep_test(access: Access, test_id: uuid.UUID, seen: int, draft: TestDraft) -> ExternalTest:
    """Keeps a test as typed: a new one under an id that is not there. The manager alone may.

    The same again changes nothing. Raises Invalid without a name or for a day to come, and Conflict when she saved after
    `seen` (0: new) in another window.
    """
    access.only_manager("write_test", "external_test", test_id)
    access.open()
    row = find(access, ExternalTest, test_id)
    if row is not None and drafted_test(row) == draft:
        return row
    check_version(row.version if row else 0, seen)
    if not draft.name:
        raise Invalid(name="empty")
    if draft.taken_on > today_of(access):
        raise Invalid(taken_on="to_come")
    if row is None:
        row = ExternalTest(id=test_id, engagement_id=access.engagement.id, manager_id=access.manager_id, version=0)
        session().add(row)
    row.taken_on, row.shared, row.version = draft.taken_on, draft.shared, row.version + 1
    row.name, row.provider, row.summary = draft.name, draft.provider, draft.summary
    session().flush()
    return row


def remove_test(access: Access, test_id: uuid.UUID) -> None:
    """Takes a test away. The manager alone may. Raises NotFound for none of hers."""
    access.only_manager("write_test", "external_test", test_id)
    access.open()
    row = find(access, ExternalTest, test_id)
    if row is None:
        raise NotFound("external_test")
    session().delete(row)
    session().flush()
