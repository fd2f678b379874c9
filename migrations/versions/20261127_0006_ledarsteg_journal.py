"""The journal: offers put away, the sides of a review, revisions of term choices.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledarsteg_put_away",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("offer", sa.Enum("aha", "carry_over", name="offer", native_enum=False, length=32), nullable=False),
        sa.Column("put_away_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_put_away_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_put_away_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_put_away")),
        sa.UniqueConstraint(
            "cohort_id", "person_id", "offer", name=op.f("uq_ledarsteg_put_away_cohort_id_person_id_offer")
        ),
    )
    with op.batch_alter_table("ledarsteg_put_away", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_put_away_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("ledarsteg_review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sides", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_check_constraint(batch_op.f("ck_ledarsteg_review_sides"), "sides BETWEEN 0 AND 7")

    with op.batch_alter_table("ledarsteg_term_choice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("ledarsteg_term_choice", schema=None) as batch_op:
        batch_op.drop_column("revision")

    with op.batch_alter_table("ledarsteg_review", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_ledarsteg_review_sides"), type_="check")
        batch_op.drop_column("sides")

    with op.batch_alter_table("ledarsteg_put_away", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_put_away_person_id"))

    op.drop_table("ledarsteg_put_away")
