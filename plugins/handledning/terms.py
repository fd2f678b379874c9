"""A term's sessions against the programme's frame, in friendly words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from plugins.handledning.calculations import Frame, check_frame
from plugins.handledning.models import CoachingSession, State
from plugins.handledning.operations.overview import HELD
from service.contract import Cohort, Term, Terms, local_date, minutes, ngettext, term_of
from service.contract import gettext as _


@dataclass(frozen=True)
class TermSum:
    """A term's sessions and what they come to."""

    term: Term
    sessions: Sequence[CoachingSession]

    @property
    def process(self) -> int:
        """Minutes on process."""
        return sum(one.process_minutes or 0 for one in self.sessions)

    @property
    def result(self) -> int:
        """Minutes on result."""
        return sum(one.result_minutes or 0 for one in self.sessions)

    @property
    def held(self) -> int:
        """How many were held."""
        return sum(one.state in HELD for one in self.sessions)


def this_term(sessions: Sequence[CoachingSession], today: date, zone: str) -> TermSum:
    """Returns the sessions, held and booked, of the term that `today` lies in."""
    term = term_of(today)
    return TermSum(
        term,
        [
            one
            for one in sessions
            if one.state is not State.CANCELLED and term.holds(local_date(one.planned_start, zone))
        ],
    )


def _length(one: CoachingSession) -> int:
    return one.minutes or one.planned_minutes


def term_hints(term: TermSum, frame: Frame) -> list[str]:
    """Returns what is unusual about a term, in words. Nothing of it is forbidden."""
    found = check_frame([_length(one) for one in term.sessions], frame)
    usual = {"least": frame.sessions_min, "most": frame.sessions_max}
    count = len(term.sessions)
    hints = []
    if found.too_few:
        hints.append(
            ngettext(
                "%(num)d session is held or booked this term. %(least)d to %(most)d is usual.",
                "%(num)d sessions are held or booked this term. %(least)d to %(most)d is usual.",
                count,
                **usual,
            )
        )
    if found.too_many:
        hints.append(
            _("%(count)d sessions this term is more than the usual %(least)d to %(most)d.", count=count, **usual)
        )
    odd = sorted((*found.long, *found.short))
    hints += [length_hint(term.sessions[at - 1].number, _length(term.sessions[at - 1]), frame) for at in odd]
    return hints


def length_hint(number: int, amount: int, frame: Frame) -> str:
    """Returns the friendly word about a session that is longer or shorter than usual."""
    return str(
        _(
            "Session %(number)d: %(amount)s. Between %(least)s and %(most)s is usual.",
            number=number,
            amount=minutes(amount),
            least=minutes(frame.minutes_min),
            most=minutes(frame.minutes_max),
        )
    )


def session_hints(one: CoachingSession, frame: Frame, moment: datetime) -> list[str]:
    """Returns what is unusual about one session, in words."""
    found = check_frame([_length(one)], frame)
    hints = [length_hint(one.number, _length(one), frame)] if found.long or found.short else []
    if one.minutes and one.planned_start > moment:
        hints.append(
            _("Minutes are noted, but the time of the session is still to come. Change the time if you met earlier.")
        )
    return hints


def term_words(today: date, cohort: Cohort | None = None, terms: Terms | None = None) -> str:
    """Returns the term that a day lies in, in words; by default in the organisation of the current launch.

    `terms` are the organisation's, where they have been read for many.
    """
    term = term_of(today, cohort) if terms is None else terms.of_day(today)
    return str(_("Autumn %(year)d", year=term.year) if term.autumn else _("Spring %(year)d", year=term.year))
