"""Mail in the database: addresses people gave, what is to be sent, and how the server is."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.confidential import ConfidentialText
from service.db import Base, enum_text, pk


class AddressState(StrEnum):
    """What may be sent to an address. Only `confirmed` gets anything but the question whether it is right."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    # Its owner asked for no more mails.
    STOPPED = "stopped"
    # The receiving side says that there is no such mailbox.
    BROKEN = "broken"


class MailKind(StrEnum):
    """What a mail says. None of them has content."""

    CONFIRM = "confirm"
    READING = "reading"
    DIGEST = "digest"
    # That everything about somebody who has not come for long is erased in a month.
    ACCOUNT = "account"
    # That something in one of her courses is deleted in a month.
    ENDING = "ending"


class MailState(StrEnum):
    """Where a mail is. `dropped` was not to be sent any more, `failed` could not be."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


class MailAddress(Base):
    """The address a person gave, sealed with her key, and what she wants to get there.

    The words of the two secret addresses in mails are sealed as well, because every mail names them; their hashes find
    the row. `locale` is the language in which she gave the address.
    """

    __tablename__ = "mail_address"

    id: Mapped[pk]
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    address_sealed: Mapped[bytes | None]
    state: Mapped[AddressState] = mapped_column(enum_text(AddressState), default=AddressState.PENDING)
    reading: Mapped[bool] = mapped_column(default=True)
    digest: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(sa.String(8))
    confirm_hash: Mapped[bytes | None] = mapped_column(unique=True)
    confirm_sealed: Mapped[bytes | None]
    confirm_until: Mapped[datetime | None]
    stop_hash: Mapped[bytes] = mapped_column(unique=True)
    stop_sealed: Mapped[bytes | None]
    given_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    address = ConfidentialText("address_sealed", owner="person_id")
    confirm_word = ConfidentialText("confirm_sealed", owner="person_id")
    stop_word = ConfidentialText("stop_sealed", owner="person_id")


class Mail(Base):
    """One mail to one person: that it is to be sent, and what became of it. Its text is made when it is sent."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.Index(None, "state", "due_at"),
        sa.Index(None, "person_id", "sent_at"),
        # However much there is to read, one mail of a kind waits for a person.
        sa.Index(
            "uq_mail_waiting",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    id: Mapped[pk]
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("cohort.id"))
    kind: Mapped[MailKind] = mapped_column(enum_text(MailKind))
    state: Mapped[MailState] = mapped_column(enum_text(MailState), default=MailState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    decided_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class MailServer(Base):
    """How the server for mails is, in one row: after failures it is left alone until `closed_until`."""

    __tablename__ = "mail_server"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int] = mapped_column(default=0)
    closed_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
