"""Reading what somebody else wrote leaves a trace, and never happens without one."""

from service import audit
from service.cohorts.current import current_launch
from service.core import core


def audit_view(action: str, object_type: str, object_ref: str) -> None:
    """Notes, in a transaction of its own, that the person of the current launch looks at another person's data.

    Call it before the data is read: when the trace cannot be kept, the page is refused.
    """
    audit.append_now(core().units, current_launch().actor, action, object_type=object_type, object_ref=object_ref)
