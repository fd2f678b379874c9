"""What the page about both-and shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import ContributionWeek
from plugins.ledarsteg.cards.numbers import decimal, percent, week_from
from plugins.ledarsteg.cards.words import NO_NUMBER
from plugins.ledarsteg.forms.balance import CardForm, ReadingForm
from plugins.ledarsteg.operations import Owner, contributions
from plugins.ledarsteg.operations import polarities as operations
from plugins.ledarsteg.operations.polarities import FARTHEST, PoleCard
from service.contract import gettext as _


@dataclass(frozen=True)
class Balance:
    """The balance of the two sides in words and in numbers. `index` is empty while nothing is tagged."""

    heading: str
    text: str
    index: str = ""


@dataclass(frozen=True)
class ShownCard:
    """A card as the page shows it."""

    card: PoleCard
    title: str
    left: str
    right: str
    form: ReadingForm
    picture: Mapping[str, Any] | None


def page(
    owner: Owner, *, form: CardForm | None = None, reading: tuple[UUID, ReadingForm] | None = None
) -> dict[str, Any]:
    """Returns what the page shows. `form` and `reading` are those that were sent, where one of them is shown again."""
    weeks = contributions.weekly(contributions.recent(owner), owner.today())
    sent = dict([reading]) if reading else {}
    cards = [_card(owner, card, sent.get(card.polarity.id)) for card in operations.pole_cards(owner)]
    told = words(weeks)
    return {
        "balance": told,
        "sides_picture": sides_picture(weeks) if told.index else None,
        "cards": [shown for shown in cards if shown.card.polarity.ended_at is None],
        "ended": [shown for shown in cards if shown.card.polarity.ended_at is not None],
        "form": form or CardForm(),
        "farthest": FARTHEST,
    }


def words(weeks: Sequence[ContributionWeek]) -> Balance:
    """Says how the hard and the soft side of the contributions of those weeks lie to each other."""
    hard, soft = sum(week.hard for week in weeks), sum(week.soft for week in weeks)
    share, index = calculations.balance_share(hard, soft), calculations.balance_index(hard, soft)
    if share is None or index is None:
        return Balance(
            _("Two sides, and neither may win"),
            _("No leader contribution of the last eight weeks says which side it was. Nothing can be told yet."),
        )
    text = _(
        "In eight weeks %(hard)d of your leader contributions were the hard side and %(soft)d the soft one: %(share)s hard.",
        hard=hard, soft=soft, share=percent(share),
    )  # fmt: skip
    return Balance(_side(share, balanced=bool(calculations.is_balanced(hard, soft))), text, decimal(index, 2))


def _side(share: float, *, balanced: bool) -> str:
    if balanced:
        return str(_("Tough care: both sides are there"))
    return str(_("Tough care: mostly the hard side") if share > 1 / 2 else _("Tough care: mostly the soft side"))


def sides_picture(weeks: Sequence[ContributionWeek]) -> dict[str, Any]:
    """Returns the picture of both sides week by week, and its table."""
    return {
        "summary": _("A contribution that was both counts on each side. The last week is not over."),
        "chart": {
            "kind": "bar", "x": {"labels": [week_from(week.monday) for week in weeks]}, "y": {"min": 0},
            "series": [
                {"name": _("Hard side"), "data": [week.hard for week in weeks]},
                {"name": _("Soft side"), "data": [week.soft for week in weeks]},
            ],
        },
        "headers": [_("Week from"), _("Hard side"), _("Soft side")],
        "rows": [[week_from(week.monday), str(week.hard), str(week.soft)] for week in weeks],
    }  # fmt: skip


def reading_form(owner: Owner, card: PoleCard | None = None, **values: Any) -> ReadingForm:
    """Returns the form of a week's reading, with what was read before."""
    mondays = operations.weeks_to_read(owner)
    readings = card.readings if card else {}
    weeks = [(monday, _week(back, readings.get(monday))) for back, monday in enumerate(mondays)]
    return ReadingForm(weeks=weeks, **values)


def _week(back: int, value: int | None) -> str:
    name = [_("This week"), _("Last week"), _("The week before that")][back]
    return name if value is None else f"{name} ({signed(value)})"


def signed(value: int) -> str:
    """Writes a reading with its sign."""
    return f"+{value}" if value > 0 else decimal(value)


def told(card: PoleCard, today: date) -> tuple[str, Sequence[tuple[str, str, str]], Mapping[str, Any] | None]:
    """Returns what somebody else is told of a card: its title, no numbers beside, and its weeks where it has any."""
    left, right = _poles(card)
    return _title(card, left, right), (), _trend(today, card, left, right) if card.readings else None


def title(card: PoleCard) -> str:
    """Names a card."""
    return _title(card, *_poles(card))


def _title(card: PoleCard, left: str, right: str) -> str:
    return str(_("Tough care") if card.is_builtin else _("%(left)s and %(right)s", left=left, right=right))


def _card(owner: Owner, card: PoleCard, sent: ReadingForm | None) -> ShownCard:
    left, right = _poles(card)
    now = card.readings.get(operations.weeks_to_read(owner)[0])
    form = sent or reading_form(
        owner, card, slider=now if now is not None else 0, value=now, was="" if now is None else str(now)
    )  # fmt: skip
    picture = _trend(owner.today(), card, left, right) if card.readings else None
    return ShownCard(card, _title(card, left, right), left, right, form, picture)


def _poles(card: PoleCard) -> tuple[str, str]:
    if card.is_builtin:
        return (
            _("The hard side: challenge to good work and learning"),
            _("The soft side: care about the operations and each individual"),
        )
    return card.polarity.left, card.polarity.right


def _trend(today: date, card: PoleCard, left: str, right: str) -> dict[str, Any]:
    weeks = card.trend(today)
    return {
        "summary": _("Up: %(right)s. Down: %(left)s. Neither end is the right one.", left=left, right=right),
        "chart": {
            "kind": "line", "x": {"labels": [week_from(monday) for monday in weeks]},
            "y": {"min": -FARTHEST, "max": FARTHEST, "ticks": [-FARTHEST, 0, FARTHEST]},
            "series": [{"name": _("Reading"), "data": list(weeks.values())}],
        },
        "headers": [_("Week from"), _("Reading")],
        "rows": [[week_from(monday), NO_NUMBER if value is None else signed(value)] for monday, value in weeks.items()],
    }  # fmt: skip
