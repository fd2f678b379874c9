"""What the coach's page of insights, time audits and both-and shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugins.ledarsteg import calculations
from plugins.ledarsteg.cards import balance
from plugins.ledarsteg.cards import time as audits
from plugins.ledarsteg.forms.journal import KIND_TITLES
from plugins.ledarsteg.models import Insight
from plugins.ledarsteg.operations.participation import today_of
from plugins.ledarsteg.operations.shared import SharedBy
from service.contract import Cohort


@dataclass(frozen=True)
class Numbers:
    """A time audit or a both-and card: its title, its numbers in short, and its picture where there is one."""

    key: str
    title: str
    facts: Sequence[tuple[str, str, str]]
    picture: Mapping[str, Any] | None


@dataclass(frozen=True)
class Shown:
    """What one manager shares."""

    name: str
    insights: Sequence[Insight]
    audits: Sequence[Numbers]
    cards: Sequence[Numbers]


def page(cohort: Cohort, people: Sequence[SharedBy]) -> dict[str, Any]:
    """Returns what the page shows: what each shares, never what stands in the rows of a time audit."""
    today = today_of(cohort)
    return {
        "kinds": KIND_TITLES,
        "people": [
            Shown(
                one.person.display_name,
                one.insights,
                [_audit(one, at) for at in range(len(one.rounds))],
                [Numbers(str(card.polarity.id), *balance.told(card, today)) for card in one.cards],
            )
            for one in people
        ],
    }


def _audit(one: SharedBy, at: int) -> Numbers:
    """Returns one round, beside the shared one before it."""
    found, before = one.rounds[at], next(iter(one.rounds[at + 1 :]), None)
    shares = calculations.shares(found.spent)
    earlier = calculations.shares(before.spent) if before else {}
    facts = audits.facts(found, shares, earlier)
    return Numbers(str(found.audit.id), audits.span(found), facts, audits.picture(found, shares, earlier))
