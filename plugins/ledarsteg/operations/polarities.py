"""Both-and: cards with two poles of which neither may win, and where each week lay between them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from plugins.ledarsteg import calculations
from plugins.ledarsteg.models import Polarity, PolarityReading
from plugins.ledarsteg.operations.owner import Owner, alone, once, show
from service.contract import Invalid, NotFound, insert_into, lazy, now, session

# The card that everybody has. Its poles are words of the product, so nothing of it is written by anybody.
TOUGH_CARE = "tough_care"
# So many weeks can be read: the one that is going on and the two before.
READ_WEEKS = 3
TREND_WEEKS = 12
FARTHEST = 100


@dataclass
class PoleCard:
    """A card with its readings of the last twelve weeks, by Monday."""

    polarity: Polarity
    readings: dict[date, int] = field(default_factory=dict)

    @property
    def is_builtin(self) -> bool:
        """True for Tuff Omsorg."""
        return self.polarity.builtin == TOUGH_CARE

    def trend(self, today: date) -> Mapping[date, int | None]:
        """Returns the last twelve weeks, oldest first; None where nothing was read."""
        return {monday: self.readings.get(monday) for monday in calculations.last_mondays(today, TREND_WEEKS)}


def _mine(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    return (Polarity.cohort_id == owner.cohort_id, Polarity.person_id == owner.person_id)


def builtin_id(owner: Owner) -> uuid.UUID:
    """Returns the id of her card Tuff Omsorg, which it has before there is a row for it."""
    return uuid.uuid5(owner.person_id, f"{owner.cohort_id} {TOUGH_CARE}")


def _builtin(owner: Owner) -> Polarity:
    return Polarity(
        id=builtin_id(owner),
        cohort_id=owner.cohort_id,
        person_id=owner.person_id,
        builtin=TOUGH_CARE,
        created_at=now(),
        shared=False,
    )


def pole_cards(owner: Owner) -> list[PoleCard]:
    """Returns Tuff Omsorg, then her own cards in the order she made them, the ended ones last. Two statements.

    Tuff Omsorg is there for everybody; it gets a row with its first reading.
    """
    query = sa.select(Polarity).where(*_mine(owner)).order_by(Polarity.created_at, Polarity.id)
    found = {polarity.id: PoleCard(polarity) for polarity in session().scalars(query)}
    found.setdefault(builtin_id(owner), PoleCard(_builtin(owner)))
    readings = sa.select(PolarityReading).where(
        PolarityReading.polarity_id.in_(sa.select(Polarity.id).where(*_mine(owner))),
        PolarityReading.monday >= calculations.last_mondays(owner.today(), TREND_WEEKS)[0],
    )
    for reading in session().scalars(readings):
        found[reading.polarity_id].readings[reading.monday] = reading.value
    return sorted(found.values(), key=lambda card: (not card.is_builtin, card.polarity.ended_at is not None))


def weeks_to_read(owner: Owner) -> Sequence[date]:
    """Returns the Mondays of the weeks that can be read now, the newest first."""
    return list(reversed(calculations.last_mondays(owner.today(), READ_WEEKS)))


def get_polarity(owner: Owner, polarity_id: uuid.UUID, *, lock: bool = False) -> Polarity:
    """Returns one card, held until the request ends where `lock` says so; Tuff Omsorg gets its row here.

    Raises NotFound: absent, or not hers here.
    """
    if polarity_id == builtin_id(owner):
        row = _builtin(owner)
        values = {column.key: getattr(row, column.key) for column in sa.inspect(Polarity).columns}
        session().execute(insert_into(Polarity).values(values).on_conflict_do_nothing(index_elements=["id"]))
    query = sa.select(Polarity).where(*_mine(owner), Polarity.id == polarity_id)
    found = session().scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("polarity")
    return found


def read_week(owner: Owner, polarity_id: uuid.UUID, monday: date, value: int) -> None:
    """Notes where a week lay, in the place of what was noted for it before; twice the same is once.

    Raises NotFound as `get_polarity` does, and Invalid for a value beyond the poles, for a week that is not among the
    last three, and for a card that is ended.
    """
    # Held, because a reading's id follows from card and week: two at once would break two unique keys, of which ON
    # CONFLICT watches one.
    card = get_polarity(owner, polarity_id, lock=True)
    if card.ended_at is not None:
        raise Invalid(polarity=lazy("This card is ended. Take it up again to note a week."))
    if monday not in weeks_to_read(owner):
        raise Invalid(monday=lazy("Choose this week or one of the two before it."))
    if not -FARTHEST <= value <= FARTHEST:
        text = lazy("Write a number from -100 to 100. You wrote %(number)s.", number=value)
        raise Invalid(value=str(text))
    statement = insert_into(PolarityReading).values(
        id=uuid.uuid5(card.id, monday.isoformat()), polarity_id=card.id, person_id=owner.person_id, monday=monday,
        value=value,
    )  # fmt: skip
    session().execute(
        statement.on_conflict_do_update(
            index_elements=["polarity_id", "monday"], set_={"value": statement.excluded["value"]}
        )
    )


def make_card(owner: Owner, left: str, right: str, key: str = "") -> None:
    """Makes a card of her own with two poles. The same form sent twice (`key`) makes one."""
    alone(owner)
    card_id = once(owner, key, (left, right))
    if session().scalar(sa.select(Polarity.id).where(*_mine(owner), Polarity.id == card_id)) is None:
        session().add(
            Polarity(
                id=card_id,
                cohort_id=owner.cohort_id,
                person_id=owner.person_id,
                left=left,
                right=right,
                created_at=now(),
            )
        )
        session().flush()


def end_card(owner: Owner, polarity_id: uuid.UUID) -> None:
    """Ends a card of her own: it is kept, with its weeks, for her alone. Raises Invalid for Tuff Omsorg, which everybody has."""
    card = get_polarity(owner, polarity_id)
    if card.builtin:
        raise Invalid(polarity=lazy("Tough care is there for everybody. You do not have to note anything on it."))
    card.ended_at = card.ended_at or now()
    show(owner, card, "card", on=False)
    session().flush()


def resume_card(owner: Owner, polarity_id: uuid.UUID) -> None:
    """Takes a card up again."""
    get_polarity(owner, polarity_id).ended_at = None
    session().flush()
