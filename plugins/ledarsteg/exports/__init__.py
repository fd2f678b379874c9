"""The files that can be asked for: her own for a manager (`own`), what is shared for the cohort's coaches (`shared`)."""

from collections.abc import Sequence

from plugins.ledarsteg.exports.own import habits_by_day, habits_in_all
from plugins.ledarsteg.exports.shared import shared_habits
from plugins.ledarsteg.exports.time import time_audit
from service.contract import Export


def exports() -> Sequence[Export]:
    """Returns all of them; the core offers each to the roles it is for."""
    return [habits_by_day(), habits_in_all(), time_audit(), shared_habits()]
