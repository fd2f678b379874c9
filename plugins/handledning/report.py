"""The plugin's part of the cohort dashboard.

How many sessions a manager has held is participation: every coach of the cohort sees it. Everything else belongs to the
two of an engagement: it is there for the coach whose launch it is, and for nobody where there is no launch.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from plugins.handledning.calculations import Frame, Need
from plugins.handledning.calculations.groups import GROUP
from plugins.handledning.models import CoachingSession
from plugins.handledning.operations import CoachRow, Standing
from service.contract import (
    Amount,
    Attention,
    Cell,
    CohortReport,
    Column,
    Count,
    Member,
    Picture,
    Spread,
    Term,
    day,
    lazy,
    local_date,
    ngettext,
    share,
    short_day,
)
from service.contract import gettext as _

EMPTY = "\N{EN DASH}"
HOUR = 60
# From so many sessions on a manager is in the last bin.
MOST = 5
# The weightiest reason has the greatest weight.
WEIGHT_NEW = 5.0
WEIGHTS = {need: float(len(Need) - place) for place, need in enumerate(Need)}

Standings = Mapping[UUID, Standing]


def training_report(standings: Standings, frame: Frame, term: Term, zone: str) -> CohortReport:
    """Returns numbers over the cohort, for the training department: never who."""
    met = {key: _in_term(one.held, term, zone) for key, one in standings.items()}
    held = [len(sessions) for sessions in met.values()]
    engaged = [one.engagement for one in standings.values() if one.engagement is not None]
    booked = [_in_term(one.booked, term, zone) for one in standings.values()]
    planned = sum(one.planned_minutes for sessions in (*met.values(), *booked) for one in sessions)
    spent = sum(one.minutes for sessions in met.values() for one in sessions)
    # What five managers' longest sessions come to.
    step = GROUP * frame.minutes_max // HOUR
    return CohortReport(
        counts=[
            Count("engaged", lazy("Managers with a coach"), len(engaged)),
            Count(
                "agreed",
                lazy("Managers whose agreement and contract are accepted"),
                sum(its.activated_at is not None for its in engaged),
                step=3,
            ),
            Count(
                "met", lazy("Managers who have had a coaching session this term"), sum(number > 0 for number in held)
            ),
            Count(
                "enough",
                lazy("Managers with enough sessions this term"),
                sum(number >= frame.sessions_min for number in held),
                step=4,
            ),
        ],
        spreads=[_spread(held)],
        amounts=[
            Amount("planned", lazy("Planned coaching this term"), lazy("hours"), planned // HOUR, len(engaged), step),
            Amount("held", lazy("Held coaching this term"), lazy("hours"), spent // HOUR, sum(map(bool, held)), step),
        ],
    )


def _spread(held: Sequence[int]) -> Spread:
    """How many managers have had none, one, and so on; the last bin is open."""
    numbers = [sum(min(number, MOST) == at for number in held) for at in range(MOST + 1)]
    labels = [*(str(at) for at in range(MOST)), lazy("%(number)d or more", number=MOST)]
    return Spread("sessions", lazy("Sessions this term, by number of managers"), labels, numbers)


def _in_term(sessions: Sequence[CoachingSession], term: Term, zone: str) -> list[CoachingSession]:
    return [one for one in sessions if term.holds(local_date(one.planned_start, zone))]


def coach_report(
    standings: Standings,
    members: Sequence[Member],
    rows: Sequence[CoachRow],
    frame: Frame,
    today: date,
    term: Term,
    zone: str,
) -> CohortReport:
    """Returns participation for all managers and the rest for the viewing coach's own, which are `rows`."""
    by_person = {row.manager_id: row for row in rows}
    own = {member.id: by_person[member.person_id] for member in members if member.person_id in by_person}
    names = {member.id: member.person.display_name for member in members}
    return CohortReport(
        columns=[Column("sessions", lazy("Coaching")), Column("homework", lazy("Homework"))],
        cells={key: _cells(one, own.get(key), frame, term, zone) for key, one in standings.items()},
        attention=[item for key, row in own.items() for item in _attention(key, row, standings[key], today)],
        pictures=[_picture({key: standings[key] for key in own}, names, today, term, zone)] if own else [],
    )


def _cells(one: Standing, row: CoachRow | None, frame: Frame, term: Term, zone: str) -> Mapping[str, Cell]:
    held = len(_in_term(one.held, term, zone))
    said = _("%(held)d of %(least)d to %(most)d", held=held, least=frame.sessions_min, most=frame.sessions_max)
    if row is None:
        return {"sessions": Cell(held, said)}
    coming = local_date(row.next_start, zone) if row.next_start else None
    detail = _("next %(day)s", day=day(coming)) if coming else _("none booked")
    return {"sessions": Cell(held, said, detail), "homework": _homework(row)}


def _homework(row: CoachRow) -> Cell:
    waiting = ngettext("%(num)d open", "%(num)d open", row.homework)
    if row.late:
        return Cell(row.homework, ngettext("%(num)d late", "%(num)d late", row.late), waiting, "att")
    return Cell(row.homework, waiting if row.homework else _("no homework"))


def _attention(member_id: UUID, row: CoachRow, one: Standing, today: date) -> list[Attention]:
    since = today - timedelta(days=row.days_since_contact)
    found = (
        []
        if row.accepted
        else [Attention(member_id, _("Has chosen you as coach"), _("waits for your yes"), WEIGHT_NEW)]
    )
    for need in row.needs:
        why, detail = _reason(need, row, one, today, since)
        found.append(Attention(member_id, why, detail, WEIGHTS[need]))
    return found


def _reason(need: Need, row: CoachRow, one: Standing, today: date, since: date) -> tuple[str, str]:
    """Returns why, and what there is to know about it."""
    if need is Need.LATE:
        due = min(one.overdue(today), default=today)
        days = (today - due).days
        why = ngettext("Homework late by %(num)d day", "Homework late by %(num)d days", days)
        return why, _("was due %(day)s", day=day(due))
    if need is Need.UNBOOKED:
        return _("No next session booked"), _("last contact %(day)s", day=day(since))
    if need is Need.BEHIND:
        return _("Behind the contract"), _("by %(share)s", share=share(-(row.variance or 0)))
    days = row.days_since_contact
    why = ngettext("No contact for %(num)d day", "No contact for %(num)d days", days)
    return why, _("last on %(day)s", day=day(since))


def _picture(own: Standings, names: Mapping[UUID, str], today: date, term: Term, zone: str) -> Picture:
    """One row per manager: sessions held and booked, over the term and a little beyond."""
    keys = sorted(own, key=lambda key: names[key])
    held = [
        (row, local_date(s.planned_start, zone))
        for row, key in enumerate(keys)
        for s in _in_term(own[key].held, term, zone)
    ]
    booked = [(row, local_date(s.planned_start, zone)) for row, key in enumerate(keys) for s in own[key].booked]
    dates = [term.first, today, *(at for _row, at in [*held, *booked])]
    chart: dict[str, Any] = {
        "kind": "timeline",
        "rows": [names[key] for key in keys],
        "now": today.isoformat(),
        "nowLabel": _("today"),
        "from": min(dates).isoformat(),
        "to": (max(term.last, *dates) + timedelta(days=7)).isoformat(),
        "series": [
            {"name": _("session held"), "mark": "disc", "data": [[at.isoformat(), row] for row, at in held]},
            {"name": _("booked"), "mark": "ring", "data": [[at.isoformat(), row] for row, at in booked]},
        ],
    }
    rows = [[names[key], _dates(held, row), _dates(booked, row)] for row, key in enumerate(keys)]
    without = sum(not own[key].booked for key in keys)
    summary = (
        ngettext(
            "%(num)d of your managers has no session booked.",
            "%(num)d of your managers have no session booked.",
            without,
        )
        if without
        else _("All your managers have a next session.")
    )
    headers = [_("Manager"), _("Held"), _("Booked")]
    return Picture("handledning-term", lazy("The term, one row each"), summary, chart, headers, rows)


def _dates(found: Sequence[tuple[int, date]], row: int) -> str:
    return ", ".join(short_day(at) for its, at in found if its == row) or EMPTY
