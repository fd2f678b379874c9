"""The development plan: one living page that gathers what a manager is working on, and that both of the two write in.

Purpose, strengths and resources are the manager's words. `support`, what the two agree that the coach and others do for
it, is written by either. Whoever saves after the other did is told so, and reads both texts.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from plugins.handledning.calculations import GasChange
from plugins.handledning.models import Homework, PlanPage, TermOutcomes
from plugins.handledning.operations.goal_sheets import GoalSheet, attainment, goals_by
from plugins.handledning.operations.maps import MapPage, maps_by
from plugins.handledning.operations.reading import read
from plugins.handledning.operations.scope import Access, check_version, rows
from service.contract import Invalid, audit, now, session, unit


@dataclass(frozen=True)
class PlanDraft:
    """What the plan says beside its goals and activities."""

    purpose: str = ""
    strengths: str = ""
    resources: str = ""
    support: str = ""

    @classmethod
    def of(cls, row: PlanPage | None) -> "PlanDraft":
        """Returns what is saved; nothing where nobody has written yet."""
        return cls(row.purpose, row.strengths, row.resources, row.support) if row else cls()


@dataclass(frozen=True)
class Plan:
    """A development plan as one of the two reads it: for a coach without what is not shared with her."""

    access: Access
    row: PlanPage | None
    goals: Sequence[GoalSheet]
    map: MapPage
    homework: Sequence[Homework]
    outcomes: TermOutcomes | None

    @property
    def version(self) -> int:
        """The version of its own texts; 0 before anybody wrote."""
        return self.row.version if self.row else 0

    @property
    def texts(self) -> PlanDraft:
        """Its own texts."""
        return PlanDraft.of(self.row)

    @property
    def change(self) -> GasChange | None:
        """T at the beginning and now, for the two alone."""
        return attainment(self.goals)


def plan_of(access: Access) -> Plan:
    """Returns the plan of an engagement as this person may read it, in a fixed number of statements."""
    return plans_of([access])[0]


def plans_of(some: Sequence[Access]) -> Sequence[Plan]:
    """Returns the plans of several engagements in their order, in as many statements as for one."""
    unit().vault.fetch({one.engagement.manager_id for one in some if one.engagement.manager_id})
    homework = read(some, Homework, order_by=(Homework.due_on, Homework.position, Homework.id))
    pages = read(some, PlanPage, order_by=(PlanPage.id,))
    outcomes = read(some, TermOutcomes, order_by=(TermOutcomes.id,))
    goals, maps = goals_by(some), maps_by(some)
    return [
        Plan(one, next(iter(pages[key]), None), goals[key], maps[key], homework[key], next(iter(outcomes[key]), None))
        for one in some
        for key in [one.engagement.id]
    ]


def write_plan(access: Access, seen: int, draft: PlanDraft) -> PlanPage:
    """Keeps what one of the two wrote: the manager all of it, the coach `support` alone.

    The same again changes nothing. Raises Conflict when somebody saved after `seen`.
    """
    access.open()
    row = next(iter(rows(access, PlanPage)), None)
    there = PlanDraft.of(row)
    if not access.is_managers:
        draft = PlanDraft(there.purpose, there.strengths, there.resources, draft.support)
    if row is not None and there == draft:
        return row
    check_version(row.version if row else 0, seen)
    if row is None:
        row = PlanPage(engagement_id=access.engagement.id, manager_id=access.manager_id, version=0, changed_at=now())
        session().add(row)
    row.purpose, row.strengths, row.resources, row.support = astuple(draft)
    row.changed_at, row.version = now(), row.version + 1
    session().flush()
    return row


def settle_plan(access: Access) -> None:
    """Says that the plan stands; the manager alone may. From the next change of it on it is a draft again.

    Raises Invalid for a plan without a goal.
    """
    access.only_manager("settle_plan")
    access.open()
    plan = plan_of(access)
    if not plan.goals:
        raise Invalid(goals="none")
    row = plan.row or write_plan(access, 0, PlanDraft())
    row.settled_at, row.settled_as = now(), fingerprint(row, plan.goals)
    session().flush()
    audit(access.party.actor, "handledning.settle_plan", object_type="plan_page", object_ref=str(row.id))


def is_draft(plan: Plan) -> bool:
    """Tells whether the plan is a draft: never settled, or changed since it was.

    Where she is on a scale and what became of homework change nothing. To a coach who does not read every goal, only what
    she reads of it counts.
    """
    if plan.row is None or plan.row.settled_as is None:
        return True
    settled, present = set(plan.row.settled_as.split(".")), set(fingerprint(plan.row, plan.goals).split("."))
    return not present <= settled or (plan.access.is_managers and present != settled)


def fingerprint(row: PlanPage, goals: Sequence[GoalSheet]) -> str:
    """Returns what was settled: a mark of the texts, and one of each goal with its levels and activities, by dots.

    They are made of ids and versions alone, never of what is written.
    """
    marks = [_mark([row.id, row.version])]
    for one in goals:
        activities = [part for row in sorted(one.activities, key=lambda row: row.id) for part in (row.id, row.version)]
        marks.append(_mark([one.goal.id, one.goal.version, *(scale.id for scale in one.scales), *activities]))
    return ".".join(marks)


def _mark(parts: Iterable[object]) -> str:
    return hashlib.sha256(repr(tuple(map(str, parts))).encode()).hexdigest()[:12]
