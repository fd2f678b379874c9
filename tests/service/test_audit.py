"""The audit trail: whoever changes, removes or slips in an event is found out, at the right place."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from service import audit
from service.audit import OPERATOR, Actor, AuditChain, AuditEvent, Outcome
from tests.support import World, parts

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
        spoil(unit.session)
        return audit.verify(unit.session, chain)
    finally:
        unit.close()


def at(chain: uuid.UUID, seq: int) -> sa.ColumnElement[bool]:
    return sa.and_(AuditEvent.chain == chain, AuditEvent.seq == seq)


def test_an_untouched_chain_is_whole(app: Flask, chain: uuid.UUID) -> None:
    assert verified(app, chain) is None
    assert verified(app, OPERATOR) is None


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
