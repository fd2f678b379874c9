"""what two tabs may edit has a revision: rows of the time audit, leader time, contributions

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ledarsteg_contribution", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("ledarsteg_leader_time", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("ledarsteg_time_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("ledarsteg_time_row", schema=None) as batch_op:
        batch_op.drop_column("revision")

    with op.batch_alter_table("ledarsteg_leader_time", schema=None) as batch_op:
        batch_op.drop_column("revision")

    with op.batch_alter_table("ledarsteg_contribution", schema=None) as batch_op:
        batch_op.drop_column("revision")
