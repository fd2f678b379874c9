"""What the core itself holds about a person, in rows for her copy. Other people stand in it by name, never by number."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from service.audit import Actor, AuditEvent
from service.cohorts.looked import seen_of
from service.cohorts.models import Cohort, Grant, Launch, Member, Person, ProposalLink
from service.cohorts.programme_models import CompletionChoice
from service.contract.records import LeftOut, PersonalData, Rows
from service.contract.viewing import opened
from service.exports.models import ExportFile
from service.lti.item_models import PlacedItem
from service.lti.models import Deployment
from service.lti.service_models import Delivery, RosterEntry
from service.mail import addresses
from service.mail.models import Mail, MailAddress
from service.tokens.models import FeedToken
from service.unit import current

AT_ONCE = 500
# Columns that are secrets, keys to somebody else, or mean nothing outside the database.
_NOT = frozenset({
    "id", "organisation_id", "platform_id", "deployment_id", "person_id", "cohort_id", "member_id", "browser_hash", "ticket_hash",
    "ticket_expires_at", "opened_from", "frame_origins", "return_url", "token_hash", "granted_by", "file_key", "actor_id",
    "subject_id", "prev_hash", "hash", "chain", "incident", "line_item_id", "lease_token", "approved_by", "placed_by",
    "launch_id", "run",
})  # fmt: skip


def kinds(person: Person) -> Sequence[PersonalData]:
    """Returns every kind of row of the core about a person."""
    own: tuple[tuple[Any, Any, Any], ...] = (
        (_("You"), Person, Person.id),
        (_("Places in courses"), Member, Member.person_id),
        (_("Roles given in Stegvis"), Grant, Grant.person_id),
        (_("Visits"), Launch, Launch.person_id),
        (_("Connections between your own things"), ProposalLink, ProposalLink.person_id),
        (_("Completions told to the gradebook, or on their way to it"), Delivery, Delivery.person_id),
        (_("Secret addresses of your feeds"), FeedToken, FeedToken.person_id),
        (_("Files you have asked for"), ExportFile, ExportFile.person_id),
        (_("Your choice that the gradebook is told nothing of you"), CompletionChoice, CompletionChoice.person_id),
        (_("Mails that told that there is something to read"), Mail, Mail.person_id),
        (_("Activities you placed in courses"), PlacedItem, PlacedItem.placed_by),
        (_("What you did, in the audit trail"), AuditEvent, AuditEvent.actor_id),
    )
    found = [
        PersonalData(model.__tablename__, _rows(model, column == person.id), title) for title, model, column in own
    ]
    found.append(
        PersonalData("roster_entry", _rows(RosterEntry, _on_rosters(person)), _("A course's list, as it was read"))
    )
    found.append(PersonalData("mail_address", _address(person), _("The address for mails, and what comes there")))
    return [*found, PersonalData("audit_look", _looks(person), _("Who has looked at your things"))]


def left_out() -> Sequence[LeftOut]:
    """Returns what the core leaves out of every copy."""
    return [
        LeftOut(_("Keys and passwords of the service"), _("They are not about you, and would open what is others'.")),
        LeftOut(
            _("Backups"), _("They hold the same as it was on an earlier day, and are deleted when they have run out.")
        ),
        LeftOut(_("What the learning platform keeps"), _("Stegvis does not have it. Ask those who run the platform.")),
    ]


def _rows(model: Any, where: sa.ColumnElement[bool]) -> Rows:
    names = [name for name in sa.inspect(model).columns.keys() if name not in _NOT]  # noqa: SIM118 - a collection of columns
    cohort = getattr(model, "cohort_id", None)
    selected = [getattr(model, name) for name in names]
    keys = sa.inspect(model).primary_key
    moments = ("at", "created_at", "granted_at", "decided_at", "placed_at")
    order = next((getattr(model, name) for name in moments if hasattr(model, name)), keys[0])
    query = sa.select(*selected).where(where).order_by(order, *keys)
    if cohort is not None:
        query = query.add_columns(Cohort.title.label("course")).outerjoin(Cohort, Cohort.id == cohort)
        names = [*names, "course"]
    return Rows(_count(model, where), lambda: _read(query, names))


def _count(model: Any, where: sa.ColumnElement[bool]) -> Callable[[], int]:
    counted = sa.select(sa.func.count()).select_from(model).where(where)
    return lambda: current().session.scalar(counted) or 0


def _read(query: Any, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    with current().session.execute(query.execution_options(yield_per=AT_ONCE)) as found:
        for row in found:
            yield dict(zip(names, row, strict=True))


def _on_rosters(person: Person) -> sa.ColumnElement[bool]:
    """Lines of rosters that wait until the whole has been read; the platform's number for her is one of its own."""
    here = (
        sa.select(Cohort.id)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .where(Deployment.platform_id == person.platform_id, Cohort.organisation_id == person.organisation_id)
    )
    return sa.and_(RosterEntry.sub == person.sub, RosterEntry.cohort_id.in_(here))


def _address(person: Person) -> Rows:
    """The address she gave, opened for her; without it where her key does not open it."""

    def read() -> Iterator[Mapping[str, Any]]:
        row = addresses.of(person)
        if row is not None:
            names = ("state", "reading", "digest", "locale", "given_at", "changed_at")
            yield {"address": opened(row, "address", actor=Actor(person.organisation_id, person.id))} | {
                name: getattr(row, name) for name in names
            }

    return Rows(_count(MailAddress, MailAddress.person_id == person.id), read)


def _looks(person: Person) -> Rows:
    """Views of what is hers by others: when, by whom and in which role, what, in which course."""
    where = seen_of(person)
    query = (
        sa.select(AuditEvent.at, Person.name, AuditEvent.role, AuditEvent.action, Cohort.title)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .outerjoin(Cohort, Cohort.id == AuditEvent.cohort_id)
        .where(where)
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    return Rows(_count(AuditEvent, where), lambda: _read(query, ("at", "who", "role", "action", "course")))
