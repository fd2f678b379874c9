"""What belongs to an organisation's programme: what was counted, its terms, and who is not told of."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, pk


class CountedCohort(Base):
    """What the training department is shown of a cohort in one week. Written once; raw numbers are not kept.

    `week` is its Monday. `figures` are as they are shown, withheld ones null (`counting.Figures`). `people` are the members
    the numbers are about; null where they are those of the week before.
    """

    __tablename__ = "counted_cohort"

    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    counted_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]]
    people: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class Term(Base):
    """A term with the organisation's own dates. Without a row it is half of the calendar's year."""

    __tablename__ = "term"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "year", "autumn"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    year: Mapped[int]
    autumn: Mapped[bool]
    first: Mapped[date]
    last: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)


class CompletionChoice(Base):
    """That a manager does not want her course's gradebook told of her; training may note her participation by hand.

    `approved_at` is when it did, in Stegvis alone. The row goes when she lets her course be told again.
    """

    __tablename__ = "completion_choice"
    __table_args__ = (sa.Index(None, "person_id"),)

    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    chosen_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))


class KeptChange(Base):
    """What a setting, a term, the own words or a limit was before somebody changed it, and what it became: for the undo.

    `kind` is one of `undo.KINDS`, `ref` says which thing of that kind. Nothing of a person is in it: who it was stands in
    the audit trail.
    """

    __tablename__ = "kept_change"
    __table_args__ = (sa.Index(None, "organisation_id", "at"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    ref: Mapped[str] = mapped_column(sa.String(80))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    at: Mapped[datetime]
