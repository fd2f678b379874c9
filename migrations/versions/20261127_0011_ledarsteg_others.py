"""LedarSteg with others: which weeks of a cohort have changed is found by an index.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ledarsteg_habit_week", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledarsteg_habit_week_cohort_id_changed_at"), ["cohort_id", "changed_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("ledarsteg_habit_week", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_habit_week_cohort_id_changed_at"))
