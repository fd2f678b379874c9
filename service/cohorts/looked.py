"""Who looked at my things: each person reads the trail of views of what is hers. Who, as what, what kind, when.

Never content, and never anybody else's: the person is the one of the launch, and nothing in the address names another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import request
from flask_babel import lazy_gettext as _

from service.access import Role, requires
from service.audit import COURSE_WIDE, AuditEvent, Outcome
from service.clock import local_date
from service.cohorts.current import stay
from service.cohorts.models import Cohort, Member, Person
from service.cohorts.words import ROLES
from service.core import core
from service.formats import clock_time, day
from service.host import Host
from service.unit import current, now
from service.web import page

ON_A_PAGE = 50
# What the core's own views are called; a plugin's are in its manifest.
WORDS: Mapping[str, Any] = {
    "privacy.view": _("Which kinds of data are kept about you"),
    "cohort.view": _("The list of the course's managers, in which you are one"),
    "export.request": _("A file about the course's managers, in which you are one"),
    "review.view": _("What your coach may see of you, opened from the gradebook"),
}
# A view whose plugin is not here any more, or gave no words for it.
SOMETHING = _("Something of yours")


@dataclass(frozen=True)
class Look:
    """One look at something of hers. `who` is None for somebody who has been erased."""

    at: datetime
    who: str | None
    role: Any
    what: Any
    course: str


@requires("core.any")
def looked() -> tuple[str, int]:
    """Shows a person who has looked at what is hers, newest first."""
    here = stay()
    number = max(1, request.args.get("page", 1, type=int))
    shown, more = looks(here.person, core().host, skip=(number - 1) * ON_A_PAGE)
    return page("cohorts/looked.html", looks=shown, number=number, more=more, written=_writer(here.zone))


def _writer(zone: str) -> Callable[[datetime], str]:
    """Returns what writes a moment in a zone, with its year where that is not this one: the trail is kept for long."""
    this_year = local_date(now(), zone).year

    def written(at: datetime) -> str:
        there = local_date(at, zone)
        return f"{day(there, year=there.year != this_year)} {clock_time(at, zone)}"

    return written


def looks(person: Person, host: Host, *, skip: int = 0) -> tuple[list[Look], bool]:
    """Returns one page of looks at a person's things by others, newest first, and whether there are older ones."""
    query = (
        sa.select(AuditEvent, Person, Cohort.title)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .outerjoin(Cohort, Cohort.id == AuditEvent.cohort_id)
        .where(seen_of(person))
        .order_by(AuditEvent.at.desc(), AuditEvent.seq.desc())
    )
    rows = current().session.execute(query.offset(skip).limit(ON_A_PAGE + 1)).all()
    return [_look(*row, host) for row in rows[:ON_A_PAGE]], len(rows) > ON_A_PAGE


def seen_of(person: Person) -> sa.ColumnElement[bool]:
    """Returns which events of the trail are looks at a person's things by others.

    Those at what is hers alone, and those of a coach at a whole course in which she is one of the managers.
    """
    here = (
        sa.select(Member.id)
        .where(Member.person_id == person.id, Member.cohort_id == AuditEvent.cohort_id, Member.role == Role.MANAGER)
        .where(Member.first_seen_at <= AuditEvent.at)
        .correlate(AuditEvent)
    )
    # Written out and not bound, so that SQLite sees that its index of few events fits.
    actions: sa.BindParameter[str] = sa.bindparam("actions", COURSE_WIDE, expanding=True, literal_execute=True)
    mine = sa.select(Member.cohort_id).where(Member.person_id == person.id)
    course_wide = sa.and_(
        AuditEvent.cohort_id.in_(mine), AuditEvent.action.in_(actions), AuditEvent.role == Role.COACH.value,
        ~AuditEvent.reason.startswith("core.own_data"), here.exists(),
    )  # fmt: skip
    return sa.and_(
        sa.or_(AuditEvent.subject_id == person.id, course_wide), AuditEvent.outcome == Outcome.ALLOW.value,
        AuditEvent.actor_id.is_distinct_from(person.id),
    )  # fmt: skip


def _look(event: AuditEvent, who: Person | None, course: str | None, host: Host) -> Look:
    name = None if who is None or who.is_erased else who.display_name
    role = next((words for role, words in ROLES.items() if role.value == event.role), "")
    return Look(
        event.at, name, role, WORDS.get(event.action) or host.audit_words.get(event.action, SOMETHING), course or ""
    )
