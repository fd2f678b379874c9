"""What needs a coach's attention, and in which order [H]: late homework, nothing booked, behind the plan, no contact."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

# Behind the plan by more than this share of the contract.
VARIANCE_LOW = -0.25
# Longer than this without having met or talked is a reason to get in touch.
CONTACT_DAYS = 30


class Need(StrEnum):
    """A reason, the weightiest first."""

    LATE = "late"
    UNBOOKED = "unbooked"
    BEHIND = "behind"
    NO_CONTACT = "no_contact"


class Signs(NamedTuple):
    """What is known of one engagement. `variance` is None without a contract in force."""

    late: int
    booked: bool
    variance: float | None
    days_since_contact: int


def needs(signs: Signs) -> Sequence[Need]:
    """Returns the reasons that hold, the weightiest first."""
    late, booked, variance, days = signs
    found = [Need.LATE] if late > 0 else []
    if not booked:
        found.append(Need.UNBOOKED)
    if variance is not None and variance < VARIANCE_LOW:
        found.append(Need.BEHIND)
    if days > CONTACT_DAYS:
        found.append(Need.NO_CONTACT)
    return found


_PLACES = {need: place for place, need in enumerate(Need)}


def urgency(found: Sequence[Need]) -> tuple[int, int]:
    """Returns the sort key: by the weightiest reason first, then by how many there are. Nothing comes last."""
    return (_PLACES[found[0]] if found else len(_PLACES), -len(found))
