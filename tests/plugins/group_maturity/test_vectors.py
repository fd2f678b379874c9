"""Every vector of domain.md §2.3.3 to §2.3.5, and pingouin as an oracle where it has the function."""

import csv
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.group_maturity.calculations import agreement, change, reliability
from plugins.group_maturity.calculations.change import Wave

Rows = Sequence[Sequence[float]]

OWN = [(4, 4, 5), (3, 3, 4), (5, 4, 5), (2, 3, 3), (4, 5, 4)]
CALKULON = [(4, 5, 4), (3, 4, 3), (5, 5, 5), (2, 3, 2)]
# Military units of the data set `cohesion` of the R package multilevel: five items, five answers.
PLATOONS = {
    "1044C/2ND": ([(3, 3, 3, 3, 3), (2, 2, 2, 3, 2), (1, 1, 1, 3, 3)], 0.909091),
    "1044C/1ST": ([(3, 3, 3, 3, 3), (3, 1, 4, 3, 4)], 0.921053),
    "1044B/2ND": ([(3, 4, 3, 4, 4), (4, 4, 3, 4, 4), (3, 3, 2, 2, 1)], 0.813953),
}
SHROUT_FLEISS = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
SUPERB = [(2, 4, 4, 6), (4, 5, 8, 8), (5, 8, 9, 9)]


def alpha(rows: Rows) -> float | None:
    return reliability.alpha(reliability.sums(rows, []))


def r_wg(rows: Rows) -> float:
    variance = agreement.mean_variance(list(zip(*rows, strict=True)))
    assert variance is not None
    return agreement.r_wg_j(variance, len(rows[0]), 5)


def icc(teams: Rows) -> reliability.Icc | None:
    return reliability.icc([(len(team), (math.fsum(team), math.fsum(x * x for x in team))) for team in teams])


# --- Cronbach's alpha -------------------------------------------------------------------------------------------------


def test_alpha_of_four_persons_and_three_items() -> None:
    found = reliability.sums(CALKULON, [])
    assert [reliability.variance(4, item) for item in found.items] == pytest.approx([1.6667, 0.9167, 1.6667], abs=5e-5)
    assert reliability.variance(4, found.totals) == pytest.approx(12.25)
    assert reliability.alpha(found) == pytest.approx(0.979592, abs=5e-7)


def test_alpha_of_bland_and_altman() -> None:
    """BMJ 1997;314:572: ten items whose variances sum to 11.16, totals of variance 77.44; published as 0.95."""
    persons, share = 2, 11.16 / 10
    # Two persons with deviations of ±d have the variance 2d²: sums with exactly the published variances.
    items = tuple((0.0, share) for _ in range(10))
    found = reliability.Sums(persons, items, (0.0, 77.44), 0, (0.0, 0.0))
    assert reliability.alpha(found) == pytest.approx(0.95099, abs=5e-6)


def test_alpha_of_own_rows() -> None:
    found = reliability.sums(OWN, [])
    assert [reliability.variance(5, item) for item in found.items] == pytest.approx([1.3, 0.7, 0.7])
    assert reliability.variance(5, found.totals) == pytest.approx(6.3)
    assert reliability.alpha(found) == pytest.approx(0.857143, abs=5e-7)


def test_alpha_of_pingouins_own_data() -> None:
    long = pingouin.read_dataset("cronbach_alpha")
    wide = long.pivot_table(index="Subj", columns="Items", values="Scores")
    found = alpha(wide.to_numpy().tolist())
    expected, _interval = pingouin.cronbach_alpha(data=wide)
    assert found == pytest.approx(expected)
    assert found == pytest.approx(0.592, abs=5e-4)


def test_alpha_counts_complete_persons_only() -> None:
    rows: list[list[float | None]] = [[float(x) for x in row] for row in OWN]
    found = reliability.sums([*rows, [5, None, 1], [None, None, None]], [])
    assert found.persons == 5
    assert reliability.alpha(found) == pytest.approx(0.857143, abs=5e-7)


def test_alpha_is_undefined_for_one_item_one_person_and_equal_totals() -> None:
    assert alpha([(1,), (2,)]) is None
    assert alpha([(1, 2)]) is None
    assert alpha([]) is None
    assert alpha([(1, 2), (2, 1)]) is None


def test_a_variance_needs_two() -> None:
    with pytest.raises(ValueError, match="two values"):
        reliability.variance(1, (3.0, 9.0))


@given(
    st.integers(2, 6).flatmap(
        lambda width: st.lists(st.lists(st.integers(1, 5), min_size=width, max_size=width), min_size=3, max_size=12)
    )
)
def test_alpha_agrees_with_pingouin(rows: list[list[int]]) -> None:
    found = alpha(rows)
    if found is not None:
        expected, _interval = pingouin.cronbach_alpha(data=pd.DataFrame(rows))
        assert found == pytest.approx(expected, abs=1e-9)


def test_pooling_teams_is_the_same_as_having_them_in_one() -> None:
    together = reliability.pooled([reliability.sums(CALKULON, [3.0, 4.0]), reliability.sums(OWN, [2.0])])
    alone = reliability.sums([*CALKULON, *OWN], [3.0, 4.0, 2.0])
    assert together == alone
    with pytest.raises(ValueError, match="no team"):
        reliability.pooled([])


# --- agreement --------------------------------------------------------------------------------------------------------


def test_agreement_of_own_rows() -> None:
    variance = agreement.mean_variance(list(zip(*OWN, strict=True)))
    assert variance == pytest.approx(0.9)
    assert agreement.r_wg_j(0.9, 3, 5) == pytest.approx(0.785714, abs=5e-7)
    assert agreement.r_star(0.9, 5) == pytest.approx(0.55)


@pytest.mark.parametrize("platoon", PLATOONS)
def test_agreement_of_platoons(platoon: str) -> None:
    rows, expected = PLATOONS[platoon]
    assert r_wg(rows) == pytest.approx(expected, abs=5e-7)


def test_agreement_is_cut_at_zero_while_the_stricter_one_goes_below() -> None:
    rows = [(1, 5, 1), (5, 1, 5), (1, 5, 1), (5, 1, 5)]
    variance = agreement.mean_variance(list(zip(*rows, strict=True)))
    assert variance is not None
    assert variance > 2
    assert agreement.r_wg_j(variance, 3, 5) == 0
    assert agreement.r_star(variance, 5) < 0


def test_agreement_without_variance_is_whole() -> None:
    assert r_wg([(3, 3, 4), (3, 3, 4)]) == 1
    assert agreement.r_star(0, 5) == 1


def test_five_answers_by_chance_have_variance_two() -> None:
    assert agreement.expected_variance(5) == 2


def test_a_variance_of_items_needs_two_answers_each() -> None:
    assert agreement.mean_variance([[1, None, 3], [2, 2, 2]]) == 1
    assert agreement.mean_variance([[1, None, None], [2, 2, 2]]) is None
    assert agreement.mean_variance([]) is None


@pytest.mark.parametrize(
    ("size", "word"),
    [
        (-1, "none"), (0, "none"), (0.30, "none"), (0.31, "weak"), (0.50, "weak"), (0.51, "moderate"), (0.70, "moderate"),
        (0.71, "strong"), (0.90, "strong"), (0.91, "very_strong"), (1, "very_strong"),
    ],
)  # fmt: skip
def test_words_for_agreement(size: float, word: str) -> None:
    assert agreement.band(size) == word


# --- ICC --------------------------------------------------------------------------------------------------------------


def test_icc_of_shrout_and_fleiss() -> None:
    found = icc(SHROUT_FLEISS)
    assert found is not None
    assert found.between == pytest.approx(11.2417, abs=5e-5)
    assert found.within == pytest.approx(6.2639, abs=5e-5)
    assert (found.one, found.two) == pytest.approx((0.165742, 0.442797), abs=5e-7)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # pingouin's, on today's pandas
def test_icc_of_shrout_and_fleiss_agrees_with_pingouin() -> None:
    long = pd.DataFrame(
        [(target, rater, score) for target, row in enumerate(SHROUT_FLEISS) for rater, score in enumerate(row)],
        columns=["target", "rater", "score"],
    )
    table = pingouin.intraclass_corr(long, targets="target", raters="rater", ratings="score").set_index("Type")["ICC"]
    found = icc(SHROUT_FLEISS)
    assert found is not None
    one = next(name for name in table.index if name in {"ICC1", "ICC(1,1)"})
    many = next(name for name in table.index if name in {"ICC1k", "ICC(1,k)"})
    assert (found.one, found.two) == pytest.approx((table[one], table[many]), abs=1e-6)


PUBLISHED = Path(__file__).parents[2] / "fixtures" / "agreement"


def figures_of(name: str) -> list[dict[str, float]]:
    """The figures over groups of a published data set, group by group."""
    with (PUBLISHED / name).open(encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def test_r_wg_j_of_the_companies_of_lq2002() -> None:
    """As R's multilevel says: six companies, and the mean over all 49."""
    companies = figures_of("lq2002_companies.csv")
    found = {(int(one["company"]), int(one["people"])): agreement.r_wg_j(one["variance"], 11, 5) for one in companies}
    published = {
        (2, 24): 0.807527, (3, 37): 0.895938, (4, 45): 0.860012, (5, 58): 0.863558, (6, 12): 0.887663, (7, 15): 0.933049,
    }  # fmt: skip
    # The table in the reference cuts after six digits.
    assert {key: found[key] for key in published} == pytest.approx(published, abs=1e-6)
    assert len(found) == 49
    assert sum(found.values()) / 49 == pytest.approx(0.867785, abs=5e-7)


def test_icc_of_the_groups_of_bh1996() -> None:
    groups = [(int(one["people"]), (one["total"], one["squares"])) for one in figures_of("bh1996_groups.csv")]
    assert (len(groups), sum(number for number, _sums in groups)) == (99, 7382)
    found = reliability.icc(groups)
    assert found is not None
    # Published; the second as R's multilevel says.
    assert found.one == pytest.approx(0.04336905, abs=5e-9)
    assert found.two == pytest.approx(0.7717128755, abs=1e-8)


def test_icc_of_superb() -> None:
    found = icc(SUPERB)
    assert found is not None
    assert (found.between, found.within) == pytest.approx((14.25, 3.5))
    assert found.one == pytest.approx(0.434343434, abs=5e-10)
    assert found.two == pytest.approx(0.754386, abs=5e-7)


def test_icc_of_own_rows() -> None:
    found = icc([(4, 4, 5), (2, 3, 3), (3, 4, 3)])
    assert found is not None
    assert (found.between, found.within) == pytest.approx((2.1111, 0.3333), abs=5e-5)
    assert (found.one, found.two) == pytest.approx((0.64, 0.842105), abs=5e-7)


def test_icc_of_unequal_teams_uses_the_mean_size() -> None:
    teams = [(4, 5), (2, 2, 3, 1), (5, 4, 4)]
    found = icc(teams)
    assert found is not None
    values = np.concatenate([np.array(team, dtype=float) for team in teams])
    between = sum(len(t) * (np.mean(t) - values.mean()) ** 2 for t in teams) / 2
    within = sum(((np.array(t) - np.mean(t)) ** 2).sum() for t in teams) / 6
    assert (found.between, found.within) == pytest.approx((between, within))
    assert found.one == pytest.approx((between - within) / (between + 2 * within))


def test_icc_can_be_negative_and_is_undefined_without_anything_to_compare() -> None:
    found = icc([(1, 5), (5, 1), (2, 4.1)])
    assert found is not None
    assert found.one < 0
    assert icc([(1, 2, 3)]) is None
    assert icc([(1,), (2,)]) is None
    assert icc([(3, 3), (3, 3)]) is None
    assert reliability.icc_of(1, 0, 0.5) is not None
    assert reliability.icc_of(1, 8, 0.5) is None


# --- change -----------------------------------------------------------------------------------------------------------


def test_reliable_change_of_jacobson_and_truax() -> None:
    assert change.standard_error(7.5, 0.80) == pytest.approx(3.3541, abs=5e-5)
    assert math.sqrt(2) * change.standard_error(7.5, 0.80) == pytest.approx(4.7434, abs=5e-5)
    assert change.person_change(32.5, 47.5, 7.5, 0.80) == pytest.approx(3.1623, abs=5e-5)


def test_reliable_change_of_a_manager() -> None:
    assert math.sqrt(2) * change.standard_error(0.62, 0.84) == pytest.approx(0.3507, abs=5e-5)
    assert change.smallest_reliable(0.62, 0.84) == pytest.approx(0.687, abs=5e-4)
    found = change.person_change(3.0, 3.5, 0.62, 0.84)
    assert found == pytest.approx(1.43, abs=5e-3)
    assert abs(found) < change.LIMIT


def test_a_measure_without_error_has_no_reliable_change() -> None:
    with pytest.raises(ValueError, match="without error"):
        change.person_change(1, 2, 0.5, 1.0)


def test_change_of_a_group() -> None:
    first, second = Wave(3.4, 0.62, 6, 8), Wave(3.9, 0.58, 7, 8)
    assert change.wave_variance(first, 0.84) == pytest.approx(0.023705, abs=5e-7)
    assert change.wave_variance(second, 0.84) == pytest.approx(0.012735, abs=5e-7)
    assert change.group_change(first, second, 0.84) == pytest.approx(2.62, abs=5e-3)


def test_change_of_a_group_that_has_answered_in_full() -> None:
    found = change.group_change(Wave(3.4, 0.62, 8, 8), Wave(3.9, 0.58, 8, 8), 0.84)
    assert found is not None
    assert 0.5 / found == pytest.approx(0.12007, abs=5e-6)
    assert found == pytest.approx(4.16, abs=5e-3)


def test_change_of_a_group_without_error_is_undefined() -> None:
    assert change.group_change(Wave(3, 0, 8, 8), Wave(4, 0, 8, 8), 0.84) is None


@pytest.mark.parametrize(
    ("first", "second", "may"),
    [((6, 8), (7, 8), True), ((5, 8), (5, 9), False), ((4, 4), (8, 8), False), ((5, 8), (6, 10), True)],
)
def test_change_is_told_only_when_most_have_answered(
    first: tuple[int, int], second: tuple[int, int], may: bool
) -> None:
    waves = [Wave(3, 0.5, answered, size) for answered, size in (first, second)]
    assert change.may_compare(*waves, least=5) is may


def test_no_variance_depends_on_the_order_of_persons() -> None:
    variances = {agreement.mean_variance(list(zip(*rows, strict=True))) for rows in itertools.permutations(OWN)}
    assert max(v or 0 for v in variances) - min(v or 0 for v in variances) < 1e-12
