"""What the training department is shown week by week, terms, own words, defaults of settings, and who is not told of.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("autumn", sa.Boolean(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_term_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("organisation_id", "year", "autumn", name=op.f("uq_term_organisation_id_year_autumn")),
    )
    op.create_table(
        "completion_choice",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_completion_choice_approved_by")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_completion_choice_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_completion_choice_person_id")),
        sa.PrimaryKeyConstraint("cohort_id", "person_id", name=op.f("pk_completion_choice")),
    )
    with op.batch_alter_table("completion_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_completion_choice_person_id"), ["person_id"], unique=False)

    op.create_table(
        "counted_cohort",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_counted_cohort_cohort_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cohort_id", "week", name=op.f("pk_counted_cohort")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("words", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("organisation_plugin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settings", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("organisation_plugin", schema=None) as batch_op:
        batch_op.drop_column("settings")

    op.drop_table("counted_cohort")
    with op.batch_alter_table("completion_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_completion_choice_person_id"))

    op.drop_table("completion_choice")
    op.drop_table("term")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_column("words")
