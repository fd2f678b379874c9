"""Reading what somebody else wrote leaves a trace, and never happens without one."""

import uuid

from service import audit
from service.cohorts.current import current_launch
from service.cohorts.models import Member, Person
from service.core import core
from service.unit import current


def audit_view(action: str, object_type: str, object_ref: str, subject: Person | Member | uuid.UUID | None) -> None:
    """Notes that the person of the current launch looks at another person's data.

    `subject` is whose it is, a person or her id: she reads on a page of her own who looked at what kind of thing and
    when, in the words that the manifest's `audit_words` has for `action`. Nothing is noted when it is she herself. None for
    what belongs to somebody who has been erased: the trace stays, and nobody is left to read it.

    While reading, in a transaction of its own; call it before the data is opened: when the trace cannot be kept, the
    page is refused. In a writing unit the event is part of it (a second writer would wait for the first).
    """
    here, whose = current_launch(), _person_id(subject)
    if whose == here.person.id:
        return
    if current().writing:
        audit.append(here.actor, action, object_type=object_type, object_ref=object_ref, subject_id=whose)
        return
    audit.append_now(core().units, here.actor, action, object_type=object_type, object_ref=object_ref, subject_id=whose)


def _person_id(subject: Person | Member | uuid.UUID | None) -> uuid.UUID | None:
    if isinstance(subject, Member):
        return subject.person_id
    return subject.id if isinstance(subject, Person) else subject
