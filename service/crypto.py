"""Keys and sealing: the operator's master key, one key per person, and a vault that uses them in a unit of work.

The operator's master key wraps one random key per person; that key encrypts each value with AES-256-GCM. Table, column
and row are bound in as associated data, so a value moved to another place by SQL does not open. Destroying a person's
key erases what is sealed with it; a backup from before opens with the master key for as long as it is kept.
(AES-GCM: NIST SP 800-38D; envelope encryption: NIST SP 800-57.)
"""

import base64
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Base

NONCE = 12


class CannotOpen(Exception):
    """A sealed value that does not open: its key was destroyed, or it lies where it was not written.

    `place` (`table.column`) and `row` say which value, where it is one.
    """

    def __init__(self, message: str, place: str = "", row: uuid.UUID | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.row = row


class PersonKey(Base):
    """A person's own key, wrapped with the master key named by `master`. Destroyed: nothing of hers opens again."""

    __tablename__ = "person_key"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    master: Mapped[str] = mapped_column(sa.String(16))
    wrapped: Mapped[bytes | None]
    destroyed_at: Mapped[datetime | None]


class PersonKeyBefore(Base):
    """The key a person had until now, for as long as what it sealed is being sealed anew (`rotation.py`)."""

    __tablename__ = "person_key_before"

    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    master: Mapped[str] = mapped_column(sa.String(16))
    wrapped: Mapped[bytes]
    begun_at: Mapped[datetime]


class Keyring:
    """The operator's master keys: the present one wraps, the earlier ones still unwrap."""

    def __init__(self, present: bytes, earlier: Iterable[bytes] = ()) -> None:
        self._keys = {self._name(key): key for key in (*earlier, present)}
        self.present = self._name(present)

    @property
    def names(self) -> frozenset[str]:
        """The names of all master keys at hand."""
        return frozenset(self._keys)

    @staticmethod
    def _name(key: bytes) -> str:
        return hashlib.sha256(b"stegvis master key\0" + key).hexdigest()[:16]

    @classmethod
    def from_settings(cls, present: SecretStr, earlier: Iterable[SecretStr]) -> "Keyring":
        """Reads base64 secrets, which the settings have checked."""
        return cls(_decode(present), [_decode(key) for key in earlier])

    def wrap(self, key: bytes, owner: uuid.UUID) -> bytes:
        """Encrypts a key with the present master key, bound to its owner."""
        return _encrypt(self._keys[self.present], key, owner.bytes)

    def unwrap(self, master: str, wrapped: bytes, owner: uuid.UUID) -> bytes:
        """Opens a wrapped key. Raises CannotOpen when the master key is unknown or the owner is another."""
        if master not in self._keys:
            raise CannotOpen("the master key of this person is not among the settings")
        return _decrypt(self._keys[master], wrapped, owner.bytes)


class Vault:
    """Seals and opens persons' text in one unit of work; each person's key is read at most once."""

    def __init__(self, session: Session, keyring: Keyring) -> None:
        self._session = session
        self._keyring = keyring
        self._open: dict[uuid.UUID, AESGCM] = {}
        self._held: set[uuid.UUID] = set()

    def seal(self, owner: uuid.UUID, place: str, row: uuid.UUID, text: str, fixed: tuple[str, ...] = ()) -> bytes:
        """Encrypts `text` for its place (`table.column`) and row; makes the owner's key on first use.

        `fixed` are more values of the row that it is bound to.
        """
        self._hold(owner)
        cipher = self._cipher(owner) or self._make(owner)
        nonce = os.urandom(NONCE)
        return nonce + cipher.encrypt(nonce, text.encode(), bound(place, row, fixed))

    def open(self, owner: uuid.UUID, place: str, row: uuid.UUID, sealed: bytes, fixed: tuple[str, ...] = ()) -> str:
        """Decrypts what was sealed for exactly this owner, place, row and fixed values. Raises CannotOpen."""
        cipher = self._cipher(owner)
        if cipher is None:
            raise CannotOpen("the person's key was destroyed or never made", place, row)
        for key in self._keys_of(owner, cipher):
            for to in bindings(place, row, fixed):
                opened = try_open(key, sealed, to)
                if opened is not None:
                    return opened.decode()
        raise CannotOpen(f"a value in {place} does not belong where it lies", place, row)

    def fetch(self, owners: Iterable[uuid.UUID]) -> None:
        """Reads several persons' keys in one statement, for pages that show many."""
        missing = set(owners) - self._open.keys()
        if missing:
            for row in self._session.scalars(sa.select(PersonKey).where(PersonKey.person_id.in_(missing))):
                self._admit(row)

    def beside(self, owner: uuid.UUID, query: sa.Select[Any]) -> sa.Select[Any]:
        """Returns `query` with two more columns: the owner's key, which is kept from being changed until the commit.

        For a page that asks for something before it seals: what the last two columns of any of its rows hold goes to
        `keep`, and sealing costs no statement of its own.
        """
        key = sa.select(PersonKey.master, PersonKey.wrapped).where(PersonKey.person_id == owner)
        held = key.with_for_update(read=True).cte("held_key")
        columns = [sa.select(column).scalar_subquery() for column in (held.c.master, held.c.wrapped)]
        return query.add_columns(*columns)

    def keep(self, owner: uuid.UUID, master: str | None, wrapped: bytes | None) -> None:
        """Takes what a query `beside` which the owner's key was asked for has found of it."""
        if master is not None and wrapped is not None:
            self._held.add(owner)
            self._open[owner] = AESGCM(self._keyring.unwrap(master, wrapped, owner))

    def destroy(self, owner: uuid.UUID, at: datetime) -> None:
        """Destroys a person's key: everything sealed with it is gone for good."""
        self._open.pop(owner, None)
        self._session.execute(sa.delete(PersonKeyBefore).where(PersonKeyBefore.person_id == owner))
        row = self._session.get(PersonKey, owner)
        if row is not None:
            row.wrapped, row.destroyed_at = None, at

    def _hold(self, owner: uuid.UUID) -> None:
        """Keeps the owner's key from being changed until the commit: nothing is sealed with one that has just gone.

        On SQLite there is one writer at a time, so nobody else can change it.
        """
        if owner in self._held:
            return
        self._held.add(owner)
        if self._session.get_bind().dialect.name == "postgresql":
            held = sa.select(PersonKey).where(PersonKey.person_id == owner).with_for_update(read=True)
            row = self._session.scalar(held.execution_options(populate_existing=True))
            self._open.pop(owner, None)
            if row is not None:
                self._admit(row)

    def _keys_of(self, owner: uuid.UUID, present: AESGCM) -> Iterator[AESGCM]:
        """The keys with which a text of hers may open. Only where the present one does not fit is anything asked for.

        Her key may have been changed since it was read, and what the one before sealed may not be sealed anew yet.
        """
        yield present
        row = self._session.get(PersonKey, owner, populate_existing=True)
        if row is not None and row.wrapped is not None:
            self._admit(row)
            yield self._open[owner]
        before = self._session.get(PersonKeyBefore, owner, populate_existing=True)
        if before is not None:
            yield AESGCM(self._keyring.unwrap(before.master, before.wrapped, owner))

    def _cipher(self, owner: uuid.UUID) -> AESGCM | None:
        if owner not in self._open:
            row = self._session.get(PersonKey, owner)
            if row is None:
                return None
            self._admit(row)
        return self._open.get(owner)

    def _admit(self, row: PersonKey) -> None:
        if row.wrapped is not None:
            self._open[row.person_id] = AESGCM(self._keyring.unwrap(row.master, row.wrapped, row.person_id))

    def _make(self, owner: uuid.UUID) -> AESGCM:
        if self._session.get(PersonKey, owner) is not None:
            raise CannotOpen("the person's key was destroyed")
        key = AESGCM.generate_key(bit_length=256)
        wrapped = self._keyring.wrap(key, owner)
        self._session.add(PersonKey(person_id=owner, master=self._keyring.present, wrapped=wrapped))
        self._session.flush()
        self._open[owner] = AESGCM(key)
        return self._open[owner]


def try_open(cipher: AESGCM, sealed: bytes, to: bytes) -> bytes | None:
    """Returns what was sealed, or None where key or place is another."""
    try:
        return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], to)
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        return None


def _decode(key: SecretStr) -> bytes:
    return base64.b64decode(key.get_secret_value())


def bound(place: str, row: uuid.UUID, fixed: tuple[str, ...] = ()) -> bytes:
    """Returns what a value in a place and row is bound to; the row's id has always 16 bytes, so that no two are alike."""
    return place.encode() + b"\0" + row.bytes + "\0".join(fixed).encode()


def bindings(place: str, row: uuid.UUID, fixed: tuple[str, ...]) -> tuple[bytes, ...]:
    """Returns what a value may be bound to: with all its fixed values, and, from before there was one, without the last.

    Nobody can make a later out of an earlier; changing persons' own keys makes the first out of the others.
    """
    return tuple(bound(place, row, fixed[:number]) for number in range(len(fixed), -1, -1))


def _encrypt(key: bytes, value: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value, bound)


def _decrypt(key: bytes, value: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(value[:NONCE], value[NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("a person's key does not open with this master key") from error
