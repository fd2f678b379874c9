"""What the pages of the time audit show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugins.ledarsteg import calculations
from plugins.ledarsteg.calculations import Category
from plugins.ledarsteg.cards.numbers import began, change, change_words, day_title, decimal, percent, rounded
from plugins.ledarsteg.cards.words import NBSP
from plugins.ledarsteg.forms.time import MAY_GO, ROW_CHIPS, STANDS, RowForm, StartForm
from plugins.ledarsteg.models import TimeRow
from plugins.ledarsteg.operations import Owner, leader_time
from plugins.ledarsteg.operations.rounds import CATEGORY_TITLES, Candidate, Round, candidates, freed_minutes
from plugins.ledarsteg.operations.time import missing_words
from service.contract import day, minutes, ngettext
from service.contract import gettext as _


@dataclass(frozen=True)
class NotedDay:
    """One day of a round with its rows."""

    title: str
    minutes: int
    rows: Sequence[TimeRow]


def begin(owner: Owner) -> StartForm:
    """Returns the form that begins a round, on the next working day."""
    return StartForm(first_day=calculations.working_days(owner.today(), 1)[0])


def row_form(owner: Owner, found: Round, **values: Any) -> RowForm:
    """Returns the form of a row in a round."""
    return RowForm(found=found, today=owner.today(), **values)


def noting(owner: Owner, found: Round, form: RowForm | None = None) -> dict[str, Any]:
    """Returns what the page of an open round shows."""
    return {
        "found": found,
        "form": form or row_form(owner, found),
        "chips": ROW_CHIPS,
        "has_begun": found.audit.first_day <= owner.today(),
        "progress": progress(found),
        "missing": missing_words(found) if found.days_missing else "",
        "noted_days": noted_days(found),
        "titles": CATEGORY_TITLES,
        "began": began,
    }


def of(row: TimeRow) -> dict[str, Any]:
    """Returns what a form shows of a row."""
    return {
        "day": row.local_date.isoformat(), "category": row.category.value, "minutes": row.minutes, "what": row.what,
        "stands": MAY_GO if row.challengeable else STANDS, "starts_at": row.starts_at, "revision": row.revision,
    }  # fmt: skip


def row_words(row: TimeRow) -> str:
    """Says a row in one line: `Tuesday, November 24: Meetings, 30 minutes, 09:00, status meeting`."""
    parts = [str(CATEGORY_TITLES[row.category]), minutes(row.minutes), began(row.starts_at), row.what]
    return f"{day_title(row.local_date)}: {', '.join(part for part in parts if part)}"


def progress(found: Round) -> str:
    """Says how far a round is: 2 of 5 days have a note."""
    number = len(found.noted)
    return str(
        ngettext("%(num)d of %(days)d days has a note.", "%(num)d of %(days)d days have a note.", number, days=len(found.days))
    )  # fmt: skip


def noted_days(found: Round) -> list[NotedDay]:
    """Returns the days with a row, the newest first."""
    return [
        NotedDay(day_title(one), total, [row for row in found.rows if row.local_date == one])
        for one, total in sorted(found.noted.items(), reverse=True)
    ]


def result(owner: Owner, found: Round, all_rounds: Sequence[Round]) -> dict[str, Any]:
    """Returns what the page of a finished round shows, beside the finished round before it where there is one."""
    number = found.audit.number
    before = next((one for one in all_rounds if one.audit.number < number and not one.is_open), None)
    shares = calculations.shares(found.spent)
    earlier = calculations.shares(before.spent) if before else {}
    return {
        "found": found,
        "before": before,
        "heading": _heading(shares, earlier),
        "lead": span(found),
        "facts": facts(found, shares, earlier),
        "picture": picture(found, shares, earlier),
        "candidates": candidates(found),
        "candidate_title": candidate_title,
        "freed": freed_minutes(owner),
        "noted_days": noted_days(found),
        "titles": CATEGORY_TITLES,
        "began": began,
        "is_newest": all_rounds[0] is found,
        "start": begin(owner),
    }


def span(found: Round) -> str:
    """Says which round it is and its days."""
    noted = list(found.noted)
    first, last = (noted[0], noted[-1]) if noted else (found.days[0], found.days[-1])
    return str(
        _("Round %(number)d, from %(first)s to %(last)s.", number=found.audit.number, first=day(first), last=day(last))
    )


def _heading(shares: Mapping[Category, float], earlier: Mapping[Category, float]) -> str:
    leading = shares[Category.LEADER_CONTRIBUTION]
    if not earlier:
        return str(_("%(share)s of your time went to leader contributions", share=percent(leading)))
    points = calculations.points(earlier[Category.LEADER_CONTRIBUTION], leading)
    return str(_("Leader contributions: %(share)s, %(change)s", share=percent(leading), change=change_words(points)))


def facts(
    found: Round, shares: Mapping[Category, float], earlier: Mapping[Category, float]
) -> list[tuple[str, str, str]]:
    """Returns the numbers of a round: leading, the five that the method names, what may go, and how much was noted."""
    leading = shares[Category.LEADER_CONTRIBUTION]
    five = calculations.seed_share(shares)
    may_go = calculations.challengeable_share(found.spent) or 0.0
    total = sum(found.noted.values())
    before = percent(earlier[Category.LEADER_CONTRIBUTION]) if earlier else ""
    days = ngettext("on %(num)d day", "on %(num)d days", len(found.noted))
    return [
        (_("Leader contribution"), percent(leading), _("%(share)s last time", share=before) if before else ""),
        (_("Fire-fighting to old habits"), percent(five), ""),
        (_("May not stand up to a challenge"), percent(may_go), ""),
        (_("Noted"), minutes(total), str(days)),
    ]  # fmt: skip


def picture(found: Round, shares: Mapping[Category, float], earlier: Mapping[Category, float]) -> dict[str, Any]:
    """Returns the picture of the shares and its table, with the round before where there is one."""
    spent = dict.fromkeys(Category, 0)
    for row in found.rows:
        spent[row.category] += row.minutes
    names = [str(CATEGORY_TITLES[one]) for one in Category]
    series = [{"name": _("This round"), "data": _hundreds(shares)}]
    headers = [_("Time to"), _("Time"), _("Share")]
    rows = [[names[at], minutes(spent[one]), percent(shares[one])] for at, one in enumerate(Category)]
    if earlier:
        series.append({"name": _("The round before"), "data": _hundreds(earlier)})
        headers += [_("The round before"), _("Change, percentage points")]
        for at, one in enumerate(Category):
            rows[at] += [percent(earlier[one]), change(calculations.points(earlier[one], shares[one]))]
    return {
        "summary": _moved(shares, earlier) if earlier else _most(shares),
        "chart": {
            "kind": "bar", "horizontal": True, "x": {"labels": names}, "y": {"min": 0, "unit": f"{NBSP}%"}, "series": series,
        },
        "headers": headers,
        "rows": rows,
    }  # fmt: skip


def _hundreds(shares: Mapping[Category, float]) -> list[float]:
    return [rounded(shares[one] * 100) for one in Category]


def _most(shares: Mapping[Category, float]) -> str:
    most = max(Category, key=lambda one: shares[one])
    return str(
        _("Most went to: %(title)s, %(share)s.", title=str(CATEGORY_TITLES[most]).lower(), share=percent(shares[most]))
    )


def _moved(shares: Mapping[Category, float], earlier: Mapping[Category, float]) -> str:
    """Says in words what grew and what shrank most."""
    points = {one: rounded(calculations.points(earlier[one], shares[one])) for one in Category}
    grew, shrank = max(points, key=lambda one: points[one]), min(points, key=lambda one: points[one])
    if not points[grew]:
        return str(_("The shares are as they were in the round before."))
    return str(
        _(
            "What grew most: %(grew)s, by %(more)s percentage points. What shrank most: %(shrank)s, by %(less)s.",
            grew=str(CATEGORY_TITLES[grew]).lower(),
            more=decimal(points[grew]),
            shrank=str(CATEGORY_TITLES[shrank]).lower(),
            less=decimal(-points[shrank]),
        )
    )


def candidate_title(candidate: Candidate) -> str:
    """Names what may go: its words, else what kind of time it was."""
    return candidate.what or str(CATEGORY_TITLES[candidate.category])


def leading_this_week(owner: Owner) -> str:
    """Says how much leader time is set aside in the week that is going on."""
    week = leader_time.trend(leader_time.blocks(owner), owner.today())[-1]
    if not week.planned:
        return str(_("No leader time is set aside this week."))
    return str(
        _(
            "%(planned)s of leader time are set aside this week, %(kept)s are kept so far.",
            planned=minutes(week.planned),
            kept=minutes(week.kept),
        )
    )
