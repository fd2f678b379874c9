"""Reading what somebody else wrote leaves a trace, and never happens without one."""

import uuid
from collections.abc import Sequence
from typing import Any

from service import audit
from service.audit_many import append_all
from service.cohorts.current import current_launch
from service.cohorts.models import Member, Person
from service.core import core
from service.crypto import CannotOpen
from service.errors import Code
from service.unit import current


def audit_view(
    action: str,
    object_type: str,
    object_ref: str,
    subject: Person | Member | uuid.UUID | None,
    *,
    actor: audit.Actor | None = None,
) -> None:
    """Notes that the person of the current launch looks at another person's data.

    `subject` is whose it is, a person or her id: she reads on a page of her own who looked at what kind of thing and
    when, in the words that the manifest's `audit_words` has for `action`. The same look is noted once in ten minutes.
    Nothing is noted when it is she herself. None for what belongs to somebody who has been erased: the trace stays, and
    nobody is left to read it.

    While reading, in a transaction of its own; call it before the data is opened: when the trace cannot be kept, the
    page is refused. In a writing unit the event is part of it (a second writer would wait for the first). `actor` is who
    looks where there is no launch: a worker writes a file for her.
    """
    who, whose = actor or current_launch().actor, _person_id(subject)
    if whose == who.person_id:
        return
    what: dict[str, Any] = {"object_type": object_type, "object_ref": object_ref, "subject_id": whose}
    # A page that is drawn again, by a filter or a click back, is the same visit; each file is a look of its own.
    what["once"] = actor is None
    if current().writing:
        audit.append(who, action, **what)
    else:
        audit.append_now(core().units, who, action, **what)


def audit_views(
    action: str, object_type: str, seen: Sequence[tuple[str, uuid.UUID | None]], actor: audit.Actor
) -> None:
    """Notes that a worker, which only reads, opens for `actor` what belongs to several persons: as many statements as for one.

    `seen` has the id of each thing and whose it is; what is her own is not noted. As `audit_view` otherwise: call it
    before any of it is opened.
    """
    events = [
        {"action": action, "object_type": object_type, "object_ref": ref, "subject_id": whose}
        for ref, whose in seen
        if whose != actor.person_id
    ]
    if events:
        with core().units.writing():
            append_all(actor, events)


def opened(row: Any, name: str, *, actor: audit.Actor | None = None) -> str | None:
    """Returns a confidential text of a row, or None where it does not open, for pages that show several rows.

    That one does not open is audited as on the page of a single text, which is refused whole. Call it in a launch, or with
    the `actor` for whom a worker writes.
    """
    try:
        text: str = getattr(row, name)
    except CannotOpen as error:
        core().metrics.refused(Code.SEALED.value, "cannot_open")
        what: dict[str, Any] = {
            "outcome": audit.Outcome.ERROR, "reason": "cannot_open",
            "object_type": error.place[:40], "object_ref": str(error.row or ""),
        }  # fmt: skip
        who = actor or current_launch().actor
        if current().writing:
            audit.append(who, "crypto.open", **what)
        else:
            audit.append_now(core().units, who, "crypto.open", **what)
        return None
    return text


def _person_id(subject: Person | Member | uuid.UUID | None) -> uuid.UUID | None:
    if isinstance(subject, Member):
        return subject.person_id
    return subject.id if isinstance(subject, Person) else subject
