"""Reasons in the audit trail are as long as they are; a person's own events and the same look again are found by an index.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# SQLite makes the table anew for another type, and drops the guards of the trail (migration 0017) with the old one. Every
# row is carried over as it is: a hash covers what stands in a reason, and not how long it might be.
_GUARDS = (
    """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
    WHEN NOT EXISTS (SELECT 1 FROM audit_checkpoint c WHERE c.chain = OLD.chain AND c.seq >= OLD.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)


def _reason(before: sa.types.TypeEngine[str], after: sa.types.TypeEngine[str]) -> None:
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.alter_column("reason", existing_type=before, type_=after, existing_nullable=False)
    if op.get_bind().dialect.name == "sqlite":
        for statement in _GUARDS:
            op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    _reason(sa.String(length=60), sa.Text())
    few = sa.text("actor_id IS NOT NULL")
    op.create_index(
        "ix_audit_event_actor_id_at", "audit_event", ["actor_id", "at"], sqlite_where=few, postgresql_where=few
    )


def downgrade() -> None:
    op.drop_index("ix_audit_event_actor_id_at", "audit_event")
    # A reason that is longer stops this on PostgreSQL: cut, its event would not fit its hash any more.
    _reason(sa.Text(), sa.String(length=60))
