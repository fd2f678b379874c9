"""What the employer is told of one manager's coaching, by her contract, and when a total would tell more than that."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

# Fewer than this many managers behind a number, and it is not shown.
LEAST = 5


class Told(StrEnum):
    """What a contract may let the employer know. There is no word for anything that was said."""

    SESSIONS = "sessions"
    HOURS = "hours"
    BOOKED = "booked"
    DATES = "dates"


DEFAULT_TOLD = frozenset({Told.SESSIONS})


def said(words: str) -> frozenset[Told]:
    """Reads what a contract says, words with spaces between. A word that is no longer known tells nothing."""
    known = {one.value for one in Told}
    return frozenset(Told(word) for word in words.split() if word in known)


def written(told: Collection[Told]) -> str:
    """Writes it as a contract keeps it, in the order of the page."""
    return " ".join(one.value for one in Told if one in told)


@dataclass(frozen=True)
class Totals:
    """A sum over several managers. `amount` is None where it is withheld; `people` is how many stand behind it."""

    people: int
    amount: int | None


def may_tell_total(everyone: Sequence[tuple[int, bool]], least: int = LEAST) -> Totals:
    """Returns the sum over everyone, given as (amount, told one by one), or withholds it.

    It is withheld when fewer than `least` stand behind it, and unless all of them are told one by one: taking those away
    from it would leave a sum over the others, which shows at once what each of them adds, and what somebody took along.
    """
    if len(everyone) < least or not all(told for _amount, told in everyone):
        return Totals(len(everyone), None)
    return Totals(len(everyone), _sum(amount for amount, _told in everyone))


def _sum(amounts: Iterable[int]) -> int:
    return sum(amounts)
