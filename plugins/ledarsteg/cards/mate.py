"""What the page about the step-mate shows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from plugins.ledarsteg import operations
from plugins.ledarsteg.cards import words
from plugins.ledarsteg.cards.strip import strip
from plugins.ledarsteg.forms.others import MateForm
from plugins.ledarsteg.models import Status
from plugins.ledarsteg.operations import HabitLog, Owner, mates
from plugins.ledarsteg.operations.mates import Pairing
from service.contract import Member, Person, plugin_url


def page(standing: Pairing, peers: Sequence[Member], form: MateForm | None = None) -> dict[str, Any]:
    """Returns what the page shows while there is no step-mate: whom to ask, and who has asked."""
    form = form or MateForm()
    form.offer(peers)
    return {"standing": standing, "kind": standing.standing.value, "form": form, "has_peers": bool(peers)}


def shared(owner: Owner, mate: Person, logs: Sequence[HabitLog]) -> dict[str, Any]:
    """Returns what a step-mate shares: two weeks of each habit and its strength in words, and which can be nudged about."""
    nudged = mates.nudged_today(owner, [log.habit.id for log in logs])
    shown = strip(logs, logs[0].today if logs else owner.today(), linked=False)
    shown["rows"] = [
        replace(row, sum=words.band_words(log.strength)) for row, log in zip(shown["rows"], logs, strict=True)
    ]
    return {**shown, "logs": logs, "nudged": nudged, "mate": mate, "own": _own(owner)}


def _own(owner: Owner) -> list[tuple[str, str, bool]]:
    """Returns the owner's own active habits: title, address, and whether the step-mate sees them."""
    return [
        (
            log.habit.title,
            plugin_url("ledarsteg.habit", habit_id=log.habit.id, _anchor="sharing"),
            log.habit.shared_mate,
        )
        for log in operations.list_habits(owner)
        if log.habit.status is Status.ACTIVE
    ]
