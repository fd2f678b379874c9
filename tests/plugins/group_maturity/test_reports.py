"""Reports: what stands in them, when each part may appear, and who reads them."""

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from plugins.group_maturity import jobs
from plugins.group_maturity.calculations.reliability import Sums, pooled, sums
from plugins.group_maturity.calculations.suppression import Figure
from plugins.group_maturity.models import Measurement, Mode, Reliability, Report, ReportedScale, Share, State
from plugins.group_maturity.operations import measurements, overview, pooling, reports, sharing
from plugins.group_maturity.operations.figures import Change, Figures, Moments
from plugins.group_maturity.settings import GroupSettings
from service.access import Role
from service.contract import Conflict, NotFound
from tests.plugins.group_maturity.measuring import (
    ABOUT,
    GM24,
    GROUP,
    SETTINGS,
    Open,
    at_random,
    levels,
    open_one,
    plan,
    run_jobs,
)
from tests.support import Course, OffsetClock, World

ALIKE = levels({"A": 2, "B": 1, "C": 4, "D": 5})
WAITING = levels({"A": 4, "B": 2, "C": 3, "D": 2})


@pytest.fixture
def course(world: World) -> Course:
    return world.course()


def unsaved(size: int, *, about_manager: bool = False, minimum: int = 5) -> Measurement:
    return Measurement(
        size=size, minimum=minimum, about_manager=about_manager, previous_id=None, mode=Mode.CODES, state=State.CLOSED,
        opens_on=date(2026, 1, 1), closes_on=date(2026, 1, 9), languages=["sv"], changed=0, wave=1,
    )  # fmt: skip


def counted(answers: Sequence[Mapping[str, int | None]], **values: object) -> Figures:
    return reports.count(unsaved(len(answers), **values), GM24, answers)[0]


def varied(base: Mapping[str, int], number: int, spread: int = 1) -> list[dict[str, int]]:
    """So many answers around one, each a little different."""
    chance = random.Random(number)
    return [
        {name: min(5, max(1, value + chance.randint(-spread, spread))) for name, value in base.items()}
        for _ in range(number)
    ]


# --- figures ----------------------------------------------------------------------------------------------------------


def test_the_worked_group() -> None:
    """A 3.0, B 2.5, C 3.2, D 2.8 are 50, 37.5, 55, 45: rounded 50, 40, 55, 45; all alike, so stage 1 may be named."""
    low = {"A": (3,) * 6, "B": (3, 2, 3, 2, 3, 2), "C": (4, 3, 3, 3, 3, 3), "D": (3, 3, 3, 3, 3, 2)}
    one = {f"{scale}{n}": value for scale, values in low.items() for n, value in enumerate(values, start=1)}
    turned = {name: 6 - value if GM24.items[name].reverse else value for name, value in one.items()}
    found = counted([turned] * 8)
    assert {name: figure.value for name, figure in found.scales.items()} == {"A": 50, "B": 40, "C": 55, "D": 45}
    assert found.stage == "1"
    assert found.index == 55
    assert (found.band, found.numbered, found.changes) == ("8-12", True, {})


def test_nothing_is_told_of_agreement_below_eight() -> None:
    assert counted(varied(ALIKE, 7)).agreement == {}
    assert set(counted(varied(ALIKE, 8)).agreement) == set("ABCD")


def test_a_group_of_one_mind_agrees_as_one_that_nearly_does() -> None:
    one_mind, nearly = counted([ALIKE] * 9), counted([*[ALIKE] * 8, {**ALIKE, "A1": 3, "B2": 2, "C3": 5, "D4": 4}])
    assert one_mind.agreement == nearly.agreement
    assert one_mind.scales == nearly.scales
    assert set(one_mind.agreement.values()) == {("very_strong", "very_strong")}


def test_the_stricter_word_for_agreement_stands_beside() -> None:
    found = counted(varied(WAITING, 9, spread=2))
    assert any(words[0] != words[1] for words in found.agreement.values())


def test_single_statements_from_ten() -> None:
    assert set(counted(varied(WAITING, 9)).items.values()) == {Figure(None)}
    found = counted(varied(WAITING, 10)).items
    assert set(found) == set(GROUP)
    assert all(figure.value is not None for figure in found.values())


def test_one_statement_with_too_few_withholds_its_side() -> None:
    answers: list[dict[str, int | None]] = [dict(one) for one in varied(WAITING, 10)]
    answers[0]["A3"] = None
    found = counted(answers).items
    assert {name for name, figure in found.items() if figure.value is None} == {f"A{n}" for n in range(1, 7)}


def test_a_side_that_too_few_could_judge_is_withheld_with_its_statements_index_and_stage() -> None:
    answers: list[dict[str, int | None]] = [dict(one) for one in varied(WAITING, 12)]
    for one in answers[:8]:
        one.update(A1=None, A2=None, A3=None)
    found = counted(answers)
    assert found.scales["A"] == Figure(None)
    assert found.scales["B"].value is not None
    assert not any(name.startswith("A") for name in found.items)
    assert (found.index, found.stage) == (None, None)
    assert "A" not in found.agreement


def test_statements_keep_the_direction_in_which_they_were_read() -> None:
    """A6 is reverse-keyed: who agrees with it raises it, and lowers the side it belongs to."""
    found = counted([{**ALIKE, "A6": 5}] * 10)
    assert found.items["A6"] == Figure(90, "high")
    assert found.items["A1"] == Figure(25)


def test_a_group_that_does_not_agree_is_mixed_whatever_its_mean() -> None:
    together, apart = levels({"A": 4, "B": 2, "C": 3, "D": 2}), levels({"A": 5, "B": 1, "C": 3, "D": 2})
    other = levels({"A": 1, "B": 3, "C": 3, "D": 2})
    assert counted([together] * 8).stage == "1"
    assert counted([*[apart] * 6, *[other] * 3]).stage == "mixed"


def test_what_the_group_says_of_the_manager_is_a_side_of_its_own() -> None:
    answers = [{**one, **dict.fromkeys(ABOUT, 4)} for one in varied(WAITING, 10)]
    with_manager, without = counted(answers, about_manager=True), counted(answers)
    assert with_manager.scales["M"] == Figure(75)
    assert with_manager.items["M3"] == Figure(75)
    assert "M" not in without.scales
    assert (with_manager.index, with_manager.stage) == (without.index, without.stage)


def test_a_higher_minimum_is_kept_in_every_part() -> None:
    found = counted(varied(WAITING, 10), minimum=11)
    assert {figure.value for figure in found.scales.values()} == {None}
    assert (found.items, found.agreement, found.stage, found.index, found.band) == ({}, {}, None, None, "")


def test_figures_and_sums_come_back_as_they_were() -> None:
    found, moments = reports.count(unsaved(10), GM24, varied(WAITING, 10))
    told = Figures(**{**vars(found), "changes": {"A": Change("higher", True), "B": Change("same", None)}})
    assert Figures.of(told.as_json()) == told
    assert Moments.of(moments.as_text()) == moments
    assert moments.wave("A") is not None
    assert moments.wave("Z") is None
    assert Moments(1, 8, {"A": sums([[1, 2]], [1.5])}).wave("A") is None


# --- one wave beside another ------------------------------------------------------------------------------------------


def ended(
    world: World, course: Course, answers: Sequence[Mapping[str, int]], after: Open | None = None, **changes: object
) -> Open:
    """A measurement that has ended; `after` makes it the next wave, its clock three months on."""
    manager = after.manager if after else world.member(course)
    given = plan(world, course, **{"size": len(answers), **changes})
    with world.app.app_context(), world.core.units.writing() as unit:
        made = (
            measurements.again(unit.session.get_one(Measurement, after.id), course.cohort, given, SETTINGS)
            if after
            else measurements.create(course.cohort, manager.person_id, given, SETTINGS)
        )
        words = measurements.open_up(made, course.cohort, SETTINGS)
    going_on = Open(world, course, manager, made.id, words)
    for word, one in zip(words, answers, strict=False):
        assert going_on.answer(word, one).status_code == 200
    going_on.close()
    return going_on


@pytest.fixture
def pooled_alpha(world: World, course: Course) -> None:
    """That enough people have answered the instrument for its error to be known."""
    with world.core.units.writing() as unit:
        for scale in "ABCD":
            unit.session.add(Reliability(
                organisation_id=course.organisation.id, instrument_key=GM24.key, instrument_version=GM24.version,
                scale=scale, persons=40, teams=6, deviation=0.6, alpha=0.84, icc1=None, icc2=None, counted_on=date(2026, 1, 1),
            ))  # fmt: skip


def test_the_same_people_again_are_shown_in_numbers_and_change_in_words(
    world: World, course: Course, clock: OffsetClock, pooled_alpha: None
) -> None:
    first = ended(world, course, varied(WAITING, 8))
    clock.advance(timedelta(days=91))
    second = ended(world, course, varied(ALIKE, 8), after=first)
    found = second.figures()
    assert found is not None
    assert found.numbered
    assert found.changes["A"] == Change("lower", True)
    assert found.changes["D"] == Change("higher", True)
    assert found.scales["D"].value is not None


def test_one_who_left_leaves_words_alone(world: World, course: Course, clock: OffsetClock, pooled_alpha: None) -> None:
    first = ended(world, course, varied(WAITING, 8))
    clock.advance(timedelta(days=91))
    second = ended(world, course, varied(ALIKE, 7), after=first, left=1)
    found = second.figures()
    assert found is not None
    assert not found.numbered
    assert set(found.scales.values()) == {Figure(None)}
    assert (found.items, found.agreement, found.stage, found.index) == ({}, {}, None, None)
    assert found.changes["D"] == Change("higher", True)
    with world.core.units.reading() as unit:
        assert set(unit.session.scalars(sa.select(ReportedScale.report_id))) == {
            unit.session.scalar(sa.select(Report.id).where(Report.measurement_id == first.id))
        }
    # The third stands beside the first, which was the last in numbers.
    clock.advance(timedelta(days=91))
    third = ended(world, course, varied(WAITING, 7), after=second).figures()
    assert third is not None
    assert not third.numbered
    assert third.changes["D"] == Change("same", False)


def test_a_wave_in_which_one_was_silent_is_told_in_words(world: World, course: Course, clock: OffsetClock) -> None:
    first = ended(world, course, [WAITING] * 8)
    clock.advance(timedelta(days=91))
    found = ended(world, course, [WAITING] * 7, after=first, size=8).figures()
    assert found is not None
    assert not found.numbered
    assert set(found.changes.values()) == {Change("same", None)}


def test_nearly_all_new_is_a_new_picture_in_numbers(world: World, course: Course, clock: OffsetClock) -> None:
    first = ended(world, course, varied(WAITING, 8))
    clock.advance(timedelta(days=91))
    found = ended(world, course, varied(WAITING, 8, spread=2), after=first, joined=5, left=5).figures()
    assert found is not None
    assert found.numbered


def test_those_who_left_all_at_one_end_are_not_given_away(world: World, course: Course, clock: OffsetClock) -> None:
    """Five of ten leave, all with the highest answers: the number of the rest would say so."""
    high, low = levels(dict.fromkeys("ABCD", 5)), levels(dict.fromkeys("ABCD", 1))
    rest = {**low, **{name: 2 for name in GROUP if name[1] in "12"}}
    first = ended(world, course, [*[high] * 5, *[rest] * 5])
    clock.advance(timedelta(days=91))
    second = ended(world, course, [rest] * 5, after=first, left=5).figures()
    assert second is not None
    assert not second.numbered


def test_without_a_wave_in_numbers_there_is_nothing_to_stand_beside(
    world: World, course: Course, clock: OffsetClock
) -> None:
    first = open_one(world, course)
    for word in first.words[:3]:
        first.answer(word, WAITING)
    clock.advance(timedelta(days=15))
    with world.app.app_context():
        jobs.close_due()
    run_jobs(world)
    assert first.row().state is State.SUPPRESSED
    clock.advance(timedelta(days=91))
    second = ended(world, course, varied(WAITING, 8), after=first)
    found = second.figures()
    assert found is not None
    assert (found.numbered, found.changes) == (True, {})
    with world.core.units.reading() as unit:
        assert reports.anchor([first.row()]) is None
        both = [unit.session.get_one(Measurement, one.id) for one in (first, second)]
        assert reports.figures_by_measurement(both) == {second.id: found}


def test_another_major_version_stands_beside_without_a_change(world: World, course: Course, clock: OffsetClock) -> None:
    first = ended(world, course, varied(WAITING, 8))
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(Report).values(instrument_major=1))
    clock.advance(timedelta(days=91))
    found = ended(world, course, varied(ALIKE, 8), after=first).figures()
    assert found is not None
    assert (found.numbered, found.changes) == (True, {})


def test_without_any_error_no_change_is_larger_or_smaller_than_it(
    world: World, course: Course, clock: OffsetClock, pooled_alpha: None
) -> None:
    first = ended(world, course, [WAITING] * 8)
    clock.advance(timedelta(days=91))
    found = ended(world, course, [ALIKE] * 8, after=first).figures()
    assert found is not None
    assert found.changes["D"] == Change("higher", None)


# --- how well the instrument measures ---------------------------------------------------------------------------------


def pool(world: World) -> int:
    with world.app.app_context():
        return jobs.pool()


def known(world: World) -> dict[str, Reliability]:
    with world.core.units.reading() as unit:
        return {row.scale: row for row in unit.session.scalars(sa.select(Reliability))}


def test_reliability_appears_from_thirty_persons_and_icc_from_ten_teams(world: World, course: Course) -> None:
    chance = random.Random(3)
    teams = [varied(at_random(chance), 5) for _ in range(10)]
    for number, answers in enumerate(teams[:5]):
        ended(world, course, answers, label=f"Grupp {number}")
    assert pool(world) == 0
    ended(world, course, teams[5], label="Grupp 5")
    assert pool(world) == 4
    row = known(world)["A"]
    assert (row.persons, row.teams, row.icc1) == (30, 6, None)
    names = [name for name in GROUP if name.startswith("A")]
    rows = [
        [float(6 - one[n] if GM24.items[n].reverse else one[n]) for n in names] for team in teams[:6] for one in team
    ]
    together = sums(rows, [sum(one) / 6 for one in rows])
    assert row.alpha == pytest.approx(round(pooling.reliability.alpha(together) or 0, 2))
    assert pool(world) == 0
    for number, answers in enumerate(teams[6:], start=6):
        ended(world, course, answers, label=f"Grupp {number}")
    # Twenty persons are new: nothing is counted again before thirty are.
    assert pool(world) == 0
    assert known(world)["A"].persons == 30
    for number in range(10, 12):
        ended(world, course, varied(at_random(chance), 5), label=f"Grupp {number}")
    assert pool(world) == 4
    row = known(world)["A"]
    assert (row.persons, row.teams) == (60, 12)
    assert row.icc1 is not None
    assert row.icc2 is not None
    assert 0 <= row.icc1 <= 1


def test_who_is_erased_is_not_counted(world: World, course: Course) -> None:
    one = ended(world, course, varied(WAITING, 8))
    ended(world, course, varied(WAITING, 30), label="Natt")
    with world.core.units.writing() as unit:
        unit.vault.destroy(one.manager.person_id, unit.now())
    assert pool(world) == 4
    assert known(world)["A"].persons == 30


def test_answers_that_do_not_vary_have_no_reliability(world: World, course: Course) -> None:
    ended(world, course, [WAITING] * 30)
    assert pool(world) == 4
    assert {row.alpha for row in known(world).values()} == {None}
    with world.core.units.reading():
        assert reports.alphas_of(course.organisation.id, GM24) == {}


def test_sums_of_teams_add_up() -> None:
    one = Sums(1, ((1.0, 1.0),), (1.0, 1.0), 1, (1.0, 1.0))
    assert pooled([one, one]) == Sums(2, ((2.0, 2.0),), (2.0, 2.0), 2, (2.0, 2.0))


# --- the training department ------------------------------------------------------------------------------------------


def mean_of(world: World, *courses: Course, wave: int = 1) -> overview.Aggregate:
    with world.core.units.reading():
        return overview.aggregate([course.cohort.id for course in courses], GM24.key, 0, wave)


def test_means_over_teams_come_five_at_a_time(world: World, course: Course) -> None:
    seen = []
    for number in range(11):
        ended(world, course, [ALIKE if number % 2 else WAITING] * 5, label=f"Grupp {number}")
        seen.append(mean_of(world, course).teams)
    assert seen == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]
    assert mean_of(world, course).scales == {"A": 50, "B": 20, "C": 65, "D": 60}


def test_cohorts_are_put_together_only_from_what_each_has_released(world: World, course: Course) -> None:
    beside = world.course(beside=course)
    for number in range(4):
        ended(world, course, [WAITING] * 5, label=f"Grupp {number}")
        ended(world, beside, [ALIKE] * 5, label=f"Grupp {number}")
    assert mean_of(world, course, beside) == overview.Aggregate(0, {})
    ended(world, beside, [ALIKE] * 5, label="Grupp 4")
    assert mean_of(world, course, beside).teams == 5
    assert mean_of(world, course) == overview.Aggregate(0, {})


def test_a_team_that_withholds_a_side_is_in_no_mean(world: World, course: Course) -> None:
    for number in range(4):
        ended(world, course, [WAITING] * 5, label=f"Grupp {number}")
    partly: list[dict[str, object]] = [dict(one) for one in [WAITING] * 5]
    partly[0].update(A1="na", A2="na", A3="na")
    ended(world, course, partly, label="Grupp 4")  # type: ignore[arg-type]  # "na" as the form sends it
    assert mean_of(world, course).teams == 0
    ended(world, course, [WAITING] * 5, label="Grupp 5")
    assert mean_of(world, course).teams == 5


def test_later_waves_are_a_series_of_their_own(world: World, course: Course, clock: OffsetClock) -> None:
    first = [ended(world, course, [WAITING] * 5, label=f"Grupp {number}") for number in range(5)]
    clock.advance(timedelta(days=91))
    for number, one in enumerate(first):
        assert mean_of(world, course, wave=2).teams == 0
        ended(world, course, [ALIKE] * 5, after=one, label=f"Grupp {number}")
    assert (mean_of(world, course).teams, mean_of(world, course, wave=2).teams) == (5, 5)
    assert mean_of(world, course).scales["D"] == 25
    assert mean_of(world, course, wave=2).scales["D"] == 90


def test_what_is_said_of_managers_is_in_no_mean(world: World, course: Course) -> None:
    asks = GroupSettings(ask_group_about_manager=True)
    for number in range(5):
        going_on = open_one(world, course, settings=asks, size=5, label=f"Grupp {number}")
        for word in going_on.words:
            going_on.answer(word, {**WAITING, **dict.fromkeys(ABOUT, 5)})
        going_on.close()
    assert set(mean_of(world, course).scales) == set("ABCD")


def test_how_many_and_in_which_state(world: World, course: Course) -> None:
    one = ended(world, course, [WAITING] * 5)
    open_one(world, course, manager=one.manager, label="Natt")
    other = world.member(course)
    with world.core.units.reading():
        assert overview.counts(course.cohort) == {State.REPORTED: 1, State.OPEN: 1}
        found = overview.states(course.cohort, [one.manager.person_id, other.person_id])
    assert found == {one.manager.person_id: {State.REPORTED, State.OPEN}}


# --- sharing ----------------------------------------------------------------------------------------------------------


def test_a_coach_reads_what_the_manager_shares_for_as_long_as_she_does(world: World, course: Course) -> None:
    coach, other = world.member(course, Role.COACH, "Amira"), world.member(course, Role.COACH, "Bo")
    one = ended(world, course, [WAITING] * 5)
    with world.core.units.writing() as unit:
        measurement = unit.session.get_one(Measurement, one.id)
        with pytest.raises(NotFound):
            sharing.shared_with(course.cohort, coach.person_id, one.id)
        sharing.share(measurement, course.cohort, coach.person_id, with_own=False)
        again = sharing.share(measurement, course.cohort, coach.person_id, with_own=True)
        assert [share.id for share in sharing.shares(measurement)] == [again.id]
        assert sharing.shared_with(course.cohort, coach.person_id, one.id) == (measurement, again)
        assert again.with_own
        assert sharing.all_shared_with(course.cohort, coach.person_id) == [(measurement, again)]
        assert sharing.all_shared_with(course.cohort, other.person_id) == []
        sharing.stop(measurement, coach.person_id)
        sharing.stop(measurement, coach.person_id)
        assert list(sharing.shares(measurement)) == []
        with pytest.raises(NotFound):
            sharing.shared_with(course.cohort, coach.person_id, one.id)
        sharing.share(measurement, course.cohort, coach.person_id, with_own=False)
    with world.core.units.reading() as unit:
        assert unit.session.scalar(sa.select(sa.func.count()).select_from(Share)) == 2


def test_it_is_shared_with_a_coach_of_the_cohort_and_once_it_has_ended(world: World, course: Course) -> None:
    coach, stranger = world.member(course, Role.COACH), world.member(world.course(), Role.COACH)
    going_on = open_one(world, course)
    with world.core.units.writing() as unit:
        measurement = unit.session.get_one(Measurement, going_on.id)
        with pytest.raises(Conflict):
            sharing.share(measurement, course.cohort, coach.person_id, with_own=False)
        for person in (stranger.person_id, going_on.manager.person_id, uuid.uuid4()):
            with pytest.raises(NotFound):
                sharing.share(measurement, course.cohort, person, with_own=False)
