"""The address a person gives: giving, confirming, choosing what comes there, stopping, taking it away."""

import hashlib
import re
import secrets
import uuid
from datetime import timedelta

import sqlalchemy as sa

from service import audit
from service.audit import Actor
from service.cohorts.models import Person
from service.errors import Invalid, NotFound
from service.mail.models import AddressState, Mail, MailAddress, MailKind, MailState
from service.unit import current

LONGEST = 254
TOKEN_BYTES = 24
CONFIRM_WITHIN = timedelta(hours=48)
# Mails that ask whether an address is right, per person and day: nobody's mailbox is filled by somebody else.
ASKED_A_DAY = 3
DAY = timedelta(days=1)

# RFC 5321's Dot-string and Domain, without the quoted forms: nothing here can begin a header or name a second receiver.
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"({_WORD}(?:\.{_WORD})*)@({_LABEL}(?:\.{_LABEL})+)")
LONGEST_LOCAL = 64


def clean(text: str) -> str:
    """Returns an address as it is written to; a name with letters beyond ASCII after the @ is put in its ASCII form.

    Raises Invalid with `address` = "malformed".
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        plain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise Invalid(address="malformed") from None
    found = _ADDRESS.fullmatch(f"{local}{at}{plain}")
    if found is None or len(found[0]) > LONGEST or len(found[1]) > LONGEST_LOCAL:
        raise Invalid(address="malformed")
    return found[0]


def hashed(purpose: str, word: str) -> bytes:
    """Returns the hash of a secret word, which is what finds the row. One purpose's word opens nothing of another's."""
    return hashlib.sha256(f"mail {purpose}\0".encode() + word.encode("utf-8", "surrogatepass")).digest()


def of(person: Person) -> MailAddress | None:
    """Returns the address a person gave, or None."""
    return current().session.scalars(sa.select(MailAddress).where(MailAddress.person_id == person.id)).one_or_none()


def give(person: Person, text: str, locale: str, actor: Actor) -> MailAddress:
    """Takes an address, or another instead of it, and decides on the mail that asks whether it is right.

    The one that was confirmed before gets nothing any more. Raises Invalid: `address` is "malformed" or "too_often".
    """
    address, unit = clean(text), current()
    unit.session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update())
    row = of(person)
    if row is not None and row.state is AddressState.CONFIRMED and row.address == address:
        return row
    _check_not_too_often(person)
    now = unit.now()
    if row is None:
        row = MailAddress(
            person_id=person.id, state=AddressState.PENDING, reading=True, digest=False, locale=locale,
            given_at=now, changed_at=now,
        )  # fmt: skip
    row.address, row.state, row.locale, row.given_at, row.changed_at = address, AddressState.PENDING, locale, now, now
    # New words: what an earlier mail names is for an earlier address.
    stop_word, confirm_word = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
    row.stop_word, row.stop_hash = stop_word, hashed("stop", stop_word)
    row.confirm_word, row.confirm_hash = confirm_word, hashed("confirm", confirm_word)
    row.confirm_until = now + CONFIRM_WITHIN
    unit.session.add(row)
    unit.session.flush()
    _drop_waiting(person.id)
    unit.session.add(Mail(person_id=person.id, kind=MailKind.CONFIRM, decided_at=now, due_at=now))
    unit.session.flush()
    audit.append(actor, "mail.give", object_type="person", object_ref=str(person.id))
    return row


def _check_not_too_often(person: Person) -> None:
    asked = sa.select(sa.func.count()).where(
        Mail.person_id == person.id, Mail.kind == MailKind.CONFIRM, Mail.decided_at > current().now() - DAY
    )
    if (current().session.scalar(asked) or 0) >= ASKED_A_DAY:
        raise Invalid(address="too_often")


def choose(person: Person, *, reading: bool, digest: bool | None, actor: Actor) -> None:
    """Sets what she wants to get; None leaves the digest as it is.

    Wanting something again after she had stopped everything needs no new confirmation.

    Raises NotFound without an address.
    """
    row = of(person)
    if row is None:
        raise NotFound("no_address")
    row.reading, row.changed_at = reading, current().now()
    row.digest = row.digest if digest is None else digest
    if row.state is AddressState.STOPPED and (row.reading or row.digest):
        # She stopped an address that she may never have confirmed: then it has to be, as at first.
        row.state = AddressState.CONFIRMED if row.confirm_hash is None else AddressState.PENDING
    if not (row.reading or row.digest):
        _drop_waiting(person.id)
    current().session.flush()
    audit.append(actor, "mail.choose", object_type="person", object_ref=str(person.id))


def remove(person: Person, actor: Actor) -> None:
    """Forgets her address and what waits for it. Without one nothing happens."""
    row = of(person)
    if row is None:
        return
    _drop_waiting(person.id)
    current().session.delete(row)
    current().session.flush()
    audit.append(actor, "mail.remove", object_type="person", object_ref=str(person.id))


def to_confirm(word: str) -> MailAddress:
    """Returns the address that a confirming word is for. Raises NotFound: unknown, used and expired look the same."""
    query = sa.select(MailAddress).where(
        MailAddress.confirm_hash == hashed("confirm", word), MailAddress.state == AddressState.PENDING,
        MailAddress.confirm_until > current().now(),
    )  # fmt: skip
    return _one(query)


def confirm(word: str) -> MailAddress:
    """Confirms an address; the word is spent. Raises NotFound, as `to_confirm` does."""
    row = to_confirm(word)
    row.state, row.changed_at = AddressState.CONFIRMED, current().now()
    row.confirm_hash = row.confirm_until = None
    row.confirm_word = ""
    current().session.flush()
    audit.append(_owner(row), "mail.confirm", object_type="person", object_ref=str(row.person_id))
    return row


def to_stop(word: str) -> MailAddress:
    """Returns the address that an unsubscribing word is for. Raises NotFound for an unknown one."""
    return _one(sa.select(MailAddress).where(MailAddress.stop_hash == hashed("stop", word)))


def stop(word: str) -> MailAddress:
    """Ends all mails to an address. Once more changes nothing. Raises NotFound for an unknown word."""
    row = to_stop(word)
    if row.state is not AddressState.STOPPED:
        row.state, row.reading, row.digest, row.changed_at = AddressState.STOPPED, False, False, current().now()
        _drop_waiting(row.person_id)
        current().session.flush()
        audit.append(_owner(row), "mail.stop", object_type="person", object_ref=str(row.person_id))
    return row


def _one(query: sa.Select[MailAddress]) -> MailAddress:
    row = current().session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("token")
    return row


def _owner(row: MailAddress) -> Actor:
    """Who acts by a secret address: whoever reads her mail."""
    organisation_id = (
        current().session.scalars(sa.select(Person.organisation_id).where(Person.id == row.person_id)).one()
    )
    return Actor(organisation_id, row.person_id)


def _drop_waiting(person_id: uuid.UUID) -> None:
    waiting = sa.update(Mail).where(Mail.person_id == person_id, Mail.state == MailState.WAITING)
    current().session.execute(
        waiting.values(state=MailState.DROPPED, reason="asked"), execution_options={"synchronize_session": "fetch"}
    )
