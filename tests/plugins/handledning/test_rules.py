"""The rules and formulas of the model, each against its published or hand-worked values."""

import itertools
from datetime import date, timedelta
from math import sqrt

import pytest

from plugins.handledning.calculations import (
    ASKED_FOR,
    DEFAULT_TOLD,
    LEVELS,
    OPEN,
    STEPS,
    Asked,
    ContractFacts,
    Discretion,
    Event,
    EventRefused,
    Fault,
    Frame,
    Met,
    Milestone,
    Need,
    Progress,
    Question,
    Readiness,
    Section,
    Signs,
    Smart,
    SmartFacts,
    Source,
    Status,
    Step,
    Told,
    Totals,
    Zone,
    ask_again,
    change,
    check_frame,
    discretion,
    distance,
    distinct,
    faulty,
    may_tell_total,
    move,
    needs,
    outstanding,
    readiness,
    revealed,
    risk_score,
    said,
    settled,
    smart,
    t_from_sums,
    t_score,
    urgency,
    what_contract_lacks,
    written,
)
from plugins.handledning.calculations.groups import means_of_groups, sums, whole_groups

TODAY = date(2026, 10, 1)


# Readiness: domain §2.2.4.


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((4, 5, 4), Readiness.READY),
        ((5, 5, 3), Readiness.TALK_FIRST),
        ((5, 2, 5), Readiness.NOT_NOW),
        ((1, 1, 1), Readiness.NOT_NOW),
    ],
)
def test_readiness_as_worked(answers: tuple[int, ...], outcome: Readiness) -> None:
    assert readiness(answers) is outcome


def test_readiness_of_every_three_answers() -> None:
    for answers in itertools.product(range(1, 6), repeat=3):
        expected = {5: Readiness.READY, 4: Readiness.READY, 3: Readiness.TALK_FIRST}.get(
            min(answers), Readiness.NOT_NOW
        )
        assert readiness(answers) is expected
        assert readiness(answers).goes_on is (min(answers) >= 3)


@pytest.mark.parametrize("answers", [(), (5, 5), (5, 5, 5, 5), (0, 5, 5), (6, 5, 5)])
def test_readiness_is_exactly_three_answers(answers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="three answers"):
        readiness(answers)


def test_not_now_is_asked_again_after_eight_weeks() -> None:
    assert ask_again(Readiness.NOT_NOW, TODAY) == date(2026, 11, 26)
    assert ask_again(Readiness.READY, TODAY) is None
    assert ask_again(Readiness.TALK_FIRST, TODAY) is None


# The engagement: domain §2.2.2.

ALL = Met(readiness=True, coach=True, ethics=True, agreement=True, contract=True)
WILLING = Met(readiness=True, coach=True, ethics=True)


def every_met() -> list[Met]:
    return [Met(*values) for values in itertools.product((False, True), repeat=5)]


def test_steps_are_these_and_no_others() -> None:
    there = {(a.value, b.value): c.value for (a, b), c in STEPS.items()}
    assert there == {
        ("draft", "made_ready"): "ready", ("ready", "no_longer_ready"): "draft", ("ready", "agreed"): "active",
        ("active", "pause"): "paused", ("paused", "resume"): "active", ("draft", "end"): "closed", ("ready", "end"): "closed",
        ("active", "end"): "closed", ("paused", "end"): "closed",
    }  # fmt: skip
    for status, event in itertools.product(Status, Event):
        if (status, event) not in STEPS:
            with pytest.raises(EventRefused):
                move(status, event)
        else:
            assert move(status, event) is STEPS[status, event]
    assert set(Status) - {Status.CLOSED} == OPEN


def test_active_needs_everything_and_nothing_less() -> None:
    assert ASKED_FOR[Status.ACTIVE] == tuple(Asked)
    for met in every_met():
        lacking = {asked for asked in Asked if not getattr(met, asked.value)}
        assert set(outstanding(met)) == lacking
        for status in (Status.DRAFT, Status.READY):
            reached = settled(status, met)
            assert (reached is Status.ACTIVE) is (not lacking)
            willing = met.readiness and met.coach and met.ethics
            assert reached is (Status.ACTIVE if not lacking else Status.READY if willing else Status.DRAFT)


def test_what_goes_on_is_not_taken_back_by_what_is_lacking() -> None:
    for met in every_met():
        for status in (Status.ACTIVE, Status.PAUSED, Status.CLOSED):
            assert settled(status, met) is status


def test_the_first_half_is_enough_to_be_ready() -> None:
    assert settled(Status.DRAFT, WILLING) is Status.READY
    assert settled(Status.READY, WILLING) is Status.READY
    assert outstanding(WILLING, Status.READY) == ()
    assert outstanding(WILLING) == (Asked.AGREEMENT, Asked.CONTRACT)


# The programme's frame: domain §2.2.3.


def test_frame_as_worked() -> None:
    found = check_frame([150, 120, 185, 110], Frame())
    assert (found.total, found.too_few, found.too_many, found.long, found.short) == (
        9 * 60 + 25,
        False,
        False,
        (3,),
        (4,),
    )


def test_a_term_is_six_to_fifteen_hours() -> None:
    assert (Frame().least, Frame().most) == (360, 900)


# Discretion: domain §2.2.5.

ZONES = {3: Zone.OWN, 2: Zone.CONSULT, 1: Zone.PROPOSE, 0: Zone.GIVEN}


def test_discretion_as_worked() -> None:
    sources = [Source.ASSUMPTION, Source.DELEGATION, Source.LAW, Source.BOSS, Source.ASSUMPTION, Source.BOSS]
    questions = [
        Question(ZONES[now], ZONES[wanted], source)
        for now, wanted, source in zip((3, 2, 2, 1, 0, 1), (3, 3, 2, 2, 0, 2), sources, strict=True)
    ]
    found = discretion(questions)
    assert found is not None
    assert found.now == pytest.approx(0.50)
    assert found.wanted == pytest.approx(0.667, abs=5e-4)
    assert found.gap == pytest.approx(0.167, abs=5e-4)
    assert found.assumption_share == pytest.approx(0.333, abs=5e-4)


def test_discretion_at_its_ends() -> None:
    assert discretion([]) is None
    free = [Question(Zone.OWN, Zone.GIVEN, Source.LAW)] * 3
    assert discretion(free) == Discretion(3, 1.0, 0.0, 0)
    assert discretion(free).gap == -1.0  # type: ignore[union-attr]
    assert [zone.free for zone in Zone] == [True, True, False, False]


# SMART: domain §2.2.6.

GOAL = SmartFacts(
    what="Hand over the schedule", where="with the day team", measure="Questions at the morning meeting", unit="per week",
    baseline="12", target="3", zone=Zone.CONSULT, reason="", linked=True, value="Time to lead", due=date(2026, 12, 1),
)  # fmt: skip
END = date(2026, 12, 31)


def changed(**values: object) -> Smart:
    return smart(SmartFacts(**{**GOAL.__dict__, **values}), TODAY, END)  # type: ignore[arg-type]


def test_a_whole_goal_is_five_of_five() -> None:
    found = smart(GOAL, TODAY, END)
    assert (found.number, found.score, found.complete) == (5, 1.0, True)


@pytest.mark.parametrize(
    ("lacks", "values"),
    [
        ("specific", {"what": " "}),
        ("specific", {"where": ""}),
        ("measurable", {"measure": ""}),
        ("measurable", {"unit": ""}),
        ("measurable", {"baseline": ""}),
        ("measurable", {"target": ""}),
        ("measurable", {"target": " 12 "}),
        ("achievable", {"zone": None}),
        ("achievable", {"zone": Zone.PROPOSE}),
        ("achievable", {"zone": Zone.GIVEN}),
        ("relevant", {"linked": False}),
        ("relevant", {"value": ""}),
        ("timely", {"due": None}),
        ("timely", {"due": TODAY}),
        ("timely", {"due": END + timedelta(days=1)}),
    ],
)
def test_each_letter_has_its_own_rule(lacks: str, values: dict[str, object]) -> None:
    found = changed(**values)
    assert [name for name, there in found.__dict__.items() if not there] == [lacks]
    assert (found.number, found.score, found.complete) == (4, 0.8, False)


def test_a_written_reason_stands_in_for_discretion() -> None:
    assert changed(zone=None, reason="My boss has said yes").achievable
    assert changed(zone=Zone.OWN).achievable


def test_time_ends_with_the_contract_or_never() -> None:
    assert changed(due=END).timely
    assert changed(due=TODAY + timedelta(days=1)).timely
    assert smart(SmartFacts(due=date(2030, 1, 1)), TODAY).timely


# Distance to contract: domain §2.2.8.


def steps(*progress: Progress, due: int = 2, weights: tuple[int, ...] = (1, 1, 1, 1)) -> list[Step]:
    days = [TODAY - timedelta(days=1)] * due + [TODAY + timedelta(days=30)] * (len(progress) - due)
    return [Step(*values) for values in zip(weights, days, progress, strict=True)]


def test_distance_as_worked() -> None:
    found = distance(steps(Progress.DONE, Progress.NOT, Progress.NOT, Progress.NOT), TODAY)
    assert found is not None
    assert (found.progress, found.planned, found.variance, found.distance) == (0.25, 0.50, -0.25, 0.75)


def test_distance_weighs_and_halves() -> None:
    found = distance(steps(Progress.PARTLY, Progress.DONE, due=1, weights=(3, 1)), TODAY)
    assert found is not None
    assert (found.progress, found.planned) == ((1.5 + 1) / 4, 0.75)
    assert distance([Step(1, TODAY, Progress.NOT)], TODAY).planned == 1.0  # type: ignore[union-attr]
    assert distance([], TODAY) is None


def test_risks_are_one_to_twenty_five() -> None:
    assert (risk_score(1, 1), risk_score(3, 4), risk_score(5, 5)) == (1, 12, 25)


def facts(**values: object) -> ContractFacts:
    whole = {
        "results": 1, "responsibilities": 1, "risks": 1, "period_from": TODAY, "period_to": END,
        "milestones": (Milestone(END, 1),),
    }  # fmt: skip
    return ContractFacts(**{**whole, **values})  # type: ignore[arg-type]


def test_a_contract_has_exactly_five_parts() -> None:
    assert not what_contract_lacks(facts())
    assert what_contract_lacks(ContractFacts()).sections == tuple(Section)
    assert len(Section) == 5


@pytest.mark.parametrize(
    ("values", "lacks"),
    [
        ({"results": 0}, Section.RESULTS), ({"responsibilities": 0}, Section.RESPONSIBILITIES), ({"risks": 0}, Section.RISKS),
        ({"period_from": None}, Section.TIME), ({"period_to": None}, Section.TIME), ({"milestones": ()}, Section.INTERMEDIATE),
    ],
)  # fmt: skip
def test_no_part_may_be_empty(values: dict[str, object], lacks: Section) -> None:
    found = what_contract_lacks(facts(**values))
    assert (found.sections, found.faults, bool(found)) == ((lacks,), (), True)


def test_a_period_that_ends_before_it_begins_is_none() -> None:
    found = what_contract_lacks(facts(period_to=TODAY - timedelta(days=1)))
    assert found.sections == (Section.TIME,)


@pytest.mark.parametrize(
    ("stone", "fault"),
    [
        (Milestone(None, 1), Fault.NO_DATE),
        (Milestone(TODAY - timedelta(days=1), 1), Fault.OUTSIDE),
        (Milestone(END + timedelta(days=1), 1), Fault.OUTSIDE),
        (Milestone(TODAY, 0), Fault.NO_WEIGHT),
        (Milestone(TODAY, None), Fault.NO_WEIGHT),
        (Milestone(TODAY, -1), Fault.NO_WEIGHT),
    ],
)
def test_intermediate_results_lie_within_the_time_and_weigh_something(stone: Milestone, fault: Fault) -> None:
    found = what_contract_lacks(facts(milestones=(Milestone(TODAY, 1), stone)))
    assert (found.sections, found.faults) == ((), ((1, fault),))


# Goal attainment scaling: domain §2.2.9.


@pytest.mark.parametrize("weights", [(1,), (1, 1), (9, 1, 4), (3, 5, 1, 4, 2, 6)])
def test_t_is_fifty_at_the_expected_level_whatever_the_weights(weights: tuple[int, ...]) -> None:
    assert t_score(weights, [0] * len(weights)) == 50.0


@pytest.mark.parametrize(("level", "expected"), [(-2, 30), (-1, 40), (0, 50), (1, 60), (2, 70)])
def test_t_of_one_goal_is_exact(level: int, expected: float) -> None:
    for weight in (1, 4, 9):
        assert t_score([weight], [level]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((-2, -2), 25.19), ((-1, -1), 37.60), ((-1, 0), 43.80), ((1, 0), 56.20), ((1, 1), 62.40)],
)
def test_t_of_two_equal_goals(levels: tuple[int, ...], expected: float) -> None:
    assert t_score([1, 1], levels) == pytest.approx(expected, abs=5e-3)
    assert t_score([1, 1], levels) == pytest.approx(50 + 10 * sum(levels) / sqrt(2.6))


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((-1, -1, -1), 36.31),
        ((-2, -2, -2), 22.61),
        ((1, 0, 0), 54.56),
        ((1, 1, 1), 63.69),
        ((-1,) * 4, 35.49),
        ((-1,) * 5, 34.92),
    ],
)
def test_t_of_three_to_five_equal_goals(levels: tuple[int, ...], expected: float) -> None:
    assert t_score([1] * len(levels), levels) == pytest.approx(expected, abs=5e-3)


def test_t_of_six_weighted_goals_is_fifty_five_exactly() -> None:
    assert t_score((3, 5, 1, 4, 2, 6), (-2, 0, -1, 2, 0, 1)) == pytest.approx(55.0, abs=1e-12)
    assert t_from_sums(7, 91, 21) == pytest.approx(55.0, abs=1e-12)


def test_change_of_three_weighted_goals() -> None:
    found = change((6, 4, 2), (-1, -1, -2), (1, 0, -1))
    assert found is not None
    assert (found.baseline, found.now) == (pytest.approx(34.58, abs=5e-3), pytest.approx(54.41, abs=5e-3))
    assert found.change == pytest.approx(19.83, abs=5e-3)


def test_no_goals_have_no_t() -> None:
    assert t_score([], []) is None
    assert change([], [], []) is None


@pytest.mark.parametrize(("weights", "levels"), [([0], [1]), ([-1], [1]), ([1], [3]), ([1], [-3]), ([1, 1], [1])])
def test_t_refuses_what_is_no_goal(weights: list[int], levels: list[int]) -> None:
    with pytest.raises(ValueError, match="weight above 0"):
        t_score(weights, levels)


@pytest.mark.parametrize(
    ("texts", "five"),
    [
        (["a", "b", "c", "d", "e"], True),
        (["a", "b", "c", "d"], False),
        (["a", "b", "c", "d", ""], False),
        (["a", "b", "c", "d", "  "], False),
        (["a", "b", "c", "d", " A "], False),
        (["two  words", "b", "c", "d", "Two words"], False),
    ],
)
def test_five_levels_are_five_texts(texts: list[str], *, five: bool) -> None:
    assert distinct(texts) is five
    assert LEVELS == (-2, -1, 0, 1, 2)


@pytest.mark.parametrize(
    ("texts", "empty", "same"),
    [
        (["a", "b", "c", "d", "e"], (), ()),
        (["", "b", "c", "d", " "], (-2, 2), ()),
        (["a", "b", " A ", "d", "B"], (), (0, 2)),
    ],
)
def test_which_levels_are_none(texts: list[str], empty: tuple[int, ...], same: tuple[int, ...]) -> None:
    assert faulty(texts) == (empty, same)
    assert distinct(texts) is (empty == same == ())


# What the employer is told: design §6, domain §5.3 and §5.4.


def test_the_employer_is_told_the_number_of_sessions_unless_agreed_otherwise() -> None:
    assert {Told.SESSIONS} == DEFAULT_TOLD
    assert written(DEFAULT_TOLD) == "sessions"
    assert said("sessions hours") == {Told.SESSIONS, Told.HOURS}
    assert said("") == frozenset()
    assert said("notes sessions") == {Told.SESSIONS}  # no word opens what was said
    for number in range(len(Told) + 1):
        for some in itertools.combinations(Told, number):
            assert said(written(some)) == set(some)


@pytest.mark.parametrize(
    ("everyone", "total"),
    [
        ([(100, True)] * 4, None),  # too few
        ([(100, True)] * 5, 500),  # all of them told one by one anyway
        ([(100, True)] * 5 + [(7, False)], None),  # the total would tell the sixth's
        ([(100, True)] * 5 + [(7, False)] * 4, None),
        ([(100, True)] * 5 + [(7, False)] * 5, None),  # one more or less of them would show in it
        ([(7, False)] * 5, None),
        ([], None),
    ],
)
def test_a_total_never_tells_what_was_not_told(everyone: list[tuple[int, bool]], total: int | None) -> None:
    assert may_tell_total(everyone) == Totals(len(everyone), total)


# Trust: domain §1.1 S0-6.


def test_a_pulse_is_shown_when_both_gave_theirs() -> None:
    assert [revealed(None, None), revealed(None, 4), revealed(5, None), revealed(5, 4)] == [None, None, None, 4]


# Means over whole groups: domain §5.3 and §5.4.


def test_groups_are_whole_and_in_the_order_in_which_people_came() -> None:
    assert whole_groups([1, 2, 3, 4]) == []
    assert whole_groups([1, 2, 3, 4, 5, 6]) == [[1, 2, 3, 4, 5]]
    assert whole_groups(list(range(11)), 5) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert sums([[1, 2], [3, 4]]) == [4, 6]
    assert means_of_groups([[20.0, 150.0], [15.0, 250.0]]) == [3.5, 40.0]
    assert means_of_groups([]) == []


# What needs attention: domain §6.1.

CALM = {"late": 0, "booked": True, "variance": 0.0, "days_since_contact": 3}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, []),
        ({"late": 1}, [Need.LATE]),
        ({"booked": False}, [Need.UNBOOKED]),
        ({"variance": -0.25}, []),
        ({"variance": -0.26}, [Need.BEHIND]),
        ({"variance": None}, []),
        ({"days_since_contact": 30}, []),
        ({"days_since_contact": 31}, [Need.NO_CONTACT]),
        ({"late": 2, "booked": False, "variance": -1.0, "days_since_contact": 99}, list(Need)),
    ],
)
def test_needs(values: dict[str, object], found: list[Need]) -> None:
    assert needs(Signs(**{**CALM, **values})) == found  # type: ignore[arg-type]


def test_the_weightiest_comes_first_and_the_calm_last() -> None:
    lists = [[Need.NO_CONTACT], [], [Need.UNBOOKED, Need.BEHIND], [Need.LATE], [Need.UNBOOKED], [Need.BEHIND]]
    assert sorted(lists, key=urgency) == [
        [Need.LATE], [Need.UNBOOKED, Need.BEHIND], [Need.UNBOOKED], [Need.BEHIND], [Need.NO_CONTACT], [],
    ]  # fmt: skip
