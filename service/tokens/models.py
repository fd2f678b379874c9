"""Feed tokens: what a secret address opens, and for whom."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, pk


class FeedToken(Base):
    """A hashed, revocable token that reads one thing of one person in one cohort, and can do nothing else.

    `purpose` is one of the plugin's feeds, `subject_id` the plugin's own object that it is for, if any. `locale` is the
    language in which it was asked for: a calendar says nothing of its reader's.
    """

    __tablename__ = "feed_token"
    __table_args__ = (sa.Index(None, "person_id"), sa.Index(None, "cohort_id"))

    id: Mapped[pk]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    plugin: Mapped[str] = mapped_column(sa.String(40))
    purpose: Mapped[str] = mapped_column(sa.String(60))
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    subject_id: Mapped[uuid.UUID | None]
    locale: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
