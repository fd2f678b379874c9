"""The end of a term: what it gave, what the programme hears, closing; and sessions in somebody's calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from plugins.handledning import operations
from plugins.handledning.calculations import EndReason, Status
from plugins.handledning.models import CancelReason
from plugins.handledning.operations.ending import (
    NotFinished,
    OutcomesDraft,
    feedback,
    finish,
    give_feedback,
    missing_to_finish,
    outcomes,
    write_outcomes,
)
from plugins.handledning.operations.planning import cancel_session
from plugins.handledning.operations.sessions import Meeting, save_frame
from service.errors import Conflict, Forbidden, Invalid
from tests.plugins.handledning.support import START, Pair, full, pair
from tests.support import BASE, World

GAVE = OutcomesDraft(
    "Jag frågar först", "Gruppen tar egna beslut", "Färre akuta ärenden", "Ett samtal i månaden med Lena"
)
RATINGS = (5, 4, 3, 5, 4)


def write(two: Pair, draft: OutcomesDraft = GAVE, seen: int = 0) -> None:
    with two.writing():
        write_outcomes(two.as_manager(lock=True), seen, draft)


def tell(two: Pair, answers: tuple[int, ...] = RATINGS, text: str = "") -> None:
    with two.writing():
        give_feedback(two.as_manager(lock=True), answers, text)


def test_the_manager_alone_says_what_the_term_gave(world: World) -> None:
    two = pair(world)
    write(two)
    write(two, seen=9)  # the same again
    with pytest.raises(Conflict):
        write(two, OutcomesDraft("annat"))
    write(two, OutcomesDraft("annat"), seen=1)
    with two.writing(), pytest.raises(Forbidden):
        write_outcomes(two.as_coach(lock=True), 2, GAVE)
    with two.reading():
        row = outcomes(two.as_coach())
        assert row is not None
        assert OutcomesDraft.of(row) == OutcomesDraft("annat")
    with two.reading():
        assert OutcomesDraft.of(None) == OutcomesDraft()


def test_a_term_is_closed_with_three_outcomes_and_no_session_in_the_air(world: World) -> None:
    two = pair(world)
    held = two.plan()
    two.save(held, full())
    write(two, OutcomesDraft("mest för mig", operations="och lite här"))
    with two.writing():
        with pytest.raises(NotFinished) as refused:
            finish(two.as_manager(lock=True))
        assert list(refused.value.missing) == ["role", "sessions"]
    two.close(held)
    write(two, GAVE, seen=1)
    with two.reading():
        assert list(missing_to_finish(two.as_manager())) == []
    with two.writing(), pytest.raises(Forbidden):
        finish(two.as_coach(lock=True))
    with two.writing():
        access = two.as_manager(lock=True)
        finish(access)
        assert (access.engagement.status, access.engagement.end_reason) == (Status.CLOSED, EndReason.FINISHED)
    with two.writing(), pytest.raises(Conflict):
        finish(two.as_manager(lock=True))
    with pytest.raises(Conflict):
        write(two, OutcomesDraft("efteråt"), seen=2)


def test_the_programme_is_told_once_and_the_coach_never_reads_it(world: World) -> None:
    two = pair(world)
    for wrong in ((5, 5, 5, 5), (5, 5, 5, 5, 6), (0, 5, 5, 5, 5)):
        with pytest.raises(Invalid):
            tell(two, wrong)
    tell(two, text="Mer tid")
    tell(two, text="Mer tid")
    with pytest.raises(Conflict):
        tell(two, text="Mindre tid")
    for act in (feedback, lambda access: give_feedback(access, RATINGS, "")):
        with two.writing(), pytest.raises(Forbidden):
            act(two.as_coach(lock=True))


# --- the page ---------------------------------------------------------------------------------------------------------


def at(two: Pair, rest: str = "") -> str:
    return f"/handledning/engagements/{two.engagement.id}/term{rest}"


PROGRAMME = dict(zip(("helped", "changed", "frame", "free", "again"), "54354", strict=True))


def test_a_term_is_ended_on_its_page(world: World) -> None:
    two = pair(world)
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    assert manager.post(at(two, "/finish")).status_code == 422
    refused = manager.post(at(two, "/finish")).text
    assert "The term is not closed yet." in refused
    assert manager.post(at(two), {**vars(GAVE), "version": "0"}).status_code == 303
    lost = manager.post(at(two), {"own": "Sent", "version": "0"})
    assert lost.status_code == 409
    assert "Sent" in lost.text
    assert GAVE.own in lost.text
    assert manager.post(at(two), {"own": "x" * 2001, "version": "1"}).status_code == 422
    page = coach.get(at(two)).text
    assert GAVE.role in page
    assert "Tell the programme" not in page
    assert coach.post(at(two), {**vars(GAVE), "version": "1"}).status_code == 403
    assert coach.post(at(two, "/programme"), PROGRAMME).status_code == 403
    assert manager.post(at(two, "/programme"), {"helped": "5"}).status_code == 422
    assert manager.post(at(two, "/programme"), PROGRAMME).status_code == 303
    assert manager.post(at(two, "/programme"), {**PROGRAMME, "again": "1"}).status_code == 409
    assert "You have told the programme." in manager.get(at(two)).text
    assert manager.post(at(two, "/finish")).status_code == 303
    assert manager.post(at(two, "/finish")).status_code == 303
    assert coach.get(at(two)).status_code == 404
    assert GAVE.operations in manager.get(at(two)).text


# --- calendars --------------------------------------------------------------------------------------------------------


def test_an_invitation_has_the_time_and_nothing_else(world: World) -> None:
    two = pair(world)
    first = two.plan()
    two.save(first, full(decision="Hemligt beslut"))
    answer = two.enter(two.manager_member, locale="sv").get(f"/handledning/sessions/{first}/invitation.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meeting.ics"'
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (event["UID"], event["SUMMARY"], event["SEQUENCE"]) == (f"{first}@stegvis", "Möte", 0)
    assert (event.start, event.end) == (START, START + timedelta(minutes=150))
    assert set(event) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "CLASS"}
    for word in ("Karin", "Amira", "Hemligt", "http"):
        assert word not in answer.text
    moved = START + timedelta(days=1)
    with two.writing():
        save_frame(two.coach, first, 2, Meeting(moved, 120))
    answer = two.enter(two.coach_member).get(f"/handledning/sessions/{first}/invitation.ics")
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert (event["SEQUENCE"], event.start, event["SUMMARY"]) == (1, moved, "Meeting")


def test_a_secret_address_follows_the_sessions_of_whoever_it_belongs_to(world: World) -> None:
    two = pair(world)
    coming = two.plan(datetime.now(UTC) + timedelta(days=3))
    other = pair(world, two.course, "Lena Andra")
    other.plan(datetime.now(UTC) + timedelta(days=4))
    manager, coach = two.enter(two.manager_member), two.enter(two.coach_member)
    mine, hers = address(manager.post("/handledning/calendar").text), address(coach.post("/handledning/calendar").text)
    assert uids(world, mine) == uids(world, hers) == {(f"{coming}@stegvis", "CONFIRMED")}
    with two.writing():
        cancel_session(two.manager, coming, 1, CancelReason.TIME)
    assert uids(world, mine) == {(f"{coming}@stegvis", "CANCELLED")}
    again = address(manager.post("/handledning/calendar").text)
    assert world.app.test_client().get(mine, base_url=BASE).status_code == 404
    assert manager.post("/handledning/calendar/end").status_code == 303
    assert manager.post("/handledning/calendar/end").status_code == 303
    assert world.app.test_client().get(again, base_url=BASE).status_code == 404
    assert "You have an address since" in coach.get("/handledning/calendar").text
    with two.writing():
        booked = operations.plan_session(
            two.coach, two.engagement.id, Meeting(datetime.now(UTC) + timedelta(days=5), 150)
        )
        operations.end(two.as_manager(lock=True), EndReason.CHANGED)
    assert uids(world, hers) == set()
    # What was still booked is called off in her own calendar too.
    mine = address(manager.post("/handledning/calendar").text)
    assert (f"{booked.id}@stegvis", "CANCELLED") in uids(world, mine)
    assert {state for _uid, state in uids(world, mine)} == {"CANCELLED"}


def address(page: str) -> str:
    begin = page.index("/t/")
    return page[begin : page.index('"', begin)]


def uids(world: World, path: str) -> set[tuple[str, str]]:
    answer = world.app.test_client().get(path, base_url=BASE)
    assert answer.status_code == 200, answer.text
    return {(str(event["UID"]), str(event["STATUS"])) for event in Calendar.from_ical(answer.data).walk("VEVENT")}
