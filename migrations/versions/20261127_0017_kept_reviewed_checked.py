"""How long things are kept, coaches' notes under review, and a trail that only its checkpoints may shorten.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_because", sa.String(length=60), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
        sa.UniqueConstraint("organisation_id", "day", name=op.f("uq_retention_run_organisation_id_day")),
    )
    op.create_table(
        "retention_count",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["retention_run.id"], name=op.f("fk_retention_count_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "rule", "kind", name=op.f("pk_retention_count")),
    )
    op.create_table(
        "retention_days",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_retention_days_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "rule", name=op.f("pk_retention_days")),
    )
    op.create_table(
        "handledning_note_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=True),
        sa.Column("note_id", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum("released", "redacted", "refused", name="decision", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column(
            "ground",
            sa.Enum("other_people", "coach_herself", "secrecy", name="ground", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_handledning_note_review_coach_id")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_note_review_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_note_review_manager_id")),
        sa.ForeignKeyConstraint(
            ["note_id"], ["handledning_note.id"], name=op.f("fk_handledning_note_review_note_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_note_review")),
        sa.UniqueConstraint("note_id", name=op.f("uq_handledning_note_review_note_id")),
    )
    with op.batch_alter_table("handledning_note_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_note_review_coach_id"), ["coach_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_note_review_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_note_review_manager_id"), ["manager_id"], unique=False)

    with op.batch_alter_table("handledning_engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))

    few = sa.text("action IN ('cohort.view', 'export.request')")
    op.create_index(
        "ix_audit_event_course_wide", "audit_event", ["cohort_id", "at"], sqlite_where=few, postgresql_where=few
    )
    _guard_trail()


# An event may go when a checkpoint covers it, and never change; a checkpoint stays as it is. Whoever rebuilds one of these
# tables on SQLite (batch_alter_table) makes its triggers again: SQLite drops them with the old table.
_SQLITE = (
    """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
    WHEN NOT EXISTS (SELECT 1 FROM audit_checkpoint c WHERE c.chain = OLD.chain AND c.seq >= OLD.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'audit_event' AND TG_OP = 'DELETE' THEN
            IF EXISTS (SELECT 1 FROM audit_checkpoint c WHERE c.chain = OLD.chain AND c.seq >= OLD.seq) THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'the audit trail is append-only';
    END $$""",
    """CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    """CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
    """CREATE TRIGGER audit_checkpoint_append_only BEFORE UPDATE OR DELETE ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    """CREATE TRIGGER audit_checkpoint_no_truncate BEFORE TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
)


def _guard_trail() -> None:
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.get_bind().exec_driver_sql(statement)


def _free_trail() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("audit_event", "audit_checkpoint"):
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION audit_append_only()")
        return
    for table in ("audit_event", "audit_checkpoint"):
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(f"DROP TRIGGER {table}_no_delete")


def downgrade() -> None:
    _free_trail()
    op.drop_index("ix_audit_event_course_wide", "audit_event")
    with op.batch_alter_table("handledning_engagement", schema=None) as batch_op:
        batch_op.drop_column("forgotten_at")

    with op.batch_alter_table("handledning_note_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_note_review_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_note_review_engagement_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_note_review_coach_id"))

    op.drop_table("handledning_note_review")
    op.drop_table("retention_days")
    op.drop_table("retention_count")
    op.drop_table("retention_run")
    op.drop_table("audit_checkpoint")
