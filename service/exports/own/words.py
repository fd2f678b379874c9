"""What people call the columns that are in a copy; one without words stands there by its own name."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

_question = _("Question")
COLUMNS: Mapping[str, Any] = {
    "action": _("What is or was done"), "answer": _("Answer"), "answered_at": _("Answered"), "asked_at": _("Asked"),
    "at": _("When"), "body": _("Text"), "changed_at": _("Changed"), "choice": _("Choice"), "closed_at": _("Closed"),
    "cohort_id": _("Course, by number"), "contribution": _("Contribution"), "course": _("Course"), "created_at": _("Made"),
    "address": _("Address"), "chosen_at": _("Chosen"), "given_at": _("Given"), "sent_at": _("Sent"), "placed_at": _("Placed"),
    "decided_at": _("Decided"), "decided_on": _("Decided"), "decision": _("Decision"), "due_on": _("Due"),
    "ended_at": _("Ended"), "expires_at": _("Valid until"), "first_seen_at": _("First seen"), "format": _("Format"),
    "granted_at": _("Given"), "ground": _("Reason"), "habit_id": _("Habit, by number"), "id": _("Number"),
    "kind": _("Kind"), "last_seen_at": _("Last seen"), "local_date": _("Day"), "locale": _("Language"),
    "minutes": _("Minutes"), "monday": _("Week from"), "name": _("Name"), "note": _("Your line"), "noted_at": _("Noted"),
    "object_type": _("Kind of thing"), "object_ref": _("Its number"), "outcome": _("How it ended"),
    "own_zone": _("Time zone, your choice"), "planned_start": _("Planned"), "plugin": _("Part of Stegvis"),
    "purpose": _("Purpose"), "reason": _("Reason"), "revoked_at": _("Ended"), "role": _("Role"),
    "shared": _("Shared"), "shared_at": _("Shared"), "starts_on": _("Since"), "state": _("State"), "status": _("State"),
    "sub": _("Your number in the learning platform"), "submitted_at": _("Given in"), "target": _("Target"),
    "text": _("Text"), "title": _("Title"), "value": _("Value"), "what": _("What"), "who": _("Who"), "why": _("Why"),
    "written_at": _("Written"), "zone": _("Time zone"),
    "accepted_at": _("Accepted"), "active": _("Takes part"), "activated_at": _("In force from"), "actual": _("What happened"),
    "adopted_at": _("Taken over"), "answers": _("Answers"), "ask_again_on": _("Ask again"),
    "baseline": _("At the beginning"), "baseline_at": _("Beginning noted"), "behaviour": _("What others will see"),
    "being": _("Being, 0 to 100"), "being_text": _("Being, in words"), "cancel_note": _("Why it was cancelled"),
    "cancel_reason": _("Why it was cancelled"), "cancelled_at": _("Cancelled"), "category": _("Time for"),
    "challenge": _("Challenge, 1 to 5"), "challengeable": _("Can be questioned"), "channel": _("Way"),
    "closed_on": _("Closed"), "closes_on": _("Closes"), "coach_accepted_at": _("The coach accepted"),
    "coach_left_at": _("The coach left"), "comfort": _("How comfortable, 1 to 5"),
    "coping": _("If it does not happen"), "criterion": _("How it will be noticed"), "cue": _("If"), "day": _("Day"),
    "difficulty": _("Difficulty"), "direction": _("Direction"), "doing": _("Doing, 0 to 100"),
    "doing_text": _("Doing, in words"), "done": _("Done"), "done_at": _("Done"), "driver": _("Who drives it"),
    "effects": _("Effects"), "end_reason": _("Why it ended"), "expected": _("What was expected"), "final": _("Final"),
    "finished_at": _("Finished"), "first_day": _("First day"), "focus": _("About"), "forgotten_at": _("Forgotten"),
    "from_date": _("From"), "group": _("Name of the group"), "habit_wanted": _("To become a habit"),
    "impact": _("Impact"), "importance": _("Importance"), "inside": _("What may be talked about"),
    "instrument": _("Instrument"), "intention": _("Intention"), "kept_minutes": _("Minutes kept"), "key": _("Part"),
    "last_day": _("Last day"), "left": _("One side"), "less": _("Less than expected"), "lesson": _("What was learnt"),
    "level": _("Level"), "made_at": _("Made"), "manager_accepted_at": _("The manager accepted"),
    "measure": _("Measured by"), "minutes_per_week": _("Minutes a week"), "missed": _("Not done, days"),
    "mitigation": _("What is done about it"), "mode": _("How"), "moment": _("Moment"),
    "more": _("More than expected"), "much_less": _("Much less than expected"),
    "much_more": _("Much more than expected"), "next_week": _("Next week"), "number": _("In order"),
    "opened_at": _("Opened"), "opens_on": _("Opens on"), "outcome_note": _("How it went"),
    "outside": _("What stays outside"), "partly": _("Partly"), "paused_at": _("Paused"), "per": _("Per"),
    "period_from": _("From"), "period_to": _("To"), "phase": _("Phase"), "planned_minutes": _("Minutes planned"),
    "prepared_at": _("Prepared"), "probability": _("Probability"), "process_minutes": _("Minutes on process"),
    "progress": _("How far"), "provider": _("By whom"), "quality": _("Quality, 1 to 5"), "quick_win": _("Quick win"),
    "rated_at": _("Said"), "rating": _("Rating"), "read_at": _("When it was read"), "reference": _("Reference"),
    "repetitions": _("Times"), "result_minutes": _("Minutes on result"), "retired_on": _("Put away"),
    "review_on": _("Look again"), "right": _("The other side"), "scope": _("Kind of goal"), "season": _("Season"),
    "seen_at": _("Seen"), "settled_at": _("Settled"),
    "shared_mate": _("Shared with a step mate"), "shares_discretion": _("Shares the freedom to act"),
    "shares_relations": _("Shares the relations"), "shares_role": _("Shares the role"),
    "shares_situation": _("Shares the situation"), "side": _("Side"), "sides": _("Sides"), "size": _("Size"),
    "skipped": _("Skipped, days"), "slow": _("Slow"), "solutions": _("Ways out"), "source": _("From where"),
    "started_at": _("Began"), "starts_at": _("Began"), "strength": _("Habit strength"), "summary": _("Summary"),
    "taken_on": _("Taken"), "technique": _("Technique"), "theme": _("Theme"), "told": _("What the employer is told"),
    "topic": _("What it was about"), "type": _("Kind"), "unit": _("Unit"), "until": _("Until"),
    "value_type": _("Kind of value"), "wave": _("Wave"), "weekdays": _("Days of the week"), "weight": _("Weight"),
    "what_the_group_wrote": _("What the group wrote"), "where": _("Where"), "whose": _("Whose"),
    "wording": _("Wording"), "zone_now": _("Freedom now"), "zone_wanted": _("Freedom wanted"),
}  # fmt: skip


def column(name: str) -> str:
    """Returns what people call a column."""
    if name in LANGUAGES:
        return str(_question)
    return str(COLUMNS[name]) if name in COLUMNS else name.replace("_", " ")


# What joins rows, counts changes or checks a file: for machines, who have it in data.json.
FOR_MACHINES = frozenset({
    "id", "builtin", "copied_from", "downloads_left", "from_roster", "in_frame", "instrument_sha256", "is_test", "object_ref",
    "object_type", "position", "question_key", "rows_done", "rows_total", "seq", "sequence", "sha256", "source_ref", "version",
})  # fmt: skip
# A question that is kept in all languages is told in the one of the copy.
LANGUAGES = ("sv", "en", "lv")


def is_for_people(name: str, locale: str) -> bool:
    """Whether a column says something to the person whose copy it is; all of them are in data.json."""
    if name in LANGUAGES:
        return name == locale
    return name not in FOR_MACHINES and not name.endswith("_id")
