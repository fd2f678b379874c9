"""Guest passes: a link for somebody without an LMS account."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, pk


class GuestPass(Base):
    """A hashed, expiring, cohort-bound pass to one plugin's guest pages. It carries no person.

    `subject_id` is the plugin's own object that the pass is for.
    """

    __tablename__ = "guest_pass"

    id: Mapped[pk]
    pass_hash: Mapped[bytes] = mapped_column(unique=True)
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    plugin: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID | None]
    locale: Mapped[str] = mapped_column(sa.String(8), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
