"""The practice cohort's past, made through the plugin's own operations at the time it would have been made.

Seven teams have been asked: one twice, six so that there is a report, one where too few answered; one is answering just
now, and one manager has only planned. The numbers are drawn, the same ones each time.
"""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from plugins.group_maturity import operations
from plugins.group_maturity.instruments import LIBRARY, OWN, newest
from plugins.group_maturity.models import Measurement, Mode, SelfRating, State
from plugins.group_maturity.operations import answering, closing, measurements, ratings, sharing
from plugins.group_maturity.operations.measurements import Plan
from plugins.group_maturity.settings import GroupSettings
from service.contract import Cohort, DemoCast, Member

Levels = Mapping[str, int]

# Which manager, how many days ago, the answer around which each scale lies (high is much of it), and what she writes.
_WAVES: tuple[tuple[int, int, Levels, str], ...] = (
    (0, 124, {"A": 4, "B": 3, "C": 2, "D": 2, "M": 3}, "Säga vad som är viktigast varje måndag, och varför."),
    (0, 31, {"A": 2, "B": 2, "C": 4, "D": 4, "M": 4}, "Lämna över ett beslut om dagen och låta det gälla."),
    (1, 26, {"A": 4, "B": 2, "C": 3, "D": 2, "M": 3}, "Fråga gruppen innan jag själv säger vad jag tycker."),
    (2, 19, {"A": 2, "B": 4, "C": 2, "D": 3, "M": 2}, "Ta upp det som ligger kvar mellan oss på torsdagens möte."),
    (3, 12, {"A": 3, "B": 2, "C": 4, "D": 3, "M": 4}, ""),
    (4, 5, {"A": 3, "B": 3, "C": 3, "D": 3, "M": 3}, "Följa upp överenskommelserna varannan vecka."),
)
# Nobody answers the same throughout: what is added to each scale's answers, item by item.
_UNEVEN = (0, 1, 0, -1, 0, 0)


@dataclass(frozen=True)
class _Team:
    """One measurement: whose, of whom, and how it went.

    `began` and `ended` are days ago; `ended` None is open still, with `began` None it is only planned. `means` is what
    the group answers around on each scale, and `apart` how far people lie from it. `again`: it is the next wave of the
    same manager's group. `texts` is what some of them write besides.
    """

    who: int
    label: str
    size: int
    answered: int
    began: int | None
    ended: int | None
    means: Mapping[str, float]
    apart: Mapping[str, float]
    again: bool = False
    texts: Sequence[str] = ()
    mode: Mode = Mode.CODES
    shared: bool = False

    @property
    def settings(self) -> GroupSettings:
        """What held in the course when the group was asked."""
        return GroupSettings(ask_for_words=bool(self.texts))


def _sides(a: float, b: float, c: float, d: float) -> Mapping[str, float]:
    return {"A": a, "B": b, "C": c, "D": d}


_WRITTEN = (
    "Överlämningarna går bättre sedan vi började skriva dem.",
    "Kan vi ha mötet stående? Det blir kortare då.",
    "Vi säger ofta ja till allt och ångrar oss på torsdagen.",
    "Bra att besluten ligger hos oss, men det är inte alltid klart vilka.",
    "Jag skulle vilja veta mer om vad de andra teamen gör.",
    "Fortsätt fråga oss innan planen är färdig.",
)
_ALIKE = _sides(0.7, 0.7, 0.8, 0.8)
_TEAMS = (
    _Team(0, "Dagteamet", 11, 11, 123, 110, _sides(4.1, 2.6, 2.7, 2.3), _sides(0.7, 0.8, 0.9, 1.0)),
    _Team(1, "Hemtjänst Norra", 10, 8, 25, 11, _sides(3.1, 3.6, 2.4, 2.9), _sides(1.6, 0.8, 1.3, 1.7), shared=True),
    _Team(2, "Mottagningen", 9, 7, 18, 4, _sides(3.9, 2.9, 2.8, 2.2), _ALIKE),
    _Team(6, "Verkstaden", 12, 10, 40, 26, _sides(2.0, 1.9, 4.1, 4.0), _ALIKE),
    _Team(7, "Växeln", 8, 6, 36, 22, _sides(2.9, 2.1, 3.9, 3.2), _ALIKE),
    _Team(8, "Biblioteket", 14, 13, 33, 19, _sides(2.3, 2.8, 3.3, 3.7), _sides(1.0, 1.5, 0.9, 1.2)),
    _Team(
        0,
        "Dagteamet",
        11,
        11,
        19,
        6,
        _sides(3.6, 2.2, 3.1, 2.8),
        _sides(0.7, 0.7, 1.0, 1.5),
        again=True,
        texts=_WRITTEN,
    ),
    _Team(5, "Nattpatrullen", 7, 3, 30, 16, _sides(3.0, 3.0, 3.0, 3.0), _ALIKE),
    _Team(3, "Köket", 8, 6, 9, None, _sides(3.1, 2.2, 3.3, 3.0), _ALIKE, mode=Mode.LINK),
    _Team(4, "Parkavdelningen", 9, 0, None, None, {}, {}),
)
_DAYS_OPEN = 13


def fill(cohort: Cohort, cast: DemoCast) -> None:
    """Lets managers rate their groups, and ask them. A smaller cohort has a smaller past."""
    for who, days, levels, sentence in _WAVES:
        if who < len(cast.managers):
            with cast.at(_moment(cast, days)):
                _rate(cohort, cast.managers[who], levels, sentence)
    for team in _TEAMS:
        if team.who < len(cast.managers):
            _measure(cohort, cast, team)


def _moment(cast: DemoCast, days: int) -> datetime:
    return datetime.combine(cast.today - timedelta(days=days), time(14, 20), tzinfo=UTC)


def _rate(cohort: Cohort, member: Member, levels: Levels, sentence: str) -> None:
    rating = operations.begin(cohort, member.person_id)
    operations.submit(rating, _answers(levels))
    operations.write_contribution(rating, sentence)


def _answers(levels: Levels) -> dict[str, int | None]:
    instrument = newest(LIBRARY, OWN)
    low, high = instrument.response_scale.min, instrument.response_scale.max
    answers: dict[str, int | None] = {}
    for name in instrument.forms["self"]:
        item = instrument.items[name]
        answer = min(high, max(low, levels[item.scale] + _UNEVEN[int(name[1:]) - 1]))
        answers[name] = low + high - answer if item.reverse else answer
    return answers


def _measure(cohort: Cohort, cast: DemoCast, team: _Team) -> None:
    manager = cast.managers[team.who].person_id
    # What is only planned was planned yesterday.
    with cast.at(_moment(cast, team.began or 1)):
        made = _planned(cohort, manager, team)
        if team.began is None:
            return
        measurements.open_up(made, cohort, team.settings)
        free = _free_rating(cohort, manager, made, latest=team.again)
        if free is not None:
            ratings.put_beside(free, made)
    with cast.at(_moment(cast, team.began - 2)):
        _answer(cohort, made, team)
    if team.ended is not None:
        with cast.at(_moment(cast, team.ended)):
            _end(cohort, made, cast.coach if team.shared else None)


def _planned(cohort: Cohort, manager: uuid.UUID, team: _Team) -> Measurement:
    instrument, today = newest(LIBRARY, OWN), measurements.today(cohort)
    plan = Plan(
        team.label, team.size, ("sv", "en"), team.mode, today, today + timedelta(days=_DAYS_OPEN),
        (instrument.key, instrument.version),
    )  # fmt: skip
    if not team.again:
        return measurements.create(cohort, manager, plan, team.settings)
    before = next(one for one in measurements.of_manager(cohort, manager) if one.state is State.REPORTED)
    return measurements.again(before, cohort, plan, team.settings)


def _free_rating(cohort: Cohort, manager: uuid.UUID, made: Measurement, *, latest: bool) -> SelfRating | None:
    """Her rating that belongs beside a measurement: of two, the first beside the first wave."""
    free = [one for one in ratings.submitted(cohort, manager) if ratings.fits(one, made) and one.measurement_id is None]
    return free[0 if latest else -1] if free else None


def _answer(cohort: Cohort, made: Measurement, team: _Team) -> None:
    chance = random.Random(f"{team.label} {made.wave}")  # noqa: S311 - made-up people, the same each time
    instrument = measurements.instrument_of(made)
    for person in range(team.answered):
        answers = _around(team, measurements.asked(made, instrument), chance)
        text = team.texts[person] if person < len(team.texts) else ""
        answering.submit(cohort, made.id, uuid.uuid4(), uuid.uuid4().hex, answers, text)


def _around(team: _Team, names: Sequence[str], chance: random.Random) -> dict[str, int | None]:
    instrument = newest(LIBRARY, OWN)
    low, high = instrument.response_scale.min, instrument.response_scale.max
    # Who sees a side as worse sees all of it as worse: people differ more than their answers do.
    leans = {scale: chance.gauss(0, apart) * 0.5 for scale, apart in team.apart.items()}
    answers: dict[str, int | None] = {}
    for name in names:
        item = instrument.items[name]
        drawn = chance.gauss(team.means[item.scale] + leans[item.scale], team.apart[item.scale] * 0.8)
        answer = min(high, max(low, round(drawn)))
        answers[name] = None if chance.random() < 0.03 else low + high - answer if item.reverse else answer  # noqa: PLR2004 - some cannot judge
    return answers


def _end(cohort: Cohort, made: Measurement, coach: Member | None) -> None:
    if made.enough:
        closing.close_now(made, cohort)
    else:
        closing.close_due()
    closing.freeze(made.id)
    if coach is not None:
        sharing.share(made, cohort, coach.person_id, with_own=True)
