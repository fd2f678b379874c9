"""Where the time of the practice cohort's best known manager goes, made by the plugin's own operations.

The first round of her time audit is the worked example of the method's calculations: 2,400 minutes in five days.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugins.ledarsteg.calculations import WEEK, Category, Effect, Side, last_mondays
from plugins.ledarsteg.models import Target
from plugins.ledarsteg.operations.contributions import Given, log_contribution
from plugins.ledarsteg.operations.leader_time import Block, plan_block
from plugins.ledarsteg.operations.owner import Owner
from plugins.ledarsteg.operations.polarities import builtin_id, make_card, pole_cards, read_week
from plugins.ledarsteg.operations.sharing import share_card, share_round
from plugins.ledarsteg.operations.time import Stretch, add_row, finish_round, start_round
from service.contract import DemoCast

Told = tuple[Category, int, bool, str]
# What a working day was like, five days in a row: where the minutes went, whether it may go, and what it was.
FIRST: Sequence[Sequence[Told]] = (
    (
        (Category.MEETINGS, 90, True, "Statusmöte"), (Category.FIREFIGHTING, 120, False, "Vikarie till kvällen"),
        (Category.ROUTINES, 120, True, "Läsa alla kopior av mejl"), (Category.SEEMINGLY_URGENT, 90, False, ""),
        (Category.LEADER_CONTRIBUTION, 60, False, "Samtal om schemat"),
    ),
    (
        (Category.MEETINGS, 150, False, "Ledningsgrupp"), (Category.FIREFIGHTING, 60, False, ""),
        (Category.ROUTINES, 90, True, "Läsa alla kopior av mejl"), (Category.SEEMINGLY_URGENT, 90, True, "Svar i chatten"),
        (Category.OLD_HABITS, 30, True, "Rätta protokoll själv"), (Category.LEADER_CONTRIBUTION, 60, False, ""),
    ),
    (
        (Category.MEETINGS, 180, True, "Statusmöte"), (Category.FIREFIGHTING, 90, False, "Larm från huset"),
        (Category.ROUTINES, 90, False, "Attestera fakturor"), (Category.SEEMINGLY_URGENT, 60, True, "Svar i chatten"),
        (Category.LEADER_CONTRIBUTION, 60, False, "Återkoppling till en medarbetare"),
    ),
    (
        (Category.MEETINGS, 150, False, "Planering"), (Category.FIREFIGHTING, 90, False, ""),
        (Category.ROUTINES, 90, True, "Läsa alla kopior av mejl"), (Category.SEEMINGLY_URGENT, 60, False, ""),
        (Category.OLD_HABITS, 45, True, "Rätta protokoll själv"), (Category.LEADER_CONTRIBUTION, 60, False, ""),
    ),
    (
        (Category.MEETINGS, 150, True, "Statusmöte"), (Category.FIREFIGHTING, 60, False, ""),
        (Category.ROUTINES, 90, False, "Attestera fakturor"), (Category.SEEMINGLY_URGENT, 60, True, "Svar i chatten"),
        (Category.OLD_HABITS, 45, True, "Rätta protokoll själv"),
        (Category.LEADER_CONTRIBUTION, 60, False, "Gruppen la schemat"),
    ),
)  # fmt: skip
AGAIN: Sequence[Sequence[Told]] = (
    (
        (Category.MEETINGS, 120, False, "Ledningsgrupp"), (Category.FIREFIGHTING, 90, False, ""),
        (Category.ROUTINES, 90, True, "Läsa alla kopior av mejl"), (Category.SEEMINGLY_URGENT, 60, True, "Svar i chatten"),
        (Category.LEADER_CONTRIBUTION, 120, False, "Tre samtal"),
    ),
    (
        (Category.MEETINGS, 120, False, "Planering"), (Category.FIREFIGHTING, 90, False, "Vikarie till helgen"),
        (Category.ROUTINES, 90, False, "Attestera fakturor"), (Category.SEEMINGLY_URGENT, 60, False, ""),
        (Category.OTHER, 30, False, "Läkarbesök"), (Category.LEADER_CONTRIBUTION, 90, False, "Återkoppling"),
    ),
    (
        (Category.MEETINGS, 150, True, "Statusmöte"), (Category.FIREFIGHTING, 60, False, ""),
        (Category.ROUTINES, 90, False, "Attestera fakturor"), (Category.SEEMINGLY_URGENT, 60, False, ""),
        (Category.OLD_HABITS, 30, True, "Rätta protokoll själv"), (Category.LEADER_CONTRIBUTION, 90, False, ""),
    ),
    (
        (Category.MEETINGS, 120, False, "Planering"), (Category.FIREFIGHTING, 90, False, ""),
        (Category.ROUTINES, 90, True, "Läsa alla kopior av mejl"), (Category.SEEMINGLY_URGENT, 60, False, ""),
        (Category.OLD_HABITS, 30, False, ""), (Category.LEADER_CONTRIBUTION, 90, False, "Gruppen valde själv"),
    ),
    (
        (Category.MEETINGS, 120, False, "Uppföljning"), (Category.FIREFIGHTING, 90, False, ""),
        (Category.ROUTINES, 90, False, ""), (Category.SEEMINGLY_URGENT, 60, True, "Svar i chatten"),
        (Category.OTHER, 30, False, ""), (Category.LEADER_CONTRIBUTION, 90, False, "Lyssna klart"),
    ),
)  # fmt: skip

# One letter per contribution of a week: h hard, o soft for the operations, i soft for an individual, b both; small ones
# come of one rated 3, capital ones of one rated 4.
WEEKS = ("h", "hi", "hH", "ho", "iHb", "Iho", "HbIi", "bH")
TAGS = {
    "h": (Side.HARD, Effect.ABILITY, Target.INDIVIDUAL, "Bad om ett eget förslag"),
    "o": (Side.SOFT_OPERATIONS, Effect.VALUE, Target.GROUP, "Visade vad beslutet betyder för brukarna"),
    "i": (Side.SOFT_INDIVIDUAL, Effect.ATTITUDE, Target.INDIVIDUAL, "Lyssnade klart"),
    "b": (
        Side.HARD | Side.SOFT_INDIVIDUAL, Effect.ABILITY | Effect.COLLABORATION, Target.GROUP,
        "Sa vad jag såg, och frågade hur det är",
    ),
}  # fmt: skip
READINGS = (-60, -45, -50, -20, -25, -5, 10, 5)
PLANNED, KEPT = (0, 2, 4), ((45, 0, 30), (45, 20, 45), (45, 45, 30), (0, 45, 45))
BLOCK = 45


def seed(owner: Owner, cast: DemoCast) -> None:
    """Gives one manager two rounds of the time audit, and eight weeks of leader time, contributions and readings.

    She shares with the coaches what came of the rounds, and the card Tuff Omsorg.
    """
    mondays = last_mondays(cast.today, 10)
    _round(owner, cast, mondays[1], FIRST)
    _round(owner, cast, mondays[-2], AGAIN)
    for index, monday in enumerate(mondays[-8:]):
        _lead(owner, cast, monday, KEPT[index % len(KEPT)])
        _contribute(owner, cast, monday, WEEKS[index])
        _read(owner, cast, monday, READINGS[index])
    for day in _blocks(mondays[-1] + timedelta(WEEK)):
        plan_block(owner, Block(day, BLOCK))
    share_card(owner, builtin_id(owner), on=True)


def _moment(owner: Owner, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(owner.zone))


def _on(owner: Owner, cast: DemoCast, day: date) -> AbstractContextManager[None]:
    """The afternoon of a day that has gone by; today it is now."""
    return cast.at(_moment(owner, day, 16)) if day < cast.today else nullcontext()


def _round(owner: Owner, cast: DemoCast, monday: date, week: Sequence[Sequence[Told]]) -> None:
    with cast.at(_moment(owner, monday, 8)):
        audit = start_round(owner, monday)
    for offset, rows in enumerate(week):
        day = monday + timedelta(offset)
        with _on(owner, cast, day):
            begins = 8 * 60
            for category, minutes, may_go, what in rows:
                add_row(owner, audit.id, Stretch(day, category, minutes, may_go, begins, what))
                begins += minutes
    with cast.at(_moment(owner, monday + timedelta(len(week) - 1), 17)):
        finish_round(owner, audit.id)
        share_round(owner, audit.id, on=True)


def _blocks(monday: date) -> Iterator[date]:
    return (monday + timedelta(offset) for offset in PLANNED)


def _lead(owner: Owner, cast: DemoCast, monday: date, kept: Sequence[int]) -> None:
    """Sets a week's leader time aside. How much was kept is known of the weeks that are over."""
    is_over = monday + timedelta(WEEK) <= cast.today
    for day, minutes in zip(_blocks(monday), kept, strict=True):
        with _on(owner, cast, day):
            plan_block(owner, Block(day, BLOCK, minutes if is_over else None))


def _contribute(owner: Owner, cast: DemoCast, monday: date, letters: str) -> None:
    for offset, letter in enumerate(letters):
        day = monday + timedelta(offset)
        if day <= cast.today:
            sides, effects, target, note = TAGS[letter.lower()]
            quality = 4 if letter.isupper() else 3
            with _on(owner, cast, day):
                log_contribution(owner, Given(day, target, 1, quality, effects, sides, note=note))


def _read(owner: Owner, cast: DemoCast, monday: date, value: int) -> None:
    """Reads a week on its Friday, or today."""
    with _on(owner, cast, min(monday + timedelta(4), cast.today)):
        read_week(owner, builtin_id(owner), monday, value)
        own = [card for card in pole_cards(owner) if not card.is_builtin]
        if not own:
            make_card(owner, "Snabba beslut", "Alla är med")
        else:
            read_week(owner, own[0].polarity.id, monday, value // 10 * -5)
