"""Coaching from readiness to a closed term: everything of it, and what there was carried over.

Revision ID: 0007
Revises: 0006
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handledning_coach_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "ethics", sa.Enum("icf", "emcc", "other", name="ethics", native_enum=False, length=32), nullable=True
        ),
        sa.Column("ethics_name", sa.Text(), server_default="", nullable=False),
        sa.Column("ethics_version", sa.Text(), server_default="", nullable=False),
        sa.Column("ethics_on", sa.Date(), nullable=True),
        sa.Column("about_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("way_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_handledning_coach_profile_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_coach_profile")),
        sa.UniqueConstraint("person_id", name=op.f("uq_handledning_coach_profile_person_id")),
    )
    op.create_table(
        "handledning_coach_listing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_handledning_coach_listing_coach_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_handledning_coach_listing_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_coach_listing")),
        sa.UniqueConstraint("cohort_id", "coach_id", name=op.f("uq_handledning_coach_listing_cohort_id_coach_id")),
    )
    op.create_table(
        "handledning_coach_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["coach_id"], ["person.id"], name=op.f("fk_handledning_coach_proposal_coach_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_handledning_coach_proposal_cohort_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_coach_proposal_manager_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_handledning_coach_proposal_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_coach_proposal")),
        sa.UniqueConstraint("cohort_id", "manager_id", name=op.f("uq_handledning_coach_proposal_cohort_id_manager_id")),
    )
    with op.batch_alter_table("handledning_coach_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_coach_proposal_coach_id"), ["coach_id"], unique=False)

    op.create_table(
        "handledning_evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_handledning_evaluation_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_evaluation")),
        sa.UniqueConstraint("cohort_id", "version", name=op.f("uq_handledning_evaluation_cohort_id_version")),
    )
    op.create_table(
        "handledning_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("sv", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("lv", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_handledning_question_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_question")),
        sa.UniqueConstraint("cohort_id", "key", name=op.f("uq_handledning_question_cohort_id_key")),
    )
    op.create_table(
        "handledning_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manager_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("coach_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_agreement_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_agreement")),
        sa.UniqueConstraint("engagement_id", "version", name=op.f("uq_handledning_agreement_engagement_id_version")),
    )
    op.create_table(
        "handledning_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("phone", "video", "message", name="channel", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_handledning_contact_author_id")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_contact_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_contact_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_contact")),
    )
    with op.batch_alter_table("handledning_contact", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handledning_contact_engagement_id_day"), ["engagement_id", "day"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_contact_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("told", sa.Text(), server_default="sessions", nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manager_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("coach_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_contract_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_contract")),
        sa.UniqueConstraint("engagement_id", "number", name=op.f("uq_handledning_contract_engagement_id_number")),
    )
    op.create_table(
        "handledning_discretion_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "zone_now",
            sa.Enum("own", "consult", "propose", "given", name="zone", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "zone_wanted",
            sa.Enum("own", "consult", "propose", "given", name="zone", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum("delegation", "law", "boss", "assumption", name="source", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_discretion_item_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_discretion_item_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_discretion_item")),
    )
    with op.batch_alter_table("handledning_discretion_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handledning_discretion_item_engagement_id"), ["engagement_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_discretion_item_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_ego_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jobs_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_ego_check_engagement_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_handledning_ego_check_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_ego_check")),
    )
    with op.batch_alter_table("handledning_ego_check", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handledning_ego_check_engagement_id_person_id"), ["engagement_id", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_ego_check_person_id"), ["person_id"], unique=False)

    op.create_table(
        "handledning_external_test",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("provider_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_external_test_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_external_test_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_external_test")),
    )
    with op.batch_alter_table("handledning_external_test", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_external_test_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_external_test_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_openness",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("challenge", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inside_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outside_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_openness_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_openness_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_openness")),
        sa.UniqueConstraint("engagement_id", "version", name=op.f("uq_handledning_openness_engagement_id_version")),
    )
    with op.batch_alter_table("handledning_openness", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_openness_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_operations_goal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_operations_goal_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_operations_goal_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_operations_goal")),
    )
    with op.batch_alter_table("handledning_operations_goal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handledning_operations_goal_engagement_id"), ["engagement_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_operations_goal_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_plan_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("purpose_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("strengths_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("resources_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("support_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_plan_page_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_plan_page_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_plan_page")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_handledning_plan_page_engagement_id")),
    )
    with op.batch_alter_table("handledning_plan_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_plan_page_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_programme_feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evaluation", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"],
            ["handledning_engagement.id"],
            name=op.f("fk_handledning_programme_feedback_engagement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["person.id"], name=op.f("fk_handledning_programme_feedback_manager_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_programme_feedback")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_handledning_programme_feedback_engagement_id")),
    )
    with op.batch_alter_table("handledning_programme_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_programme_feedback_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_readiness_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("ready", "talk_first", "not_now", name="readiness", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("ask_again_on", sa.Date(), nullable=True),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_readiness_check_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_readiness_check_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_readiness_check")),
    )
    with op.batch_alter_table("handledning_readiness_check", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handledning_readiness_check_engagement_id_answered_at"),
            ["engagement_id", "answered_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_handledning_readiness_check_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_relation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=True),
        sa.Column("role_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("intention_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_relation_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_relation_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_relation")),
    )
    with op.batch_alter_table("handledning_relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_relation_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_relation_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_role_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_role_content_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_role_content_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_role_content")),
    )
    with op.batch_alter_table("handledning_role_content", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_role_content_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_role_content_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_situation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shares_situation", sa.Boolean(), nullable=False),
        sa.Column("shares_role", sa.Boolean(), nullable=False),
        sa.Column("shares_relations", sa.Boolean(), nullable=False),
        sa.Column("shares_discretion", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("solutions_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_situation_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_situation_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_situation")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_handledning_situation_engagement_id")),
    )
    with op.batch_alter_table("handledning_situation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_situation_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_term_outcomes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("own_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("role_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("operations_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("self_run_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_term_outcomes_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_term_outcomes_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_term_outcomes")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_handledning_term_outcomes_engagement_id")),
    )
    with op.batch_alter_table("handledning_term_outcomes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_term_outcomes_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_value_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "moment", sa.Enum("start", "halfway", "end", name="moment", native_enum=False, length=32), nullable=False
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_value_check_engagement_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_handledning_value_check_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_value_check")),
        sa.UniqueConstraint("engagement_id", "moment", name=op.f("uq_handledning_value_check_engagement_id_moment")),
    )
    with op.batch_alter_table("handledning_value_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_value_check_person_id"), ["person_id"], unique=False)

    op.create_table(
        "handledning_agenda_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "driver", sa.Enum("manager", "coach", "both", name="driver", native_enum=False, length=32), nullable=False
        ),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_handledning_agenda_item_author_id")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_agenda_item_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_agenda_item_manager_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_agenda_item_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_agenda_item")),
    )
    with op.batch_alter_table("handledning_agenda_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_agenda_item_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_agenda_item_manager_id"), ["manager_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_agenda_item_session_id"), ["session_id"], unique=False)

    op.create_table(
        "handledning_agreement_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column(
            "whose", sa.Enum("client", "coach", "both", name="whose", native_enum=False, length=32), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["handledning_agreement.id"], name=op.f("fk_handledning_agreement_line_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_agreement_line_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_agreement_line_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_agreement_line")),
    )
    with op.batch_alter_table("handledning_agreement_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_agreement_line_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_handledning_agreement_line_engagement_id"), ["engagement_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_agreement_line_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("question_key", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_answer_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_answer_manager_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_answer_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_answer")),
        sa.UniqueConstraint("session_id", "question_key", name=op.f("uq_handledning_answer_session_id_question_key")),
    )
    with op.batch_alter_table("handledning_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_answer_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_answer_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_coach_feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_coach_feedback_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_coach_feedback_manager_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_coach_feedback_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_coach_feedback")),
        sa.UniqueConstraint("session_id", name=op.f("uq_handledning_coach_feedback_session_id")),
    )
    with op.batch_alter_table("handledning_coach_feedback", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handledning_coach_feedback_engagement_id"), ["engagement_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_coach_feedback_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_contract_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("result", "responsibility", "risk", "intermediate", name="itemkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "whose", sa.Enum("client", "coach", "both", name="whose", native_enum=False, length=32), nullable=True
        ),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("impact", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column(
            "progress", sa.Enum("not", "partly", "done", name="progress", native_enum=False, length=32), nullable=True
        ),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mitigation_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["handledning_contract.id"], name=op.f("fk_handledning_contract_item_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_contract_item_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_contract_item_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_contract_item")),
    )
    with op.batch_alter_table("handledning_contract_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_contract_item_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_contract_item_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_contract_item_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_goal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum("professional", "personal", "life", name="scope", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "theme",
            sa.Enum("emotions", "motivation", "self_management", "people", name="theme", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column(
            "value_type",
            sa.Enum("result", "performance", "relation", "other", name="valuetype", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column(
            "status",
            sa.Enum("open", "reached", "resting", "dropped", name="goalstatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("importance", sa.Integer(), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("discretion_id", sa.Uuid(), nullable=True),
        sa.Column("role_content_id", sa.Uuid(), nullable=True),
        sa.Column("operations_goal_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("behaviour_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("where_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("measure_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("unit_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("baseline_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("target_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["discretion_id"], ["handledning_discretion_item.id"], name=op.f("fk_handledning_goal_discretion_id")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_goal_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_goal_manager_id")),
        sa.ForeignKeyConstraint(
            ["operations_goal_id"],
            ["handledning_operations_goal.id"],
            name=op.f("fk_handledning_goal_operations_goal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["role_content_id"], ["handledning_role_content.id"], name=op.f("fk_handledning_goal_role_content_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_goal")),
    )
    with op.batch_alter_table("handledning_goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_goal_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_goal_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("shared", "coach_private", "manager_private", name="notekind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "type",
            sa.Enum("plain", "feedback", "referral", name="notetype", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("copied_from", sa.Uuid(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_handledning_note_author_id")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_note_engagement_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_handledning_note_owner_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_note_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_note")),
    )
    with op.batch_alter_table("handledning_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_note_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_note_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_note_session_id"), ["session_id"], unique=False)

    op.create_table(
        "handledning_session_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("side", sa.Enum("process", "result", name="side", native_enum=False, length=32), nullable=False),
        sa.Column("technique", sa.String(length=40), server_default="", nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_session_part_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_session_part_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_session_part")),
        sa.UniqueConstraint("session_id", "position", name=op.f("uq_handledning_session_part_session_id_position")),
    )
    with op.batch_alter_table("handledning_session_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_session_part_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "handledning_session_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("topic_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("quick_win_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_session_text_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_session_text_manager_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_session_text_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_session_text")),
        sa.UniqueConstraint("session_id", name=op.f("uq_handledning_session_text_session_id")),
    )
    with op.batch_alter_table("handledning_session_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_session_text_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_session_text_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_suggestion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "decision",
                "homework",
                "outcome",
                "goal",
                "goal_status",
                "phase",
                "intermediate",
                name="suggestionkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_handledning_suggestion_author_id")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_suggestion_engagement_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_suggestion_manager_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_suggestion_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_suggestion")),
    )
    with op.batch_alter_table("handledning_suggestion", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handledning_suggestion_engagement_id_kind"), ["engagement_id", "kind"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_suggestion_manager_id"), ["manager_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_suggestion_session_id"), ["session_id"], unique=False)

    op.create_table(
        "handledning_trust_pulse",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_trust_pulse_engagement_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_handledning_trust_pulse_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_trust_pulse_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_trust_pulse")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_handledning_trust_pulse_session_id_person_id")),
    )
    with op.batch_alter_table("handledning_trust_pulse", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_trust_pulse_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_trust_pulse_person_id"), ["person_id"], unique=False)

    op.create_table(
        "handledning_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "done", "dropped", name="activitystate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_activity_engagement_id")
        ),
        sa.ForeignKeyConstraint(["goal_id"], ["handledning_goal.id"], name=op.f("fk_handledning_activity_goal_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_activity_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_activity")),
    )
    with op.batch_alter_table("handledning_activity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_activity_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_activity_goal_id"), ["goal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_activity_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_gas_scale",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("baseline", sa.Integer(), nullable=True),
        sa.Column("baseline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("much_less_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("less_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expected_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("more_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("much_more_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_gas_scale_engagement_id")
        ),
        sa.ForeignKeyConstraint(["goal_id"], ["handledning_goal.id"], name=op.f("fk_handledning_gas_scale_goal_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_gas_scale_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_gas_scale")),
        sa.UniqueConstraint("goal_id", "version", name=op.f("uq_handledning_gas_scale_goal_id_version")),
    )
    with op.batch_alter_table("handledning_gas_scale", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_gas_scale_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_gas_scale_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_value_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column(
            "moment", sa.Enum("start", "halfway", "end", name="moment", native_enum=False, length=32), nullable=False
        ),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_value_reading_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["handledning_goal.id"], name=op.f("fk_handledning_value_reading_goal_id")
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_value_reading_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_value_reading")),
        sa.UniqueConstraint("goal_id", "moment", name=op.f("uq_handledning_value_reading_goal_id_moment")),
    )
    with op.batch_alter_table("handledning_value_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_value_reading_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_value_reading_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "handledning_gas_rating",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("scale_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["handledning_engagement.id"], name=op.f("fk_handledning_gas_rating_engagement_id")
        ),
        sa.ForeignKeyConstraint(["goal_id"], ["handledning_goal.id"], name=op.f("fk_handledning_gas_rating_goal_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_handledning_gas_rating_manager_id")),
        sa.ForeignKeyConstraint(
            ["scale_id"], ["handledning_gas_scale.id"], name=op.f("fk_handledning_gas_rating_scale_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["handledning_coaching_session.id"], name=op.f("fk_handledning_gas_rating_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handledning_gas_rating")),
    )
    with op.batch_alter_table("handledning_gas_rating", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handledning_gas_rating_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_handledning_gas_rating_goal_id_rated_at"), ["goal_id", "rated_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handledning_gas_rating_manager_id"), ["manager_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_gas_rating_scale_id"), ["scale_id"], unique=False)

    with op.batch_alter_table("handledning_coaching_session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "mode", sa.Enum("in_person", "video", "phone", name="mode", native_enum=False, length=32), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "focus",
                sa.Enum("role", "operations", "both", name="focus", native_enum=False, length=32),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("handledning_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shared", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("actual_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("lesson_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("engagement_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("session_id", existing_type=sa.Uuid(), nullable=True)

    _carry_decision()
    with op.batch_alter_table("handledning_decision", schema=None) as batch_op:
        batch_op.alter_column("shared", existing_type=sa.Boolean(), server_default=None)
        batch_op.alter_column("engagement_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.create_index(batch_op.f("ix_handledning_decision_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_decision_manager_id"), ["manager_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_handledning_decision_engagement_id"), "handledning_engagement", ["engagement_id"], ["id"]
        )

    with op.batch_alter_table("handledning_engagement", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "phase",
                sa.Enum("trust", "challenge", "beyond_business", "closing", name="phase", native_enum=False, length=32),
                server_default="trust",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "end_reason",
                sa.Enum(
                    "changed",
                    "declined",
                    "coach_left",
                    "finished",
                    "erased",
                    name="endreason",
                    native_enum=False,
                    length=32,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_index("uq_handledning_engagement_active")

    _carry_engagements()
    with op.batch_alter_table("handledning_engagement", schema=None) as batch_op:
        batch_op.create_index(
            "uq_handledning_engagement_open",
            ["cohort_id", "manager_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )

    with op.batch_alter_table("handledning_homework", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum("task", "experiment", "practice", name="homeworkkind", native_enum=False, length=32),
                server_default="task",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("repetitions", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("engagement_id", sa.Uuid(), nullable=True))

    _carry_homework()
    with op.batch_alter_table("handledning_homework", schema=None) as batch_op:
        batch_op.alter_column("engagement_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.create_index(batch_op.f("ix_handledning_homework_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handledning_homework_manager_id"), ["manager_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_handledning_homework_engagement_id"), "handledning_engagement", ["engagement_id"], ["id"]
        )


def downgrade() -> None:
    _carry_back()
    with op.batch_alter_table("handledning_homework", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_handledning_homework_engagement_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_handledning_homework_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_homework_engagement_id"))
        batch_op.drop_column("engagement_id")
        batch_op.drop_column("adopted_at")
        batch_op.drop_column("repetitions")
        batch_op.drop_column("kind")

    with op.batch_alter_table("handledning_engagement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_handledning_engagement_open",
            sqlite_where=sa.text("status <> 'closed'"),
            postgresql_where=sa.text("status <> 'closed'"),
        )
        batch_op.create_index(
            "uq_handledning_engagement_active",
            ["cohort_id", "manager_id"],
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )
        batch_op.drop_column("version")
        batch_op.drop_column("end_reason")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("activated_at")
        batch_op.drop_column("accepted_at")
        batch_op.drop_column("phase")

    with op.batch_alter_table("handledning_decision", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_handledning_decision_engagement_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_handledning_decision_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_decision_engagement_id"))
        batch_op.alter_column("session_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("engagement_id")
        batch_op.drop_column("lesson_sealed")
        batch_op.drop_column("actual_sealed")
        batch_op.drop_column("version")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("shared")

    with op.batch_alter_table("handledning_coaching_session", schema=None) as batch_op:
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("prepared_at")
        batch_op.drop_column("sequence")
        batch_op.drop_column("focus")
        batch_op.drop_column("mode")

    with op.batch_alter_table("handledning_gas_rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_gas_rating_scale_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_gas_rating_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_gas_rating_goal_id_rated_at"))
        batch_op.drop_index(batch_op.f("ix_handledning_gas_rating_engagement_id"))

    op.drop_table("handledning_gas_rating")
    with op.batch_alter_table("handledning_value_reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_value_reading_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_value_reading_engagement_id"))

    op.drop_table("handledning_value_reading")
    with op.batch_alter_table("handledning_gas_scale", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_gas_scale_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_gas_scale_engagement_id"))

    op.drop_table("handledning_gas_scale")
    with op.batch_alter_table("handledning_activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_activity_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_activity_goal_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_activity_engagement_id"))

    op.drop_table("handledning_activity")
    with op.batch_alter_table("handledning_trust_pulse", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_trust_pulse_person_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_trust_pulse_engagement_id"))

    op.drop_table("handledning_trust_pulse")
    with op.batch_alter_table("handledning_suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_suggestion_session_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_suggestion_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_suggestion_engagement_id_kind"))

    op.drop_table("handledning_suggestion")
    with op.batch_alter_table("handledning_session_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_session_text_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_session_text_engagement_id"))

    op.drop_table("handledning_session_text")
    with op.batch_alter_table("handledning_session_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_session_part_engagement_id"))

    op.drop_table("handledning_session_part")
    with op.batch_alter_table("handledning_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_note_session_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_note_owner_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_note_engagement_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_note_author_id"))

    op.drop_table("handledning_note")
    with op.batch_alter_table("handledning_goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_goal_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_goal_engagement_id"))

    op.drop_table("handledning_goal")
    with op.batch_alter_table("handledning_contract_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_contract_item_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_contract_item_engagement_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_contract_item_contract_id"))

    op.drop_table("handledning_contract_item")
    with op.batch_alter_table("handledning_coach_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_coach_feedback_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_coach_feedback_engagement_id"))

    op.drop_table("handledning_coach_feedback")
    with op.batch_alter_table("handledning_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_answer_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_answer_engagement_id"))

    op.drop_table("handledning_answer")
    with op.batch_alter_table("handledning_agreement_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_agreement_line_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_agreement_line_engagement_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_agreement_line_agreement_id"))

    op.drop_table("handledning_agreement_line")
    with op.batch_alter_table("handledning_agenda_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_agenda_item_session_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_agenda_item_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_agenda_item_engagement_id"))

    op.drop_table("handledning_agenda_item")
    with op.batch_alter_table("handledning_value_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_value_check_person_id"))

    op.drop_table("handledning_value_check")
    with op.batch_alter_table("handledning_term_outcomes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_term_outcomes_manager_id"))

    op.drop_table("handledning_term_outcomes")
    with op.batch_alter_table("handledning_situation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_situation_manager_id"))

    op.drop_table("handledning_situation")
    with op.batch_alter_table("handledning_role_content", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_role_content_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_role_content_engagement_id"))

    op.drop_table("handledning_role_content")
    with op.batch_alter_table("handledning_relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_relation_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_relation_engagement_id"))

    op.drop_table("handledning_relation")
    with op.batch_alter_table("handledning_readiness_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_readiness_check_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_readiness_check_engagement_id_answered_at"))

    op.drop_table("handledning_readiness_check")
    with op.batch_alter_table("handledning_programme_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_programme_feedback_manager_id"))

    op.drop_table("handledning_programme_feedback")
    with op.batch_alter_table("handledning_plan_page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_plan_page_manager_id"))

    op.drop_table("handledning_plan_page")
    with op.batch_alter_table("handledning_operations_goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_operations_goal_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_operations_goal_engagement_id"))

    op.drop_table("handledning_operations_goal")
    with op.batch_alter_table("handledning_openness", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_openness_manager_id"))

    op.drop_table("handledning_openness")
    with op.batch_alter_table("handledning_external_test", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_external_test_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_external_test_engagement_id"))

    op.drop_table("handledning_external_test")
    with op.batch_alter_table("handledning_ego_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_ego_check_person_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_ego_check_engagement_id_person_id"))

    op.drop_table("handledning_ego_check")
    with op.batch_alter_table("handledning_discretion_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_discretion_item_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_discretion_item_engagement_id"))

    op.drop_table("handledning_discretion_item")
    op.drop_table("handledning_contract")
    with op.batch_alter_table("handledning_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_contact_manager_id"))
        batch_op.drop_index(batch_op.f("ix_handledning_contact_engagement_id_day"))

    op.drop_table("handledning_contact")
    op.drop_table("handledning_agreement")
    op.drop_table("handledning_question")
    op.drop_table("handledning_evaluation")
    with op.batch_alter_table("handledning_coach_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handledning_coach_proposal_coach_id"))

    op.drop_table("handledning_coach_proposal")
    op.drop_table("handledning_coach_listing")
    op.drop_table("handledning_coach_profile")


ENGAGEMENT = sa.table(
    "handledning_engagement",
    sa.column("id", sa.Uuid()),
    sa.column("cohort_id", sa.Uuid()),
    sa.column("manager_id", sa.Uuid()),
    sa.column("coach_id", sa.Uuid()),
    sa.column("status", sa.String()),
    sa.column("started_at", sa.DateTime(timezone=True)),
    sa.column("accepted_at", sa.DateTime(timezone=True)),
    sa.column("ended_at", sa.DateTime(timezone=True)),
    sa.column("end_reason", sa.String()),
)
AGREEMENT = sa.table(
    "handledning_agreement",
    sa.column("id", sa.Uuid()),
    sa.column("engagement_id", sa.Uuid()),
    sa.column("version", sa.Integer()),
    sa.column("wording", sa.Integer()),
    sa.column("written_at", sa.DateTime(timezone=True)),
)
CONTRACT = sa.table(
    "handledning_contract",
    sa.column("id", sa.Uuid()),
    sa.column("engagement_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("written_at", sa.DateTime(timezone=True)),
)


def _carry_engagements():
    """Active ones go on as they were, without papers to accept; every engagement gets its first, empty papers."""
    connection, e = op.get_bind(), ENGAGEMENT.c
    ended = sa.or_(e.manager_id.is_(None), e.coach_id.is_(None))
    connection.execute(
        sa.update(ENGAGEMENT).where(e.status == "closed").values(end_reason=sa.case((ended, "erased"), else_="changed"))
    )
    connection.execute(sa.update(ENGAGEMENT).where(e.status == "active").values(accepted_at=e.started_at))
    going_on = {
        (row.cohort_id, row.manager_id)
        for row in connection.execute(sa.select(e.cohort_id, e.manager_id).where(e.status == "active"))
    }
    proposed = sa.select(e.id, e.cohort_id, e.manager_id, e.started_at).where(e.status == "proposed")
    for row in connection.execute(proposed.order_by(e.started_at.desc(), e.id)).all():
        values = {"status": "draft"}
        if (row.cohort_id, row.manager_id) in going_on:  # one goes on at a time
            values = {"status": "closed", "ended_at": row.started_at, "end_reason": "changed"}
        going_on.add((row.cohort_id, row.manager_id))
        connection.execute(sa.update(ENGAGEMENT).where(e.id == row.id).values(values))
    for row in connection.execute(sa.select(e.id, e.started_at)).all():
        paper = {"engagement_id": row.id, "written_at": row.started_at}
        connection.execute(sa.insert(AGREEMENT).values(id=uuid.uuid4(), version=1, wording=1, **paper))
        connection.execute(sa.insert(CONTRACT).values(id=uuid.uuid4(), number=1, **paper))


def _carry_decision():
    """A decision knows its engagement, and when it was made."""
    op.execute(
        "UPDATE handledning_decision SET engagement_id = (SELECT s.engagement_id FROM handledning_coaching_session s "
        "WHERE s.id = handledning_decision.session_id), decided_at = (SELECT COALESCE(s.closed_at, s.planned_start) "
        "FROM handledning_coaching_session s WHERE s.id = handledning_decision.session_id)"
    )


def _carry_homework():
    """Homework knows its engagement."""
    op.execute(
        "UPDATE handledning_homework SET engagement_id = (SELECT s.engagement_id FROM handledning_coaching_session s "
        "WHERE s.id = handledning_homework.session_id)"
    )


def _carry_back():
    """What the earlier program has no word for becomes what is nearest to it."""
    op.execute("DELETE FROM handledning_decision WHERE session_id IS NULL")
    op.execute("UPDATE handledning_coaching_session SET state = 'planned' WHERE state IN ('prepared', 'cancelled')")
    op.execute("UPDATE handledning_engagement SET status = 'proposed' WHERE status IN ('draft', 'ready')")
    op.execute("UPDATE handledning_engagement SET status = 'active' WHERE status = 'paused'")
