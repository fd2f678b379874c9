"""What kinds, states and reasons of jobs are called on the operator's pages. An unknown one is shown as it is."""

from typing import Any

from flask_babel import lazy_gettext as _

from service.jobs.models import JobState
from service.operator.sections import NONE

KINDS: dict[str, Any] = {
    "completion.gather": _("Looking who has completed a part"),
    "completion.deliver": _("Telling a gradebook"),
    "exports.write": _("Writing an export"),
    "group_maturity.close": _("Closing a group's measurement"),
    "mail.send": _("Sending mails"),
    "notices.subscribe": _("Asking a platform for notices"),
    "retention.run": _("Deleting what has been kept long enough"),
    "roster.sync": _("Reading a roster"),
}
STATES: dict[JobState, Any] = {
    JobState.QUEUED: _("waits"),
    JobState.RUNNING: _("runs"),
    JobState.DONE: _("done"),
    JobState.DEAD: _("stopped"),
    JobState.CANCELLED: _("called off"),
}
REASONS: dict[str, Any] = {
    "lease_lost": _("Its worker was lost three times: killed, frozen, or brought down by the job itself."),
    "failed": _("It failed with an error. The log has it under the job's number."),
    "disk": _("The disk was full or could not be written."),
    "memory": _("It wanted more memory than a job may take."),
    "asked": _("Somebody called it off."),
    "discarded": _("The operator put it away."),
    "not_wanted": _("Nobody wanted it any more."),
    "role": _("The role of whoever asked had changed."),
    "plugin_off": _("The part was switched off."),
    "not_offered": _("The part was switched off."),
    "too_many_rows": _("There were more rows than Excel can hold."),
}


def kind(key: str) -> Any:
    """Returns what a kind of job is called."""
    return KINDS.get(key, key)


def reason(key: str) -> Any:
    """Returns a reason in a sentence."""
    return REASONS.get(key, key or NONE)
