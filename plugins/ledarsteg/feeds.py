"""What a secret address reads: her reminders as a calendar, under the titles she chose and with nothing else."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from plugins.ledarsteg.operations import Owner, calendar
from service.contract import TokenVisit, gettext, now, zone_of

LENGTH = timedelta(minutes=15)


def reminders(visit: TokenVisit) -> bytes:
    """Returns the calendar (RFC 5545).

    Each day is an event of its own at an instant in UTC, so that a pause, a changed schedule, summer time and a changed
    zone are right in whatever program reads it.
    """
    zone = zone_of(visit.person, visit.cohort)
    owner = Owner.of(visit.cohort, visit.member, zone)
    file = Calendar()
    file.add("prodid", "-//Stegvis//LedarSteg//EN")
    file.add("version", "2.0")
    file.add("x-wr-calname", "Stegvis")
    file.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for one in calendar.occasions(owner):
        begins = datetime.combine(one.day, one.at, ZoneInfo(zone)).astimezone(UTC)
        file.add_component(
            _event(one.reminder.id, one.day.isoformat(), begins, one.reminder.title or gettext("Reminder"))
        )
    return bytes(file.to_ical())


def _event(reminder_id: uuid.UUID, day: str, begins: datetime, title: str) -> Event:
    event = Event()
    event.add("uid", f"{uuid.uuid5(reminder_id, day)}@stegvis")
    event.add("dtstamp", now())
    event.add("dtstart", begins)
    event.add("dtend", begins + LENGTH)
    event.add("summary", title)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(0))
    event.add_component(alarm)
    return event
