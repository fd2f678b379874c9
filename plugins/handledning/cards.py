"""What the plugin shows outside its own pages: home, the thread, the cohort dashboard, completion."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from plugins.handledning import operations
from plugins.handledning.calculations import Asked, EndReason, Frame, Status
from plugins.handledning.models import CoachingSession, Engagement, Goal, GoalStatus, Homework, Outcome, Scope, State
from plugins.handledning.operations import Overview, Party, Standing, reviews
from plugins.handledning.operations.closing import practised
from plugins.handledning.operations.cohort import held_by_manager, together
from plugins.handledning.operations.goal_sheets import goals_of
from plugins.handledning.operations.goals import adopt_goal
from plugins.handledning.operations.reminding import Going, going
from plugins.handledning.report.coach import coach_report
from plugins.handledning.report.training import training_report
from plugins.handledning.settings import KEY
from service.contract import (
    Adopted,
    Card,
    Cohort,
    CohortReport,
    Member,
    Place,
    Progress,
    Proposal,
    Role,
    TimelineEvent,
    current_launch,
    data_address,
    day,
    day_and_time,
    lazy,
    local_date,
    ngettext,
    now,
    plugin_url,
    term_of,
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
    """What comes next for a manager: what her engagement waits for, her homework, the next session."""
    if _role(member) is not Role.MANAGER:
        return []
    me = Party.of(cohort, member.person_id, Role.MANAGER)
    its = operations.open_engagement(me)
    items = _asked(me, _zone(cohort, member))
    items += [_begin(me)] if its is None else _next_items(operations.overview(me, its.id), me, member)
    items += [_keep(one, _zone(cohort, member)) for one in going(me)]
    return [Card("handledning/next_card.html", {"items": items}, Place.SIDE, 20)] if items else []


def _asked(me: Party, zone: str) -> list[dict[str, Any]]:
    """Her own notes from when she was a coach, which a manager has asked for: nobody can decide in her place."""
    waiting = [one for one in reviews.reviews_of(me) if one.decided_at is None]
    if not waiting:
        return []
    until = _("By %(day)s", day=day(local_date(waiting[0].due_at, zone)))
    what = ngettext("%(num)d of your own notes is asked for.", "%(num)d of your own notes are asked for.", len(waiting))
    return [_item(until, what, plugin_url("handledning.reviews"), _("Look at the notes"))]


def _keep(one: Going, zone: str) -> dict[str, Any]:
    """What was written in coaching that ended is deleted in time; she is told while she can take a copy."""
    until = day(local_date(one.deleted_at, zone), year=True)
    name = one.engagement.coach.display_name if one.engagement.coach else None
    what = _("What was written in coaching with %(name)s is deleted. Take a copy first.", name=name)
    alone = _("What was written in coaching that has ended is deleted. Take a copy first.")
    return _item(_("On %(day)s", day=until), what if name else alone, data_address(), _("Get a copy"))


# Ended by somebody else than her: she is told, and chooses again.
GONE = (EndReason.COACH_LEFT, EndReason.DECLINED, EndReason.ERASED)


def _begin(me: Party) -> dict[str, Any]:
    """The choice of a coach; where the one she had is gone, with that."""
    coaches = plugin_url("handledning.coaches")
    before = next(iter(operations.former(me)), None)
    if before is not None and before.end_reason in GONE:
        return _item(_("When it suits you"), _gone(before), coaches, _("Choose your coach"))
    return _item(_("When you are ready"), _("Choose your coach"), coaches, _("See who there is"))


def _gone(its: Engagement) -> str:
    name = its.coach.display_name if its.coach else None
    if name is None:
        return str(_("Your coach is no longer here."))
    if its.end_reason is EndReason.DECLINED:
        return str(_("%(name)s could not take you on.", name=name))
    return str(_("%(name)s is no longer your coach.", name=name))


def _item(when: str, what: str, url: str, link: str) -> dict[str, Any]:
    return {"when": when, "what": what, "url": url, "link": link}


def _next_items(found: Overview, me: Party, member: Member) -> list[dict[str, Any]]:
    its, zone = found.engagement, _zone(me.cohort, member)
    today = local_date(now(), zone)
    name = its.coach.display_name if its.coach else ""
    page = plugin_url("handledning.engagement", engagement_id=its.id)
    if operations.coach_has_left(its, me):
        left = _("%(name)s is no longer a coach in this course.", name=name)
        return [_item(_("When it suits you"), left, plugin_url("handledning.coaches"), _("Choose your coach"))]
    if its.status is Status.PAUSED:
        return [_item(_("Paused"), _("Coaching with %(name)s", name=name), page, _("Open the page"))]
    items = _waiting(its, today, page)
    items += [_item(_due(item.due_on, today), item.text, page, _("Open the homework")) for item in found.homework[:3]]
    return [*items, _meeting(found, zone, name)]


def _waiting(its: Engagement, today: date, page: str) -> list[dict[str, Any]]:
    """What an engagement that is not active yet waits for from her; after "not now", once the day has come."""
    if its.status not in (Status.DRAFT, Status.READY):
        return []
    waits = operations.waits_for_manager(its, today)
    words = {
        Asked.READINESS: _("Say whether this is the time"),
        Asked.AGREEMENT: _("Accept the agreement about who answers for what"),
        Asked.CONTRACT: _("Accept the contract"),
    }
    return [_item(_("Before you begin"), words[waits[0]], page, _("Open the page"))] if waits else []


def _meeting(found: Overview, zone: str, name: str) -> dict[str, Any]:
    coming = found.next_session(now())
    if coming is not None:
        url = plugin_url("handledning.session", session_id=coming.id)
        what = _("Session %(number)d with %(name)s", number=coming.number, name=name)
        return _item(day_and_time(coming.planned_start, zone), what, url, _("Prepare"))
    url = plugin_url("handledning.plan", engagement_id=found.engagement.id)
    return _item(_("Not booked"), _("Next session with %(name)s", name=name), url, _("Book a session"))


def _due(due: date | None, today: date) -> str:
    if due is None:
        return str(_("No date"))
    return str(_("Was due %(day)s", day=day(due)) if due < today else _("Due %(day)s", day=day(due)))


def timeline(cohort: Cohort, member: Member) -> Sequence[TimelineEvent]:
    """Returns a manager's sessions, held and booked, her goals, and what she practises as a habit; oldest first."""
    if _role(member) is not Role.MANAGER:
        return []
    standing = operations.standings(cohort.id, now()).get(member.person_id)
    if standing is None:
        return []
    zone = _zone(cohort, member)
    events = [_event(one, zone) for one in [*standing.held, *standing.booked]]
    if standing.engagement is not None:
        access = operations.reach(Party.of(cohort, member.person_id, Role.MANAGER), standing.engagement.id)
        events += [_goal(one.goal, zone) for one in goals_of(access) if one.goal.scope is not Scope.LIFE]
        events += [_practice(one, zone) for one in practised(access)]
    return sorted(events, key=lambda event: event.at)


def _goal(goal: Goal, zone: str) -> TimelineEvent:
    """A goal from the day it was written. One of her life is not for a page that stands open in a course."""
    return TimelineEvent(
        at=local_date(goal.created_at, zone),
        kind=lazy("Goal"),
        title=goal.title,
        state="done" if goal.status is GoalStatus.REACHED else "part",
        url=plugin_url("handledning.goal", goal_id=goal.id),
        ref=goal.id,
    )


def _practice(item: Homework, zone: str) -> TimelineEvent:
    return TimelineEvent(
        at=local_date(item.adopted_at or now(), zone),
        kind=lazy("Homework"),
        title=item.text,
        state="part" if item.state is Outcome.OPEN else "done",
        url=plugin_url("handledning.session", session_id=item.session_id),
        ref=item.id,
    )


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
    """Returns participation for all, and to a coach the engagements of her own managers."""
    moment = now()
    term = term_of(local_date(moment, cohort.zone), cohort)
    if audience is Role.TRAINING:
        all_of_them = operations.standings(cohort.id, moment)
        standings = {m.id: all_of_them.get(m.person_id, Standing(m.person_id)) for m in members}
        named = operations.told_by_name(cohort.id) if members else set()
        return training_report(standings, named, frame, term, cohort.zone)
    if audience is not Role.COACH:
        return CohortReport()
    me = Party.of(cohort, viewer, Role.COACH)
    held = held_by_manager(cohort.id, term, cohort.zone)
    rows = operations.coach_rows(me, moment)
    return coach_report(me, members, rows, held, together(me), frame, moment, term, reviews.undecided(me))


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


def adopt(cohort: Cohort, member: Member, proposal: Proposal) -> Adopted | None:
    """Makes a goal of what is offered as one; None for anything else, and for somebody whose coaching has not begun."""
    me = Party.of(cohort, member.person_id, Role.MANAGER)
    its = operations.open_engagement(me) if proposal.kind == "goal" else None
    if its is None:
        return None
    made = adopt_goal(operations.reach(me, its.id, lock=True), proposal.title, proposal.source_ref)
    return Adopted(KEY, made.id, plugin_url("handledning.goal", goal_id=made.id))
