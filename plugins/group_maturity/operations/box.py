"""The box in which the answers of an open measurement lie: a set, not a list.

It holds the answers of everybody who has answered, mixed anew every time one is added, and beside them, sorted, the
marks by which a pass or a form is known again. Nothing says which mark belongs to which answer, nor what came when. It
is sealed with a key of its own and is always as large as if everybody had answered.
"""

import hashlib
import os
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = 16
NONCE = 12
# How an answer lies in its byte: 0 is none, else the answer counted from the scale's lowest, plus one.
NOT_ANSWERED = 0
_PLACE = b"group_maturity_inbox.sealed\0"
_random = secrets.SystemRandom()


@dataclass(frozen=True)
class Box:
    """What lies in the box: marks in the order of their bytes, answers in none. One byte per statement."""

    marks: frozenset[bytes] = frozenset()
    ballots: tuple[bytes, ...] = ()

    def with_ballot(self, ballot: bytes, marks: Collection[bytes]) -> "Box":
        """Returns the box with one more answer, mixed."""
        mixed = [*self.ballots, ballot]
        _random.shuffle(mixed)
        return Box(self.marks | frozenset(marks), tuple(mixed))


def mark(kind: str, value: bytes) -> bytes:
    """Returns the mark of a pass ("pass") or of one form as it was shown ("form")."""
    return hashlib.sha256(b"group_maturity mark\0" + kind.encode() + b"\0" + value).digest()[:MARK]


def new_key() -> bytes:
    """Returns a key for one measurement's box."""
    return AESGCM.generate_key(bit_length=256)


def seal(key: bytes, measurement_id: uuid.UUID, box: Box, *, size: int, width: int) -> bytes:
    """Seals a box for a group of `size` with `width` statements; the result is equally long whatever is in it."""
    head = len(box.marks).to_bytes(2, "big") + len(box.ballots).to_bytes(2, "big")
    plain = head + b"".join(sorted(box.marks)) + b"".join(box.ballots)
    whole = plain.ljust(capacity(size, width), b"\0")
    if len(whole) > capacity(size, width) or any(len(ballot) != width for ballot in box.ballots):
        raise ValueError("the box is too small for what is in it")
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, whole, _PLACE + measurement_id.bytes)


def unseal(key: bytes, measurement_id: uuid.UUID, sealed: bytes, *, width: int) -> Box:
    """Opens a box. Raises cryptography's InvalidTag when key or measurement is another."""
    plain = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _PLACE + measurement_id.bytes)
    marks, ballots = int.from_bytes(plain[:2], "big"), int.from_bytes(plain[2:4], "big")
    first = 4 + marks * MARK
    return Box(
        frozenset(plain[start : start + MARK] for start in range(4, first, MARK)),
        tuple(plain[start : start + width] for start in range(first, first + ballots * width, width)),
    )


def capacity(size: int, width: int) -> int:
    """Returns the length of a box before sealing: two marks and one answer for each of the group."""
    return 4 + size * (2 * MARK + width)
