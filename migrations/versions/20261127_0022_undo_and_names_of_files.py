"""Changes of configuration that can be undone; names of files.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_kept_change_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_change")),
    )
    with op.batch_alter_table("kept_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_change_organisation_id_at"), ["organisation_id", "at"], unique=False)

    with op.batch_alter_table("export_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(length=160), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("export_file", schema=None) as batch_op:
        batch_op.drop_column("name")

    with op.batch_alter_table("kept_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_change_organisation_id_at"))

    op.drop_table("kept_change")
