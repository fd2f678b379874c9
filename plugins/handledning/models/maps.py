"""The map: current situation, role content, relations, discretion, and the operations' own goals.

The manager alone writes it. Each part is hers until she shares it with her coach (`Situation.shares_*`).
"""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from plugins.handledning.calculations import Source, Zone
from plugins.handledning.models.columns import Shared, row_version, sealed
from service.contract import Base, ConfidentialText, enum_text, pk


class Situation(Shared, Base):
    """The head of a map: the current situation in her own words, what she sees to do, and which parts she shares."""

    __tablename__ = "handledning_situation"
    __table_args__ = (sa.UniqueConstraint("engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    shares_situation: Mapped[bool] = mapped_column(default=False)
    shares_role: Mapped[bool] = mapped_column(default=False)
    shares_relations: Mapped[bool] = mapped_column(default=False)
    shares_discretion: Mapped[bool] = mapped_column(default=False)
    version: Mapped[row_version]
    text_sealed: Mapped[sealed]
    solutions_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
    solutions = ConfidentialText("solutions_sealed", owner="manager_id", fixed="engagement_id")


class RoleContent(Shared, Base):
    """One of the things that her role consists of."""

    __tablename__ = "handledning_role_content"
    __table_args__ = (sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    position: Mapped[int]
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class Relation(Shared, Base):
    """A relation to another role: how good it is (1 to 5), what she intends, and what came of it last."""

    __tablename__ = "handledning_relation"
    __table_args__ = (sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    position: Mapped[int]
    quality: Mapped[int | None]
    role_sealed: Mapped[sealed]
    intention_sealed: Mapped[sealed]
    outcome_sealed: Mapped[sealed]

    role = ConfidentialText("role_sealed", owner="manager_id", fixed="engagement_id")
    intention = ConfidentialText("intention_sealed", owner="manager_id", fixed="engagement_id")
    outcome = ConfidentialText("outcome_sealed", owner="manager_id", fixed="engagement_id")


class DiscretionItem(Shared, Base):
    """A question of the role: whose it is now, whose she wants it to be, and where that is written."""

    __tablename__ = "handledning_discretion_item"
    __table_args__ = (sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    position: Mapped[int]
    zone_now: Mapped[Zone] = mapped_column(enum_text(Zone))
    zone_wanted: Mapped[Zone] = mapped_column(enum_text(Zone))
    source: Mapped[Source] = mapped_column(enum_text(Source))
    text_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")


class OperationsGoal(Shared, Base):
    """A goal of the operations that her own goals can lean on; `reference` is what it is called where it is written."""

    __tablename__ = "handledning_operations_goal"
    __table_args__ = (sa.Index(None, "engagement_id"), sa.Index(None, "manager_id"))

    id: Mapped[pk]
    position: Mapped[int]
    text_sealed: Mapped[sealed]
    reference_sealed: Mapped[sealed]

    text = ConfidentialText("text_sealed", owner="manager_id", fixed="engagement_id")
    reference = ConfidentialText("reference_sealed", owner="manager_id", fixed="engagement_id")
