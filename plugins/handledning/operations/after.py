"""After a session: how much each of the two trusts the other, and what the manager tells her coach."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from plugins.handledning.calculations import revealed
from plugins.handledning.models import CoachFeedback, TrustPulse
from plugins.handledning.operations.overview import HELD
from plugins.handledning.operations.scope import Access, Party, rows
from plugins.handledning.operations.sheet import Sheet, sheet
from service.contract import Conflict, Invalid, now, session, unit

ANSWERS = range(1, 6)
# What feedback to the coach is about: the process, the session, what it moved.
FEEDBACK_ITEMS = 3


@dataclass(frozen=True)
class Pulses:
    """One's own pulse of a session, and the other's once both have given theirs."""

    own: int | None
    other: int | None

    @property
    def both(self) -> bool:
        """True once both are shown."""
        return self.other is not None


def pulses(access: Access, session_id: uuid.UUID) -> Pulses:
    """Returns the pulses of a session as this person may see them."""
    of_session, me = TrustPulse.session_id == session_id, access.party.person_id
    own = next(iter(rows(access, TrustPulse, of_session, TrustPulse.person_id == me)), None)
    if own is None:
        return Pulses(None, None)
    other = next(iter(rows(access, TrustPulse, of_session, TrustPulse.person_id != me)), None)
    unit().vault.fetch({own.person_id, other.person_id} if other else {own.person_id})
    return Pulses(int(own.value), revealed(int(own.value), int(other.value) if other else None))


def give_pulse(party: Party, session_id: uuid.UUID, value: int) -> Pulses:
    """Keeps one's own pulse, which can be given anew until the other has given hers. The same again changes nothing.

    Raises Invalid before the session was held and for what is not 1 to 5, and Conflict once both are shown.
    """
    found = _held(party, session_id)
    if value not in ANSWERS:
        raise Invalid(value="unknown")
    there = pulses(found.access, session_id)
    if there.own == value:
        return there
    if there.both:
        raise Conflict("revealed")
    mine = TrustPulse.person_id == party.person_id
    row = next(iter(rows(found.access, TrustPulse, TrustPulse.session_id == session_id, mine)), None)
    if row is None:
        row = TrustPulse(session_id=session_id, engagement_id=found.engagement.id, person_id=party.person_id)
        session().add(row)
    row.given_at, row.value = now(), str(value)
    session().flush()
    return pulses(found.access, session_id)


def _held(party: Party, session_id: uuid.UUID) -> Sheet:
    """Returns a session that took place, locked. Raises Invalid for one that has not."""
    found = sheet(party, session_id, lock=True)
    found.access.open()
    if found.session.state not in HELD:
        raise Invalid(session="not_held")
    return found


def feedback(access: Access, session_id: uuid.UUID) -> CoachFeedback | None:
    """Returns what the manager told her coach after a session; both read it."""
    found = next(iter(rows(access, CoachFeedback, CoachFeedback.session_id == session_id)), None)
    if found is not None:
        unit().vault.fetch({found.manager_id})
    return found


def give_feedback(party: Party, session_id: uuid.UUID, answers: Sequence[int], text: str) -> CoachFeedback:
    """Keeps what the manager tells her coach after a session; later words take the place. She alone may.

    Raises Invalid before the session was held, and unless there are three answers from 1 to 5.
    """
    found = _held(party, session_id)
    found.only_manager("give_feedback")
    if len(answers) != FEEDBACK_ITEMS or any(answer not in ANSWERS for answer in answers):
        raise Invalid(answers="unknown")
    row = feedback(found.access, session_id) or CoachFeedback(
        session_id=session_id, engagement_id=found.engagement.id, manager_id=found.access.manager_id
    )
    session().add(row)
    row.given_at, row.answers, row.text = now(), "".join(map(str, answers)), text
    session().flush()
    return row
