"""The daily run: decided once a day for each organisation, done by a worker a lot at a time, with a report of rows.

Each lot is deleted, counted and fenced in one transaction of its own. A worker that dies leaves what it has deleted and
counted; the next one goes on, and counts what is due from the same moment.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa
import structlog

from service import audit
from service.audit import OPERATOR, Actor
from service.cohorts.models import Organisation
from service.core import core
from service.jobs import outbox
from service.jobs.outbox import Fate, Held, LeaseLost, Refused
from service.retention import rules
from service.retention.models import RetentionCount, RetentionRun
from service.retention.rules import Rule
from service.unit import Units, current, insert_into

log = structlog.get_logger("stegvis.retention")
KIND = "retention.run"
# Things deleted in one transaction: a habit with its days, a coaching engagement with what was written in it.
AT_ONCE = 50


def decide_daily(units: Units) -> int:
    """Decides today's run of every organisation, and of the operator's own trail, where none is decided yet."""
    with units.writing() as unit:
        today = unit.now().date()
        there = set(unit.session.scalars(sa.select(RetentionRun.organisation_id).where(RetentionRun.day == today)))
        wanted = [OPERATOR, *unit.session.scalars(sa.select(Organisation.id).order_by(Organisation.id))]
        return len([begin(one, today) for one in wanted if one not in there])


def begin(organisation_id: uuid.UUID, day: date) -> uuid.UUID:
    """Decides a run for a day, in the current writing unit. Returns its id; the same day again returns the same."""
    values = {"id": uuid.uuid4(), "organisation_id": organisation_id, "day": day, "started_at": current().now()}
    insert = insert_into(RetentionRun).values(**values)
    once = insert.on_conflict_do_nothing(index_elements=["organisation_id", "day"]).returning(RetentionRun.id)
    made = current().session.execute(once).scalar()
    if isinstance(made, uuid.UUID):
        outbox.decide(KIND, made, None if organisation_id == OPERATOR else organisation_id)
        return made
    same = sa.select(RetentionRun.id).where(RetentionRun.organisation_id == organisation_id, RetentionRun.day == day)
    return current().session.scalars(same).one()


def begin_now(organisation_id: uuid.UUID) -> uuid.UUID:
    """Begins a run of its own in the current writing unit, for whoever does it herself. Returns its id."""
    row = RetentionRun(organisation_id=organisation_id, started_at=current().now())
    current().session.add(row)
    current().session.flush()
    return row.id


def run(held: Held) -> None:
    """Deletes what is due in one organisation, and finishes the job. Raises LeaseLost when another worker took over."""
    with core().units.reading() as unit:
        row = unit.session.get(RetentionRun, held.subject_id)
        if row is None:
            raise Refused("not_wanted")
    _all(row, held)
    with core().units.writing():
        outbox.finish(held)
        close(row)


def run_now(run_id: uuid.UUID) -> None:
    """Does a run in this process, for `stegvis retention`. A worker may be at it too: nothing is counted twice."""
    with core().units.reading() as unit:
        row = unit.session.get_one(RetentionRun, run_id)
    _all(row, None)
    with core().units.writing():
        close(row)


def _all(row: RetentionRun, held: Held | None) -> None:
    """Deletes by every rule. One that fails keeps no other from its work: what it raised is raised when all have had their turn.

    Raises LeaseLost at once.
    """
    failed: list[Exception] = []
    for rule in of(row.organisation_id):
        try:
            while _lot(row, rule, held):
                pass
        except LeaseLost:
            raise
        except Exception as error:
            log.exception("retention_rule_failed", rule=rule.code)
            failed.append(error)
    if failed:
        raise failed[0]


def close(row: RetentionRun) -> None:
    """Writes down, in the current unit, that a run is done."""
    done = sa.update(RetentionRun).where(RetentionRun.id == row.id, RetentionRun.finished_at.is_(None))
    changed = current().session.execute(done.values(finished_at=current().now(), failed_because=""))
    if changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE gives a cursor result
        audit.append(Actor(row.organisation_id), "retention.run", object_type="retention_run", object_ref=str(row.id))


def tell(run_id: uuid.UUID, fate: Fate, reason: str) -> None:
    """Tells the run, in the current unit, that its job was given up. Tomorrow's deletes what this one has left."""
    if fate is not Fate.AGAIN:
        current().session.execute(
            sa.update(RetentionRun).where(RetentionRun.id == run_id).values(failed_because=reason)
        )


def of(organisation_id: uuid.UUID) -> Sequence[Rule]:
    """Returns the rules that delete there. The operator has a trail and work of her own, and nobody's data."""
    from service.retention.core_rules import OPERATORS  # noqa: PLC0415 - as in `rules.rules_of`

    own = {f"{rules.CORE}.{key}" for key in OPERATORS}
    return [rule for rule in rules.rules() if rule.runs and (organisation_id != OPERATOR or rule.code in own)]


def _lot(row: RetentionRun, rule: Rule, held: Held | None) -> bool:
    """Deletes one lot by a rule. Returns whether there was anything to delete."""
    with core().units.writing():
        if held is not None:
            outbox.renew(held)
        delete = rule.declared.delete
        days = rules.in_force(rule, rules.chosen(row.organisation_id))
        due = rule.due(row.organisation_id, days, row.started_at)
        gone = {kind: rows for kind, rows in delete(due, AT_ONCE).items() if rows} if delete is not None else {}
        for kind, rows in gone.items():
            _add(row.id, rule.code, kind, rows)
        current().session.flush()
    return bool(gone)


def _add(run_id: uuid.UUID, rule: str, kind: str, rows: int) -> None:
    values = {"run_id": run_id, "rule": rule, "kind": kind}
    insert = insert_into(RetentionCount).values(**values, rows=rows)
    current().session.execute(
        insert.on_conflict_do_update(index_elements=list(values), set_={"rows": RetentionCount.rows + rows})
    )


def report(run_id: uuid.UUID) -> Mapping[str, Mapping[str, int]]:
    """Returns how many rows a run has deleted, by rule and table."""
    found: dict[str, dict[str, int]] = {}
    query = sa.select(RetentionCount).where(RetentionCount.run_id == run_id)
    for one in current().session.scalars(query.order_by(RetentionCount.rule, RetentionCount.kind)):
        found.setdefault(one.rule, {})[one.kind] = one.rows
    return found


def latest(organisation_id: uuid.UUID, limit: int = 1) -> Sequence[RetentionRun]:
    """Returns an organisation's newest runs, the newest first."""
    query = sa.select(RetentionRun).where(RetentionRun.organisation_id == organisation_id)
    return current().session.scalars(query.order_by(RetentionRun.started_at.desc()).limit(limit)).all()
