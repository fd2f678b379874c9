"""The kinds of things in a coaching session."""

from enum import StrEnum


class State(StrEnum):
    """Where a coaching session is. Prepared: the manager has prepared it. Held: the time spent is noted."""

    PLANNED = "planned"
    PREPARED = "prepared"
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why a session was cancelled. Kinds, so that nobody has to write about herself; words beside them are free."""

    TIME = "time"
    CAME_BETWEEN = "came_between"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class Mode(StrEnum):
    """How the two meet."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class Focus(StrEnum):
    """What a session is about: her role, the operations, or both."""

    ROLE = "role"
    OPERATIONS = "operations"
    BOTH = "both"


class Side(StrEnum):
    """What the minutes of a part were spent on."""

    PROCESS = "process"
    RESULT = "result"


class Driver(StrEnum):
    """Who drives an item of the agenda."""

    MANAGER = "manager"
    COACH = "coach"
    BOTH = "both"


class Outcome(StrEnum):
    """What became of homework. Only the manager sets it."""

    OPEN = "open"
    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"
    DROPPED = "dropped"


class HomeworkKind(StrEnum):
    """A task; an experiment, tried once and told of; practice, repeated, which can become a habit."""

    TASK = "task"
    EXPERIMENT = "experiment"
    PRACTICE = "practice"


class Channel(StrEnum):
    """How the two were in touch between sessions."""

    PHONE = "phone"
    VIDEO = "video"
    MESSAGE = "message"
