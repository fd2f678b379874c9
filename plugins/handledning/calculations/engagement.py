"""The state machine of an engagement, as data: which steps there are, and what each state asks for.

draft → ready → active ⇄ paused, and from each of them → closed. Draft and ready follow from what is in place; pausing,
going on and ending are somebody's own steps.
"""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where an engagement is.

    Draft: a manager chose a coach. Ready: the manager is ready and the coach has said yes. Active: both have accepted
    the agreement and the contract. Paused: the manager rests. Closed: it is over, and nothing is written in it any more.
    """

    DRAFT = "draft"
    READY = "ready"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


OPEN = frozenset({Status.DRAFT, Status.READY, Status.ACTIVE, Status.PAUSED})


class EndReason(StrEnum):
    """Why an engagement ended. No manager is ever asked for a reason of her own."""

    CHANGED = "changed"
    DECLINED = "declined"
    COACH_LEFT = "coach_left"
    FINISHED = "finished"
    ERASED = "erased"


class Event(StrEnum):
    """What moves an engagement."""

    MADE_READY = "made_ready"
    NO_LONGER_READY = "no_longer_ready"
    AGREED = "agreed"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


STEPS: dict[tuple[Status, Event], Status] = {
    (Status.DRAFT, Event.MADE_READY): Status.READY,
    (Status.READY, Event.NO_LONGER_READY): Status.DRAFT,
    (Status.READY, Event.AGREED): Status.ACTIVE,
    (Status.ACTIVE, Event.PAUSE): Status.PAUSED,
    (Status.PAUSED, Event.RESUME): Status.ACTIVE,
    **{(status, Event.END): Status.CLOSED for status in sorted(OPEN)},
}


class EventRefused(Exception):
    """A step that does not exist from where the engagement is."""


def move(status: Status, event: Event) -> Status:
    """Returns where a step leads. Raises EventRefused where there is no such step."""
    try:
        return STEPS[status, event]
    except KeyError:
        raise EventRefused(f"{event} from {status}") from None


class Asked(StrEnum):
    """What an engagement needs before it is active, in the order in which it is done."""

    READINESS = "readiness"
    COACH = "coach"
    ETHICS = "ethics"
    AGREEMENT = "agreement"
    CONTRACT = "contract"


_WILLING = (Asked.READINESS, Asked.COACH, Asked.ETHICS)
ASKED_FOR: dict[Status, tuple[Asked, ...]] = {
    Status.READY: _WILLING,
    Status.ACTIVE: (*_WILLING, Asked.AGREEMENT, Asked.CONTRACT),
}


@dataclass(frozen=True)
class Met:
    """What is in place.

    The newest readiness check goes on; the coach said yes and has a code of ethics; both have accepted the same version
    of the agreement, and of the contract.
    """

    readiness: bool = False
    coach: bool = False
    ethics: bool = False
    agreement: bool = False
    contract: bool = False


def outstanding(met: Met, towards: Status = Status.ACTIVE) -> tuple[Asked, ...]:
    """Returns what is still asked for before an engagement is `towards`."""
    return tuple(asked for asked in ASKED_FOR[towards] if not getattr(met, asked.value))


def settled(status: Status, met: Met) -> Status:
    """Returns where an engagement is by what is in place. Once active, nothing that is lacking takes that back."""
    if status is Status.DRAFT and not outstanding(met, Status.READY):
        status = move(status, Event.MADE_READY)
    elif status is Status.READY and outstanding(met, Status.READY):
        return move(status, Event.NO_LONGER_READY)
    if status is Status.READY and not outstanding(met):
        status = move(status, Event.AGREED)
    return status
