"""The audit trail: whoever changes, removes or slips in an event is found out, at the right place."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from service import audit, audit_keeping, audit_many
from service.access import Role
from service.audit import OPERATOR, Actor, AuditChain, AuditCheckpoint, AuditEvent, Outcome
from service.audit_cli import audit as command
from service.cohorts.models import Grant
from service.errors import Busy
from tests.support import OffsetClock, World, parts

COUNT = 5
CHANGED = {
    "actor_id": uuid.uuid4(), "role": "coach", "cohort_id": uuid.uuid4(), "action": "other", "outcome": "deny", "reason": "other",
    "object_type": "other", "object_ref": "other", "incident": "other", "at": datetime(2020, 1, 1, tzinfo=UTC), "prev_hash": "0" * 64, "hash": "0" * 64,
    "seq": 77,
}  # fmt: skip


@pytest.fixture
def chain(app: Flask, world: World) -> uuid.UUID:
    """A chain of five events, and another beside it that must not matter."""
    organisation = world.course().organisation.id
    with parts(app).units.writing():
        for number in range(COUNT):
            actor = Actor(organisation, uuid.uuid4(), "manager", uuid.uuid4())
            audit.append(actor, "look", object_type="note", object_ref=str(number))
            audit.append(Actor(), "operate", outcome=Outcome.ERROR, reason="because")
    return organisation


def verified(app: Flask, chain: uuid.UUID, spoil: Callable[[Session], object] = lambda _session: None) -> int | None:
    """What verifying finds once the chain is spoiled; nothing of it is kept."""
    unit = parts(app).units.begin(writing=True)
    try:
        unguard(unit.session)
        spoil(unit.session)
        return audit.verify(unit.session, chain)
    finally:
        unit.close()


def unguard(session: Session) -> None:
    """Takes the database's own guard away, as somebody who owns the database may: that is what the hashes are for."""
    postgres = session.get_bind().dialect.name == "postgresql"
    for table in ("audit_event", "audit_checkpoint"):
        if postgres:
            session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for what in ("update", "delete"):
                session.execute(sa.text(f"DROP TRIGGER {table}_no_{what}"))


def at(chain: uuid.UUID, seq: int) -> sa.ColumnElement[bool]:
    return sa.and_(AuditEvent.chain == chain, AuditEvent.seq == seq)


def test_an_untouched_chain_is_whole(app: Flask, chain: uuid.UUID) -> None:
    assert verified(app, chain) is None
    assert verified(app, OPERATOR) is None


@pytest.mark.parametrize("at_once", [1, 2, COUNT, COUNT + 1])
def test_a_chain_is_whole_however_many_are_read_at_once(
    app: Flask, chain: uuid.UUID, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "ROWS_AT_ONCE", at_once)
    assert verified(app, chain) is None
    assert verified(app, chain, lambda session: session.execute(sa.delete(AuditEvent).where(at(chain, 3)))) == 3


def test_a_chain_that_was_never_begun_is_whole(app: Flask) -> None:
    assert verified(app, uuid.uuid4()) is None


@pytest.mark.parametrize("seq", range(1, COUNT + 1))
def test_a_changed_event_is_found(app: Flask, chain: uuid.UUID, seq: int) -> None:
    for column, value in CHANGED.items():
        change = sa.update(AuditEvent).where(at(chain, seq)).values({column: value})
        assert verified(app, chain, lambda session, change=change: session.execute(change)) == seq, column


@pytest.mark.parametrize("seq", range(1, COUNT + 1))
def test_a_removed_event_is_found(app: Flask, chain: uuid.UUID, seq: int) -> None:
    assert verified(app, chain, lambda session: session.execute(sa.delete(AuditEvent).where(at(chain, seq)))) == seq


@pytest.mark.parametrize("left", range(COUNT))
def test_a_cut_off_end_is_found(app: Flask, chain: uuid.UUID, left: int) -> None:
    cut = sa.delete(AuditEvent).where(AuditEvent.chain == chain, AuditEvent.seq > left)
    assert verified(app, chain, lambda session: session.execute(cut)) == left + 1


@pytest.mark.parametrize("seq", range(1, COUNT + 1))
def test_a_removed_event_is_found_though_those_after_it_move_up(app: Flask, chain: uuid.UUID, seq: int) -> None:
    def spoil(session: Session) -> None:
        session.execute(sa.delete(AuditEvent).where(at(chain, seq)))
        for later in range(seq + 1, COUNT + 1):
            session.execute(sa.update(AuditEvent).where(at(chain, later)).values(seq=later - 1))
        session.execute(sa.update(AuditChain).where(AuditChain.chain == chain).values(seq=COUNT - 1))

    assert verified(app, chain, spoil) == seq


@pytest.mark.parametrize("seq", range(1, COUNT + 2))
def test_an_inserted_event_is_found(app: Flask, chain: uuid.UUID, seq: int) -> None:
    def spoil(session: Session) -> None:
        source = session.scalars(sa.select(AuditEvent).where(at(chain, min(seq, COUNT)))).one()
        values = {c.name: getattr(source, c.name) for c in AuditEvent.__table__.columns if c.name != "id"}
        for later in range(COUNT, seq - 1, -1):
            session.execute(sa.update(AuditEvent).where(at(chain, later)).values(seq=later + 1))
        session.execute(sa.insert(AuditEvent).values(id=uuid.uuid4(), **{**values, "seq": seq, "object_ref": "forged"}))
        session.execute(sa.update(AuditChain).where(AuditChain.chain == chain).values(seq=COUNT + 1))

    found = verified(app, chain, spoil)
    assert found == seq


def test_two_events_that_changed_places_are_found(app: Flask, chain: uuid.UUID) -> None:
    def spoil(session: Session) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            session.execute(sa.update(AuditEvent).where(at(chain, old)).values(seq=new))

    assert verified(app, chain, spoil) == 2


def test_a_changed_head_is_found(app: Flask, chain: uuid.UUID) -> None:
    change = sa.update(AuditChain).where(AuditChain.chain == chain).values(head="0" * 64)
    assert verified(app, chain, lambda session: session.execute(change)) == COUNT + 1


def test_a_removed_head_is_found(app: Flask, chain: uuid.UUID) -> None:
    gone = sa.delete(AuditChain).where(AuditChain.chain == chain)
    assert verified(app, chain, lambda session: session.execute(gone)) == COUNT + 1


def test_an_event_is_rolled_back_with_what_it_tells_of(app: Flask, chain: uuid.UUID) -> None:
    unit = parts(app).units.begin(writing=True)
    audit.append(Actor(chain), "never")
    unit.close()
    with parts(app).units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "never")) == 0
    assert verified(app, chain) is None


def test_an_event_of_its_own_is_kept_though_nothing_else_is_written(app: Flask, chain: uuid.UUID) -> None:
    audit.append_now(parts(app).units, Actor(chain), "view", object_type="note", object_ref="7")
    with parts(app).units.reading() as unit:
        event = unit.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "view")).one()
        assert (event.chain, event.seq, event.object_ref) == (chain, COUNT + 1, "7")
    assert verified(app, chain) is None


def test_many_writers_of_one_new_chain_keep_it_whole(app: Flask, world: World) -> None:
    organisation = world.course().organisation.id

    def write(number: int) -> None:
        with parts(app).units.writing():
            audit.append(Actor(organisation), "look", object_ref=str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(24)))
    with parts(app).units.reading() as unit:
        assert unit.session.get_one(AuditChain, organisation).seq == 24
    assert verified(app, organisation) is None


# --- what is kept long enough goes, and the rest still verifies -------------------------------------------------------

TWO_YEARS = timedelta(days=730)


@pytest.fixture
def aged(app: Flask, chain: uuid.UUID, clock: OffsetClock) -> uuid.UUID:
    """The chain two years later, with two young events at its end."""
    clock.advance(TWO_YEARS + timedelta(days=1))
    for _ in range(2):
        audit.append_now(parts(app).units, Actor(chain), "young")
    return chain


def forget(app: Flask, chain: uuid.UUID, limit: int = 50) -> int:
    with parts(app).units.writing() as unit:
        return audit_keeping.forget(chain, unit.now() - TWO_YEARS, limit)


def numbers(app: Flask, chain: uuid.UUID) -> list[int]:
    with parts(app).units.reading() as unit:
        query = sa.select(AuditEvent.seq).where(AuditEvent.chain == chain).order_by(AuditEvent.seq)
        return list(unit.session.scalars(query))


def test_old_events_go_and_the_rest_is_whole(app: Flask, aged: uuid.UUID) -> None:
    with parts(app).units.reading() as unit:
        assert audit_keeping.count(aged, unit.now() - TWO_YEARS) == COUNT
    assert forget(app, aged) == COUNT
    assert numbers(app, aged) == [6, 7, 8]  # two young ones, and the one that tells of the checkpoint
    assert verified(app, aged) is None
    assert forget(app, aged) == 0
    assert forget(app, uuid.uuid4()) == 0


def test_events_go_in_lots_and_each_leaves_the_rest_whole(
    app: Flask, aged: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_keeping, "EVENTS_PER_THING", 1)
    for expected in (2, 2, 1, 0):
        assert forget(app, aged, 2) == expected
        assert verified(app, aged) is None
    assert numbers(app, aged)[0] == COUNT + 1


def test_the_whole_of_an_old_chain_goes_but_for_what_tells_of_it(
    app: Flask, chain: uuid.UUID, clock: OffsetClock
) -> None:
    clock.advance(TWO_YEARS + timedelta(days=1))
    assert forget(app, chain) == COUNT
    assert numbers(app, chain) == [COUNT + 1]
    assert verified(app, chain) is None


FORGERIES: dict[str, tuple[Callable[[uuid.UUID], sa.Executable], int]] = {
    "the first of the rest is gone": (lambda chain: sa.delete(AuditEvent).where(at(chain, 6)), 6),
    "the checkpoint says another hash": (
        lambda chain: sa.update(AuditCheckpoint).where(AuditCheckpoint.chain == chain).values(hash="0" * 64), 6),
    "the checkpoint is gone": (lambda chain: sa.delete(AuditCheckpoint).where(AuditCheckpoint.chain == chain), 1),
    "no event tells of the checkpoint": (lambda chain: sa.delete(AuditEvent).where(at(chain, 8)), 5),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_checkpoint_is_found(app: Flask, aged: uuid.UUID, what: str) -> None:
    forget(app, aged)
    statement, wrong = FORGERIES[what]
    assert verified(app, aged, lambda session: session.execute(statement(aged))) == wrong


def test_a_checkpoint_that_was_slipped_in_is_found(app: Flask, aged: uuid.UUID) -> None:
    """Whoever wants an event gone may write a checkpoint, which the database then obeys; no event tells of it."""

    def spoil(session: Session) -> None:
        digest = session.scalars(sa.select(AuditEvent.hash).where(at(aged, 6))).one()
        session.add(AuditCheckpoint(chain=aged, seq=6, hash=digest, at=datetime.now(UTC)))
        session.flush()
        session.execute(sa.delete(AuditEvent).where(AuditEvent.chain == aged, AuditEvent.seq <= 6))

    assert verified(app, aged, spoil) == 6


def test_an_event_that_a_checkpoint_covers_and_that_is_there_all_the_same_is_found(app: Flask, aged: uuid.UUID) -> None:
    with parts(app).units.reading() as unit:
        first = unit.session.scalars(sa.select(AuditEvent).where(at(aged, 1))).one()
        values = {column.name: getattr(first, column.name) for column in AuditEvent.__table__.columns}
    forget(app, aged)
    assert verified(app, aged, lambda session: session.execute(sa.insert(AuditEvent).values(values))) == 6


# --- the database's own guard -----------------------------------------------------------------------------------------

GUARDED: dict[str, Callable[[uuid.UUID], sa.Executable]] = {
    "change": lambda chain: sa.update(AuditEvent).where(at(chain, 2)).values(reason="other"),
    "delete": lambda chain: sa.delete(AuditEvent).where(at(chain, 1)),
    "change checkpoint": lambda chain: sa.update(AuditCheckpoint).where(AuditCheckpoint.seq == 0).values(hash="1" * 64),
    "delete checkpoint": lambda chain: sa.delete(AuditCheckpoint).where(AuditCheckpoint.chain == chain),
    "delete what no checkpoint covers": lambda chain: sa.delete(AuditEvent).where(at(chain, 2)),
}


@pytest.mark.parametrize("what", GUARDED)
def test_the_database_lets_nobody_change_or_remove_an_event(app: Flask, chain: uuid.UUID, what: str) -> None:
    with parts(app).units.writing() as unit:
        unit.session.add(AuditCheckpoint(chain=chain, seq=0, hash="", at=unit.now()))
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        parts(app).units.writing() as unit,
    ):
        unit.session.execute(GUARDED[what](chain))
    assert numbers(app, chain) == [1, 2, 3, 4, 5]


# --- no trail, no deed ------------------------------------------------------------------------------------------------


def test_what_cannot_be_noted_does_not_happen(app: Flask, world: World) -> None:
    """The trail's insert fails (a full disk, a broken table): 503, and nothing of what was asked is half done."""
    course = world.course()
    training, manager = world.enter(course, Role.TRAINING), world.member(course)
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.text("ALTER TABLE audit_event RENAME COLUMN object_ref TO object_away"))
    answer = training.post(f"/members/{manager.id}/grant", {"role": "coach"})
    assert answer.status_code == 503
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.text("ALTER TABLE audit_event RENAME COLUMN object_away TO object_ref"))
        given = sa.select(Grant).where(Grant.person_id == manager.person_id)
        assert unit.session.scalars(given).all() == []
    assert training.post(f"/members/{manager.id}/grant", {"role": "coach"}).status_code == 303


def test_nor_what_the_database_refuses_to_note(app: Flask, world: World) -> None:
    course = world.course()
    training, manager = world.enter(course, Role.TRAINING), world.member(course)
    with parts(app).units.writing() as unit:
        taken = unit.session.scalars(
            sa.select(AuditChain).where(AuditChain.chain == course.organisation.id)
        ).one_or_none()
        seq = (taken.seq if taken else 0) + 1
        source = {
            "id": uuid.uuid4(),
            "chain": course.organisation.id,
            "seq": seq,
            "at": unit.now(),
            "hash": "0" * 64,
            "prev_hash": "",
        }
        blank = dict.fromkeys(("role", "action", "outcome", "reason", "object_type", "object_ref", "incident"), "")
        unit.session.execute(sa.insert(AuditEvent).values(**source, **blank))
    # The number that is next is taken by somebody who wrote past the chain: the event is refused, and the deed with it.
    assert training.post(f"/members/{manager.id}/grant", {"role": "coach"}).status_code == 503
    with parts(app).units.reading() as unit:
        given = sa.select(Grant).where(Grant.person_id == manager.person_id)
        assert unit.session.scalars(given).all() == []


# --- the commands -----------------------------------------------------------------------------------------------------


def test_the_commands_verify_every_chain_and_print_its_head(
    app: Flask, aged: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.audit_cli.load", lambda: parts(app).settings)
    forget(app, aged)
    whole = CliRunner().invoke(command, ["verify"])
    assert whole.exit_code == 0, whole.output
    assert "2 chains, 0 not whole" in whole.output
    with parts(app).units.reading() as unit:
        head = unit.session.get_one(AuditChain, aged).head
    assert f"{aged}  events 6-8  whole  head {head}" in whole.output
    assert {"chain": str(aged), "seq": 8, "head": head} in json.loads(CliRunner().invoke(command, ["heads"]).output)
    with parts(app).units.writing() as unit:
        unguard(unit.session)
        unit.session.execute(sa.update(AuditEvent).where(at(aged, 7)).values(reason="forged"))
        unit.session.execute(sa.delete(AuditChain).where(AuditChain.chain == OPERATOR))
    broken = CliRunner().invoke(command, ["verify"])
    assert broken.exit_code == 1
    assert "WRONG at event 7" in broken.output
    assert "WRONG at event 6" in broken.output  # the operator's, whose head is gone


def test_several_events_at_once_are_links_of_the_same_chain(app: Flask, chain: uuid.UUID) -> None:
    actor, seen = Actor(chain, uuid.uuid4(), "coach", uuid.uuid4()), [uuid.uuid4() for _ in range(3)]
    with parts(app).units.writing():
        audit.append(actor, "look")
        told = [{"action": "take", "object_ref": str(one), "subject_id": one} for one in seen]
        audit_many.append_all(actor, told[:1])
        audit_many.append_all(actor, told[1:])
        audit.append(actor, "look")
    with parts(app).units.reading() as unit:
        query = sa.select(AuditEvent).where(AuditEvent.chain == chain, AuditEvent.action == "take")
        events = unit.session.scalars(query.order_by(AuditEvent.seq)).all()
        assert [(one.subject_id, one.object_ref, one.role, one.outcome) for one in events] == [
            (one, str(one), "coach", "allow") for one in seen
        ]
        assert audit.verify(unit.session, chain) is None
    assert (
        verified(app, chain, lambda session: setattr(session.get(AuditEvent, events[1].id), "subject_id", None))
        == events[1].seq
    )


def test_several_events_that_the_database_does_not_take_are_none(app: Flask, chain: uuid.UUID) -> None:
    with pytest.raises(Busy), parts(app).units.writing():
        audit_many.append_all(Actor(chain), [{"action": "take"}, {"action": None}])
    with parts(app).units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "take")) == 0
        assert audit.verify(unit.session, chain) is None


def looks(app: Flask, chain: uuid.UUID) -> list[AuditEvent]:
    with parts(app).units.reading() as unit:
        assert audit.verify(unit.session, chain) is None
        of_looks = sa.select(AuditEvent).where(AuditEvent.chain == chain, AuditEvent.action.startswith("x.view"))
        return list(unit.session.scalars(of_looks.order_by(AuditEvent.seq)))


def test_the_same_look_is_noted_once_on_a_visit(app: Flask, chain: uuid.UUID, clock: OffsetClock) -> None:
    units = parts(app).units
    who = Actor(chain, uuid.uuid4(), "coach", uuid.uuid4())
    what = {"object_type": "note", "object_ref": "1", "subject_id": uuid.uuid4()}
    for minutes in (0, 9, 2, 0, 9, 2):
        clock.advance(timedelta(minutes=minutes))
        audit.append_now(units, who, "x.view", once=True, **what)
    found = looks(app, chain)
    assert len(found) == 3
    assert all(later.at - before.at > audit.VISIT for before, later in pairwise(found))


def test_another_look_is_noted_at_once(app: Flask, chain: uuid.UUID) -> None:
    """Whoever else, in another role or course, at another's, at something else, or without the wish to be brief."""
    units, whose, where = parts(app).units, uuid.uuid4(), uuid.uuid4()
    me = Actor(chain, uuid.uuid4(), "coach", where)
    what = {"object_type": "note", "object_ref": "1", "subject_id": whose, "once": True}
    audit.append_now(units, me, "x.view", **what)
    for changed in (
        {"person_id": uuid.uuid4()},
        {"role": "training"},
        {"cohort_id": uuid.uuid4()},
        {"cohort_id": None},
    ):
        audit.append_now(units, replace(me, **changed), "x.view", **what)
    for told in (
        {"object_ref": "2"}, {"object_type": "goal"}, {"subject_id": uuid.uuid4()}, {"subject_id": None}, {"once": False},
        {"outcome": Outcome.DENY},
    ):  # fmt: skip
        audit.append_now(units, me, "x.view", **{**what, **told})
    audit.append_now(units, me, "x.view_other", **what)
    audit.append_now(units, replace(me, organisation_id=OPERATOR), "x.view", **what)
    assert len(looks(app, chain)) == 12
    assert len(looks(app, OPERATOR)) == 1


def test_a_look_that_begins_a_chain_is_noted(app: Flask, chain: uuid.UUID) -> None:
    new = uuid.uuid4()
    audit.append_now(parts(app).units, Actor(new, uuid.uuid4()), "x.view", once=True)
    assert [event.seq for event in looks(app, new)] == [1]


def test_looking_whether_a_look_was_noted_reads_few_events(app: Flask, chain: uuid.UUID) -> None:
    """By the index of a person's own events, however long the trail is."""
    with parts(app).units.reading() as unit:
        if unit.connection.dialect.name == "sqlite":
            query = audit._HEAD_OF_LOOK._for(unit.connection.dialect)
            plan = unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query.text}", (None,) * len(query.binds)).all()
            assert any("ix_audit_event_actor_id_at" in row[3] for row in plan), plan


def test_reasons_are_as_long_as_they_are(app: Flask, chain: uuid.UUID) -> None:
    told = f"{'å' * 40} > {'ö' * 40}"
    with parts(app).units.writing():
        audit.append(Actor(chain), "x.view", reason=told)
    assert looks(app, chain)[0].reason == told
