"""What the training department is shown of a cohort: counted once a week, and the same on every page and in every file.

On the first round after a week has begun a worker asks the plugins for each cohort's numbers, withholds what the one rule
says (`suppression`), and keeps what may be shown. Whatever happens in between shows with the next week's, so that two looks
on different days cannot be told apart by one person's act.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog

from service.access import Role
from service.cohorts import completion, people, suppression, switches
from service.cohorts.models import Cohort, Member, Person
from service.cohorts.programme_models import CountedCohort
from service.contract.reports import CohortReport
from service.host import Host, Plugin, Unavailable, guarded
from service.lti.service_models import DeliveryState
from service.unit import Unit, Units, current, insert_into
from service.web import SERVICE_LOCALES

# Nobody reads what is counted here: nothing is answered about two people.
NOBODY = uuid.UUID(int=0)
# The core's own step: who has opened Stegvis, of those that the roster knows.
LAUNCHED = "core/launched"
# And which languages their platform has for them: ours in their order, then any other.
LANGUAGE = "core/language"
# And of how many the gradebook has been told that they completed a part, by its key. The page of completion shows it.
TOLD = "core/told."
Shown = int | None
log = structlog.get_logger("stegvis.counting")


@dataclass(frozen=True)
class Figures:
    """What is shown of a cohort: how many people it is about, and by "plugin/key" what may be said of them."""

    total: int
    counts: Mapping[str, Shown] = field(default_factory=dict)
    spreads: Mapping[str, Sequence[Shown]] = field(default_factory=dict)
    amounts: Mapping[str, Shown] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """A cohort's figures and when they were counted; empty ones before its first week."""

    cohort_id: uuid.UUID
    figures: Figures = Figures(0)
    counted_at: datetime | None = None


def monday_of(day: date) -> date:
    """Returns the day on which the week of `day` began."""
    return day - timedelta(days=day.weekday())


def run(units: Units, host: Host) -> int:
    """Counts every cohort that was not counted this week. Returns how many; two workers at once keep the first's."""
    with units.reading() as unit:
        week = monday_of(unit.now().date())
        done = sa.select(CountedCohort.cohort_id).where(CountedCohort.week == week)
        due = list(
            unit.session.scalars(sa.select(Cohort.id).where(Cohort.archived_at.is_(None), Cohort.id.not_in(done)))
        )
    return sum(_keep(units, host, cohort_id, week) for cohort_id in due)


def _keep(units: Units, host: Host, cohort_id: uuid.UUID, week: date) -> bool:
    """Counts one cohort and keeps that. One that fails is logged, tried again an hour later, and stops no other."""
    try:
        with units.reading() as unit:
            row = _counted(unit, cohort_id, host)
        with units.writing() as unit:
            values = {"cohort_id": cohort_id, "week": week, "counted_at": unit.now(), **row}
            unit.session.execute(insert_into(CountedCohort).values(values).on_conflict_do_nothing())
    except Exception:
        log.exception("counting_failed", cohort=str(cohort_id))
        return False
    return True


def _counted(unit: Unit, cohort_id: uuid.UUID, host: Host) -> dict[str, Any]:
    cohort = unit.session.get_one(Cohort, cohort_id)
    before = _people_before(cohort_id)
    there = frozenset(str(member.id) for member in people.managers(cohort))
    about = suppression.next_counted(there, before)
    part = host.for_cohort(switches.enabled(cohort_id))
    members = _members(cohort, about)
    reports = part.cohort_report(cohort, members, Role.TRAINING, NOBODY)
    found = _figures(reports, len(about))
    launched = sum(not member.from_roster for member in members)
    found["counts"] = {
        LAUNCHED: suppression.publishable(launched, len(about)),
        **found["counts"],
        **_told(cohort, members),
    }
    found["spreads"] = {LANGUAGE: suppression.spread(_languages(members)), **found["spreads"]}
    same = bool(before) and about == before[-1]
    return {"figures": found, "people": None if same else sorted(about)}


def _told(cohort: Cohort, members: Sequence[Member]) -> dict[str, Shown]:
    keys = list(completion.told(cohort.id))
    standings = completion.standings(cohort, keys) if keys else {}
    mine = [standings.get(member.person_id, {}) for member in members]
    numbers = {key: sum(key in one and one[key].state is DeliveryState.SENT for one in mine) for key in keys}
    return {f"{TOLD}{key}": suppression.publishable(number, len(members)) for key, number in numbers.items()}


def _languages(members: Sequence[Member]) -> list[int]:
    codes = [member.person.locale.replace("_", "-").partition("-")[0].lower() for member in members]
    ours = [codes.count(one) for one in SERVICE_LOCALES]
    return [*ours, len(codes) - sum(ours)]


def _people_before(cohort_id: uuid.UUID) -> list[frozenset[str]]:
    query = sa.select(CountedCohort.people).where(CountedCohort.cohort_id == cohort_id).order_by(CountedCohort.week)
    return [frozenset(row) for row in current().session.scalars(query) if row is not None]


def _members(cohort: Cohort, about: frozenset[str]) -> list[Member]:
    query = (
        sa.select(Member, Person)
        .join(Person, Person.id == Member.person_id)
        .where(Member.id.in_([uuid.UUID(one) for one in about]))
    )
    return [people.complete(member, person, cohort) for member, person in current().session.execute(query)]


def _figures(reports: Sequence[tuple[Plugin, CohortReport | Unavailable]], total: int) -> dict[str, Any]:
    """A plugin that fails, or counts what cannot be, has no figures this week; the others have theirs."""
    found: dict[str, Any] = {"total": total, "counts": {}, "spreads": {}, "amounts": {}}
    for plugin, report in reports:
        part = report if isinstance(report, Unavailable) else guarded(plugin, partial(_part, plugin.key, report, total))
        if not isinstance(part, Unavailable):
            for kind, figures in part.items():
                found[kind] |= figures
    return found


def _part(plugin: str, report: CohortReport, total: int) -> dict[str, Any]:
    rule = suppression
    return {
        "counts": {f"{plugin}/{one.key}": rule.publishable(one.number, total) for one in report.counts},
        "spreads": {
            f"{plugin}/{one.key}": rule.rising(one.numbers, total) if one.rising else rule.spread(one.numbers)
            for one in report.spreads
        },
        "amounts": {
            f"{plugin}/{one.key}": rule.amount(one.value, one.people, total, one.step) for one in report.amounts
        },
    }


# --- read -------------------------------------------------------------------------------------------------------------


def published(cohort_ids: Iterable[uuid.UUID], until: date | None = None) -> dict[uuid.UUID, Published]:
    """Returns the newest figures of these cohorts, or the last ones of a week that had begun by `until`. One statement.

    Older figures are what was shown then: looking back tells nothing that was not told.
    """
    weeks = sa.select(CountedCohort.cohort_id, sa.func.max(CountedCohort.week).label("week"))
    if until is not None:
        weeks = weeks.where(CountedCohort.week <= until)
    newest = weeks.group_by(CountedCohort.cohort_id).subquery()
    row = CountedCohort
    query = sa.select(row.cohort_id, row.figures, row.counted_at).join(
        newest, sa.and_(newest.c.cohort_id == row.cohort_id, newest.c.week == row.week)
    )
    wanted = set(cohort_ids)
    return {
        cohort_id: Published(cohort_id, Figures(**figures), counted_at)
        for cohort_id, figures, counted_at in current().session.execute(query)
        if cohort_id in wanted
    }


def of_cohort(cohort: Cohort) -> Published:
    """Returns a cohort's newest figures: what its page and its file for the training department show."""
    return published([cohort.id]).get(cohort.id, Published(cohort.id))
