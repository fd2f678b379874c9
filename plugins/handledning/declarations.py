"""What the plugin declares of itself: permissions, confidential texts, and how long things are kept."""

from service.contract import Permission, Retention, Role, lazy

BOTH = frozenset({Role.MANAGER, Role.COACH})

PERMISSIONS = (
    Permission("handledning.own", frozenset({Role.MANAGER})),
    Permission("handledning.coach", frozenset({Role.COACH})),
    Permission("handledning.take_part", BOTH),
    Permission("handledning.training", frozenset({Role.TRAINING})),
)

RETENTION = (
    Retention(
        lazy("What was written in coaching: sessions, goals, notes, maps"), 180, lazy("the end of the engagement")
    ),
    Retention(lazy("Agreements and contracts"), 730, lazy("the end of the engagement")),
)

# What was opened, as she whose it is reads it.
AUDIT_WORDS = {
    "handledning.view_engagement": lazy("The overview of your coaching"),
    "handledning.view_session": lazy("A coaching session"),
    "handledning.view_goal": lazy("A goal in your development plan"),
    "handledning.export_plan": lazy("Your development plan, as a file to keep"),
    "handledning.export_records": lazy("The records of your coaching sessions, as a file to keep"),
    "handledning.export_coaching": lazy("Your coaching as a data file to keep"),
}

CONFIDENTIAL = frozenset(
    {
        "handledning_activity.text",
        "handledning_agenda_item.text",
        "handledning_agreement_line.text",
        "handledning_answer.text",
        "handledning_coach_feedback.answers",
        "handledning_coach_feedback.text",
        "handledning_coach_profile.about",
        "handledning_coach_profile.way",
        "handledning_contact.note",
        "handledning_contract_item.mitigation",
        "handledning_contract_item.text",
        "handledning_decision.actual",
        "handledning_decision.expected",
        "handledning_decision.lesson",
        "handledning_decision.text",
        "handledning_discretion_item.text",
        "handledning_ego_check.jobs",
        "handledning_ego_check.text",
        "handledning_external_test.name",
        "handledning_external_test.provider",
        "handledning_external_test.summary",
        "handledning_gas_rating.note",
        "handledning_gas_scale.expected",
        "handledning_gas_scale.less",
        "handledning_gas_scale.more",
        "handledning_gas_scale.much_less",
        "handledning_gas_scale.much_more",
        "handledning_goal.baseline",
        "handledning_goal.behaviour",
        "handledning_goal.measure",
        "handledning_goal.reason",
        "handledning_goal.target",
        "handledning_goal.title",
        "handledning_goal.unit",
        "handledning_goal.value",
        "handledning_goal.what",
        "handledning_goal.where",
        "handledning_homework.criterion",
        "handledning_homework.outcome_note",
        "handledning_homework.text",
        "handledning_note.body",
        "handledning_openness.inside",
        "handledning_openness.outside",
        "handledning_operations_goal.reference",
        "handledning_operations_goal.text",
        "handledning_plan_page.purpose",
        "handledning_plan_page.resources",
        "handledning_plan_page.strengths",
        "handledning_plan_page.support",
        "handledning_programme_feedback.answers",
        "handledning_programme_feedback.text",
        "handledning_readiness_check.answers",
        "handledning_relation.intention",
        "handledning_relation.outcome",
        "handledning_relation.role",
        "handledning_role_content.text",
        "handledning_session_text.cancel_note",
        "handledning_session_text.quick_win",
        "handledning_session_text.topic",
        "handledning_situation.solutions",
        "handledning_situation.text",
        "handledning_suggestion.text",
        "handledning_term_outcomes.operations",
        "handledning_term_outcomes.own",
        "handledning_term_outcomes.role",
        "handledning_term_outcomes.self_run",
        "handledning_trust_pulse.value",
        "handledning_value_check.answers",
        "handledning_value_check.text",
        "handledning_value_reading.text",
    }
)
