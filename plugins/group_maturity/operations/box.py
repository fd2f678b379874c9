"""The box in which the answers of an open measurement lie: a set, not a list.

It holds the answers of everybody who has answered, mixed anew every time one is added, and beside them, sorted, the
marks by which a pass or a form is known again. Where people may also write, their texts lie beside the answers, mixed by
themselves: nothing says which text came with which answer. Nothing says either which mark belongs to which answer, nor
what came when. The box is sealed with a key of its own and is always as large as if everybody had answered.
"""

import hashlib
import os
import secrets
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = 16
NONCE = 12
# So many bytes tell how many of something there are, or how long a text is.
COUNT = 2
# How an answer lies in its byte: 0 is none, else the answer counted from the scale's lowest, plus one.
NOT_ANSWERED = 0
_PLACE = b"group_maturity_inbox.sealed\0"
_random = secrets.SystemRandom()
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Box:
    """What lies in the box: marks in the order of their bytes, answers and texts in none. One byte per statement."""

    marks: frozenset[bytes] = frozenset()
    ballots: tuple[bytes, ...] = ()
    comments: tuple[str, ...] = ()

    def with_ballot(self, ballot: bytes, marks: Collection[bytes], comment: str = "") -> "Box":
        """Returns the box with one more answer and perhaps a text, each mixed among its own kind."""
        written = (*self.comments, comment) if comment else self.comments
        return Box(self.marks | frozenset(marks), mixed([*self.ballots, ballot]), mixed(written))


def mixed(things: Sequence[Kind]) -> tuple[Kind, ...]:
    """Returns the same things in an order that says nothing."""
    return tuple(_random.sample(things, len(things)))


def mark(kind: str, value: bytes) -> bytes:
    """Returns the mark of a pass ("pass") or of one form as it was shown ("form")."""
    return hashlib.sha256(b"group_maturity mark\0" + kind.encode() + b"\0" + value).digest()[:MARK]


def new_key() -> bytes:
    """Returns a key for one measurement's box."""
    return AESGCM.generate_key(bit_length=256)


@dataclass(frozen=True)
class Room:
    """How much a box must hold: a group of `size`, `width` statements, and texts of so many bytes each, 0 for none."""

    size: int
    width: int
    text: int = 0

    @property
    def bytes(self) -> int:
        """The length of the box before sealing: two marks, an answer and a text for each of the group, and the counts."""
        texts = COUNT + self.size * (COUNT + self.text) if self.text else 0
        return 2 * COUNT + self.size * (2 * MARK + self.width) + texts


def seal(key: bytes, measurement_id: uuid.UUID, box: Box, room: Room) -> bytes:
    """Seals a box; the result is equally long whatever is in it. Raises ValueError for what has no room in it."""
    plain = _count(len(box.marks)) + _count(len(box.ballots)) + b"".join(sorted(box.marks)) + b"".join(box.ballots)
    if room.text:
        texts = [text.encode() for text in box.comments]
        plain += _count(len(texts)) + b"".join(_count(len(text)) + text for text in texts)
    whole = plain.ljust(room.bytes, b"\0")
    if len(whole) > room.bytes or any(len(ballot) != room.width for ballot in box.ballots):
        raise ValueError("the box is too small for what is in it")
    if box.comments and not room.text:
        raise ValueError("the box has no room for texts")
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, whole, _PLACE + measurement_id.bytes)


def unseal(key: bytes, measurement_id: uuid.UUID, sealed: bytes, room: Room) -> Box:
    """Opens a box. Raises cryptography's InvalidTag when key or measurement is another."""
    plain = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _PLACE + measurement_id.bytes)
    marks, ballots = _counted(plain, 0), _counted(plain, COUNT)
    first = 2 * COUNT + marks * MARK
    end = first + ballots * room.width
    return Box(
        frozenset(plain[start : start + MARK] for start in range(2 * COUNT, first, MARK)),
        tuple(plain[start : start + room.width] for start in range(first, end, room.width)),
        tuple(_texts(plain, end)) if room.text else (),
    )


def _texts(plain: bytes, at: int) -> Iterator[str]:
    start = at + COUNT
    for _ in range(_counted(plain, at)):
        end = start + COUNT + _counted(plain, start)
        yield plain[start + COUNT : end].decode()
        start = end


def _count(number: int) -> bytes:
    return number.to_bytes(COUNT, "big")


def _counted(plain: bytes, at: int) -> int:
    return int.from_bytes(plain[at : at + COUNT], "big")
