"""LedarSteg whole: schedules with a history, counted habits, pauses, time, journal, step-mates, texts, counts.

A habit's weekdays become its first schedule.

Revision ID: 0003
Revises: 0002
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledarsteg_slot_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "slot",
            sa.Enum("core_model", "challenges", "first_week", "tough_care", name="slot", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_ledarsteg_slot_text_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_slot_text")),
        sa.UniqueConstraint(
            "organisation_id", "slot", "locale", name=op.f("uq_ledarsteg_slot_text_organisation_id_slot_locale")
        ),
    )
    op.create_table(
        "ledarsteg_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_ledarsteg_step_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_step")),
    )
    with op.batch_alter_table("ledarsteg_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_step_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "ledarsteg_step_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cue", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["ledarsteg_step.id"], name=op.f("fk_ledarsteg_step_text_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_step_text")),
        sa.UniqueConstraint("step_id", "locale", name=op.f("uq_ledarsteg_step_text_step_id_locale")),
    )
    op.create_table(
        "ledarsteg_cohort_day",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("partly", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_cohort_day_cohort_id")),
        sa.PrimaryKeyConstraint("cohort_id", "local_date", name=op.f("pk_ledarsteg_cohort_day")),
    )
    op.create_table(
        "ledarsteg_leader_time",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("kept_minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kept_minutes IS NULL OR kept_minutes BETWEEN 0 AND 1440", name=op.f("ck_ledarsteg_leader_time_kept")
        ),
        sa.CheckConstraint("planned_minutes BETWEEN 0 AND 1440", name=op.f("ck_ledarsteg_leader_time_planned")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_leader_time_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_leader_time_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_leader_time")),
    )
    with op.batch_alter_table("ledarsteg_leader_time", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledarsteg_leader_time_cohort_id_person_id_local_date"),
            ["cohort_id", "person_id", "local_date"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_ledarsteg_leader_time_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_mate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("mate_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("person_id <> mate_id", name=op.f("ck_ledarsteg_mate_two")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_mate_cohort_id")),
        sa.ForeignKeyConstraint(["mate_id"], ["person.id"], name=op.f("fk_ledarsteg_mate_mate_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_mate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_mate")),
    )
    with op.batch_alter_table("ledarsteg_mate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_mate_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_mate_mate_id"), ["mate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_mate_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_polarity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("builtin", sa.String(length=20), nullable=False),
        sa.Column("left_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("right_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_polarity_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_polarity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_polarity")),
    )
    with op.batch_alter_table("ledarsteg_polarity", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledarsteg_polarity_cohort_id_person_id"), ["cohort_id", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ledarsteg_polarity_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("being", sa.Integer(), nullable=True),
        sa.Column("doing", sa.Integer(), nullable=True),
        sa.Column("contribution_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("being_text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("doing_text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("next_week_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("being IS NULL OR being BETWEEN 1 AND 5", name=op.f("ck_ledarsteg_review_being")),
        sa.CheckConstraint("doing IS NULL OR doing BETWEEN 1 AND 5", name=op.f("ck_ledarsteg_review_doing")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_review_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_review_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_review")),
        sa.UniqueConstraint(
            "cohort_id", "person_id", "monday", name=op.f("uq_ledarsteg_review_cohort_id_person_id_monday")
        ),
    )
    with op.batch_alter_table("ledarsteg_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_review_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_time_audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_time_audit_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_time_audit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_time_audit")),
        sa.UniqueConstraint(
            "cohort_id", "person_id", "number", name=op.f("uq_ledarsteg_time_audit_cohort_id_person_id_number")
        ),
    )
    with op.batch_alter_table("ledarsteg_time_audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_time_audit_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_ledarsteg_comment_author_id")),
        sa.ForeignKeyConstraint(["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_comment_habit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_comment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_comment")),
    )
    with op.batch_alter_table("ledarsteg_comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_comment_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_comment_habit_id"), ["habit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_comment_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_contribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=True),
        sa.Column(
            "target",
            sa.Enum("self", "individual", "group", name="target", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("effects", sa.Integer(), nullable=False),
        sa.Column("sides", sa.Integer(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("effects BETWEEN 0 AND 15", name=op.f("ck_ledarsteg_contribution_effects")),
        sa.CheckConstraint("number BETWEEN 1 AND 100", name=op.f("ck_ledarsteg_contribution_number")),
        sa.CheckConstraint(
            "quality IS NULL OR quality BETWEEN 1 AND 5", name=op.f("ck_ledarsteg_contribution_quality")
        ),
        sa.CheckConstraint("sides BETWEEN 0 AND 7", name=op.f("ck_ledarsteg_contribution_sides")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_contribution_cohort_id")),
        sa.ForeignKeyConstraint(
            ["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_contribution_habit_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_contribution_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_contribution")),
    )
    with op.batch_alter_table("ledarsteg_contribution", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledarsteg_contribution_cohort_id_person_id_local_date"),
            ["cohort_id", "person_id", "local_date"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_ledarsteg_contribution_habit_id"), ["habit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_contribution_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_habit_week",
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("partly", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_habit_week_cohort_id")),
        sa.ForeignKeyConstraint(["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_habit_week_habit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_habit_week_person_id")),
        sa.PrimaryKeyConstraint("habit_id", "monday", name=op.f("pk_ledarsteg_habit_week")),
    )
    with op.batch_alter_table("ledarsteg_habit_week", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledarsteg_habit_week_cohort_id_monday"), ["cohort_id", "monday"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ledarsteg_habit_week_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_insight",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("crossroads", "observation", name="insightkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("habit_id", sa.Uuid(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_ledarsteg_insight_cohort_id")),
        sa.ForeignKeyConstraint(
            ["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_insight_habit_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_insight_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_insight")),
    )
    with op.batch_alter_table("ledarsteg_insight", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledarsteg_insight_cohort_id_person_id"), ["cohort_id", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ledarsteg_insight_habit_id"), ["habit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_insight_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_nudge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["person.id"], name=op.f("fk_ledarsteg_nudge_from_id")),
        sa.ForeignKeyConstraint(["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_nudge_habit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_nudge_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_nudge")),
    )
    with op.batch_alter_table("ledarsteg_nudge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_nudge_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_nudge_habit_id"), ["habit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_nudge_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_ledarsteg_pause_order")),
        sa.ForeignKeyConstraint(["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_pause_habit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_pause_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_pause")),
    )
    with op.batch_alter_table("ledarsteg_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_pause_habit_id"), ["habit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_pause_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_polarity_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("polarity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.CheckConstraint("value BETWEEN -100 AND 100", name=op.f("ck_ledarsteg_polarity_reading_value")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_polarity_reading_person_id")),
        sa.ForeignKeyConstraint(
            ["polarity_id"], ["ledarsteg_polarity.id"], name=op.f("fk_ledarsteg_polarity_reading_polarity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_polarity_reading")),
        sa.UniqueConstraint("polarity_id", "monday", name=op.f("uq_ledarsteg_polarity_reading_polarity_id_monday")),
    )
    with op.batch_alter_table("ledarsteg_polarity_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_polarity_reading_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_ledarsteg_reminder_minute")),
        sa.ForeignKeyConstraint(["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_reminder_habit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_reminder_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_reminder")),
        sa.UniqueConstraint("habit_id", name=op.f("uq_ledarsteg_reminder_habit_id")),
    )
    with op.batch_alter_table("ledarsteg_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_reminder_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("per", sa.Enum("day", "week", name="per", native_enum=False, length=32), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column(
            "direction", sa.Enum("at_least", "at_most", name="direction", native_enum=False, length=32), nullable=False
        ),
        sa.CheckConstraint("target >= 1", name=op.f("ck_ledarsteg_schedule_target")),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_ledarsteg_schedule_weekdays")),
        sa.ForeignKeyConstraint(["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_schedule_habit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_schedule_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_schedule")),
        sa.UniqueConstraint("habit_id", "from_date", name=op.f("uq_ledarsteg_schedule_habit_id_from_date")),
    )
    with op.batch_alter_table("ledarsteg_schedule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_schedule_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_term_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("habit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "choice", sa.Enum("keep", "raise", "retire", name="choice", native_enum=False, length=32), nullable=False
        ),
        sa.Column("why_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["habit_id"], ["ledarsteg_habit.id"], name=op.f("fk_ledarsteg_term_choice_habit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_term_choice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_term_choice")),
        sa.UniqueConstraint("habit_id", name=op.f("uq_ledarsteg_term_choice_habit_id")),
    )
    with op.batch_alter_table("ledarsteg_term_choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_term_choice_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ledarsteg_time_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "firefighting",
                "seemingly_urgent",
                "routines",
                "meetings",
                "old_habits",
                "leader_contribution",
                "other",
                name="category",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("challengeable", sa.Boolean(), nullable=False),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_ledarsteg_time_row_minutes")),
        sa.CheckConstraint(
            "starts_at IS NULL OR starts_at BETWEEN 0 AND 1439", name=op.f("ck_ledarsteg_time_row_starts_at")
        ),
        sa.ForeignKeyConstraint(["audit_id"], ["ledarsteg_time_audit.id"], name=op.f("fk_ledarsteg_time_row_audit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledarsteg_time_row_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledarsteg_time_row")),
    )
    with op.batch_alter_table("ledarsteg_time_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledarsteg_time_row_audit_id"), ["audit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledarsteg_time_row_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("ledarsteg_drop_choice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review_on", sa.Date(), nullable=True))

    with op.batch_alter_table("ledarsteg_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("value", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("note_sealed", sa.LargeBinary(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_ledarsteg_entry_value"), "value IS NULL OR value >= 0")

    with op.batch_alter_table("ledarsteg_habit", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum("boolean", "count", "minutes", name="kind", native_enum=False, length=32),
                server_default="boolean",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("shared_mate", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("season", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("continues_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("step_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_ledarsteg_habit_continues_id"),
            "ledarsteg_habit",
            ["continues_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ledarsteg_habit_step_id"), "ledarsteg_step", ["step_id"], ["id"], ondelete="SET NULL"
        )
    _weekdays_to_schedules()
    with op.batch_alter_table("ledarsteg_habit", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_ledarsteg_habit_weekdays"), type_="check")
        batch_op.drop_column("weekdays")


def _weekdays_to_schedules() -> None:
    habit = sa.table(
        "ledarsteg_habit", sa.column("id", sa.Uuid()), sa.column("person_id", sa.Uuid()), sa.column("starts_on", sa.Date()),
        sa.column("weekdays", sa.Integer()),
    )  # fmt: skip
    schedule = sa.table(
        "ledarsteg_schedule", sa.column("id", sa.Uuid()), sa.column("habit_id", sa.Uuid()), sa.column("person_id", sa.Uuid()),
        sa.column("from_date", sa.Date()), sa.column("per", sa.String()), sa.column("weekdays", sa.Integer()),
        sa.column("target", sa.Integer()), sa.column("direction", sa.String()),
    )  # fmt: skip
    connection = op.get_bind()
    rows = connection.execute(sa.select(habit)).all()
    for row in rows:
        connection.execute(
            schedule.insert().values(
                id=uuid.uuid4(),
                habit_id=row.id,
                person_id=row.person_id,
                from_date=row.starts_on,
                per="day",
                weekdays=row.weekdays,
                target=1,
                direction="at_least",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("ledarsteg_habit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("weekdays", sa.INTEGER(), nullable=True))
    latest = (
        "(SELECT weekdays FROM ledarsteg_schedule WHERE habit_id = ledarsteg_habit.id ORDER BY from_date DESC LIMIT 1)"
    )
    op.execute(f"UPDATE ledarsteg_habit SET weekdays = {latest}")  # noqa: S608 - names of our own
    with op.batch_alter_table("ledarsteg_habit", schema=None) as batch_op:
        batch_op.alter_column("weekdays", existing_type=sa.INTEGER(), nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_ledarsteg_habit_weekdays"), "weekdays BETWEEN 1 AND 127")
        batch_op.drop_constraint(batch_op.f("fk_ledarsteg_habit_step_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ledarsteg_habit_continues_id"), type_="foreignkey")
        batch_op.drop_column("step_id")
        batch_op.drop_column("continues_id")
        batch_op.drop_column("season")
        batch_op.drop_column("revision")
        batch_op.drop_column("shared_mate")
        batch_op.drop_column("kind")

    with op.batch_alter_table("ledarsteg_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_ledarsteg_entry_value"), type_="check")
        batch_op.drop_column("note_sealed")
        batch_op.drop_column("value")

    with op.batch_alter_table("ledarsteg_drop_choice", schema=None) as batch_op:
        batch_op.drop_column("review_on")

    with op.batch_alter_table("ledarsteg_time_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_time_row_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_time_row_audit_id"))

    op.drop_table("ledarsteg_time_row")
    with op.batch_alter_table("ledarsteg_term_choice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_term_choice_person_id"))

    op.drop_table("ledarsteg_term_choice")
    with op.batch_alter_table("ledarsteg_schedule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_schedule_person_id"))

    op.drop_table("ledarsteg_schedule")
    with op.batch_alter_table("ledarsteg_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_reminder_person_id"))

    op.drop_table("ledarsteg_reminder")
    with op.batch_alter_table("ledarsteg_polarity_reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_polarity_reading_person_id"))

    op.drop_table("ledarsteg_polarity_reading")
    with op.batch_alter_table("ledarsteg_pause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_pause_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_pause_habit_id"))

    op.drop_table("ledarsteg_pause")
    with op.batch_alter_table("ledarsteg_nudge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_nudge_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_nudge_habit_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_nudge_from_id"))

    op.drop_table("ledarsteg_nudge")
    with op.batch_alter_table("ledarsteg_insight", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_insight_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_insight_habit_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_insight_cohort_id_person_id"))

    op.drop_table("ledarsteg_insight")
    with op.batch_alter_table("ledarsteg_habit_week", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_habit_week_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_habit_week_cohort_id_monday"))

    op.drop_table("ledarsteg_habit_week")
    with op.batch_alter_table("ledarsteg_contribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_contribution_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_contribution_habit_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_contribution_cohort_id_person_id_local_date"))

    op.drop_table("ledarsteg_contribution")
    with op.batch_alter_table("ledarsteg_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_comment_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_comment_habit_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_comment_author_id"))

    op.drop_table("ledarsteg_comment")
    with op.batch_alter_table("ledarsteg_time_audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_time_audit_person_id"))

    op.drop_table("ledarsteg_time_audit")
    with op.batch_alter_table("ledarsteg_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_review_person_id"))

    op.drop_table("ledarsteg_review")
    with op.batch_alter_table("ledarsteg_polarity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_polarity_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_polarity_cohort_id_person_id"))

    op.drop_table("ledarsteg_polarity")
    with op.batch_alter_table("ledarsteg_mate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_mate_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_mate_mate_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_mate_cohort_id"))

    op.drop_table("ledarsteg_mate")
    with op.batch_alter_table("ledarsteg_leader_time", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_leader_time_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledarsteg_leader_time_cohort_id_person_id_local_date"))

    op.drop_table("ledarsteg_leader_time")
    op.drop_table("ledarsteg_cohort_day")
    op.drop_table("ledarsteg_step_text")
    with op.batch_alter_table("ledarsteg_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledarsteg_step_organisation_id"))

    op.drop_table("ledarsteg_step")
    op.drop_table("ledarsteg_slot_text")
