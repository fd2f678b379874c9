"""Placed items, the platform's links to them, deep linking requests under way, and what is known of copied courses."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, pk


class PlacedItem(Base):
    """An activity that somebody placed in a course by deep linking: which plugin's page it opens.

    Its id stands in the activity's address and in its custom parameters, so that a copied course still knows it. It is
    no credential: who may open what is decided as for any other page.
    """

    __tablename__ = "placed_item"
    __table_args__ = (sa.UniqueConstraint("launch_id", "plugin", "key"), sa.Index(None, "cohort_id"))

    id: Mapped[pk]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    plugin: Mapped[str] = mapped_column(sa.String(40))
    # The key of the plugin's content item, and the path below the plugin's pages as it was then.
    key: Mapped[str] = mapped_column(sa.String(40))
    path: Mapped[str]
    title: Mapped[str]
    has_line_item: Mapped[bool] = mapped_column(default=False)
    # The deep linking launch it was placed in: sending the same form twice places it once.
    launch_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("launch.id", ondelete="SET NULL"))
    placed_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    placed_at: Mapped[datetime]


class ResourceLink(Base):
    """A link in a course that was launched: which item stands behind it, and its column in the gradebook.

    Written when a launch says something new about it, and only for links of an item or with a column of their own.
    """

    __tablename__ = "resource_link"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "link_id"), sa.Index(None, "cohort_id"))

    id: Mapped[pk]
    deployment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("deployment.id"))
    link_id: Mapped[str] = mapped_column(sa.String(255))
    cohort_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("cohort.id"))
    # Empty where the link opens no plugin.
    plugin: Mapped[str] = mapped_column(sa.String(40), default="")
    item_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("placed_item.id", ondelete="SET NULL"))
    # The column that the platform made for this link itself; empty where it made none.
    lineitem_url: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime]


class DeepLinkRequest(Base):
    """What the platform asked for when somebody is to choose content (Deep Linking 2.0, settings claim)."""

    __tablename__ = "deep_link_request"

    launch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True)
    return_url: Mapped[str]
    # To be sent back as it came; None where the platform sent none.
    data: Mapped[str | None]
    accept_types: Mapped[list[Any]] = mapped_column(default=list)
    accept_multiple: Mapped[bool] = mapped_column(default=False)
    accept_line_item: Mapped[bool] = mapped_column(default=False)
    targets: Mapped[list[Any]] = mapped_column(default=list)
    answered_at: Mapped[datetime | None]


class CopyNotice(Base):
    """A platform's word that a course was copied (LtiContextCopyNotice), kept until the copy is opened."""

    __tablename__ = "copy_notice"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[pk]
    deployment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("deployment.id"))
    context_id: Mapped[str] = mapped_column(sa.String(255))
    # The contexts it was copied from, nearest first.
    origins: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]
