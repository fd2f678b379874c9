"""A small campaign in the suite, and tokens that hypothesis changes until something gives."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import LaunchRefused
from service.lti.acceptance import verify
from service.lti.claims import read_message
from tests.fuzz import mutations
from tests.fuzz.fuzz import campaign
from tests.fuzz.mutations import EXPECTED, KEYS, LEEWAY, NONCE, NOW, RSA_TOKENS, legal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_campaign(seed: int) -> None:
    found = campaign(1500, seed)
    assert (found["accepted wrongly"], found["refused wrongly"], found["server errors"]) == (0, 0, 0)
    assert found["posted"] == 2
    assert found["accepted"] > 100


def outcome(token: str) -> dict[str, Any] | None:
    try:
        claims = verify(token, EXPECTED, KEYS, NOW, LEEWAY, nonce=NONCE)
        read_message(claims)
    except LaunchRefused:
        return None
    return claims


@settings(max_examples=400, deadline=None)
@given(at=st.integers(0, len(RSA_TOKENS[0]) - 1), length=st.integers(0, 3), new=st.text(max_size=3))
def test_a_changed_token_is_never_accepted(at: int, length: int, new: str) -> None:
    token = RSA_TOKENS[0]
    changed = token[:at] + new + token[at + length :]
    if changed != token:
        assert outcome(changed) is None


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from([*mutations.base_claims(), "azp", "nbf"]), value=JSON)
def test_claims_of_any_value_are_accepted_only_when_they_mean_the_same(name: str, value: Any) -> None:
    claims = {**mutations.base_claims(), name: value}
    accepted = outcome(mutations.signed(json.dumps(claims).encode()))
    if accepted is not None:
        assert legal(claims)
        assert accepted == claims


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200) | st.lists(st.text(alphabet="ABCabc019-_=", max_size=40), max_size=6).map(".".join))
def test_any_text_is_refused_and_nothing_else(text: str) -> None:
    assert outcome(text) is None
