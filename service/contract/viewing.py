"""Reading what somebody else wrote leaves a trace, and never happens without one."""

from service import audit
from service.cohorts.current import current_launch
from service.core import core
from service.unit import current


def audit_view(action: str, object_type: str, object_ref: str) -> None:
    """Notes that the person of the current launch looks at another person's data.

    While reading, in a transaction of its own; call it before the data is opened: when the trace cannot be kept, the
    page is refused. In a writing unit the event is part of it (a second writer would wait for the first).
    """
    if current().writing:
        audit.append(current_launch().actor, action, object_type=object_type, object_ref=object_ref)
        return
    audit.append_now(core().units, current_launch().actor, action, object_type=object_type, object_ref=object_ref)
