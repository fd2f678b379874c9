"""Tickets for downloads: one use each, within a minute; only their hashes are kept.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export_ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["export_id"], ["export_file.id"], name=op.f("fk_export_ticket_export_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_ticket")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_export_ticket_token_hash")),
    )
    with op.batch_alter_table("export_ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_export_ticket_export_id"), ["export_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("export_ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_export_ticket_export_id"))

    op.drop_table("export_ticket")
