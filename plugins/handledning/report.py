"""The plugin's part of the cohort dashboard.

How many sessions a manager has held is participation: every coach of the cohort sees it. Everything else belongs to the
two of an engagement: it is there for the coach whose launch it is, and for nobody where there is no launch.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from plugins.handledning.calculations import Frame, Term, term_of
from plugins.handledning.models import CoachingSession
from plugins.handledning.operations import Standing
from service.contract import (
    Attention,
    Cell,
    CohortReport,
    Column,
    Count,
    Member,
    Picture,
    day,
    lazy,
    local_date,
    ngettext,
    short_day,
)
from service.contract import gettext as _

# Longer than this without having met is a reason to get in touch.
CONTACT_DAYS = 30
EMPTY = "\N{EN DASH}"
WEIGHT_LATE, WEIGHT_UNBOOKED, WEIGHT_NO_CONTACT = 3.0, 2.0, 1.0

Standings = Mapping[UUID, Standing]


def training_report(standings: Standings, frame: Frame, today: date, zone: str) -> CohortReport:
    """Returns numbers over the cohort, for the training department: never who."""
    term = term_of(today)
    held = [len(_in_term(one.held, term, zone)) for one in standings.values()]
    return CohortReport(
        counts=[
            Count(
                "engaged", lazy("Managers with a coach"), sum(one.engagement is not None for one in standings.values())
            ),
            Count(
                "met", lazy("Managers who have had a coaching session this term"), sum(number > 0 for number in held)
            ),
            Count(
                "enough",
                lazy("Managers with enough sessions this term"),
                sum(number >= frame.sessions_min for number in held),
            ),
        ]
    )


def _in_term(sessions: Sequence[CoachingSession], term: Term, zone: str) -> list[CoachingSession]:
    return [one for one in sessions if term_of(local_date(one.planned_start, zone)) == term]


def coach_report(
    standings: Standings, members: Sequence[Member], viewer: UUID, frame: Frame, moment: datetime, zone: str
) -> CohortReport:
    """Returns participation for all managers and the rest for the viewing coach's own."""
    today = local_date(moment, zone)
    own = {key: one for key, one in standings.items() if _is_own(one, viewer)}
    names = {member.id: member.person.display_name for member in members}
    return CohortReport(
        columns=[Column("sessions", lazy("Coaching")), Column("homework", lazy("Homework"))],
        cells={key: _cells(one, frame, today, zone, own=key in own) for key, one in standings.items()},
        attention=[item for key, one in own.items() for item in _attention(key, one, today, zone)],
        pictures=[_picture(own, names, today, zone)] if own else [],
    )


def _is_own(one: Standing, viewer: UUID) -> bool:
    return one.engagement is not None and one.engagement.coach_id == viewer


def _cells(one: Standing, frame: Frame, today: date, zone: str, *, own: bool) -> Mapping[str, Cell]:
    held = len(_in_term(one.held, term_of(today), zone))
    said = _("%(held)d of %(least)d to %(most)d", held=held, least=frame.sessions_min, most=frame.sessions_max)
    if not own:
        return {"sessions": Cell(held, said)}
    coming = local_date(one.booked[0].planned_start, zone) if one.booked else None
    detail = _("next %(day)s", day=day(coming)) if coming else _("none booked")
    return {"sessions": Cell(held, said, detail), "homework": _homework(one, today)}


def _homework(one: Standing, today: date) -> Cell:
    late = len(one.overdue(today))
    if late:
        detail = ngettext("%(num)d open", "%(num)d open", len(one.due))
        return Cell(len(one.due), ngettext("%(num)d late", "%(num)d late", late), detail, "att")
    return Cell(len(one.due), ngettext("%(num)d open", "%(num)d open", len(one.due)) if one.due else _("none"))


def _attention(member_id: UUID, one: Standing, today: date, zone: str) -> list[Attention]:
    found = []
    late = one.overdue(today)
    if late:
        days = (today - late[0]).days
        why = ngettext("Homework late by %(num)d day", "Homework late by %(num)d days", days)
        found.append(Attention(member_id, why, _("was due %(day)s", day=day(late[0])), WEIGHT_LATE))
    last = one.last_contact()
    since = local_date(last, zone) if last else today
    if not one.booked:
        found.append(
            Attention(
                member_id, _("No next session booked"), _("last contact %(day)s", day=day(since)), WEIGHT_UNBOOKED
            )
        )
    days = (today - since).days
    if days > CONTACT_DAYS:
        why = ngettext("No contact for %(num)d day", "No contact for %(num)d days", days)
        found.append(Attention(member_id, why, _("last on %(day)s", day=day(since)), WEIGHT_NO_CONTACT))
    return found


def _picture(own: Standings, names: Mapping[UUID, str], today: date, zone: str) -> Picture:
    """One row per manager: sessions held and booked, over the term and a little beyond."""
    keys = sorted(own, key=lambda key: names[key])
    term = term_of(today)
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
