"""A session's invitation as a file, and a secret address with all of somebody's sessions for her calendar."""

import uuid

from werkzeug.wrappers import Response

from plugins.handledning.feeds import PURPOSE
from plugins.handledning.feeds import calendar as calendar_of
from plugins.handledning.operations import sheet
from plugins.handledning.routes.base import Answer, pages, party, to
from plugins.handledning.settings import KEY
from service.contract import current_launch, issue_token, live_tokens, now, page, requires, revoke_token


@pages.get("/sessions/<uuid:session_id>/invitation.ics")
@requires("handledning.take_part")
def invitation(session_id: uuid.UUID) -> Response:
    """A session for a calendar: the time and a neutral title, and nothing else."""
    row = sheet(party(), session_id).session
    headers = {"Content-Disposition": 'attachment; filename="meeting.ics"'}
    return Response(calendar_of([row], now()), content_type="text/calendar; charset=utf-8", headers=headers)


@pages.get("/calendar")
@requires("handledning.take_part")
def calendar() -> Answer:
    """Whether there is a secret address, and how to make or end one."""
    return _page()


def _page(address: str = "") -> Answer:
    here = current_launch()
    there = live_tokens(here.cohort, here.person, KEY, PURPOSE)
    return page(
        "handledning/calendar.html", address=address, since=there[-1].created_at if there else None, zone=here.zone
    )


@pages.post("/calendar")
@requires("handledning.take_part")
def make_address() -> Answer:
    """Makes a secret address instead of any there was, and shows it once."""
    here = current_launch()
    _end()
    _, address = issue_token(here.cohort, here.person, KEY, PURPOSE)
    return _page(address)


@pages.post("/calendar/end")
@requires("handledning.take_part")
def end_address() -> Answer:
    """Ends the secret address. Pressed twice, there is none."""
    _end()
    return to(".calendar")


def _end() -> None:
    here = current_launch()
    for token in live_tokens(here.cohort, here.person, KEY, PURPOSE):
        revoke_token(token.id)
