"""Export files: asked for, written by a worker, kept for a while, handed out to the person who asked."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, enum_text, pk


class ExportFormat(StrEnum):
    """File formats of exports."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    JSON = "json"
    ZIP = "zip"


class ExportState(StrEnum):
    """Where an export is, as its owner sees it."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"
    CANCELLED = "cancelled"


class ExportFile(Base):
    """One export of one person. `file_key` names the finished file; it is set with `done`, never before."""

    __tablename__ = "export_file"
    __table_args__ = (sa.Index(None, "person_id", "cohort_id"),)

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(sa.String(20))
    plugin: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(60))
    format: Mapped[ExportFormat] = mapped_column(enum_text(ExportFormat))
    locale: Mapped[str] = mapped_column(sa.String(8))
    # What it is called when it is fetched; empty in those from before files had names of their own.
    name: Mapped[str] = mapped_column(sa.String(160), default="", server_default="")
    state: Mapped[ExportState] = mapped_column(enum_text(ExportState), default=ExportState.WAITING)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    file_key: Mapped[str] = mapped_column(sa.String(80), default="")
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(sa.String(60), default="")
    downloads_left: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class ExportTicket(Base):
    """A way to one download: made by pressing the button, used once by the same launch within a minute.

    Only its hash is kept. A ticket that was used, or whose time is up, stays for a day, so that it is answered as that.
    """

    __tablename__ = "export_ticket"

    id: Mapped[pk]
    export_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("export_file.id", ondelete="CASCADE"), index=True)
    launch_id: Mapped[uuid.UUID]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
