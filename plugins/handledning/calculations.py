"""Numbers in, numbers out: balance, programme frame, term, and the rule for closing a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

# From this index on the two sides count as balanced: a share between .35 and .65.
BALANCED = 0.70
# July: the autumn term is the second half of the year.
AUTUMN_BEGINS = 7


@dataclass(frozen=True)
class Balance:
    """How two amounts share their sum. `share` is the first one's; `index` is 1 when equal, 0 when one-sided."""

    share: float
    index: float

    @property
    def even(self) -> bool:
        """True when neither side outweighs the other."""
        return self.index >= BALANCED


def balance(process: int, result: int) -> Balance | None:
    """Returns the balance of minutes on process and on result: `B = a/(a+b)`, `1 - |2B - 1|`. None when both are 0."""
    total = process + result
    if total == 0:
        return None
    share = process / total
    return Balance(share, 1 - abs(2 * share - 1))


@dataclass(frozen=True)
class Frame:
    """What a term's coaching usually is: how many sessions, and how many minutes each."""

    sessions_min: int = 3
    sessions_max: int = 5
    minutes_min: int = 120
    minutes_max: int = 180


@dataclass(frozen=True)
class FrameCheck:
    """What falls outside the frame: friendly warnings, never obstacles. `long` and `short` are positions from 1."""

    total: int
    too_few: bool
    too_many: bool
    long: tuple[int, ...]
    short: tuple[int, ...]


def check_frame(minutes: Sequence[int], frame: Frame) -> FrameCheck:
    """Compares one term's sessions, given in minutes, with the frame."""
    return FrameCheck(
        total=sum(minutes),
        too_few=len(minutes) < frame.sessions_min,
        too_many=len(minutes) > frame.sessions_max,
        long=tuple(n for n, amount in enumerate(minutes, 1) if amount > frame.minutes_max),
        short=tuple(n for n, amount in enumerate(minutes, 1) if amount < frame.minutes_min),
    )


@dataclass(frozen=True, order=True)
class Term:
    """Half a year: spring from 1 January to 30 June, autumn from 1 July to 31 December."""

    year: int
    autumn: bool

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, AUTUMN_BEGINS if self.autumn else 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, 12, 31) if self.autumn else date(self.year, 6, 30)


def term_of(day: date) -> Term:
    """Returns the term a day lies in."""
    return Term(day.year, day.month >= AUTUMN_BEGINS)


class MissingKind(StrEnum):
    """What can keep a coaching session open."""

    OUTCOME = "outcome"
    HOMEWORK = "homework"
    DUE = "due"
    CRITERION = "criterion"
    COMMITMENT = "commitment"
    TIME = "time"


@dataclass(frozen=True)
class Missing:
    """One thing that is missing, and the homework it is missing from."""

    kind: MissingKind
    homework: UUID | None = None


@dataclass(frozen=True)
class Earlier:
    """Homework from an earlier session, and whether it has an outcome. "Not done" is an outcome."""

    id: UUID
    has_outcome: bool


@dataclass(frozen=True)
class New:
    """Homework given in this session, and which of its parts are there."""

    id: UUID
    has_text: bool
    has_due: bool
    has_criterion: bool

    @property
    def complete(self) -> bool:
        """True when it can be followed up: what, by when, and how it shows."""
        return self.has_text and self.has_due and self.has_criterion


@dataclass(frozen=True)
class SessionFacts:
    """What the closing rule needs to know of a session."""

    final: bool
    minutes: int
    earlier: Sequence[Earlier] = ()
    new: Sequence[New] = ()


def what_is_missing(facts: SessionFacts) -> list[Missing]:
    """Returns what is missing before a session may be closed, in the order of its page; nothing when it may.

    Every earlier open homework has an outcome. At least one new homework has a text, a due date and a criterion for
    following it up. The final session has nobody to follow up with: there a commitment she runs herself is enough.
    And the time spent is noted.
    """
    missing = [Missing(MissingKind.OUTCOME, item.id) for item in facts.earlier if not item.has_outcome]
    missing += _missing_commitment(facts.new) if facts.final else _missing_homework(facts.new)
    if facts.minutes <= 0:
        missing.append(Missing(MissingKind.TIME))
    return missing


def _missing_commitment(new: Sequence[New]) -> list[Missing]:
    return [] if any(item.has_text for item in new) else [Missing(MissingKind.COMMITMENT)]


def _missing_homework(new: Sequence[New]) -> list[Missing]:
    if any(item.complete for item in new):
        return []
    begun = [item for item in new if item.has_text]
    if not begun:
        return [Missing(MissingKind.HOMEWORK)]
    missing = []
    for item in begun:
        if not item.has_due:
            missing.append(Missing(MissingKind.DUE, item.id))
        if not item.has_criterion:
            missing.append(Missing(MissingKind.CRITERION, item.id))
    return missing
