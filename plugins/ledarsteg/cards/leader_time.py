"""What the pages of leader time show."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from plugins.ledarsteg.calculations import LeaderWeek
from plugins.ledarsteg.cards.numbers import day_title, week_from
from plugins.ledarsteg.cards.words import NBSP
from plugins.ledarsteg.forms.time import BLOCK_CHIPS, BlockForm
from plugins.ledarsteg.models import LeaderTime
from plugins.ledarsteg.operations import Owner
from plugins.ledarsteg.operations import leader_time as operations
from service.contract import gettext as _
from service.contract import minutes


def plan(owner: Owner, form: BlockForm | None = None) -> dict[str, Any]:
    """Returns what the page shows: what waits for an answer, what comes, what was, and the trend."""
    found = operations.blocks(owner)
    today = owner.today()
    weeks = operations.trend(found, today)
    return {
        "form": form or BlockForm(day=operations.next_free_day(found, today)),
        "chips": BLOCK_CHIPS,
        "today": today,
        "heading": _heading(weeks[-1]),
        "waiting": [block for block in found if block.local_date <= today and block.kept_minutes is None],
        "coming": [block for block in found if block.local_date > today],
        "answered": _lately(found, today),
        "picture": picture(weeks) if any(week.planned for week in weeks) else None,
        "kept_words": kept_words,
        "day_title": day_title,
    }


def _heading(week: LeaderWeek) -> str:
    if not week.planned:
        return str(_("Set aside time for leading"))
    return str(_("%(time)s for leading this week", time=minutes(week.planned)))


def _lately(found: Sequence[LeaderTime], today: date) -> list[LeaderTime]:
    """Returns the answered blocks that can still be moved, the newest first."""
    return [
        block for block in reversed(found) if block.kept_minutes is not None and block.local_date >= today - operations.BACK
    ]  # fmt: skip


def kept_words(block: LeaderTime) -> str:
    """Says how much of a block was kept."""
    if not block.kept_minutes:
        return str(_("not kept"))
    if block.kept_minutes == block.planned_minutes:
        return str(_("kept as planned"))
    return str(
        _("%(kept)s of %(planned)s kept", kept=minutes(block.kept_minutes), planned=minutes(block.planned_minutes))
    )


def block_words(block: LeaderTime) -> str:
    """Says a block in one line."""
    planned = f"{day_title(block.local_date)}: {minutes(block.planned_minutes)}"
    return planned if block.kept_minutes is None else f"{planned}, {kept_words(block)}"


def picture(weeks: Sequence[LeaderWeek]) -> dict[str, Any]:
    """Returns the picture of what was planned and kept, and its table."""
    kept, planned = sum(week.kept for week in weeks), sum(week.planned for week in weeks)
    return {
        "summary": _(
            "%(kept)s kept of %(planned)s planned in eight weeks. The last week is not over.",
            kept=minutes(kept), planned=minutes(planned),
        ),
        "chart": {
            "kind": "bar", "x": {"labels": [week_from(week.monday) for week in weeks]},
            "y": {"min": 0, "unit": f"{NBSP}min"},
            "series": [
                {"name": _("Kept"), "data": [week.kept for week in weeks]},
                {"name": _("Planned"), "data": [week.planned for week in weeks]},
            ],
        },
        "headers": [_("Week from"), _("Planned"), _("Kept")],
        "rows": [[week_from(week.monday), minutes(week.planned), minutes(week.kept)] for week in weeks],
    }  # fmt: skip
