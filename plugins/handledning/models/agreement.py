"""The two papers both sides accept: the agreement about responsibilities, and the contract with its five parts."""

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.handledning.calculations import Progress
from plugins.handledning.models.columns import OfEngagement, Shared, row_version, sealed
from service.contract import Base, ConfidentialText, enum_text, pk


class Whose(StrEnum):
    """Whose responsibility a line is."""

    CLIENT = "client"
    COACH = "coach"
    BOTH = "both"


class ItemKind(StrEnum):
    """The parts of a contract that are lists. The fifth part is its time: `period_from` and `period_to`."""

    RESULT = "result"
    RESPONSIBILITY = "responsibility"
    RISK = "risk"
    INTERMEDIATE = "intermediate"


class Agreement(OfEngagement, Base):
    """One version of who answers for what. It counts when both have accepted it; an edit makes the next version.

    `wording` is the edition of the thirty standard lines that it stands on.
    """

    __tablename__ = "handledning_agreement"
    __table_args__ = (sa.UniqueConstraint("engagement_id", "version"),)

    id: Mapped[pk]
    version: Mapped[int]
    wording: Mapped[int]
    written_at: Mapped[datetime]
    manager_accepted_at: Mapped[datetime | None]
    coach_accepted_at: Mapped[datetime | None]

    @property
    def valid(self) -> bool:
        """True when both have accepted this version."""
        return self.manager_accepted_at is not None and self.coach_accepted_at is not None


class AgreementLine(Shared, Base):
    """A line of the two's own in one version of their agreement."""

    __tablename__ = "handledning_agreement_line"
    __table_args__ = (
        sa.Index(None, "agreement_id"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    agreement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_agreement.id"))
    whose: Mapped[Whose] = mapped_column(enum_text(Whose))
    position: Mapped[int]
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class Contract(OfEngagement, Base):
    """One version of the contract. It freezes with the first acceptance; a change after that makes the next version.

    `told` are the words for what the employer is told, with spaces between (see `calculations.told`).
    """

    __tablename__ = "handledning_contract"
    __table_args__ = (sa.UniqueConstraint("engagement_id", "number"),)

    id: Mapped[pk]
    number: Mapped[int]
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    told: Mapped[str] = mapped_column(default="sessions", server_default="sessions")
    written_at: Mapped[datetime]
    manager_accepted_at: Mapped[datetime | None]
    coach_accepted_at: Mapped[datetime | None]
    version: Mapped[row_version]

    @property
    def valid(self) -> bool:
        """True when both have accepted it."""
        return self.manager_accepted_at is not None and self.coach_accepted_at is not None

    @property
    def frozen(self) -> bool:
        """True once somebody has accepted it."""
        return self.manager_accepted_at is not None or self.coach_accepted_at is not None


class ContractItem(Shared, Base):
    """A line of one version of a contract. `key` is the same in every version: progress belongs to the newest line.

    Risks have `probability`, `impact` (1 to 5) and what is done about them; intermediate results a date and a weight.
    """

    __tablename__ = "handledning_contract_item"
    __table_args__ = (
        sa.Index(None, "contract_id"),
        sa.Index(None, "engagement_id"),
        sa.Index(None, "manager_id"),
    )

    id: Mapped[pk]
    contract_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("handledning_contract.id"))
    key: Mapped[uuid.UUID]
    kind: Mapped[ItemKind] = mapped_column(enum_text(ItemKind))
    position: Mapped[int]
    whose: Mapped[Whose | None] = mapped_column(enum_text(Whose))
    probability: Mapped[int | None]
    impact: Mapped[int | None]
    due_on: Mapped[date | None]
    weight: Mapped[int | None]
    progress: Mapped[Progress | None] = mapped_column(enum_text(Progress))
    text_sealed: Mapped[sealed]
    mitigation_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
    mitigation = ConfidentialText("mitigation_sealed", owner="manager_id", fixed="engagement_id")
