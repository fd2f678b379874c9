"""What a secret address reads."""

from icalendar import Calendar, Event

from service.contract import TokenVisit, gettext
from stegvis_example import operations


def days(visit: TokenVisit) -> bytes:
    """Returns a calendar with the day of each note and nothing of its text."""
    calendar = Calendar()
    calendar.add("prodid", "-//Stegvis//Notes//EN")
    calendar.add("version", "2.0")
    for note in operations.of_member(visit.member):
        event = Event()
        event.add("uid", str(note.id))
        event.add("dtstamp", note.written_at)
        event.add("dtstart", note.written_on)
        event.add("summary", gettext("A note was written"))
        calendar.add_component(event)
    return calendar.to_ical()
