"""Who else may see a habit: the cohort's coaches, the step-mate, both or nobody. Nobody until she says so."""

import uuid
from enum import StrEnum

from plugins.ledarsteg.models import Habit
from plugins.ledarsteg.operations.owner import Owner, get, tell


class With(StrEnum):
    """With whom a habit can be shared."""

    COACH = "coach"
    MATE = "mate"


_FLAGS = {With.COACH: "shared", With.MATE: "shared_mate"}
_TRACES = {
    (With.COACH, True): "ledarsteg.share", (With.COACH, False): "ledarsteg.unshare",
    (With.MATE, True): "ledarsteg.share_mate", (With.MATE, False): "ledarsteg.unshare_mate",
}  # fmt: skip


def share(owner: Owner, habit_id: uuid.UUID, whom: With = With.COACH) -> None:
    """Shows the habit's title, strength and days. Sharing what is shared changes nothing."""
    _set(get(owner, habit_id, lock=True), owner, whom, on=True)


def unshare(owner: Owner, habit_id: uuid.UUID, whom: With = With.COACH) -> None:
    """Makes the habit private again towards them."""
    _set(get(owner, habit_id, lock=True), owner, whom, on=False)


def _set(habit: Habit, owner: Owner, whom: With, *, on: bool) -> None:
    if getattr(habit, _FLAGS[whom]) != on:
        setattr(habit, _FLAGS[whom], on)
        tell(owner, habit, _TRACES[whom, on])
