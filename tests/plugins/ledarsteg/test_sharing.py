"""A time audit and a both-and card are hers until she shares them, one at a time, and hers again when she stops."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.models import InsightKind
from plugins.ledarsteg.operations import insights, polarities, sharing
from plugins.ledarsteg.operations import time as audits
from plugins.ledarsteg.operations.insights import NewInsight
from plugins.ledarsteg.operations.polarities import builtin_id
from plugins.ledarsteg.operations.shared import SharedBy, shared_with_coaches
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import Member
from service.contract import Invalid, NotFound
from tests.plugins.ledarsteg.support import MORNING, counting, owner_of
from tests.plugins.ledarsteg.test_balance import make_card, read_week
from tests.plugins.ledarsteg.test_pages import visible
from tests.plugins.ledarsteg.test_time import fill, start
from tests.support import Course, OffsetClock, World

PATH = "/ledarsteg/shared-with-coaches"


def share(world: World, work: Callable[[], object]) -> None:
    with world.core.units.writing():
        work()


def read(world: World, course: Course) -> list[SharedBy]:
    with world.core.units.reading():
        return shared_with_coaches(course.cohort)


def finished(world: World, member: Member, clock: OffsetClock) -> uuid.UUID:
    audit_id = fill(world, member, clock)
    share(world, lambda: audits.finish_round(owner_of(member), audit_id))
    return audit_id


def test_a_round_is_shared_when_it_is_finished_until_she_stops_or_opens_it_again(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    owner, audit_id = owner_of(karin), fill(world, karin, clock)
    with pytest.raises(Invalid, match="round"):
        share(world, lambda: sharing.share_round(owner, audit_id, on=True))
    share(world, lambda: audits.finish_round(owner, audit_id))
    assert read(world, course) == []
    for _ in range(2):
        share(world, lambda: sharing.share_round(owner, audit_id, on=True))
    (one,) = read(world, course)
    assert (one.person.id, [each.audit.id for each in one.rounds]) == (karin.person_id, [audit_id])
    assert sum(row.minutes for row in one.rounds[0].rows) > 0
    share(world, lambda: sharing.share_round(owner, audit_id, on=False))
    assert read(world, course) == []
    share(world, lambda: sharing.share_round(owner, audit_id, on=True))
    share(world, lambda: audits.reopen_round(owner, audit_id))
    share(world, lambda: audits.finish_round(owner, audit_id))
    assert read(world, course) == []
    with world.core.units.reading() as unit:
        told = unit.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert [action for action in told if "audit" in action] == [
        f"ledarsteg.{word}_audit" for word in ("share", "unshare", "share", "unshare")
    ]


def test_a_card_is_shared_with_its_weeks_until_she_stops_or_ends_it(
    world: World, course: Course, karin: Member
) -> None:
    owner, card = owner_of(karin), make_card(world, karin)
    read_week(world, karin, card, -40)
    for which in (card, builtin_id(owner)):
        share(world, lambda which=which: sharing.share_card(owner, which, on=True))  # type: ignore[misc]
    (one,) = read(world, course)
    assert {each.polarity.id: list(each.readings.values()) for each in one.cards} == {
        card: [-40],
        builtin_id(owner): [],
    }
    share(world, lambda: sharing.share_card(owner, builtin_id(owner), on=False))
    assert [each.polarity.id for each in read(world, course)[0].cards] == [card]
    share(world, lambda: polarities.end_card(owner, card))
    with pytest.raises(Invalid, match="polarity"):
        share(world, lambda: sharing.share_card(owner, card, on=True))
    share(world, lambda: polarities.resume_card(owner, card))
    assert read(world, course) == []


def test_what_is_anothers_cannot_be_shared(world: World, course: Course, karin: Member, clock: OffsetClock) -> None:
    peter = owner_of(world.member(course, name="Peter Nyström"))
    audit_id, card = start(world, karin), make_card(world, karin)
    for work in (sharing.share_round, sharing.share_card):
        with pytest.raises(NotFound):
            share(world, lambda work=work: work(peter, audit_id if work is sharing.share_round else card, on=True))  # type: ignore[misc]


def test_all_that_is_shared_is_read_in_as_many_statements_for_many(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    cost = []
    for name in ("Anna Berg", "Bo Ek", "Cia Dahl"):
        member = world.member(course, name=name)
        clock.put(MORNING)
        audit_id, card = finished(world, member, clock), make_card(world, member)
        read_week(world, member, card, 10)
        share(world, lambda a=audit_id, m=member: sharing.share_round(owner_of(m), a, on=True))  # type: ignore[misc]
        share(world, lambda c=card, m=member: sharing.share_card(owner_of(m), c, on=True))  # type: ignore[misc]
        with world.core.units.reading(), counting(world) as counted:
            assert [one.person.name for one in shared_with_coaches(course.cohort)][-1] == name
        cost.append(len(counted))
    assert set(cost) == {6}


def test_a_coach_sees_shares_and_weeks_and_never_the_rows(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    owner, audit_id, card = owner_of(karin), finished(world, karin, clock), make_card(world, karin)
    with world.core.units.writing():
        written = insights.capture(owner, NewInsight("k", "They wait for me", InsightKind.CROSSROADS))
    coach, hers = world.enter(course, Role.COACH, "Amira Haddad"), world.enter(course, member=karin)
    assert "Nobody shares any of it just now." in visible(coach.get(PATH).text)
    result, poles = f"/ledarsteg/time/{audit_id}", "/ledarsteg/balance"
    assert "Only you. You can show your coach the shares" in visible(hers.get(result).text)
    assert hers.post(f"{result}/share", {"shared": "on"}).status_code == 303
    assert hers.post(f"{poles}/{card}/share", {"shared": "on"}).status_code == 303
    assert hers.post(f"/ledarsteg/insights/{written}/share", {"shared": "on"}).status_code == 303
    assert "You and the coaches of the course. They see the shares" in visible(hers.get(result).text)
    assert "You and the coaches of the course: the card and its weeks." in visible(hers.get(poles).text)
    words = visible(coach.get(PATH).text)
    for said in (karin.person.name, "They wait for me", "Round 1, from", "Meetings", "May not stand up to a challenge"):
        assert said in words
    assert "No week is noted on it yet." in words
    with world.core.units.reading():
        (one,) = shared_with_coaches(course.cohort)
        left, noted = one.cards[0].polarity.left, [row.what for row in one.rounds[0].rows if row.what]
    assert left in words
    assert not [what for what in noted if what in words]
    assert hers.post(f"{result}/share", {"shared": "off"}).status_code == 303
    assert hers.post(f"{poles}/{card}/share", {"shared": "off"}).status_code == 303
    words = visible(coach.get(PATH).text)
    assert "They wait for me" in words
    assert "Round 1" not in words
    assert left not in words


def test_an_open_round_is_not_shared_and_the_page_says_why(world: World, course: Course, karin: Member) -> None:
    answer = world.enter(course, member=karin).post(f"/ledarsteg/time/{start(world, karin)}/share", {"shared": "on"})
    assert answer.status_code == 422
    assert "Finish the round first. Then you can share what came of it." in answer.text
