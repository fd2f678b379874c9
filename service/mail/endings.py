"""Mails that tell of an end a month before it: of an account that nobody uses, and of what a course has kept long enough.

Each is decided once, for those who want to be told by mail. None says what it is that goes.
"""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa

from service.clock import local_date
from service.cohorts.current import InCohort
from service.cohorts.models import Organisation
from service.core import core
from service.mail.models import Mail, MailKind
from service.mail.notices import decide, wants_reading
from service.retention import core_rules, rules
from service.retention.core_rules import NOTICE
from service.unit import Units, current, now

# A manager reads on her home of a course that was put away when what she has there goes, this long before.
ON_HOME = timedelta(days=60)
# Coming back is told of at the beginning of a visit, and not at each look at home.
ARRIVAL = timedelta(minutes=10)
# A person and a course; none where it is about all of hers.
Whose = tuple[uuid.UUID, uuid.UUID | None]


def decide_endings(units: Units) -> int:
    """Decides on the mails that are due now in every organisation and were not decided before. Returns how many."""
    with units.reading() as unit:
        organisations = unit.session.scalars(sa.select(Organisation.id).order_by(Organisation.id)).all()
        due = [
            *((MailKind.ENDING, whose) for one in organisations for whose in ending(one)),
            *((MailKind.ACCOUNT, whose) for one in organisations for whose in idle(one)),
        ]
    for kind, (person_id, cohort_id) in due:
        with units.writing() as unit:
            decide(person_id, cohort_id, kind, unit.now(), ~_told(kind, person_id, cohort_id))
    return len(due)


def ending(organisation_id: uuid.UUID) -> Sequence[Whose]:
    """Returns who is to be told that something of hers in which course is deleted within a month."""
    decided, found = rules.chosen(organisation_id), dict[Whose, None]()
    for rule in rules.rules():
        if rule.declared.whose is not None:
            soon = rule.due(organisation_id, rules.in_force(rule, decided) - NOTICE.days, now())
            rows = rule.declared.whose(soon).subquery()
            person, cohort = rows.c
            query = sa.select(person, cohort).distinct()
            untold = query.where(wants_reading(person), ~_told(MailKind.ENDING, person, cohort))
            found |= {(row[0], row[1]): None for row in current().session.execute(untold)}
    return list(found)


def idle(organisation_id: uuid.UUID) -> Sequence[Whose]:
    """Returns who is to be told that everything about her is erased in a month, as she has not come for so long."""
    rule = rules.find(core_rules.ACCOUNTS)
    soon = rule.due(organisation_id, rules.kept_days(rule.code, organisation_id) - NOTICE.days, now())
    rows = core_rules.idle(soon).subquery()
    untold = sa.select(rows.c.id).where(wants_reading(rows.c.id), ~_told(MailKind.ACCOUNT, rows.c.id, None))
    return [(one, None) for one in current().session.scalars(untold)]


def _told(kind: MailKind, person: object, cohort: object) -> sa.ColumnElement[bool]:
    """Whether that was decided before: the row is there for longer than it takes until the end."""
    about = Mail.cohort_id.is_(None) if cohort is None else Mail.cohort_id == cohort
    return sa.exists().where(Mail.person_id == person, Mail.kind == kind, about)


def came_back(here: InCohort) -> bool:
    """Tells whether she was told lately that her account would be erased, and has come: at the beginning of her visit."""
    if not core().settings.sends_mail or here.launch.created_at < now() - ARRIVAL:
        return False
    told = sa.exists().where(
        Mail.person_id == here.person.id, Mail.kind == MailKind.ACCOUNT, Mail.decided_at > now() - 2 * NOTICE
    )
    return bool(current().session.scalar(sa.select(told)))


def ends_on(here: InCohort) -> date | None:
    """Returns from which day on what she has in a course that was put away is deleted, None while that is far."""
    at = here.cohort.archived_at
    if at is None:
        return None
    decided = rules.chosen(here.cohort.organisation_id)
    days = [rules.in_force(rule, decided) for rule in rules.rules() if rule.declared.whose is not None]
    if not days or at + timedelta(days=min(days)) - ON_HOME > now():
        return None
    return local_date(at + timedelta(days=min(days)), here.zone)
