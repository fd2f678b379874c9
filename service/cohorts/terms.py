"""The terms of an organisation: spring and autumn, by the calendar or with dates of its own.

A day between two terms belongs to the one before it, so that every day has a term.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import sqlalchemy as sa
from flask import g, has_app_context

from service import audit
from service.audit import Actor
from service.cohorts import kept_changes
from service.cohorts.models import Cohort, Organisation
from service.cohorts.programme_models import Term as Row
from service.errors import Conflict, Invalid
from service.unit import current

# July: by the calendar the autumn term is the second half of the year.
AUTUMN_BEGINS = 7
# How far a term's own first day may lie from the calendar's, so that the neighbours of a day are soon found.
LEEWAY = timedelta(days=75)

# Why dates were refused; the page has a sentence for each.
BACKWARDS, OVERLAPS, FAR_OFF = "backwards", "overlaps", "far_off"


@dataclass(frozen=True, order=True)
class Term:
    """A term: the year, which half of it, its first and last day, and the day before the next one begins.

    `version` is 0 while it has no dates of its own.
    """

    year: int
    autumn: bool
    first: date = field(compare=False)
    last: date = field(compare=False)
    until: date = field(compare=False)
    version: int = field(default=0, compare=False)

    def holds(self, day: date) -> bool:
        """Tells whether a day belongs to it: the days up to the next term do."""
        return self.first <= day <= self.until


def by_calendar(year: int, *, autumn: bool) -> Term:
    """Returns a term by the calendar: from 1 January to 30 June, or from 1 July to 31 December."""
    if autumn:
        return _term(year, True, date(year, AUTUMN_BEGINS, 1), date(year, 12, 31))
    return _term(year, False, date(year, 1, 1), date(year, 6, 30))


def _term(year: int, autumn: bool, first: date, last: date, version: int = 0) -> Term:  # noqa: FBT001 - which half it is
    return Term(year, autumn, first, last, last, version)


@dataclass(frozen=True)
class Terms:
    """The own dates of an organisation; what it has none for goes by the calendar."""

    own: dict[tuple[int, bool], Term]

    def of(self, year: int, *, autumn: bool) -> Term:
        """Returns one term."""
        return self.own.get((year, autumn)) or by_calendar(year, autumn=autumn)

    def of_day(self, day: date) -> Term:
        """Returns the term that a day lies in, or that came last before it."""
        near = [self.of(year, autumn=half) for year in (day.year - 1, day.year, day.year + 1) for half in (False, True)]
        found = max((term for term in near if term.first <= day), key=lambda term: term.first)
        _before, after = self.neighbours(found.year, autumn=found.autumn)
        return replace(found, until=after.first - timedelta(days=1))

    def neighbours(self, year: int, *, autumn: bool) -> tuple[Term, Term]:
        """Returns the terms before and after one."""
        before = self.of(year, autumn=False) if autumn else self.of(year - 1, autumn=True)
        after = self.of(year + 1, autumn=False) if autumn else self.of(year, autumn=True)
        return before, after


def terms_of(organisation_id: uuid.UUID) -> Terms:
    """Returns an organisation's terms, in one statement."""
    its = Row
    query = sa.select(its.year, its.autumn, its.first, its.last, its.version)
    rows = current().session.execute(query.where(its.organisation_id == organisation_id))
    return Terms({(row.year, row.autumn): _term(*row) for row in rows})


def term_of(day: date, cohort: Cohort | None = None) -> Term:
    """Returns the term that a day belongs to in a cohort's organisation, by default in that of the current launch.

    Where there is neither, it goes by the calendar.
    """
    stay = g.get("stay") if has_app_context() else None
    organisation_id = cohort.organisation_id if cohort else stay.launch.organisation_id if stay else None
    return (terms_of(organisation_id) if organisation_id else Terms({})).of_day(day)


def around(terms: Terms, day: date) -> Sequence[Term]:
    """Returns the terms that a training department has to do with: the last, this and the next two."""
    this = terms.of_day(day)
    halves = [(this.year + step, half) for step in (-1, 0, 1) for half in (False, True)]
    at = halves.index((this.year, this.autumn))
    return [terms.of(year, autumn=half) for year, half in halves[at - 1 : at + 3]]


def change(organisation_id: uuid.UUID, wanted: Term, actor: Actor) -> uuid.UUID | None:
    """Gives a term its own dates. Returns the change; None where nothing changed.

    `wanted.version` is how it stood when the form was opened. Raises Invalid with the reason for dates that cannot be,
    and Conflict when somebody has changed it since.
    """
    # Two who change terms at once wait for each other here: what one sees of the neighbours stays true.
    current().session.execute(sa.select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    terms = terms_of(organisation_id)
    there = terms.of(wanted.year, autumn=wanted.autumn)
    if (there.first, there.last) == (wanted.first, wanted.last):
        return None
    if there.version != wanted.version:
        raise Conflict("term_changed")
    _check(terms, wanted)
    session = current().session
    values = {"first": wanted.first, "last": wanted.last, "version": wanted.version + 1}
    if wanted.version:
        one = sa.and_(Row.organisation_id == organisation_id, Row.year == wanted.year, Row.autumn == wanted.autumn)
        session.execute(sa.update(Row).where(one).values(values))
    else:
        session.add(Row(organisation_id=organisation_id, year=wanted.year, autumn=wanted.autumn, **values))
        session.flush()
    told = f"{there.first}/{there.last} > {wanted.first}/{wanted.last}"
    ref = f"{wanted.year}{'HT' if wanted.autumn else 'VT'}"
    audit.append(actor, "term.change", reason=told, object_type="term", object_ref=ref)
    days = [{"first": one.first.isoformat(), "last": one.last.isoformat()} for one in (there, wanted)]
    key = f"{wanted.year}-{2 if wanted.autumn else 1}"
    after = days[1] | {"version": wanted.version + 1}
    return kept_changes.keep(organisation_id, "term", key, before=days[0], after=after)


def _check(terms: Terms, wanted: Term) -> None:
    if wanted.last < wanted.first:
        raise Invalid(last=BACKWARDS)
    usual = by_calendar(wanted.year, autumn=wanted.autumn)
    if abs(wanted.first - usual.first) > LEEWAY or abs(wanted.last - usual.last) > LEEWAY:
        raise Invalid(first=FAR_OFF)
    before, after = terms.neighbours(wanted.year, autumn=wanted.autumn)
    if before.last >= wanted.first:
        raise Invalid(first=OVERLAPS)
    if after.first <= wanted.last:
        raise Invalid(last=OVERLAPS)
