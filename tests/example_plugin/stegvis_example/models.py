"""What the plugin keeps."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.contract import Base, ConfidentialText, pk


class Note(Base):
    """One note of a member. Its text is hers alone and kept sealed."""

    __tablename__ = "example_note"
    __table_args__ = (sa.Index(None, "cohort_id", "member_id"), sa.Index(None, "person_id"))

    id: Mapped[pk]
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("member.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    written_on: Mapped[date]
    written_at: Mapped[datetime]
    body_sealed: Mapped[bytes | None]
    body = ConfidentialText("body_sealed", owner="person_id")
