"""What the training department hears of the programme: whole groups of five, counted once, in words that stay with their answers."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from plugins.handledning import data, jobs, operations
from plugins.handledning.models import (
    CoachingSession,
    Contract,
    Engagement,
    Evaluation,
    Figure,
    ProgrammeFeedback,
    Scope,
    State,
    Status,
    TrustPulse,
)
from plugins.handledning.operations import together
from plugins.handledning.operations.after import give_pulse
from plugins.handledning.operations.bank import LANGUAGES
from plugins.handledning.operations.ending import finish, give_feedback
from plugins.handledning.operations.evaluation import STATEMENTS, versions, write_statements
from plugins.handledning.operations.programme import Heard, heard
from plugins.handledning.operations.scope import Party
from plugins.handledning.programme import programme_report
from service.access import Role
from service.cohorts import counting
from service.cohorts.models import Member
from service.contract.reports import CohortReport
from service.errors import Conflict, Forbidden, Invalid
from tests.plugins.handledning.support import Pair, agree, chosen, pair
from tests.plugins.handledning.test_before_pages import value_of
from tests.plugins.handledning.test_development import begun, goal
from tests.plugins.handledning.test_ending import PROGRAMME, at, tell, write
from tests.support import World


def five_more(world: World, first: Pair | None = None, number: int = 5) -> list[Pair]:
    """So many managers of one coach, who have only chosen her: what is not about agreeing goes quicker so."""
    begin = first or chosen(world, name="Manager 0")
    return [begin, *(chosen(world, begin.course, f"Manager {n}", begin.coach_member) for n in range(1, number))]


def count(two: Pair) -> int:
    with two.world.app.app_context():
        return jobs.count()


def told(two: Pair, figure: Figure, version: int = 0) -> Heard | None:
    with two.reading():
        return heard(two.manager, figure, version)


def training_of(two: Pair) -> Party:
    member = two.world.member(two.course, Role.TRAINING, "Training")
    return Party.of(two.course.cohort, member.person_id, Role.TRAINING)


def test_what_they_say_is_heard_in_whole_groups_and_never_counted_again(world: World) -> None:
    people = five_more(world, number=11)
    first, seen = people[0], []
    for number, two in enumerate(people):
        tell(two, (1 + number % 5,) * 5, f"ord {9 - number}")
        if number in (3, 4, 8, 9, 10):
            assert count(first) == (number in (4, 9))
            seen.append(told(first, Figure.FEEDBACK))
    assert [one.number if one else 0 for one in seen] == [0, 5, 5, 10, 10]
    assert seen[1] is not None
    assert seen[1] == seen[2]  # a ninth answer shows nothing of itself
    assert (seen[1].means, list(seen[1].words)) == ([3.0] * 5, [])
    assert seen[3] is not None
    assert list(seen[3].words) == sorted(f"ord {n}" for n in range(10))
    page = world.enter(first.course, Role.TRAINING, "Training").get("/handledning/training").text
    assert "over the first 10 who answered" in page
    assert "Manager 3" not in page.split('id="heard"')[1].split('id="proposals"')[0]
    # Somebody is erased: nothing is counted anew, so that nobody is the difference; of too few, no words are shown.
    with first.writing():
        data.erase(people[2].manager_member.person)
    assert count(first) == 0
    left = told(first, Figure.FEEDBACK)
    assert left is not None
    assert (left.number, left.means, list(left.words)) == (10, seen[3].means, [])
    tell_again = chosen(world, first.course, "Manager 11", first.coach_member)
    tell(tell_again)
    assert count(first) == 0  # the eleventh and this one wait for three more


def closed(two: Pair, pulse: int | None, level: int | None, scope: Scope = Scope.PROFESSIONAL) -> None:
    """A term that was closed, with a pulse after its session and a goal where asked."""
    if pulse is not None:
        session_id = two.talk()
        for party, value in ((two.manager, pulse), (two.coach, 1)):
            with two.writing():
                give_pulse(party, session_id, value)
    if level is not None:
        begun(two, goal(two, scope=scope), -1, level)
    write(two)
    with two.writing():
        finish(two.as_manager(lock=True))


def again(two: Pair) -> Pair:
    """The same manager in a second term with the same coach."""
    with two.writing():
        return replace(two, engagement=operations.choose_coach(two.manager, two.coach.person_id))


def test_trust_and_goals_are_heard_of_terms_that_were_closed(world: World) -> None:
    first = pair(world, name="Manager 0")
    people = [first, *(pair(world, first.course, f"Manager {n}", first.coach_member) for n in range(1, 6))]
    pulses, levels = (5, 4, 4, 3), (1, 0, 1, -1)
    for two, pulse, level in zip(people[:4], pulses, levels, strict=True):
        closed(two, pulse, level)
    second = again(first)
    agree(second)
    closed(second, 1, -2)
    assert count(first) == 0  # somebody who closes two terms counts once
    assert (told(first, Figure.TRUST), told(first, Figure.GOALS)) == (None, None)
    closed(people[4], 4, 2, Scope.LIFE)
    assert count(first) == 1
    assert told(first, Figure.TRUST) == Heard(5, [4.0])  # the coach's own pulses are not in it
    assert told(first, Figure.GOALS) is None  # a life goal is in no mean
    closed(people[5], None, 1)
    assert count(first) == 1
    found = told(first, Figure.GOALS)
    # One goal each: T is 40 at -1, 50 at 0, 60 at +1 (domain 2.2.9).
    assert found is not None
    assert (found.number, found.means) == (5, pytest.approx([40.0, (60 + 50 + 60 + 40 + 60) / 5]))
    page = world.enter(first.course, Role.TRAINING, "Training", locale="sv").get("/handledning/training").text
    shown = page[page.index('id="closed"') :]
    assert ("4,0" in shown, "40,0" in shown, "54,0" in shown) == (True, True, True)


def test_what_does_not_open_is_not_counted(world: World) -> None:
    people = [pair(world, name="Manager 0")]
    people += [pair(world, people[0].course, f"Manager {n}", people[0].coach_member) for n in range(1, 5)]
    for two in people:
        tell(two)
        closed(two, 4, None)
    with people[0].writing() as unit:
        moved = {"answers_sealed": b"\0" * 40}
        unit.session.execute(sa.update(ProgrammeFeedback).values(moved))
        pulse = sa.update(TrustPulse).where(TrustPulse.person_id == people[0].manager.person_id)
        unit.session.execute(pulse.values(value_sealed=b"\0" * 40))
    assert count(people[0]) == 0
    assert [told(people[0], one) for one in Figure] == [None] * 3


WORDS = [{"sv": f"Påstående {n}", "en": f"Statement {n}", "lv": ""} for n in range(5)]


def test_training_alone_changes_what_is_asked_and_each_version_keeps_its_answers(world: World) -> None:
    people = five_more(world, number=6)
    first, training = people[0], training_of(people[0])
    for two in people[:5]:
        tell(two, (4,) * 5)
    assert count(first) == 1
    with first.writing():
        with pytest.raises(Forbidden):
            write_statements(first.manager, 0, WORDS)
        with pytest.raises(Invalid) as refused:
            write_statements(training, 0, [*WORDS[:4], dict.fromkeys(LANGUAGES, "")])
        assert set(refused.value.fields) == {STATEMENTS[4]}
        for _twice in range(2):
            write_statements(training, 0, WORDS)
        with pytest.raises(Conflict):
            write_statements(training, 0, [*WORDS[:4], {"sv": "Annat"}])
        write_statements(training, 1, [*WORDS[:4], {"sv": "Annat"}])
        assert [one.version for one in versions(first.course.cohort.id)] == [2, 1, 0]
    with people[5].writing():
        with pytest.raises(Invalid):
            give_feedback(people[5].as_manager(lock=True), (1,) * 5, "", 9)
        give_feedback(people[5].as_manager(lock=True), (1,) * 5, "", 2)
    assert count(first) == 0
    assert (told(first, Figure.FEEDBACK), told(first, Figure.FEEDBACK, 2)) == (Heard(5, [4.0] * 5, ()), None)


def test_the_statements_on_their_page_and_where_they_are_asked(world: World) -> None:
    two = pair(world)
    training = world.enter(two.course, Role.TRAINING, "Training")
    manager = two.enter(two.manager_member, locale="sv")
    assert "Jag kunde tala fritt." in manager.get(at(two)).text
    place = "/handledning/training/programme"
    page = training.get(place)
    assert "I could speak freely." in page.text
    assert "Jag kunde tala fritt." in page.text
    typed = {f"{key}_{language}": f"{key} {language}" for key in STATEMENTS for language in LANGUAGES}
    empty = training.post(place, {**typed, "version": "0", **{f"free_{language}": " " for language in LANGUAGES}})
    assert (empty.status_code, "Write the statement in at least one language." in empty.text) == (422, True)
    assert "helped en" in empty.text
    assert training.post(place, {**typed, "version": "0", "free_sv": "x" * 401}).status_code == 422
    old = value_of(manager.get(at(two)), "version")
    assert training.post(place, {**typed, "version": "0"}).status_code == 303
    lost = training.post(place, {**typed, "again_en": "Other words", "version": "0"})
    assert lost.status_code == 409
    assert ("Other words" in lost.text, "again en" in lost.text) == (True, True)
    assert "free sv" in manager.get(at(two)).text
    assert manager.get(place).status_code == 403
    # She had the page open from before: her answers stay with the words she read.
    assert old
    refused = manager.post(at(two, "/programme"), {"version": "0", "helped": "4"})
    assert (refused.status_code, "Jag kunde tala fritt." in refused.text) == (422, True)
    assert manager.post(at(two, "/programme"), {**PROGRAMME, "version": "0"}).status_code == 303
    with two.reading() as unit:
        assert unit.session.scalars(sa.text("select evaluation from handledning_programme_feedback")).all() == [0]
        assert unit.session.scalars(sa.select(Evaluation.version)).all() == [1]


# --- many cohorts -----------------------------------------------------------------------------------------------------


def drawn(two: Pair) -> dict[str, list[list[str]]]:
    with two.world.app.test_request_context("/", headers={"Accept-Language": "en"}), two.reading():
        pictures = programme_report([two.course.cohort]).pictures
    return {picture.key: [[str(cell) for cell in row] for row in picture.rows] for picture in pictures}


def test_many_cohorts_are_told_in_whole_groups_and_coaches_by_name(world: World) -> None:
    people = five_more(world, number=6)
    first = people[0]
    assert drawn(first) == {"coach-load": [["Amira Haddad", "5"]]}
    for two in people:
        tell(two, (4,) * 5, "")
    count(first)
    heard_now = drawn(first)["programme-heard"]
    assert [row[1:] for row in heard_now[:5]] == [["4.0", "5"]] * 5
    assert [row[1:] for row in heard_now[5:]] == [["\N{EN DASH}", "Not shown. Fewer than 5."]] * 3
    with first.reading():
        assert together.coach_load(uuid.uuid4()) == []
        assert together.heard_in([], Figure.TRUST) is None
    empty = world.course()
    with world.app.test_request_context("/"), first.reading():
        assert list(programme_report([empty.cohort]).pictures) == []


def test_what_a_coach_carries_tells_nobody_whom_a_manager_has_chosen(world: World) -> None:
    """One manager in a course of her own, four elsewhere, then a fifth: no choice of courses shows any of them."""
    alone = chosen(world, name="Karin Lindqvist")
    beside = world.course("Rektorer", beside=alone.course)
    coach = world.member(beside, Role.COACH, person=alone.coach_member.person)
    elsewhere = [chosen(world, beside, f"Manager {number}", coach) for number in range(3)]
    few = {"coach-load": [[alone.coach_member.person.display_name, "Not shown. Fewer than 5."]]}
    assert drawn(alone) == drawn(elsewhere[0]) == few
    chosen(world, beside, "Manager 4", coach)
    assert drawn(alone) == drawn(elsewhere[0]) == {"coach-load": [[alone.coach_member.person.display_name, "5"]]}


def reported(world: World, some: Sequence[Pair], more: Sequence[Member] = ()) -> CohortReport:
    """What the training department's figures are made of, of one cohort."""
    with world.app.app_context(), some[0].reading():
        part = world.core.host.for_cohort({"handledning": {}})
        members = [*(two.manager_member for two in some), *more]
        [(_plugin, report)] = part.cohort_report(some[0].course.cohort, members, Role.TRAINING, some[0].coach.person_id)
    assert isinstance(report, CohortReport)
    return report


def meet(two: Pair, *days: int) -> None:
    """A session of 125 minutes so many days ago."""
    now = two.world.core.units.clock.now()
    with two.writing() as unit:
        for number, ago in enumerate(days, 1):
            unit.session.add(CoachingSession(
                engagement_id=two.engagement.id, number=number, planned_start=now - timedelta(days=ago),
                planned_minutes=150, process_minutes=70, result_minutes=55, state=State.CLOSED,
            ))  # fmt: skip


def test_sessions_and_hours_of_a_term_are_counted_for_all(world: World) -> None:
    people = five_more(world, number=6)
    for two in people:
        # The second one long ago: another term.
        meet(two, 0, 300)
    silent = [world.member(people[0].course, name=f"Without a coach {number}") for number in range(5)]
    report = reported(world, people, silent)
    assert [(one.key, one.number) for one in report.counts] == [
        ("engaged", 5),
        ("agreed", 0),
        ("met", 5),
        ("enough", 0),
    ]
    assert [list(one.numbers) for one in report.spreads] == [[5, 0, 0, 0, 0]]
    assert [(one.key, one.value, one.people, one.step) for one in report.amounts] == [
        ("planned", 15, 5, 15),
        ("held", 12, 5, 15),
    ]


@pytest.mark.parametrize("kept_back", [False, True])
def test_whoever_tells_nothing_is_not_what_is_left_when_the_others_are_taken_away(
    world: World, *, kept_back: bool
) -> None:
    """Ten managers, nine of whom the training department reads by name: that all ten have met would tell of the tenth."""
    people = five_more(world, number=10)
    for two in people:
        meet(two, 0)
    now = world.core.units.clock.now()
    for two, tells in zip(people, [*["sessions"] * 9, ""], strict=True):
        accepted = {"told": tells, "manager_accepted_at": now, "coach_accepted_at": now}
        with two.writing() as unit:
            unit.session.execute(
                sa.update(Contract).where(Contract.engagement_id == two.engagement.id).values(accepted)
            )
    if kept_back:
        # The ninth had hers with a coach before, and no contract told of that: nobody reads it by name.
        with people[8].writing() as unit:
            before = Engagement(
                cohort_id=people[8].course.cohort.id, manager_id=people[8].manager_member.person_id,
                coach_id=people[8].coach.person_id, started_at=now, status=Status.CLOSED,
            )  # fmt: skip
            unit.session.add(before)
            unit.session.flush()
            unit.session.execute(
                sa.update(CoachingSession)
                .where(CoachingSession.engagement_id == people[8].engagement.id)
                .values(engagement_id=before.id)
            )
    counted = 8 if kept_back else 9
    report = reported(world, people)
    assert {one.key: one.number for one in report.counts} == {
        "engaged": counted, "agreed": 0, "met": counted, "enough": 0,
    }  # fmt: skip
    figures = counting._part("handledning", report, 10)
    assert figures["counts"]["handledning/met"] == 5
