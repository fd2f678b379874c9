"""Columns that most of the tables have.

What the two of an engagement share is sealed with the manager's key: it stays hers when her coach changes or is erased,
and is gone for good when she is. What one person keeps to herself is sealed with her own key. Each text is bound to its
engagement: moved to another of the same manager by a hand in the database, it does not open for the coach of that one.
"""

import uuid
from typing import Annotated

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

engagement_key = Annotated[uuid.UUID, mapped_column(sa.ForeignKey("handledning_engagement.id"))]
session_key = Annotated[uuid.UUID, mapped_column(sa.ForeignKey("handledning_coaching_session.id"))]
person_key = Annotated[uuid.UUID, mapped_column(sa.ForeignKey("person.id"))]
# Somebody who may be erased while the row stays.
person_or_nobody = Annotated[uuid.UUID | None, mapped_column(sa.ForeignKey("person.id"))]
# Grows with every change; a form that was opened before it grew is told so.
row_version = Annotated[int, mapped_column(default=1, server_default="1")]
sealed = Annotated[bytes | None, mapped_column(sa.LargeBinary)]


class OfEngagement:
    """A row of one engagement."""

    engagement_id: Mapped[engagement_key]


class Shared(OfEngagement):
    """A row of one engagement whose text is sealed with the manager's key."""

    manager_id: Mapped[person_key]


class Private(OfEngagement):
    """A row that one of the two keeps to herself, sealed with her own key."""

    person_id: Mapped[person_key]
