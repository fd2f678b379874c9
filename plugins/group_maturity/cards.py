"""What others show of the plugin: home card, thread, cohort columns, and the pictures of a profile."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from plugins.group_maturity import calculations, operations
from plugins.group_maturity.instruments.schema import ResponseScale
from plugins.group_maturity.models import SelfRating
from plugins.group_maturity.operations import measurements, overview, ratings
from plugins.group_maturity.settings import GroupSettings
from service.contract import (
    Card,
    Cell,
    Cohort,
    CohortReport,
    Column,
    Count,
    Member,
    Place,
    Progress,
    Role,
    TimelineEvent,
    current_launch,
    lazy,
    local_date,
    now,
    plugin_url,
    short_day,
)
from service.contract import gettext as _

KEY = "group_maturity"


@dataclass(frozen=True)
class Dated:
    """A submitted rating in a list: its id and the day it was made."""

    id: uuid.UUID
    day: date


def settings() -> GroupSettings:
    """Returns the plugin's settings in the cohort of the current launch."""
    return cast("GroupSettings", current_launch().plugins.settings(KEY))


def day_of(rating: SelfRating, zone: str) -> date:
    """Returns the day a rating was submitted, else begun, where the person is."""
    return ratings.submitted_on(rating, zone)


def dated(ratings: Sequence[SelfRating], zone: str) -> list[Dated]:
    """Returns submitted ratings with their days, in the order given."""
    return [Dated(rating.id, day_of(rating, zone)) for rating in ratings]


def retest(ratings: Sequence[SelfRating], zone: str) -> date | None:
    """Returns the day to rate again, counted from the latest rating (the first in the list); None before the first."""
    return operations.retest_on(ratings[0], settings().retest_after_days, zone) if ratings else None


def home_cards(cohort: Cohort, member: Member) -> Sequence[Card]:
    """Asks a manager to rate her group: when she never has, has begun, or it is time again. Else nothing."""
    launch = current_launch()
    if launch.role is not Role.MANAGER:
        return ()
    zone = launch.zone
    ratings = operations.submitted(cohort, member.person_id)
    again = retest(ratings, zone)
    if operations.draft(cohort, member.person_id) is not None:
        state = "begun"
    elif again is None:
        state = "never"
    elif again <= local_date(now(), zone):
        state = "due"
    else:
        return ()
    url = plugin_url(f"{KEY}.start")
    return (Card("group_maturity/card.html", {"state": state, "url": url}, place=Place.SIDE, order=30),)


def timeline(cohort: Cohort, member: Member) -> Iterator[TimelineEvent]:
    """Yields her ratings, oldest first, and the day to rate again."""
    launch = current_launch()
    zone, language = launch.zone, launch.locale
    ratings = operations.submitted(cohort, member.person_id)
    for rating in reversed(ratings):
        found = operations.profile(rating)
        speaks = found.instrument.language(language)
        title = found.stage.title[speaks] if found.stage else _("Too little to name a stage")
        url = plugin_url(f"{KEY}.profile", rating_id=rating.id)
        yield TimelineEvent(day_of(rating, zone), _("Group: own picture"), title, "done", url, rating.id)
    again = retest(ratings, zone)
    if again is not None:
        url = plugin_url(f"{KEY}.start")
        yield TimelineEvent(again, _("Group: rate again"), _("See what has changed"), "later", url)


def cohort_report(cohort: Cohort, members: Sequence[Member], audience: Role) -> CohortReport:
    """Tells a coach who has rated and when, the training department how many; never what was answered."""
    latest = operations.latest_by_person(cohort, [member.person_id for member in members])
    if audience is Role.TRAINING:
        return CohortReport(counts=(Count("group_rated", lazy("Have rated their group"), len(latest)),))
    if audience is not Role.COACH:
        return CohortReport()
    cells: dict[uuid.UUID, Mapping[str, Cell]] = {}
    for member in members:
        at = latest.get(member.person_id)
        made = None if at is None else local_date(at, cohort.zone)
        cells[member.id] = {"group_rated": Cell(made, short_day(made)) if made else Cell(None, _("not yet"))}
    return CohortReport(columns=(Column("group_rated", lazy("Group test"), "date"),), cells=cells)


def progress(cohort: Cohort, members: Sequence[Member]) -> dict[uuid.UUID, Progress]:
    """Counts the two steps of all members in two statements. Those who answer a measurement have no progress, ever."""
    people = [member.person_id for member in members]
    rated, states = operations.latest_by_person(cohort, people), overview.states(cohort, people)
    return {
        member.id: Progress(
            int(member.person_id in rated) + bool(measurements.ENDED & states.get(member.person_id, set())), 2
        )
        for member in members
    }


def pictures(found: operations.Profile, answers: operations.Answers, locale: str) -> dict[str, Any]:
    """Returns what the profile page draws: the four sides, and the manager's own statements with her answers."""
    instrument = found.instrument
    language = instrument.language(locale)
    own = found.pomps[operations.CONTRIBUTION_SCALE]
    return {
        **_sides(found, language),
        "own": None if own is None else calculations.whole(own),
        "own_items": [
            (instrument.items[name].text[language], _words(instrument.response_scale, language, answers.get(name)))
            for name in instrument.items_of(operations.CONTRIBUTION_SCALE)
        ],
        "index": None if found.index is None else calculations.whole(found.index),
    }


def _sides(found: operations.Profile, language: str) -> dict[str, Any]:
    titles, meanings, rows = [], [], []
    numbers: list[int | None] = []
    for name in operations.SIDES:
        scale, value = found.instrument.scales[name], found.pomps[name]
        number = None if value is None else calculations.whole(value)
        mature = _("a low number") if scale.direction == "low_is_mature" else _("a high number")
        titles.append(scale.title[language])
        meanings.append((scale.title[language], scale.summary[language]))
        rows.append((scale.title[language], _("too little judged") if number is None else number, mature))
        numbers.append(number)
    series = [{"name": _("You"), "data": numbers}]
    chart = {"kind": "bar", "horizontal": True, "x": {"labels": titles}, "y": {"min": 0, "max": 100}, "series": series}
    return {"meanings": meanings, "chart": chart, "rows": rows}


def _words(scale: ResponseScale, language: str, answer: int | None) -> str:
    return scale.not_applicable.labels[language] if answer is None else scale.labels[language][answer - scale.min]
