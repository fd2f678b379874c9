"""What the training department writes for its managers: the texts that the method leaves open, and a library of steps."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.contract import Base, enum_text, pk


class Slot(StrEnum):
    """The places for texts of the organisation's own. Empty until somebody writes them: nothing is invented here."""

    CORE_MODEL = "core_model"
    CHALLENGES = "challenges"
    FIRST_WEEK = "first_week"
    TOUGH_CARE = "tough_care"


class SlotText(Base):
    """A text for one place in one language, in Markdown. `revision` as for habits."""

    __tablename__ = "ledarsteg_slot_text"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "slot", "locale"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    slot: Mapped[Slot] = mapped_column(enum_text(Slot))
    locale: Mapped[str] = mapped_column(sa.String(8))
    body: Mapped[str]
    changed_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class Step(Base):
    """A step that managers may begin from. A withdrawn one is offered no more; habits that came from it go on."""

    __tablename__ = "ledarsteg_step"
    __table_args__ = (sa.Index(None, "organisation_id"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    minutes: Mapped[int | None]
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)


class StepText(Base):
    """A step in one language: its title, an if-then plan to start from, and more about it in Markdown."""

    __tablename__ = "ledarsteg_step_text"
    __table_args__ = (sa.UniqueConstraint("step_id", "locale"),)

    id: Mapped[pk]
    step_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ledarsteg_step.id"))
    locale: Mapped[str] = mapped_column(sa.String(8))
    title: Mapped[str]
    cue: Mapped[str] = mapped_column(default="")
    action: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
