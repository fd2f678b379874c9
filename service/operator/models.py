"""The operator's visits."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, pk


class OperatorVisit(Base):
    """One visit: a one-time address that the command line made and, once it was used, the browser that used it.

    Of both secrets only the hashes are kept. It carries no person: whoever may run `stegvis` on the machine is the
    operator.
    """

    __tablename__ = "operator_visit"
    __table_args__ = (sa.CheckConstraint("(browser_hash IS NULL) = (expires_at IS NULL)", name="opened"),)

    id: Mapped[pk]
    link_hash: Mapped[bytes] = mapped_column(unique=True)
    link_expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    browser_hash: Mapped[bytes | None] = mapped_column(unique=True)
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
