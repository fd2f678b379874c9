"""Sealed text: it opens where it was written, by whom it was written, while her key lasts, and nowhere else."""

import base64
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr

from service.confidential import ConfidentialText
from service.crypto import CannotOpen, Keyring, PersonKey, Vault
from service.unit import Unit
from tests.support import World, parts

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
# The fixtures hold one open unit; each example seals with keys of that unit and leaves nothing that a later one sees.
many = hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Two:
    """Two persons and an open unit of work."""

    unit: Unit
    one: uuid.UUID
    other: uuid.UUID


@pytest.fixture
def two(app: Flask, world: World) -> Iterator[Two]:
    course = world.course()
    one, other = world.person(course), world.person(course)
    with parts(app).units.writing() as unit:
        yield Two(unit, one.id, other.id)


@many
@given(text=TEXT)
def test_what_was_sealed_opens_again(two: Two, text: str) -> None:
    row = uuid.uuid4()
    sealed = two.unit.vault.seal(two.one, "a.body", row, text)
    assert two.unit.vault.open(two.one, "a.body", row, sealed) == text


@many
@given(text=TEXT.filter(lambda text: len(text) > 3))
def test_the_sealed_bytes_hold_nothing_of_the_text(two: Two, text: str) -> None:
    sealed = two.unit.vault.seal(two.one, "a.body", uuid.uuid4(), text)
    assert text.encode() not in sealed
    assert sealed != two.unit.vault.seal(two.one, "a.body", uuid.uuid4(), text)


@many
@given(text=TEXT, moved=st.sampled_from(["row", "column", "table", "owner"]))
def test_a_value_moved_elsewhere_does_not_open(two: Two, text: str, moved: str) -> None:
    row = uuid.uuid4()
    sealed = two.unit.vault.seal(two.one, "a.body", row, text)
    two.unit.vault.seal(two.other, "a.body", row, "hers")
    owner = two.other if moved == "owner" else two.one
    place = {"column": "a.title", "table": "b.body"}.get(moved, "a.body")
    with pytest.raises(CannotOpen):
        two.unit.vault.open(owner, place, uuid.uuid4() if moved == "row" else row, sealed)


@many
@given(text=TEXT, where=st.integers(min_value=0), change=st.integers(1, 255))
def test_a_value_changed_by_one_byte_does_not_open(two: Two, text: str, where: int, change: int) -> None:
    row = uuid.uuid4()
    sealed = bytearray(two.unit.vault.seal(two.one, "a.body", row, text))
    sealed[where % len(sealed)] ^= change
    with pytest.raises(CannotOpen):
        two.unit.vault.open(two.one, "a.body", row, bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 11, 12, 20, 27])
def test_a_value_cut_short_does_not_open(two: Two, length: int) -> None:
    row = uuid.uuid4()
    sealed = two.unit.vault.seal(two.one, "a.body", row, "Hela texten")
    with pytest.raises(CannotOpen):
        two.unit.vault.open(two.one, "a.body", row, sealed[:length])


def test_a_row_and_place_cannot_be_shifted_into_each_other(two: Two) -> None:
    """`a.b` + `c…` must not be the same associated data as `a.bc` + `…`."""
    row = uuid.UUID(bytes=b"x" * 16)
    sealed = two.unit.vault.seal(two.one, "a.b", row, "text")
    with pytest.raises(CannotOpen):
        two.unit.vault.open(two.one, "a.bx", uuid.UUID(bytes=b"x" * 15 + b"y"), sealed)


def test_a_key_comes_along_with_a_query_that_runs_anyway(app: Flask, two: Two) -> None:
    row, sent = uuid.uuid4(), list[str]()
    sealed = two.unit.vault.seal(two.one, "a.body", row, "before")
    for owner in (two.one, two.other):  # who has no key yet gets one when something is sealed
        vault = Vault(two.unit.session, two.unit.vault._keyring)
        found = two.unit.session.execute(vault.beside(owner, sa.select(sa.literal(7)))).one()
        assert found[0] == 7
        vault.keep(owner, *found[1:])
        engine = parts(app).units.engine
        sa.event.listen(engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
        assert vault.open(owner, "a.body", row, vault.seal(owner, "a.body", row, "text")) == "text"
        if owner == two.one:
            assert (sent, vault.open(owner, "a.body", row, sealed)) == ([], "before")


def test_text_of_somebody_without_a_key_does_not_open(two: Two) -> None:
    with pytest.raises(CannotOpen, match="never made"):
        two.unit.vault.open(two.other, "a.body", uuid.uuid4(), b"x" * 40)


def test_after_the_key_is_destroyed_nothing_opens_and_nothing_can_be_sealed(app: Flask, two: Two) -> None:
    row = uuid.uuid4()
    sealed = two.unit.vault.seal(two.one, "a.body", row, "text")
    two.unit.vault.destroy(two.one, AT)
    two.unit.session.flush()
    for vault in (two.unit.vault, Vault(two.unit.session, two.unit.vault._keyring)):
        with pytest.raises(CannotOpen):
            vault.open(two.one, "a.body", row, sealed)
        with pytest.raises(CannotOpen, match="destroyed"):
            vault.seal(two.one, "a.body", row, "again")
    kept = two.unit.session.get_one(PersonKey, two.one)
    assert (kept.wrapped, kept.destroyed_at) == (None, AT)


def test_destroying_a_key_that_was_never_made_makes_none(two: Two) -> None:
    two.unit.vault.destroy(two.one, AT)
    assert two.unit.session.get(PersonKey, two.one) is None


def test_a_destroyed_key_is_not_brought_back_by_fetching(two: Two) -> None:
    row = uuid.uuid4()
    sealed = two.unit.vault.seal(two.one, "a.body", row, "text")
    two.unit.vault.destroy(two.one, AT)
    two.unit.session.flush()
    two.unit.vault.fetch([two.one])
    with pytest.raises(CannotOpen):
        two.unit.vault.open(two.one, "a.body", row, sealed)


def count_statements(unit: Unit) -> list[str]:
    seen: list[str] = []
    sa.event.listen(
        unit.session.connection(), "before_cursor_execute", lambda _c, _cur, statement, *_rest: seen.append(statement)
    )
    return seen


def test_a_page_with_many_persons_reads_their_keys_once(two: Two) -> None:
    row = uuid.uuid4()
    sealed = {owner: two.unit.vault.seal(owner, "a.body", row, "text") for owner in (two.one, two.other)}
    two.unit.session.flush()
    two.unit.session.expunge_all()
    vault = Vault(two.unit.session, two.unit.vault._keyring)
    seen = count_statements(two.unit)
    vault.fetch([two.one, two.other])
    vault.fetch([two.one])
    assert [vault.open(owner, "a.body", row, value) for owner, value in sealed.items()] == ["text", "text"]
    assert len(seen) == 1


def test_an_earlier_master_key_still_opens_and_the_present_one_wraps(two: Two) -> None:
    old, new, row = os.urandom(32), os.urandom(32), uuid.uuid4()
    sealed = Vault(two.unit.session, Keyring(old)).seal(two.one, "a.body", row, "text")
    two.unit.session.flush()
    both = Keyring(new, [old])
    assert Vault(two.unit.session, both).open(two.one, "a.body", row, sealed) == "text"
    Vault(two.unit.session, both).seal(two.other, "a.body", row, "text")
    masters = {key.person_id: key.master for key in two.unit.session.scalars(sa.select(PersonKey))}
    assert masters == {two.one: Keyring(old).present, two.other: both.present}


def test_without_the_earlier_master_key_it_does_not_open(two: Two) -> None:
    row = uuid.uuid4()
    sealed = Vault(two.unit.session, Keyring(os.urandom(32))).seal(two.one, "a.body", row, "text")
    with pytest.raises(CannotOpen, match="master key"):
        Vault(two.unit.session, Keyring(os.urandom(32))).open(two.one, "a.body", row, sealed)


def test_a_wrapped_key_moved_to_another_person_does_not_open() -> None:
    ring = Keyring(os.urandom(32))
    one, other = uuid.uuid4(), uuid.uuid4()
    wrapped = ring.wrap(b"k" * 32, one)
    assert ring.unwrap(ring.present, wrapped, one) == b"k" * 32
    with pytest.raises(CannotOpen):
        ring.unwrap(ring.present, wrapped, other)


def test_the_name_of_a_master_key_tells_nothing_of_it() -> None:
    key = os.urandom(32)
    assert Keyring(key).present == Keyring(key).present
    assert Keyring(key).present not in (key.hex(), base64.b64encode(key).decode())
    assert Keyring(key).present != Keyring(os.urandom(32)).present


def test_a_keyring_reads_the_settings_base64() -> None:
    old, new = os.urandom(32), os.urandom(32)
    secret = [SecretStr(base64.b64encode(key).decode()) for key in (new, old)]
    ring = Keyring.from_settings(secret[0], [secret[1]])
    assert ring.present == Keyring(new).present
    owner = uuid.uuid4()
    assert ring.unwrap(Keyring(old).present, Keyring(old).wrap(b"k" * 32, owner), owner) == b"k" * 32


# --- the model attribute ----------------------------------------------------------------------------------------------


class Diary:
    """A row with one sealed text, without a table: the attribute needs `id`, the owner and the bytes alone."""

    __tablename__ = "diary"
    body = ConfidentialText("body_sealed", owner="person_id")
    title = ConfidentialText("title_sealed", owner="person_id")

    def __init__(self, person_id: uuid.UUID | None, row: uuid.UUID | None = None) -> None:
        self.id, self.person_id = row, person_id
        self.body_sealed: bytes | None = None
        self.title_sealed: bytes | None = None


def test_an_attribute_is_text_to_its_reader_and_sealed_in_the_row(two: Two) -> None:
    diary = Diary(two.one, uuid.uuid4())
    diary.body = "Hon lyssnade."
    assert diary.body == "Hon lyssnade."
    assert isinstance(diary.body_sealed, bytes)
    assert b"lyssnade" not in diary.body_sealed


def test_an_attribute_never_written_or_emptied_is_an_empty_text(two: Two) -> None:
    diary = Diary(two.one, uuid.uuid4())
    assert diary.body == ""
    diary.body = "x"
    diary.body = ""
    assert (diary.body, diary.body_sealed) == ("", None)


def test_two_attributes_of_one_row_do_not_open_each_others_values(two: Two) -> None:
    diary = Diary(two.one, uuid.uuid4())
    diary.body = "x"
    diary.title_sealed = diary.body_sealed
    with pytest.raises(CannotOpen, match=r"diary\.title"):
        _ = diary.title


@pytest.mark.parametrize("row", [None, uuid.uuid4()])
def test_a_text_cannot_come_before_its_row_and_owner(two: Two, row: uuid.UUID | None) -> None:
    with pytest.raises(ValueError, match=r"before the text"):
        Diary(None if row else two.one, row).body = "x"


class Letter:
    """A stand-in for a model with a column that says who reads its text."""

    __tablename__ = "letter"
    body = ConfidentialText("body_sealed", owner="person_id", fixed="kind")

    def __init__(self, person_id: uuid.UUID, kind: str | None) -> None:
        self.id, self.person_id, self.kind = uuid.uuid4(), person_id, kind
        self.body_sealed: bytes | None = None


def test_a_text_is_bound_to_the_value_that_says_who_reads_it(two: Two) -> None:
    letter = Letter(two.one, "private")
    letter.body = "Till mig"
    assert letter.body == "Till mig"
    letter.kind = "shared"
    with pytest.raises(CannotOpen):
        _ = letter.body
    unsaid = Letter(two.one, None)
    with pytest.raises(ValueError, match="kind comes before the text"):
        unsaid.body = "Till vem?"
    # What was sealed before it was bound opens whatever the value says, until it is sealed anew.
    letter.body_sealed = two.unit.vault.seal(two.one, "letter.body", letter.id, "Från förr")
    assert letter.body == "Från förr"


class Posted(Letter):
    """A letter that is bound to where it was sent too, which came later."""

    __tablename__ = "posted"
    body = ConfidentialText("body_sealed", owner="person_id", fixed=("kind", "to"))

    def __init__(self, person_id: uuid.UUID, to: uuid.UUID) -> None:
        super().__init__(person_id, "shared")
        self.to: uuid.UUID | None = to


def test_a_text_is_bound_to_several_values_and_one_that_came_later_is_not_asked_of_what_was_sealed_before(
    two: Two,
) -> None:
    letter = Posted(two.one, uuid.uuid4())
    letter.body = "Hit och ingen annanstans"
    there, letter.to = letter.to, uuid.uuid4()
    with pytest.raises(CannotOpen):
        _ = letter.body
    letter.to, letter.kind = there, "private"
    with pytest.raises(CannotOpen):
        _ = letter.body
    letter.kind, letter.to = "shared", None
    with pytest.raises(ValueError, match="to comes before the text"):
        letter.body = "Vart?"
    letter.to = uuid.uuid4()
    letter.body_sealed = two.unit.vault.seal(two.one, "posted.body", letter.id, "Från förr", ("shared",))
    assert letter.body == "Från förr"
    letter.kind = "private"
    with pytest.raises(CannotOpen):
        _ = letter.body


def test_asked_of_the_model_it_is_itself() -> None:
    assert isinstance(Diary.body, ConfidentialText)
    assert (Diary.body.column, Diary.body.owner) == ("body_sealed", "person_id")


def test_a_value_that_does_not_open_is_not_tried_with_a_destroyed_key(world: World) -> None:
    """Her key was there when it was read, and destroyed in between: what does not open stays closed."""
    member = world.member(world.course())
    row = uuid.uuid4()
    with world.core.units.writing() as unit:
        unit.vault.seal(member.person_id, "table.column", row, "a word")
        unit.session.execute(sa.update(PersonKey).values(wrapped=None))
        with pytest.raises(CannotOpen):
            unit.vault.open(member.person_id, "table.column", row, b"\0" * 40)
