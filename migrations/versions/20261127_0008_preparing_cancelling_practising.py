"""What preparing and cancelling a coaching session and practising in between need.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LANGUAGES = ("sv", "en", "lv")


def upgrade() -> None:
    with op.batch_alter_table("handledning_answer", schema=None) as batch_op:
        for language in LANGUAGES:
            batch_op.add_column(sa.Column(language, sa.Text(), server_default="", nullable=False))
    # A question was kept in one language; it stays readable in each.
    op.execute("UPDATE handledning_answer SET sv = question, en = question, lv = question")
    with op.batch_alter_table("handledning_answer", schema=None) as batch_op:
        batch_op.drop_column("question")

    with op.batch_alter_table("handledning_coaching_session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "cancel_reason",
                sa.Enum(
                    "time", "came_between", "not_needed", "other", name="cancelreason", native_enum=False, length=32
                ),
                nullable=True,
            )
        )

    with op.batch_alter_table("handledning_homework", schema=None) as batch_op:
        batch_op.add_column(sa.Column("habit_wanted", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("handledning_session_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("cancel_note_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("handledning_session_text", schema=None) as batch_op:
        batch_op.drop_column("cancel_note_sealed")
        batch_op.drop_column("version")

    with op.batch_alter_table("handledning_homework", schema=None) as batch_op:
        batch_op.drop_column("habit_wanted")

    with op.batch_alter_table("handledning_coaching_session", schema=None) as batch_op:
        batch_op.drop_column("cancel_reason")

    with op.batch_alter_table("handledning_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("question", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE handledning_answer SET question = sv")
    with op.batch_alter_table("handledning_answer", schema=None) as batch_op:
        for language in LANGUAGES:
            batch_op.drop_column(language)
