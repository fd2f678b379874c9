"""What others show of the plugin: home card, thread, cohort columns, and the pictures of a profile."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from plugins.group_maturity import calculations, operations
from plugins.group_maturity.cards import cohort as cohort_cards
from plugins.group_maturity.cards import training as training_cards
from plugins.group_maturity.instruments.schema import ResponseScale
from plugins.group_maturity.models import Measurement, SelfRating, State
from plugins.group_maturity.operations import measurements, overview, ratings, reports
from plugins.group_maturity.operations.figures import Figures
from plugins.group_maturity.settings import GroupSettings
from service.contract import (
    Card,
    Cohort,
    CohortReport,
    Member,
    Place,
    Progress,
    Role,
    TimelineEvent,
    current_launch,
    local_date,
    now,
    plugin_url,
)
from service.contract import gettext as _

KEY = "group_maturity"
# So long home tells of a report that has come.
DAYS_NEW = 14


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
    """What is most to do about the group: a measurement that wants something, else rating it. Else nothing."""
    launch = current_launch()
    if launch.role is not Role.MANAGER:
        return ()
    told = _measured(cohort, member) or _rated(cohort, member, launch.zone)
    return () if told is None else (Card("group_maturity/card.html", told, place=Place.SIDE, order=30),)


def _measured(cohort: Cohort, member: Member) -> dict[str, Any] | None:
    """What the latest measurement wants: to be opened, to be handed out or ended, to be read, to be made again."""
    every = [one for one in measurements.of_manager(cohort, member.person_id) if one.state is not State.DISCARDED]
    if not every:
        return None
    latest, today = every[0], measurements.today(cohort)
    state = {State.DRAFT: "planned", State.OPEN: "enough" if latest.enough else "open", State.CLOSED: "counting"}.get(
        latest.state
    )
    if state is None and latest.closed_on is not None:
        if today < latest.closed_on + timedelta(days=DAYS_NEW):
            state = "report" if latest.state is State.REPORTED else "hidden"
        elif today >= (measurements.retest_from(latest, settings()) or today):
            state = "again"
    if state is None:
        return None
    url = plugin_url(f"{KEY}.measurement", measurement_id=latest.id)
    return {"state": state, "url": url, "label": latest.label, "closes_on": latest.closes_on}


def _rated(cohort: Cohort, member: Member, zone: str) -> dict[str, Any] | None:
    ratings_made = operations.submitted(cohort, member.person_id)
    again = retest(ratings_made, zone)
    if operations.draft(cohort, member.person_id) is not None:
        state = "begun"
    elif again is None:
        state = "never"
    elif again <= local_date(now(), zone):
        state = "due"
    else:
        return None
    return {"state": state, "url": plugin_url(f"{KEY}.start")}


def timeline(cohort: Cohort, member: Member) -> Iterator[TimelineEvent]:
    """Yields her ratings and what her group has said, oldest first, and the day on which change shows."""
    launch = current_launch()
    made = operations.submitted(cohort, member.person_id)
    every = measurements.of_manager(cohort, member.person_id)
    ended = [one for one in every if one.state in measurements.ENDED]
    told = reports.figures_by_measurement(ended)
    events = [_rating_event(rating, launch.zone, launch.locale) for rating in reversed(made)]
    events += [_measurement_event(one, told.get(one.id), launch.locale) for one in reversed(ended)]
    yield from sorted(events, key=lambda event: event.at)
    again = retest(made, launch.zone)
    followed = {one.previous_id for one in every}
    for latest in [one for one in ended if one.id not in followed]:
        day = measurements.retest_from(latest, settings()) or measurements.today(cohort)
        yield TimelineEvent(day, _("Group: ask again"), latest.label, "later", _measurement_url(latest))
    if not ended and again is not None:
        url = plugin_url(f"{KEY}.start")
        yield TimelineEvent(again, _("Group: rate again"), _("See what has changed"), "later", url)


def _rating_event(rating: SelfRating, zone: str, locale: str) -> TimelineEvent:
    found = operations.profile(rating)
    speaks = found.instrument.language(locale)
    title = found.stage.title[speaks] if found.stage else _("Too little to name a stage")
    url = plugin_url(f"{KEY}.profile", rating_id=rating.id)
    return TimelineEvent(day_of(rating, zone), _("Group: own picture"), title, "done", url, rating.id)


def _measurement_event(one: Measurement, figures: Figures | None, locale: str) -> TimelineEvent:
    instrument = measurements.instrument_of(one)
    speaks = instrument.language(locale)
    stage = next((stage for stage in instrument.stages if figures and stage.id == figures.stage), None)
    if figures is None:
        title = _("Not shown: too few answered")
    elif not figures.numbered:
        title = _("Which way it has gone")
    else:
        title = stage.title[speaks] if stage else _("Too little to name a stage")
    at = one.closed_on or one.closes_on
    return TimelineEvent(at, _("Group: what it says itself"), title, "done", _measurement_url(one), one.id)


def _measurement_url(one: Measurement) -> str:
    return plugin_url(f"{KEY}.measurement", measurement_id=one.id)


def cohort_report(cohort: Cohort, members: Sequence[Member], audience: Role, viewer: uuid.UUID) -> CohortReport:
    """Tells a coach who has rated and when, and how far a measurement is; the training department how many.

    Never what was answered. That a report is shared is told to the coach it is shared with, and to no other.
    """
    if audience is Role.COACH:
        return cohort_cards.coach_report(cohort, members, viewer)
    if audience is Role.TRAINING:
        return training_cards.training_report(cohort, members)
    return CohortReport()


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
