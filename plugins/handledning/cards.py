"""What the plugin shows outside its own pages: home, the thread, the cohort dashboard, completion."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from plugins.handledning import operations
from plugins.handledning.calculations import Frame
from plugins.handledning.models import CoachingSession, State
from plugins.handledning.operations import Overview, Party, Standing
from plugins.handledning.report import coach_report, training_report
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
    day,
    day_and_time,
    lazy,
    local_date,
    now,
    plugin_url,
)
from service.contract import gettext as _


def _zone(cohort: Cohort, member: Member) -> str:
    return member.person.zone or cohort.zone


def _role(member: Member) -> Role:
    """The role in force where a launch tells it; a role given inside the tool outranks the platform's."""
    try:
        launch = current_launch()
    except (LookupError, RuntimeError):  # RuntimeError: Flask's word for "no application context"
        return member.role
    return launch.role if launch.member.id == member.id else member.role


def home_cards(cohort: Cohort, member: Member) -> Sequence[Card]:
    """What comes next for a manager: her homework by due date, and the next session. Nothing for the others."""
    if _role(member) is not Role.MANAGER:
        return []
    me = Party.of(cohort, member.person_id, Role.MANAGER)
    its = operations.open_engagement(me)
    items = [_begin()] if its is None else _next_items(operations.overview(me, its.id), cohort, member)
    return [Card("handledning/next_card.html", {"items": items}, Place.SIDE, 20)] if items else []


def _begin() -> dict[str, Any]:
    return {
        "when": _("When you are ready"),
        "what": _("Choose your coach"),
        "url": plugin_url("handledning.start"),
        "link": _("See who there is"),
    }


def _next_items(found: Overview, cohort: Cohort, member: Member) -> list[dict[str, Any]]:
    zone = _zone(cohort, member)
    today = local_date(now(), zone)
    page = plugin_url("handledning.engagement", engagement_id=found.engagement.id)
    items = [
        {"when": _due(item.due_on, today), "what": item.text, "url": page, "link": _("Open the homework")}
        for item in found.homework[:3]
    ]
    coming = found.next_session(now())
    coach = found.engagement.coach
    name = coach.display_name if coach else ""
    if coming is not None:
        url = plugin_url("handledning.session", session_id=coming.id)
        what = _("Session %(number)d with %(name)s", number=coming.number, name=name)
        items.append({"when": day_and_time(coming.planned_start, zone), "what": what, "url": url, "link": _("Prepare")})
    else:
        url = plugin_url("handledning.plan", engagement_id=found.engagement.id)
        items.append(
            {
                "when": _("Not booked"),
                "what": _("Next session with %(name)s", name=name),
                "url": url,
                "link": _("Book a session"),
            }
        )
    return items


def _due(due: date | None, today: date) -> str:
    if due is None:
        return str(_("No date"))
    return str(_("Was due %(day)s", day=day(due)) if due < today else _("Due %(day)s", day=day(due)))


def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    """Returns a manager's sessions, held and booked, oldest first."""
    if _role(member) is not Role.MANAGER:
        return []
    standing = operations.standings(cohort.id, now()).get(member.person_id)
    if standing is None:
        return []
    zone = _zone(cohort, member)
    return [_event(one, zone) for one in [*standing.held, *standing.booked]]


def _event(one: CoachingSession, zone: str) -> TimelineEvent:
    return TimelineEvent(
        at=one.planned_start.astimezone(ZoneInfo(zone)).date(),
        kind=lazy("Coaching"),
        title=_("Session %(number)d", number=one.number),
        state={State.CLOSED: "done", State.HELD: "part"}.get(one.state, "later"),
        url=plugin_url("handledning.session", session_id=one.id),
        ref=one.id,
    )


def cohort_report(
    cohort: Cohort, members: Sequence[Member], audience: Role, viewer: UUID, frame: Frame
) -> CohortReport:
    """Returns participation for all, and to a coach the engagements of her own managers. Three statements."""
    all_of_them = operations.standings(cohort.id, now())
    standings = {m.id: all_of_them.get(m.person_id, Standing(m.person_id)) for m in members}
    if audience is Role.TRAINING:
        return training_report(standings, frame, local_date(now(), cohort.zone), cohort.zone)
    if audience is Role.COACH:
        return coach_report(standings, members, viewer, frame, now(), cohort.zone)
    return CohortReport()


def progress(cohort: Cohort, members: Sequence[Member], frame: Frame) -> Mapping[UUID, Progress]:
    """Returns sessions closed of the least a term asks. What was said in them plays no part."""
    standings = operations.standings(cohort.id, now())
    asked = frame.sessions_min
    return {
        member.id: Progress(sum(s.state is State.CLOSED for s in standings[member.person_id].held), asked)
        if member.person_id in standings
        else Progress(0, asked)
        for member in members
    }
