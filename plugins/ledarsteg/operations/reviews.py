"""The Friday review: one for each week, written from its Friday until the Thursday after, and changed later if she wants."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date

import sqlalchemy as sa

from plugins.ledarsteg.calculations import is_long_imbalance, last_day_for, reviewed_week
from plugins.ledarsteg.models import Review
from plugins.ledarsteg.operations.changing import ChangedMeanwhile
from plugins.ledarsteg.operations.owner import Owner
from plugins.ledarsteg.operations.rows import upsert, values_of
from service.contract import Cohort, Invalid, lazy, now, progress_changed, session

CHANGING = (
    "being", "doing", "sides", "contribution_sealed", "being_text_sealed", "doing_text_sealed", "next_week_sealed", "written_at",
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What she says of a week. `being` and `doing` from 1 to 5; `sides` of Tuff Omsorg as bits. Anything may be left out."""

    contribution: str = ""
    sides: int = 0
    being: int | None = None
    being_text: str = ""
    doing: int | None = None
    doing_text: str = ""
    next_week: str = ""

    @classmethod
    def of(cls, row: Review) -> "Look":
        """Returns what stands in a review."""
        return cls(
            row.contribution, row.sides, row.being, row.being_text, row.doing, row.doing_text, row.next_week
        )  # fmt: skip


def review_of(owner: Owner, monday: date) -> Review | None:
    """Returns the owner's review of the week that begins with that Monday."""
    query = sa.select(Review).where(*_mine(owner), Review.monday == monday)
    # As it stands now, also where this unit has read it before.
    return session().scalar(query.execution_options(populate_existing=True))


def reviews(owner: Owner) -> list[Review]:
    """Returns the owner's reviews, the latest week first."""
    return list(session().scalars(sa.select(Review).where(*_mine(owner)).order_by(Review.monday.desc())))


def _mine(owner: Owner) -> tuple[sa.ColumnElement[bool], ...]:
    return (Review.cohort_id == owner.cohort_id, Review.person_id == owner.person_id)


def write_review(owner: Owner, monday: date, look: Look, seen: int) -> None:
    """Writes the review of a week, or changes it. `seen` is the revision of the form, 0 for a review not written yet.

    Raises ChangedMeanwhile when it was written otherwise since, and Invalid for a look that says nothing and for a week
    that has not come to its Friday or was over before last Thursday. Sent twice, it is written once.
    """
    if not any(astuple(look)):
        raise Invalid(contribution=lazy("Write or choose something first. One line is enough."))
    if review_of(owner, monday) is None:
        _check_week(monday, owner.today())
    row = Review(
        id=uuid.uuid5(owner.person_id, f"{owner.cohort_id}/{monday}"), cohort_id=owner.cohort_id, person_id=owner.person_id,
        monday=monday, being=look.being, doing=look.doing, sides=look.sides, contribution=look.contribution,
        being_text=look.being_text, doing_text=look.doing_text, next_week=look.next_week, written_at=now(),
    )  # fmt: skip
    values = values_of(row)
    keys = ["cohort_id", "person_id", "monday"]
    revision = upsert(row, {name: values[name] for name in CHANGING}, keys=keys, seen=seen)
    if revision == 1:
        progress_changed(owner.cohort_id, "ledarsteg")
    elif revision is None:
        stands = review_of(owner, monday)
        if stands is None or Look.of(stands) != look:
            raise ChangedMeanwhile


def _check_week(monday: date, today: date) -> None:
    if monday > reviewed_week(today):
        raise Invalid(week=lazy("That week can be looked back on from its Friday."))
    if today > last_day_for(monday):
        raise Invalid(week=lazy("A week can be looked back on until the Thursday after it. That one is further back."))


def why_closed(owner: Owner, monday: date) -> str:
    """Says why a review of a week that is not written cannot be begun today; nothing when it can."""
    try:
        _check_week(monday, owner.today())
    except Invalid as error:
        return str(error.fields["week"])
    return ""


def long_imbalance(written: Sequence[Review]) -> bool:
    """Tells whether doing has long won over being in the owner's reviews, the latest first. Said to nobody but her."""
    return is_long_imbalance([(row.being, row.doing) for row in reversed(written)])


def reviewed_mondays(cohort: Cohort) -> Mapping[uuid.UUID, Sequence[date]]:
    """Returns the Mondays of the weeks that each person of a cohort looked back on. One statement, and no word of it."""
    rows = session().execute(sa.select(Review.person_id, Review.monday).where(Review.cohort_id == cohort.id))
    mondays: defaultdict[uuid.UUID, list[date]] = defaultdict(list)
    for person_id, monday in rows:
        mondays[person_id].append(monday)
    return dict(mondays)
