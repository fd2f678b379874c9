"""What stood when a development plan was settled.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("handledning_plan_page", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_as", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("handledning_plan_page", schema=None) as batch_op:
        batch_op.drop_column("settled_as")
