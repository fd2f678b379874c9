"""The rooms of an engagement: what its page leads to. A new subject adds its line here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plugins.handledning.operations import Access, Seat
from service.contract import lazy

BOTH = frozenset(Seat)
MANAGER = frozenset({Seat.MANAGER})


@dataclass(frozen=True)
class Room:
    """A page under an engagement: its endpoint takes the engagement's id. `text` says what it is for."""

    endpoint: str
    title: Any
    text: Any
    seats: frozenset[Seat] = BOTH


ROOMS: Sequence[Room] = (
    Room("readiness", lazy("Readiness"), lazy("Three statements: is this the time?"), MANAGER),
    Room("agreement", lazy("Agreement"), lazy("Who answers for what.")),
    Room("contract", lazy("Contract"), lazy("What it is to lead to, by when, and what your employer is told.")),
    Room("openness", lazy("Openness"), lazy("What you may talk about, and what stays outside.")),
    Room("ego", lazy("Ego at the door"), lazy("A minute for yourself before you meet.")),
    Room(
        "value", lazy("The value for you"), lazy("Four statements at the start and at the end, for you alone."), MANAGER
    ),
    Room("situation", lazy("The map of the role"), lazy("Current situation, role, relations, discretion.")),
    Room("goals", lazy("Goals"), lazy("What you want to reach, five levels for each, and what you do for it.")),
    Room("development", lazy("Development plan"), lazy("All of it on one page, and as a file to print.")),
    Room("all_decisions", lazy("Decisions"), lazy("What was decided, what came of it, and what it taught.")),
    Room("all_notes", lazy("Notes"), lazy("Notes for both of you, and notes for yourself alone.")),
    Room("all_contacts", lazy("Calls in between"), lazy("Telephone, video, messages. Never asked for, never counted.")),
    Room("all_tests", lazy("Tests taken elsewhere"), lazy("Such as IDI or Belbin, in the manager's own words.")),
    Room("term", lazy("The end of the term"), lazy("What it gave, and how it goes on without a coach.")),
    Room("who", lazy("Who sees what"), lazy("What each may read, and who has looked.")),
)


def rooms(access: Access) -> Sequence[Room]:
    """Returns the rooms for this person, in their order."""
    return [room for room in ROOMS if access.seat in room.seats]
