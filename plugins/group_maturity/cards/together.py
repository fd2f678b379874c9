"""How the groups have changed whose managers share that with a coach: together, without a name, from five on."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from plugins.group_maturity.operations import instruments
from plugins.group_maturity.operations.cohort import Moved
from service.contract import Card, Cohort, Picture, current_launch
from service.contract import gettext as _

# From so many groups on they are drawn; below it there is their number alone (domain.md §6.1).
TOGETHER = 5
# The picture ends at the next such step.
STEP = 20


def panels(cohort: Cohort, found: Sequence[Moved]) -> list[Card]:
    """Returns the panel; none where nobody shares a second measurement."""
    if not found:
        return []
    alike: dict[tuple[str, int], list[Moved]] = defaultdict(list)
    for one in found:
        alike[one.instrument_key, one.instrument_major].append(one)
    enough = [some for _key, some in sorted(alike.items()) if len(some) >= TOGETHER]
    context = {
        "number": len(found), "pictures": [_waterfall(cohort, some) for some in enough], "least": TOGETHER,
    }  # fmt: skip
    return [Card("group_maturity/together.html", context)]


def _waterfall(cohort: Cohort, some: Sequence[Moved]) -> Picture:
    """The change of each group's index, the greatest rise first. No name, and no order that stays from time to time."""
    newest = max(some, key=lambda one: one.instrument_version)
    instrument = instruments.find(cohort.organisation_id, newest.instrument_key, newest.instrument_version)
    language = instrument.language(current_launch().locale)
    changes = sorted((one.now - one.before for one in some), reverse=True)
    end = STEP * (max(map(abs, changes)) // STEP + 1)
    labels = [str(number) for number in range(1, len(changes) + 1)]
    chart: dict[str, Any] = {
        "kind": "bar", "x": {"labels": labels}, "y": {"min": -end, "max": end},
        "series": [{"name": _("Change"), "data": changes}],
    }  # fmt: skip
    told = _(
        "%(instrument)s: how far the index of all sides, from 0 to 100 and rounded, has moved since the measurement before. "
        "The greatest rise stands first; the numbers are no names.",
        instrument=instrument.title[language],
    )
    notice = (instrument.validation.notice or {}).get(language, "")
    rows = [[label, f"{change:+d}" if change else "0"] for label, change in zip(labels, changes, strict=True)]
    return Picture(
        f"group-moved-{newest.instrument_key.replace('.', '-')}-{newest.instrument_major}",
        _("How the groups have changed"), " ".join(filter(None, [told, notice])), chart, [_("Group"), _("Change")], rows,
    )  # fmt: skip
