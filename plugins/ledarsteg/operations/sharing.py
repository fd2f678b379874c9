"""What is shared, one thing at a time: a habit with the coaches, the step-mate or both, a time audit and a card with the coaches.

Nobody sees anything until she says so.
"""

import uuid
from enum import StrEnum

from plugins.ledarsteg.models import Habit
from plugins.ledarsteg.operations.mates import Standing, pairing
from plugins.ledarsteg.operations.owner import Owner, alone, get, show, tell
from plugins.ledarsteg.operations.polarities import get_polarity
from plugins.ledarsteg.operations.rounds import get_round
from service.contract import Invalid, lazy


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
    """Shows the habit's title, strength and days. Sharing what is shared changes nothing.

    Raises Invalid for sharing with a step-mate while there is none: to become step-mates shows nothing yet.
    """
    if whom is With.MATE:
        alone(owner)
        if pairing(owner).standing is not Standing.ACTIVE:
            raise Invalid(habit=lazy("You have no step-mate to share it with. Ask somebody first."))
    _set(get(owner, habit_id, lock=True), owner, whom, on=True)


def unshare(owner: Owner, habit_id: uuid.UUID, whom: With = With.COACH) -> None:
    """Makes the habit private again towards them."""
    _set(get(owner, habit_id, lock=True), owner, whom, on=False)


def _set(habit: Habit, owner: Owner, whom: With, *, on: bool) -> None:
    if getattr(habit, _FLAGS[whom]) != on:
        setattr(habit, _FLAGS[whom], on)
        tell(owner, habit, _TRACES[whom, on])


def share_round(owner: Owner, audit_id: uuid.UUID, *, on: bool) -> None:
    """Shows the shares of a finished time audit to the cohort's coaches, or to nobody again; never its rows.

    Raises NotFound for a round that is not hers, and Invalid for one that is still open.
    """
    alone(owner)
    found = get_round(owner, audit_id)
    if on and found.is_open:
        raise Invalid(round=lazy("Finish the round first. Then you can share what came of it."))
    show(owner, found.audit, "audit", on=on)


def share_card(owner: Owner, polarity_id: uuid.UUID, *, on: bool) -> None:
    """Shows a both-and card and its weeks to the cohort's coaches, or to nobody again.

    Raises NotFound for a card that is not hers, and Invalid for one that is ended.
    """
    alone(owner)
    card = get_polarity(owner, polarity_id)
    if on and card.ended_at is not None:
        raise Invalid(polarity=lazy("This card is ended. Take it up again before you share it."))
    show(owner, card, "card", on=on)
