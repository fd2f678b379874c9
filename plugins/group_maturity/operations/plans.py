"""What a manager plans before a measurement opens, and what is wrong with a plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement, Mode
from service.contract import Cohort, gettext, local_date, now

LABEL_LENGTH = 80
MAX_SIZE = 200
MAX_DAYS_OPEN = 90


@dataclass(frozen=True)
class Plan:
    """What a manager decides before a measurement opens. `joined` and `left`: since the wave before, else 0."""

    label: str
    size: int
    languages: Sequence[str]
    mode: Mode
    opens_on: date
    closes_on: date
    instrument: tuple[str, str]
    joined: int = 0
    left: int = 0


def today(cohort: Cohort) -> date:
    """Returns the day where the cohort is; measurements open and close by it."""
    return local_date(now(), cohort.zone)


def short(text: str) -> str:
    """Returns a text of one line, without the spaces nobody sees."""
    return " ".join(text.split())


def wrong_in(
    cohort: Cohort, plan: Plan, instrument: Instrument, previous: Measurement | None
) -> Iterator[tuple[str, str]]:
    """Yields the field and the sentence of everything that does not hold in a plan."""
    if not 0 < len(short(plan.label)) <= LABEL_LENGTH:
        yield "label", gettext("Write what the group is called, in at most %(max)d characters.", max=LABEL_LENGTH)
    if not 1 <= plan.size <= MAX_SIZE:
        yield "size", gettext("Write how many are in the group, at most %(max)d.", max=MAX_SIZE)
    if not plan.languages or not set(plan.languages) <= instrument.translation_status.keys():
        yield "languages", gettext("Choose at least one of the languages shown.")
    if plan.opens_on < today(cohort):
        yield "opens_on", gettext("It cannot open in the past.")
    if not plan.opens_on < plan.closes_on <= plan.opens_on + timedelta(days=MAX_DAYS_OPEN):
        yield "closes_on", gettext("It closes after it opens, at most %(max)d days later.", max=MAX_DAYS_OPEN)
    if previous is not None and plan.size != previous.size + plan.joined - plan.left:
        yield (
            "joined",
            gettext(
                "You were %(before)d and are %(size)d: how many have joined and left does not add up.",
                before=previous.size, size=plan.size,
            ),
        )  # fmt: skip
    if plan.joined < 0 or plan.left < 0:
        yield "joined", gettext("Write 0 or more.")
