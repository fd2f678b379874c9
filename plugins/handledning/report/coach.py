"""The plugin's part of a coach's dashboard.

How many sessions a manager has held is participation: every coach of the cohort sees it. Everything else belongs to the
two of an engagement: it is there for the coach who reads, of her own managers, and for nobody else. What stands of a
manager is worked out when the page asks for her.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from statistics import median
from typing import Any
from uuid import UUID

from flask_babel import format_decimal

from plugins.handledning.calculations import Frame, Need, Status
from plugins.handledning.models import Phase
from plugins.handledning.operations import CoachRow, Party
from plugins.handledning.operations.cohort import Kind, Together, days_of_term, goal_levels
from plugins.handledning.report.pictures import THEMES, balances, levels_of
from service.contract import (
    Attention,
    Card,
    Cell,
    CohortReport,
    Column,
    Filter,
    Later,
    Member,
    Picture,
    Term,
    TermMark,
    day,
    lazy,
    local_date,
    minutes,
    ngettext,
    share,
)
from service.contract import gettext as _

# The weightiest reason has the greatest weight. The order is domain.md §6.1's [H]: homework that is overdue, no next
# session, behind the contract by more than a quarter, no contact for more than 30 days. Above them all stands a manager
# who waits for a yes: her coaching cannot begin without it.
WEIGHT_NEW = 5.0
# The law sets the day.
WEIGHT_ASKED = 6.0
WEIGHTS = {need: float(len(Need) - place) for place, need in enumerate(Need)}
# From so many own managers on they are told of together; below it there are counts alone (§6.1).
TOGETHER = 5
COLUMNS = (
    Column("sessions", lazy("Coaching"), "number", order=10),
    Column("homework", lazy("Homework"), "number", order=11),
    Column("hours", lazy("Time this term"), "minutes", minor=True),
    Column("last", lazy("Last session"), "date", minor=True),
    Column("contact", lazy("Since contact"), "number", minor=True),
    Column("contract", lazy("Contract"), "number", minor=True),
    Column("phase", lazy("Phase"), minor=True),
    Column("balance", lazy("Process and result"), "share", minor=True),
    Column("goals", lazy("Goals (T)"), "number", minor=True),
)
SHAPES = {Kind.HELD: "disc", Kind.BOOKED: "ring", Kind.CALLED: "tick"}


def coach_report(
    party: Party, members: Sequence[Member], rows: Sequence[CoachRow], held: Mapping[UUID, int], all_own: Together,
    frame: Frame, moment: datetime, term: Term, asked: Mapping[UUID, datetime],
) -> CohortReport:  # fmt: skip
    """Returns participation for all managers, and the rest for the viewing coach's own, which are `rows`.

    `asked` is by person, and until when, where the coach has to have looked at her notes about somebody who asked for them.
    """
    zone = party.cohort.zone
    today = local_date(moment, zone)
    by_person = {row.manager_id: row for row in rows}
    persons = {member.id: member.person_id for member in members}
    own = {key: row for key, person_id in persons.items() if (row := by_person.get(person_id)) is not None}
    say = Words(today, zone, frame)

    def cells(member_id: UUID) -> Mapping[str, Cell]:
        return say.cells(held.get(persons[member_id], 0), own.get(member_id))

    return CohortReport(
        columns=COLUMNS if own else COLUMNS[:1],
        cells=Later(persons, cells),
        attention=[
            *(item for key, row in own.items() for item in say.attention(key, row)),
            *(_asked_for(key, asked[one], zone) for key, one in (persons.items() if asked else ()) if one in asked),
        ],
        filters=[Filter("mine", lazy("Your own managers"), set(by_person))],
        begun=set(held) | set(by_person),
        panels=[_together(list(own.values()), all_own)] if own else (),
        details=lambda shown: _details(shown, own, (moment, term), say),
    )


class _Said:
    """A text that is put together when it is read: of a thousand managers the page reads twenty-five."""

    __slots__ = ("_make", "_part")

    def __init__(self, make: Callable[[], Sequence[str]], part: int) -> None:
        """`part` is which of the texts that `make` returns is meant."""
        self._make, self._part = make, part

    def __str__(self) -> str:
        return self._make()[self._part]


def _span(least: int, most: int) -> str:
    if least % 60 or most % 60:
        return str(_("of %(least)s to %(most)s", least=minutes(least), most=minutes(most)))
    return str(ngettext("of %(least)d to %(num)d hour", "of %(least)d to %(num)d hours", most // 60, least=least // 60))


class Words:
    """What numbers and days are called. There are thousands of them and few ways to say them: each is said once."""

    def __init__(self, today: date, zone: str, frame: Frame) -> None:
        self.today, self.zone, self.frame = today, zone, frame
        self.day = cache(day)
        self.held = cache(lambda held: _(
            "%(held)d of %(least)d to %(most)d", held=held, least=frame.sessions_min, most=frame.sessions_max
        ))  # fmt: skip
        self.hours = _span(frame.least, frame.most)
        self.next = cache(lambda at: _("next %(day)s", day=day(at)))
        self.since = cache(lambda at: _("last contact %(day)s", day=day(at)))
        self.late = cache(lambda days: ngettext("Homework late by %(num)d day", "Homework late by %(num)d days", days))
        self.due = cache(lambda at: _("was due %(day)s", day=day(at)))
        self.none_booked, self.unbooked = _("none booked"), _("No next session booked")
        self.silent = cache(lambda days: ngettext("No contact for %(num)d day", "No contact for %(num)d days", days))
        self.last = cache(lambda at: _("last on %(day)s", day=day(at)))
        self.behind = _("Behind the contract")
        self.by = cache(lambda percent: _("by %(share)s", share=share(percent / 100)))
        self.soon = cache(self._soon)
        self.time, self.share = cache(minutes), cache(share)
        self.open = cache(lambda number: ngettext("%(num)d open", "%(num)d open", number))
        self.overdue = cache(lambda number: ngettext("%(num)d late", "%(num)d late", number))
        self.days = cache(lambda days: ngettext("%(num)d day", "%(num)d days", days) if days else _("today"))
        self.no_homework, self.no_contract = _("no homework"), _("none in force yet")
        self.planned = (_("as planned"), _("ahead"), _("behind"))
        self.even, self.more_process, self.more_result = _("in balance"), _("more process"), _("more result")
        self.parts = cache(lambda process, result: _(
            "%(process)s process, %(result)s result", process=minutes(process), result=minutes(result)
        ))  # fmt: skip
        self.phases = {
            Phase.TRUST: _("building trust"), Phase.CHALLENGE: _("healthy confrontation"),
            Phase.BEYOND_BUSINESS: _("beyond the business"), Phase.CLOSING: _("closing"),
        }  # fmt: skip

    def cells(self, held: int, row: CoachRow | None) -> Mapping[str, Cell]:
        """Returns a manager's cells; only how often she met for one who is not the coach's own."""
        if row is None:
            return {"sessions": Cell(held, self.held(held))}
        coming = local_date(row.next_start, self.zone) if row.next_start else None
        days = row.days_since_contact
        found = {
            "sessions": Cell(
                held, self.held(held), self.next(coming) if coming else self.none_booked,
                path=f"engagements/{row.engagement_id}",
            ),
            "homework": self._homework(row),
            "hours": Cell(row.minutes, self.time(row.minutes), self.hours),
            "contact": Cell(days, self.days(days)),
            "contract": self._contract(row),
            "phase": Cell(self.phases[row.phase], self.phases[row.phase]),
        }  # fmt: skip
        if row.last_on:
            found["last"] = Cell(row.last_on, self.day(row.last_on))
        return found | self.numbers(row)

    def attention(self, member_id: UUID, row: CoachRow) -> list[Attention]:
        """Returns what a manager needs; a remark where she needs nothing."""
        found = []
        if not row.accepted:
            found.append(Attention(member_id, _("Has chosen you as coach"), _("waits for your yes"), WEIGHT_NEW))
        for need in row.needs:
            said = partial(self._reason, need, row)
            found.append(Attention(member_id, _Said(said, 0), _Said(said, 1), WEIGHTS[need]))
        return found or self._remark(member_id, row)

    def _reason(self, need: Need, row: CoachRow) -> tuple[str, str]:
        since = self.today - timedelta(days=row.days_since_contact)
        if need is Need.LATE:
            due = row.late_since or self.today
            return self.late((self.today - due).days), self.due(due)
        if need is Need.UNBOOKED:
            return self.unbooked, self.since(since)
        if need is Need.BEHIND:
            return self.behind, self.by(round(-(row.variance or 0) * 100))
        return self.silent(row.days_since_contact), self.last(since)

    def _remark(self, member_id: UUID, row: CoachRow) -> list[Attention]:
        if row.status is Status.PAUSED:
            since = _("since %(day)s", day=self.day(row.paused_on)) if row.paused_on else ""
            return [Attention(member_id, _("Coaching is paused"), since, 0, "pause")]
        if row.next_start is None:
            return []
        return [Attention(member_id, _Said(partial(self._coming, row), 0), "", 0, "")]

    def _coming(self, row: CoachRow) -> tuple[str, ...]:
        return (self.soon(local_date(row.next_start, self.zone)),) if row.next_start else ("",)

    def _homework(self, row: CoachRow) -> Cell:
        if row.late:
            return Cell(row.homework, self.overdue(row.late), self.open(row.homework), "att")
        return Cell(row.homework, self.open(row.homework) if row.homework else self.no_homework)

    def _contract(self, row: CoachRow) -> Cell:
        if row.variance is None:
            return Cell(None, self.no_contract)
        text = self.planned[(row.variance > 0) - (row.variance < 0)]
        return Cell(row.variance, text, self.by(round(abs(row.variance) * 100)) if row.variance else "")

    def numbers(self, row: CoachRow) -> dict[str, Cell]:
        """Returns what comes of minutes and of goals, where there are any."""
        found = {}
        if (its := row.balance) is not None:
            text = self.even if its.even else self.more_process if its.share > 1 / 2 else self.more_result
            found["balance"] = Cell(its.share, text, self.parts(row.process, row.result), bar=its.share)
        if (gas := row.gas) is not None:
            change = gas.now - gas.baseline
            found["goals"] = Cell(round(change, 2), f"{round(change):+d}")
        return found

    def _soon(self, at: date) -> str:
        days = (at - self.today).days
        if days <= 0:
            return str(_("Next session today"))
        return str(ngettext("Next session in %(num)d day", "Next session in %(num)d days", days))


def _asked_for(member_id: UUID, until: datetime, zone: str) -> Attention:
    why = _("asks for your notes about her: decide by %(day)s", day=day(local_date(until, zone)))
    return Attention(member_id, why, weight=WEIGHT_ASKED)


def _details(
    shown: Sequence[Member], own: Mapping[UUID, CoachRow], when: tuple[datetime, Term], say: Words
) -> CohortReport:
    """Returns the days of the term and the pictures of the coach's own managers among those shown."""
    rows = [(member, own[member.id]) for member in shown if member.id in own]
    if not rows:
        return CohortReport()
    words = {Kind.HELD: _("session held"), Kind.BOOKED: _("booked"), Kind.CALLED: _("phone contact")}
    days = days_of_term({row.engagement_id: member.id for member, row in rows}, *when, say.zone)
    return CohortReport(
        marks=[TermMark(member_id, at, words[kind], SHAPES[kind]) for member_id, at, kind in days],
        pictures=[
            *balances([(member, row) for member, row in rows if row.minutes], say),
            *levels_of(rows, goal_levels([row.engagement_id for _member, row in rows])),
        ],
    )


def _together(rows: Sequence[CoachRow], all_own: Together) -> Card:
    """Returns the coach's own managers together: medians and shares from five on, counts alone below."""
    enough = len(rows) >= TOGETHER
    facts: list[tuple[Any, Any, Any]] = [(_("Your own managers"), len(rows), "")]
    if enough:
        held = median(row.held for row in rows)
        facts.append((_("Sessions this term, the median"), format_decimal(held, "0.#"), ""))
        if all_own.settled:
            of = ngettext("of %(num)d with an outcome", "of %(num)d with an outcome", all_own.settled)
            facts.append((_("Homework done"), share(all_own.done / all_own.settled), of))
    else:
        facts.append((_("Sessions this term"), sum(row.held for row in rows), ""))
        facts.append((_("Homework without an outcome"), sum(row.homework for row in rows), ""))
    context = {"facts": facts, "themes": _themes(all_own) if enough and all_own.themes else None, "least": TOGETHER}
    return Card("handledning/together.html", context)


def _themes(all_own: Together) -> Picture:
    rows = [(str(text), all_own.themes.get(theme, 0)) for theme, text in THEMES.items()]
    return Picture(
        "handledning-themes", _("What their goals are about"), _("Goals with a theme. Goals of somebody's life are not counted."),
        {"kind": "bar", "horizontal": True, "x": {"labels": [text for text, _number in rows]}, "y": {"min": 0},
         "series": [{"name": _("Goals"), "data": [number for _text, number in rows]}]},
        [_("Theme"), _("Goals")], [[text, str(number)] for text, number in rows],
    )  # fmt: skip
