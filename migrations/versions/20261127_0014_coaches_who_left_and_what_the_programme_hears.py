"""Coaches who left, and what the programme hears

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handledning_programme_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column(
            "figure", sa.Enum("feedback", "trust", "goals", name="figure", native_enum=False, length=32), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sums", sa.JSON(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_id", sa.Uuid(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_handledning_programme_group_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_programme_group")),
        sa.UniqueConstraint(
            "cohort_id",
            "figure",
            "version",
            "number",
            name=op.f("uq_handledning_programme_group_cohort_id_figure_version_number"),
        ),
    )
    with op.batch_alter_table("handledning_engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("coach_left_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("handledning_engagement", schema=None) as batch_op:
        batch_op.drop_column("coach_left_at")

    op.drop_table("handledning_programme_group")
