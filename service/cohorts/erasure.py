"""What is kept about a person, in kinds and numbers, and erasing her: everything of hers, everywhere, or nothing.

Her own words go by destroying her key, so that a copy of the rows alone tells nothing; her rows go as well. The row of
the person stays without anything that says who she was, because the audit trail and other people's work refer to it.
(GDPR, Article 17.)
"""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from service import audit
from service.access import Role
from service.audit import Actor
from service.backup import erasures
from service.cohorts.models import ERASED, Cohort, Grant, Launch, Member, Person, ProposalLink
from service.cohorts.programme_models import CompletionChoice
from service.crypto import PersonKey
from service.errors import Invalid, NotFound
from service.exports.models import ExportFile, ExportState
from service.exports.operations import JOB, OPEN
from service.host import Host
from service.jobs import outbox
from service.lti.item_models import PlacedItem
from service.lti.models import Deployment
from service.lti.service_models import Delivery, RosterEntry
from service.mail.models import Mail, MailAddress
from service.tokens.models import FeedToken
from service.unit import current

LAST_TRAINING = "last_training"


@dataclass(frozen=True)
class Kind:
    """A kind of row and how many there are; `kept_because` where they stay when the person is erased."""

    title: Any
    rows: int
    kept_because: Any = ""


@dataclass(frozen=True)
class Holder:
    """Who holds rows about a person: a plugin by its title, or the core."""

    title: Any
    kinds: Sequence[Kind] = field(default_factory=tuple)


def find(organisation_id: uuid.UUID, platform_id: uuid.UUID, person_id: uuid.UUID) -> Person:
    """Returns a person of this organisation and platform. Raises NotFound for anybody else, and once she is erased."""
    row = current().session.scalars(_living(organisation_id, platform_id).where(Person.id == person_id)).one_or_none()
    if row is None:
        raise NotFound("no_person")
    return row


def find_sub(organisation_id: uuid.UUID | None, platform_id: uuid.UUID, sub: str) -> Person | None:
    """Returns the person whom the platform calls `sub`, or None."""
    return current().session.scalars(_living(organisation_id, platform_id).where(Person.sub == sub)).one_or_none()


def _living(organisation_id: uuid.UUID | None, platform_id: uuid.UUID) -> sa.Select[Person]:
    erased = sa.select(PersonKey.person_id).where(PersonKey.destroyed_at.is_not(None))
    return sa.select(Person).where(
        Person.organisation_id == organisation_id, Person.platform_id == platform_id, Person.id.not_in(erased)
    )


def kept(host: Host, person: Person) -> list[Holder]:
    """Returns what is kept about a person: kinds and numbers, nothing of what is in them."""
    holders = [Holder(_("Stegvis itself"), _core_kinds(person))]
    for plugin, answered in host.everyone().personal_data(person):
        kinds = [Kind(data.title or kind_of(plugin.key, data.name), len(data.rows)) for data in answered]
        holders.append(Holder(plugin.manifest.title, kinds))
    return holders


def kind_of(plugin: str, name: str) -> str:
    """Returns a kind of row as words where its plugin has none for it: its name without the plugin's own before it."""
    return name.removeprefix(f"{plugin}_").replace("_", " ")


_FRAME = _("They stay without her name and lead to nobody, because other things refer to them.")
_TRAIL = _("They say when somebody did what, by a number that no longer leads to anybody; the trail must stay whole.")
_CORE: tuple[tuple[Any, Any, Any], ...] = (
    (_("Name, language and time zone, and her number in the learning platform"), Person.id, ""),
    (_("What she wrote in her own words: the key that opens it"), PersonKey.person_id, ""),
    (_("Connections between her own things"), ProposalLink.person_id, ""),
    (_("Completions told to the gradebook, or on their way to it"), Delivery.person_id, ""),
    (_("Her choice that the gradebook is told nothing of her"), CompletionChoice.person_id, ""),
    (_("Secret addresses of her feeds"), FeedToken.person_id, ""),
    (_("The e-mail address she gave for being told that there is something to read"), MailAddress.person_id, ""),
    (_("Mails that told so, without what they were about"), Mail.person_id, ""),
    (_("Files she has asked for"), ExportFile.person_id, _("The files go within the hour. That there were any stays.")),
    (_("Places in courses"), Member.person_id, _FRAME),
    (_("Roles given in Stegvis"), Grant.person_id, _("They have ended. That they were given stays, without her name.")),
    (_("Visits"), Launch.person_id, _FRAME),
    (_("Events in the audit trail"), audit.AuditEvent.actor_id, _TRAIL),
    (_("Who has looked at her things, in the audit trail"), audit.AuditEvent.subject_id, _TRAIL),
)
"""The core's own rows about a person: what people call them, the column with her id, and why they stay if they do."""


def _core_kinds(person: Person) -> list[Kind]:
    def count(column: Any) -> int:
        query = sa.select(sa.func.count()).select_from(column.class_).where(column == person.id)
        return current().session.scalar(query) or 0

    return [Kind(title, count(column), why) for title, column, why in _CORE]


def erase(host: Host, person: Person, actor: Actor, reason: str = "") -> list[Holder]:
    """Erases a person and returns what was erased, and what stays and why. All of it happens, or nothing.

    Raises Invalid for the last member of the training department: somebody must be left who can give the role.
    """
    current().session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update())
    _check_not_last(person)
    plugins = [
        Holder(
            plugin.manifest.title,
            [Kind(done.title or kind_of(plugin.key, done.name), done.rows, done.kept_because) for done in answered],
        )
        for plugin, answered in host.everyone().erase(person)
    ]
    core = Holder(_("Stegvis itself"), _erase_core(person))
    current().session.flush()
    audit.append(actor, "person.erase", reason=reason, object_type="person", object_ref=str(person.id))
    erasures.note_when_committed(person.id)
    return [core, *plugins]


def _check_not_last(person: Person) -> None:
    # The rows are locked, so that two members who erase each other at once do not leave nobody.
    query = sa.select(Grant.person_id).where(
        Grant.organisation_id == person.organisation_id, Grant.role == Role.TRAINING, Grant.revoked_at.is_(None)
    )
    if set(current().session.scalars(query.order_by(Grant.id).with_for_update())) == {person.id}:
        raise Invalid(word=LAST_TRAINING)


def _erase_core(person: Person) -> list[Kind]:
    before = _core_kinds(person)
    _forget_places(person)
    _forget_files(person)
    now = current().now()
    _change(Member, Member.person_id == person.id, active=False, from_roster=False)
    _change(Grant, sa.and_(Grant.person_id == person.id, Grant.revoked_at.is_(None)), revoked_at=now)
    _change(Launch, Launch.person_id == person.id, return_url="", ticket_hash=None, ticket_expires_at=None)
    _change(Launch, sa.and_(Launch.person_id == person.id, Launch.ended_at.is_(None)), ended_at=now)
    _change(PlacedItem, PlacedItem.placed_by == person.id, placed_by=None)
    person.name = person.locale = person.zone = person.own_zone = ""
    # The platform's own name for her stood here; whoever comes with it again is somebody new.
    person.sub = f"{ERASED}{secrets.token_hex(16)}"
    _destroy_key(person)
    return before


def _forget_places(person: Person) -> None:
    """Takes her out of what is on its way: rosters as read, completions, and the links between her things."""
    here = (
        sa.select(Cohort.id)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .where(Deployment.platform_id == person.platform_id, Cohort.organisation_id == person.organisation_id)
    )
    _delete(RosterEntry, sa.and_(RosterEntry.sub == person.sub, RosterEntry.cohort_id.in_(here)))
    _delete(Delivery, Delivery.person_id == person.id)
    _delete(CompletionChoice, CompletionChoice.person_id == person.id)
    _change(CompletionChoice, CompletionChoice.approved_by == person.id, approved_by=None)
    _delete(FeedToken, FeedToken.person_id == person.id)
    _delete(MailAddress, MailAddress.person_id == person.id)
    _delete(Mail, Mail.person_id == person.id)
    _delete(ProposalLink, ProposalLink.person_id == person.id)


def _forget_files(person: Person) -> None:
    """Calls off what she asked for; finished files are due at once, and the next round removes them."""
    mine = ExportFile.person_id == person.id
    for export_id in current().session.scalars(sa.select(ExportFile.id).where(mine, ExportFile.state.in_(OPEN))):
        outbox.cancel(JOB, export_id)
    now = current().now()
    waiting = sa.and_(mine, ExportFile.state.in_(OPEN))
    _change(ExportFile, waiting, state=ExportState.CANCELLED, reason="erased", finished_at=now)
    _change(ExportFile, sa.and_(mine, ExportFile.expires_at > now), expires_at=now, downloads_left=0)


def _destroy_key(person: Person) -> None:
    unit = current()
    unit.vault.destroy(person.id, unit.now())
    # A key that was never made can be made no more: nothing is written down about her from here on.
    if unit.session.get(PersonKey, person.id) is None:
        unit.session.add(PersonKey(person_id=person.id, master="", wrapped=None, destroyed_at=unit.now()))


def _change(model: Any, where: sa.ColumnElement[bool], **values: Any) -> None:
    change = sa.update(model).where(where).values(**values)
    current().session.execute(change, execution_options={"synchronize_session": "fetch"})


def _delete(model: Any, where: sa.ColumnElement[bool]) -> None:
    current().session.execute(sa.delete(model).where(where), execution_options={"synchronize_session": False})
