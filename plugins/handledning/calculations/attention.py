"""What needs a coach's attention, and in which order [H]: late homework, nothing booked, behind the plan, no contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

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


@dataclass(frozen=True)
class Signs:
    """What is known of one engagement. `variance` is None without a contract in force."""

    late: int
    booked: bool
    variance: float | None
    days_since_contact: int


def needs(signs: Signs) -> Sequence[Need]:
    """Returns the reasons that hold, the weightiest first."""
    held = {
        Need.LATE: signs.late > 0,
        Need.UNBOOKED: not signs.booked,
        Need.BEHIND: signs.variance is not None and signs.variance < VARIANCE_LOW,
        Need.NO_CONTACT: signs.days_since_contact > CONTACT_DAYS,
    }
    return [need for need, holds in held.items() if holds]


_PLACES = {need: place for place, need in enumerate(Need)}


def urgency(found: Sequence[Need]) -> tuple[int, int]:
    """Returns the sort key: by the weightiest reason first, then by how many there are. Nothing comes last."""
    return (_PLACES[found[0]] if found else len(_PLACES), -len(found))
