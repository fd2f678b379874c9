"""What groups write in their own words, where a course asks for it.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("group_maturity_measurement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("comments", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("group_maturity_report", schema=None) as batch_op:
        batch_op.add_column(sa.Column("comments_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("group_maturity_report", schema=None) as batch_op:
        batch_op.drop_column("comments_sealed")

    with op.batch_alter_table("group_maturity_measurement", schema=None) as batch_op:
        batch_op.drop_column("comments")
