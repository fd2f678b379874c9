"""The rooms of an engagement: what its page leads to. A new subject adds its line here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from plugins.handledning.operations import Access, Seat
from service.contract import lazy

BOTH = frozenset(Seat)
MANAGER = frozenset({Seat.MANAGER})


class Group(StrEnum):
    """What a room belongs to, in the order of the page."""

    BEFORE = "before"
    ROLE = "role"
    BETWEEN = "between"
    END = "end"


TITLES = {
    Group.BEFORE: lazy("What it rests on"),
    Group.ROLE: lazy("The role and the goals"),
    Group.BETWEEN: lazy("Around the sessions"),
    Group.END: lazy("In the end"),
}


@dataclass(frozen=True)
class Room:
    """A page under an engagement: its endpoint takes the engagement's id. `text` says what it is for."""

    group: Group
    endpoint: str
    title: Any
    text: Any
    seats: frozenset[Seat] = BOTH


ROOMS: Sequence[Room] = (
    Room(Group.BEFORE, "readiness", lazy("Readiness"), lazy("Three statements: is this the time?"), MANAGER),
    Room(Group.BEFORE, "agreement", lazy("Our agreement"), lazy("Who answers for what.")),
    Room(
        Group.BEFORE,
        "contract",
        lazy("Contract"),
        lazy("What it is to lead to, by when, and what your employer is told."),
    ),
    Room(Group.BEFORE, "openness", lazy("Openness"), lazy("What you may talk about, and what stays outside.")),
    Room(Group.BETWEEN, "ego", lazy("Ego at the door"), lazy("A minute for yourself before you meet.")),
    Room(
        Group.BEFORE,
        "value",
        lazy("The value for you"),
        lazy("Four statements at the start and at the end, for you alone."),
        MANAGER,
    ),
    Room(Group.ROLE, "situation", lazy("The map of the role"), lazy("Current situation, role, relations, discretion.")),
    Room(
        Group.ROLE,
        "goals",
        lazy("Goals"),
        lazy("What you want to reach, five levels for each, and what you do for it."),
    ),
    Room(Group.ROLE, "development", lazy("Development plan"), lazy("All of it on one page, and as a file to print.")),
    Room(
        Group.ROLE, "all_decisions", lazy("Decisions"), lazy("What was decided, what came of it, and what it taught.")
    ),
    Room(Group.BETWEEN, "all_notes", lazy("Notes"), lazy("Notes for both of you, and notes for yourself alone.")),
    Room(
        Group.BETWEEN,
        "all_contacts",
        lazy("Calls in between"),
        lazy("Telephone, video, messages. Never asked for, never counted."),
    ),
    Room(
        Group.BETWEEN,
        "all_tests",
        lazy("Tests taken elsewhere"),
        lazy("Such as IDI or Belbin, in the manager's own words."),
    ),
    Room(Group.END, "term", lazy("The end of the term"), lazy("What it gave, and how it goes on without a coach.")),
    Room(Group.END, "who", lazy("Who sees what"), lazy("What each may read, and who has looked.")),
)


def rooms(access: Access) -> Sequence[tuple[Any, Sequence[Room]]]:
    """Returns the rooms for this person by group, each in its order."""
    hers = [room for room in ROOMS if access.seat in room.seats]
    return [(TITLES[group], [room for room in hers if room.group is group]) for group in Group]
