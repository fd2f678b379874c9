"""Sessions for a calendar: one as an invitation to keep, or all of somebody's at a secret address.

A calendar is seen by others (an assistant, a shared screen), so there is nothing in it but the time: a neutral title, no
name, no place, no address of ours.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from icalendar import Calendar, Event

from plugins.handledning.models import CoachingSession, Engagement, State
from plugins.handledning.operations.scope import Party, mine
from service.contract import Role, TokenVisit, gettext, members_as, now, session

PURPOSE = "sessions"
# What has been over for longer than this is no longer in the feed.
KEPT = timedelta(days=400)


def calendar(rows: Iterable[CoachingSession], at: datetime) -> bytes:
    """Returns sessions as iCalendar (RFC 5545). A session keeps its uid; each change of its time is the next sequence."""
    made = Calendar()
    made.add("prodid", "-//Stegvis//Handledning//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for row in rows:
        made.add_component(_event(row, at))
    return bytes(made.to_ical())


def _event(row: CoachingSession, at: datetime) -> Event:
    event = Event()
    cancelled = row.state is State.CANCELLED
    event.add("uid", f"{row.id}@stegvis")
    event.add("dtstamp", at)
    event.add("dtstart", row.planned_start)
    event.add("dtend", row.planned_end)
    event.add("summary", gettext("Meeting"))
    # A cancelled one comes after its last time.
    event.add("sequence", row.sequence + cancelled)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


def sessions(visit: TokenVisit) -> bytes:
    """Returns the sessions of whoever's address it is: a manager's own, and those of a coach's engagements that go on."""
    coaches = {member.person_id for member in members_as(visit.cohort, Role.COACH)}
    role = Role.COACH if visit.member.person_id in coaches else Role.MANAGER
    party = Party.of(visit.cohort, visit.member.person_id, role)
    query = (
        sa.select(CoachingSession)
        .join(Engagement, Engagement.id == CoachingSession.engagement_id)
        .where(mine(party), CoachingSession.planned_start > now() - KEPT)
        .order_by(CoachingSession.planned_start, CoachingSession.id)
    )
    return calendar(session().scalars(query), now())
