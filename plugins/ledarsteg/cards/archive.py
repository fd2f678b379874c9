"""What the archive shows: earlier courses, and the numbers of a habit as they stood."""

from typing import Any
from uuid import UUID

from plugins.ledarsteg import calculations
from plugins.ledarsteg.cards import balance, contributions, journal, words
from plugins.ledarsteg.cards.strip import strip
from plugins.ledarsteg.forms.journal import KIND_TITLES
from plugins.ledarsteg.operations import HabitLog, Owner, archive
from plugins.ledarsteg.operations.polarities import PoleCard
from plugins.ledarsteg.operations.reviews import Look
from plugins.ledarsteg.operations.rounds import CATEGORY_TITLES
from service.contract import gettext as _
from service.contract import ngettext, share


def overview(owner: Owner) -> dict[str, Any]:
    """Returns what the first page of the archive shows."""
    return {
        "courses": archive.earlier(owner), "portable": archive.portable(owner), "often": words.often, "numbers": numbers,
    }  # fmt: skip


def course(owner: Owner, cohort_id: UUID) -> dict[str, Any]:
    """Returns what an earlier course shows."""
    found = archive.archive(owner, cohort_id)
    return {
        "found": found, "often": words.often, "numbers": numbers, "said": journal.said, "look": Look.of,
        "kinds": KIND_TITLES, "titles": CATEGORY_TITLES, "shares": calculations.shares, "share": share,
        "contributed": [contributions.line(row) for row in found.contributions],
        "poles": [(str(card.polarity.id), balance.title(card), _weeks(card)) for card in found.cards],
        "strips": {log.habit.id: strip([log], log.last_day, linked=False) for log in found.habits}, **journal.WORDS,
    }  # fmt: skip


def _weeks(card: PoleCard) -> list[tuple[str, str]]:
    return [(journal.week_words(monday), balance.signed(value)) for monday, value in card.readings.items()]


def numbers(log: HabitLog) -> str:
    """Says how a habit went: `12 of 15 days, 34 %, on the way`."""
    done, of = calculations.tally(log.periods)
    strength = words.strength_text(log.strength)
    if not of:
        return strength
    kept = ngettext("%(done)s of %(num)d kept", "%(done)s of %(num)d kept", of, done=done)
    return str(_("%(kept)s. Strength %(strength)s.", kept=kept, strength=strength))
