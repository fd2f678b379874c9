"""The verbs of the journal: insights, Friday reviews, and what stands to be offered."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from plugins.ledarsteg import operations
from plugins.ledarsteg.models import (
    Choice,
    Insight,
    InsightKind,
    Offer,
    PutAway,
    Review,
    TermChoice,
    TimeAudit,
    TimeRow,
)
from plugins.ledarsteg.operations import ChangedMeanwhile, Owner, archive, insights, journal, reviews, term
from plugins.ledarsteg.operations.insights import NewInsight
from plugins.ledarsteg.operations.reviews import Look
from plugins.ledarsteg.operations.shared import shared_with_coaches
from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import CohortPlugin, Member
from service.contract import Invalid, NotFound
from service.lti.service_models import LineItem
from tests.plugins.ledarsteg.support import TODAY, counting, make, owner_of
from tests.support import Course, OffsetClock, World

# TODAY is a Tuesday: the week that can be looked back on is the one before.
LAST_MONDAY = date(2026, 11, 16)
THIS_MONDAY = date(2026, 11, 23)


def capture(
    world: World, member: Member, text: str = "They wait for me", key: str = "k", **values: object
) -> uuid.UUID:
    with world.core.units.writing():
        return insights.capture(owner_of(member), NewInsight(key, text, **values))  # type: ignore[arg-type]


def write(world: World, member: Member, monday: date = LAST_MONDAY, seen: int = 0, **values: object) -> None:
    with world.core.units.writing():
        reviews.write_review(owner_of(member), monday, Look(**{"contribution": "I asked first", **values}), seen)  # type: ignore[arg-type]


def mine(world: World, member: Member) -> list[Review]:
    with world.core.units.reading():
        return reviews.reviews(owner_of(member))


def audited(world: World) -> list[tuple[str, str]]:
    with world.core.units.reading() as unit:
        return [
            (event.action, event.object_ref)
            for event in unit.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.seq))
        ]


# ---- insights ----


def test_an_insight_sent_twice_is_one_and_another_text_is_another(world: World, karin: Member) -> None:
    first = capture(world, karin)
    assert capture(world, karin) == first
    assert capture(world, karin, "Something else") != first
    assert capture(world, karin, key="") != capture(world, karin, key="")
    with world.core.units.reading():
        assert len(insights.insights(owner_of(karin))) == 4


def test_insights_stand_newest_first_with_their_habit(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin, "Ask first")
    capture(world, karin, "first", kind=InsightKind.CROSSROADS, habit_id=habit.id)
    clock.advance(timedelta(minutes=1))
    capture(world, karin, "second")
    capture(world, karin, "of another day", day=TODAY - timedelta(1))
    with world.core.units.reading(), counting(world) as counted:
        found = insights.insights(owner_of(karin))
        assert [one.insight.text for one in found] == ["second", "first", "of another day"]
        assert [one.habit.title if one.habit else "" for one in found] == ["", "Ask first", ""]
        assert [one.insight.kind for one in found][1] is InsightKind.CROSSROADS
    assert len(counted) == 2  # and one for her key
    with world.core.units.reading():
        assert len(insights.insights(owner_of(karin), 2)) == 2


@pytest.mark.parametrize(("text", "why"), [("", "Write a line"), ("x" * 281, "You wrote 281")])
def test_an_insight_is_a_line_of_at_most_280_characters(world: World, karin: Member, text: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        capture(world, karin, text)
    assert why in str(refused.value.fields["text"])
    capture(world, karin, "\N{LEAF FLUTTERING IN WIND}" * 280)


def test_an_insight_is_about_a_habit_of_ones_own(world: World, course: Course, karin: Member) -> None:
    theirs = make(world, world.member(course, name="Peter Nyström"))
    with pytest.raises(NotFound):
        capture(world, karin, habit_id=theirs.id)


def test_sharing_is_audited_once_each_without_the_text(world: World, course: Course, karin: Member) -> None:
    kept, shown = capture(world, karin, "kept"), capture(world, karin, "shown")
    for on in (True, True, False, True):
        with world.core.units.writing():
            insights.share_insight(owner_of(karin), shown, on=on)
    assert audited(world) == [
        (f"ledarsteg.{word}", str(shown)) for word in ("share_insight", "unshare_insight", "share_insight")
    ]
    assert kept != shown
    with world.core.units.reading():
        (found,) = shared_with_coaches(course.cohort)
        assert (found.person.id, [one.text for one in found.insights]) == (karin.person_id, ["shown"])
        assert shared_with_coaches(world.course(beside=course).cohort) == []


def test_what_is_shared_is_read_by_manager_and_not_of_those_who_left(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    anna, gone = world.member(course, name="anna Berg"), world.member(course, name="Bo Ek")
    for member in (karin, anna, gone):
        for text in ("first", "second"):
            clock.advance(timedelta(minutes=1))
            there = capture(world, member, f"{text} of {member.person.name}")
            with world.core.units.writing():
                insights.share_insight(owner_of(member), there, on=True)
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Member).where(Member.id == gone.id).values(active=False))
    with world.core.units.reading(), counting(world) as counted:
        found = shared_with_coaches(course.cohort)
        assert [[one.text for one in by.insights] for by in found] == [
            ["second of anna Berg", "first of anna Berg"], ["second of Karin Lindqvist", "first of Karin Lindqvist"],
        ]  # fmt: skip
    assert len(counted) == 6


def test_a_deleted_insight_is_gone_and_can_be_written_again(world: World, karin: Member) -> None:
    there = capture(world, karin, "They wait", kind=InsightKind.CROSSROADS, day=TODAY - timedelta(3))
    with world.core.units.writing():
        gone = insights.delete_insight(owner_of(karin), there)
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(Insight)).all() == []
    with world.core.units.writing():
        again = insights.capture(owner_of(karin), gone)
    assert again != there
    with world.core.units.reading():
        (one,) = insights.insights(owner_of(karin))
        assert (one.insight.text, one.insight.kind, one.insight.local_date, one.insight.shared) == (
            "They wait", InsightKind.CROSSROADS, TODAY - timedelta(3), False,
        )  # fmt: skip


@pytest.mark.parametrize("where", ["same cohort", "own other cohort", "nowhere"])
def test_an_insight_that_is_not_hers_here_is_not_found(world: World, course: Course, karin: Member, where: str) -> None:
    there = uuid.uuid4() if where == "nowhere" else capture(world, karin)
    elsewhere = world.course(beside=course) if where == "own other cohort" else course
    somebody = world.member(elsewhere, Role.MANAGER, "Peter", karin.person if where == "own other cohort" else None)
    for work in (
        lambda: insights.share_insight(owner_of(somebody), there, on=True),
        lambda: insights.delete_insight(owner_of(somebody), there),
    ):
        with world.core.units.writing(), pytest.raises(NotFound):
            work()


# ---- the Friday review ----


def test_a_review_is_written_and_changed(world: World, karin: Member) -> None:
    full = Look("I asked first", 5, 2, "Hardly a pause", 5, "All week", "One talk")
    with world.core.units.writing():
        reviews.write_review(owner_of(karin), LAST_MONDAY, full, 0)
    with world.core.units.reading():
        (one,) = reviews.reviews(owner_of(karin))
        assert (Look.of(one), one.revision, one.monday) == (full, 1, LAST_MONDAY)
    write(world, karin, seen=1, contribution="I waited")
    with world.core.units.reading():
        (one,) = reviews.reviews(owner_of(karin))
        assert (Look.of(one), one.revision) == (Look("I waited"), 2)


def test_a_review_sent_twice_is_written_once(world: World, karin: Member) -> None:
    for _ in range(2):
        write(world, karin)
    assert [one.revision for one in mine(world, karin)] == [1]


def test_of_two_tabs_the_later_one_notices(world: World, karin: Member) -> None:
    write(world, karin)
    with pytest.raises(ChangedMeanwhile):
        write(world, karin, contribution="from the other tab")
    write(world, karin, seen=1, contribution="changed")
    with pytest.raises(ChangedMeanwhile):
        write(world, karin, seen=1, contribution="from the other tab")
    with world.core.units.reading():
        assert [one.contribution for one in reviews.reviews(owner_of(karin))] == ["changed"]


@pytest.mark.parametrize(
    ("monday", "why"),
    [
        (THIS_MONDAY, "from its Friday"), (THIS_MONDAY + timedelta(70), "from its Friday"), (LAST_MONDAY - timedelta(7), "further back"),
        (date(2020, 1, 6), "further back"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("seen", [0, 7])
def test_a_week_that_is_not_to_be_looked_back_on(
    world: World, karin: Member, monday: date, why: str, seen: int
) -> None:
    with pytest.raises(Invalid) as refused:
        write(world, karin, monday, seen)
    assert why in str(refused.value.fields["week"])
    assert mine(world, karin) == []


def test_a_missed_week_can_be_written_until_thursday_and_changed_later(
    world: World, karin: Member, clock: OffsetClock
) -> None:
    clock.advance(timedelta(days=2))  # Thursday
    write(world, karin)
    clock.advance(timedelta(days=1))
    write(world, karin, THIS_MONDAY)
    write(world, karin, seen=1, contribution="seen again")
    assert [one.revision for one in mine(world, karin)] == [1, 2]


def test_friday_is_friday_where_she_is(world: World, karin: Member, clock: OffsetClock) -> None:
    clock.put(datetime(2026, 11, 26, 22, 30, tzinfo=UTC))  # Thursday evening in Stockholm, Friday in Riga
    with pytest.raises(Invalid):
        write(world, karin, THIS_MONDAY)
    riga = Owner.of(karin.cohort, karin, "Europe/Riga")
    with world.core.units.writing():
        reviews.write_review(riga, THIS_MONDAY, Look("done"), 0)
    assert [one.monday for one in mine(world, karin)] == [THIS_MONDAY]


def test_an_empty_review_is_none(world: World, karin: Member) -> None:
    with pytest.raises(Invalid) as refused:
        write(world, karin, contribution="")
    assert set(refused.value.fields) == {"contribution"}
    for number, values in enumerate(({"being": 1}, {"sides": 1}, {"next_week": "x"}, {"doing_text": "y"})):
        member = world.member(world.course(), name=f"M {number}")
        write(world, member, **{"contribution": "", **values})
        assert len(mine(world, member)) == 1


def test_only_a_new_review_is_told_as_progress(world: World, course: Course, karin: Member) -> None:
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(CohortPlugin).values(completion=True))

    def told() -> int:
        with world.core.units.writing() as unit:
            return len(unit.session.execute(sa.delete(LineItem).returning(LineItem.id)).all())

    write(world, karin)
    assert told() == 1
    write(world, karin, seen=1, contribution="changed")
    write(world, karin, seen=2, contribution="changed")
    assert told() == 0


def test_everybodys_weeks_in_one_statement(world: World, course: Course, karin: Member) -> None:
    other = world.member(course, name="Peter")
    elsewhere = world.member(world.course(beside=course), person=karin.person)
    for member in (karin, other, elsewhere):
        write(world, member)
    with world.core.units.reading(), counting(world) as counted:
        assert reviews.reviewed_mondays(course.cohort) == {
            karin.person_id: [LAST_MONDAY],
            other.person_id: [LAST_MONDAY],
        }
    assert len(counted) == 1


def test_a_long_imbalance_shows_from_four_reviews_on(world: World, karin: Member, clock: OffsetClock) -> None:
    for week in range(5):
        with world.core.units.reading():
            assert reviews.long_imbalance(reviews.reviews(owner_of(karin))) is (week >= 4)
        write(world, karin, LAST_MONDAY + timedelta(weeks=week), being=2, doing=4)
        clock.advance(timedelta(weeks=1))
    write(world, karin, LAST_MONDAY + timedelta(weeks=5), being=4, doing=4)
    with world.core.units.reading():
        assert not reviews.long_imbalance(reviews.reviews(owner_of(karin)))


# ---- what is offered ----


def stands(world: World, member: Member, ends_on: date | None = None) -> journal.Standing:
    with world.core.units.reading(), counting(world) as counted:
        found = journal.standing(owner_of(member), ends_on)
    assert len(counted) == 1
    return found


def test_nothing_written_is_a_first_week_that_has_not_begun(world: World, karin: Member) -> None:
    assert stands(world, karin) == journal.Standing(TODAY)
    assert stands(world, karin).is_first_week
    nothing = journal.first_week(stands(world, karin))
    assert nothing == journal.FirstWeek(
        audit_begun=False, audit=False, aha=False, habit=False, review=False, audit_days=0, aha_put_away=False
    )


def add_audit(world: World, member: Member, days: int, first: date = TODAY) -> None:
    with world.core.units.writing() as unit:
        audit = TimeAudit(cohort_id=member.cohort_id, person_id=member.person_id, number=1, first_day=first)
        unit.session.add(audit)
        unit.session.flush()
        for day in range(days):
            for minutes in (30, 90):
                unit.session.add(TimeRow(
                    audit_id=audit.id, person_id=member.person_id, local_date=first + timedelta(day), minutes=minutes,
                    category="meetings", challengeable=False, created_at=unit.now(),
                ))  # fmt: skip


@pytest.mark.parametrize("days", [0, 2, 3])
def test_the_first_weeks_things(world: World, course: Course, karin: Member, days: int) -> None:
    # What others and other courses have says nothing.
    elsewhere = world.member(world.course(beside=course), person=karin.person)
    for member in (world.member(course, name="Peter"), elsewhere):
        make(world, member)
        write(world, member)
        capture(world, member, kind=InsightKind.CROSSROADS)
        add_audit(world, member, 5)
    add_audit(world, karin, days)
    with world.core.units.reading():
        week = journal.first_week(journal.standing(owner_of(karin)))
    assert (week.audit_begun, week.audit, week.audit_days) == (True, days >= 3, days)
    assert (week.aha, week.habit, week.review) == (False, False, False)
    capture(world, karin, kind=InsightKind.OBSERVATION)
    with world.core.units.reading():
        assert not journal.first_week(journal.standing(owner_of(karin))).aha
    capture(world, karin, "core", kind=InsightKind.CROSSROADS)
    make(world, karin)
    write(world, karin)
    with world.core.units.reading():
        week = journal.first_week(journal.standing(owner_of(karin)))
    assert (week.aha, week.habit, week.review) == (True, True, True)


def test_the_aha_is_offered_in_the_first_week_until_it_is_done(world: World, karin: Member, clock: OffsetClock) -> None:
    make(world, karin)
    clock.advance(timedelta(days=6))
    assert stands(world, karin).offers_aha
    capture(world, karin, kind=InsightKind.OBSERVATION)
    assert stands(world, karin).offers_aha
    capture(world, karin, kind=InsightKind.CROSSROADS)
    assert not stands(world, karin).offers_aha


def test_the_aha_is_not_offered_after_a_week_or_a_not_now(
    world: World, course: Course, karin: Member, clock: OffsetClock
) -> None:
    for _ in range(2):
        with world.core.units.writing():
            journal.put_away(owner_of(karin), Offer.AHA)
    assert not stands(world, karin).offers_aha
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(PutAway.put_away_on)).all() == [TODAY]
        assert journal.first_week(journal.standing(owner_of(karin))).aha_put_away
    other = world.member(course, name="Peter")
    assert stands(world, other).offers_aha
    capture(world, other)
    clock.advance(timedelta(days=7))
    assert not stands(world, other).offers_aha


def test_the_first_week_counts_from_whatever_came_first(world: World, karin: Member, clock: OffsetClock) -> None:
    add_audit(world, karin, 1, TODAY - timedelta(2))
    capture(world, karin)
    assert stands(world, karin).begun == TODAY - timedelta(2)
    write(world, karin)
    assert stands(world, karin).begun == LAST_MONDAY + timedelta(4)
    assert stands(world, karin).reviews_done(12) == 1


def test_what_is_undecided_counts_in_the_last_two_weeks(world: World, karin: Member) -> None:
    kept, ended, _open = make(world, karin, "kept"), make(world, karin, "ended"), make(world, karin, "open")
    end = TODAY + timedelta(13)
    assert stands(world, karin).undecided == 0
    assert stands(world, karin, end + timedelta(1)).undecided == 0
    assert stands(world, karin, end).undecided == 3
    with world.core.units.writing():
        term.decide(owner_of(karin), kept.id, Choice.KEEP, "", 0)
        term.decide(owner_of(karin), ended.id, Choice.RETIRE, "", 0)
    assert stands(world, karin, end).undecided == 1
    with world.core.units.writing():
        operations.resume(owner_of(karin), ended.id)
    assert stands(world, karin, end).undecided == 2


def test_a_decision_of_the_term_before_is_asked_for_again(world: World, karin: Member, clock: OffsetClock) -> None:
    habit = make(world, karin)
    with world.core.units.writing():
        term.decide(owner_of(karin), habit.id, Choice.KEEP, "", 0)
    clock.advance(timedelta(days=55))
    assert stands(world, karin, TODAY + timedelta(55)).undecided == 0
    assert stands(world, karin, TODAY + timedelta(56)).undecided == 1


def test_habits_of_earlier_courses_are_offered_until_one_is_taken_or_put_away(
    world: World, course: Course, karin: Member
) -> None:
    later = world.course(beside=course)
    now_here = world.member(later, person=karin.person)
    assert not stands(world, now_here).offers_carry_over
    first, second = make(world, karin, "a"), make(world, karin, "b")
    make(world, world.member(course, name="Peter"))
    assert stands(world, now_here).portable == 2
    assert stands(world, now_here).offers_carry_over
    with world.core.units.writing():
        archive.carry(owner_of(now_here), first.id)
    assert (stands(world, now_here).portable, stands(world, now_here).carried) == (1, 1)
    assert not stands(world, now_here).offers_carry_over
    third = world.member(world.course(beside=course), person=karin.person)
    assert stands(world, third).portable == 2
    with world.core.units.writing():
        journal.put_away(owner_of(third), Offer.CARRY_OVER)
    assert not stands(world, third).offers_carry_over
    assert second.id


# ---- her own data ----


def fill(world: World, member: Member) -> None:
    """One of each thing that the journal keeps."""
    habit = make(world, member)
    with world.core.units.writing():
        owner = owner_of(member)
        insights.capture(owner, NewInsight("k", "They wait for me", habit_id=habit.id))
        reviews.write_review(owner, LAST_MONDAY, Look("My contribution", 3, 2, "A pause", 5, "All week", "One talk"), 0)
        term.decide(owner, habit.id, Choice.KEEP, "It helps", 0)
        journal.put_away(owner, Offer.AHA)


def test_her_own_copy_has_everything_and_her_erasure_takes_it(world: World, course: Course, karin: Member) -> None:
    other = world.member(course, name="Peter")
    for member in (karin, other):
        fill(world, member)
    with world.core.units.reading():
        told = {name: list(rows) for name, rows in operations.rows_about(karin.person).items()}
    kept = {table: rows[0] for table, rows in told.items() if rows}
    for model in (Insight, Review, TermChoice, PutAway):
        (row,) = told[model.__tablename__]
        columns = {column.key.removesuffix("_sealed") for column in sa.inspect(model).columns}
        assert columns - set(row) <= {"id", "person_id", "revision"}
    assert kept["ledarsteg_insight"]["text"] == "They wait for me"
    assert (kept["ledarsteg_review"]["being_text"], kept["ledarsteg_review"]["sides"]) == ("A pause", 3)
    assert (kept["ledarsteg_term_choice"]["why"], kept["ledarsteg_put_away"]["offer"]) == ("It helps", Offer.AHA)
    with world.core.units.writing():
        gone = operations.erase_person(karin.person)
    for model in (Insight, Review, TermChoice, PutAway):
        assert gone[model.__tablename__] == 1
        with world.core.units.reading() as unit:
            assert unit.session.scalars(sa.select(model.person_id)).all() == [other.person_id]
