"""Claims read into a launch, the state, and texts made fit."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from service.demo.practice import REMOVE
from service.demo.tokens import with_overrides
from service.errors import LaunchRefused
from service.lti import state
from service.lti.claims import CLAIM, Message, read_message
from service.lti.strict import NotStrict, decode_part, is_whole_text, tidy
from tests.service.lti.tokens import CLAIMS, NOW


def read(**claims: Any) -> Message:
    return read_message(with_overrides(CLAIMS, claims))


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({}, "Åsa Öhrström"),
        ({"name": REMOVE, "given_name": "Åsa"}, "Åsa"),
        ({"name": None, "given_name": "Åsa", "family_name": "Ö"}, "Åsa Ö"),
        ({"name": ""}, ""),
        ({"name": REMOVE}, ""),
    ],
)
def test_the_name(claims: dict[str, Any], name: str) -> None:
    assert read(**claims).person_name == name


@pytest.mark.parametrize(
    ("context", "title"),
    [({"id": "1", "title": "T"}, "T"), ({"id": "1", "label": "L"}, "L"), ({"id": "1"}, ""), (REMOVE, ""), (None, "")],
)
def test_the_title(context: Any, title: str) -> None:
    assert read(**{CLAIM + "context": context}).course_title == title


@pytest.mark.parametrize(
    ("presentation", "framed"),
    [(REMOVE, True), ({}, True), ({"document_target": "window"}, False), ({"document_target": "frame"}, True)],
)
def test_the_frame(presentation: Any, framed: bool) -> None:
    assert read(**{CLAIM + "launch_presentation": presentation}).in_frame is framed


@pytest.mark.parametrize(
    ("claims", "language"),
    [
        ({}, ""),
        ({"locale": "SV_se"}, "sv"),
        ({"locale": "svx"}, ""),
        ({"locale": "fi", CLAIM + "custom": {"locale": "en"}}, "en"),
        ({CLAIM + "launch_presentation": {"locale": "lv"}}, "lv"),
        ({CLAIM + "custom": {"locale": ["lv"]}}, ""),
    ],
)
def test_the_language(claims: dict[str, Any], language: str) -> None:
    assert read(**claims).language == language


@pytest.mark.parametrize(
    ("claim", "reason"), [("version", "version"), ("message_type", "message_type"), ("roles", "claims")]
)
def test_what_must_be_there(claim: str, reason: str) -> None:
    with pytest.raises(LaunchRefused, match=reason):
        read(**{CLAIM + claim: REMOVE})


KEY = b"k" * 32


def test_a_state_comes_back_as_it_went() -> None:
    platform = uuid.uuid4()
    text = state.write(
        KEY, platform, "n", state.Proof(b"\x00\xff" * 16, state.Binding.STORAGE, "ram å"), "https://tool.example/å", NOW
    )
    assert state.read(KEY, text, NOW + timedelta(minutes=9)) == state.LoginState(
        platform, "n", b"\x00\xff" * 16, "https://tool.example/å", NOW + state.LIFETIME,
        state.Binding.STORAGE, "ram å",
    )  # fmt: skip


def test_a_state_of_another_key_time_or_length_does_not() -> None:
    text = state.write(KEY, uuid.uuid4(), "n", state.Proof(b"h"), "t", NOW)
    for key, sent, at, reason in (
        (b"x" * 32, text, NOW, "state"), (KEY, text[:-1], NOW, "state"), (KEY, "x" * 8193, NOW, "state"), (KEY, "", NOW, "state"),
        (KEY, text, NOW + state.LIFETIME, "state_expired"),
    ):  # fmt: skip
        with pytest.raises(LaunchRefused) as refused:
            state.read(key, sent, at)
        assert refused.value.reason == reason


def test_text_is_made_fit() -> None:
    assert tidy(" a\x00b\nc\ud800 ", 4) == "a b "[:4]
    assert tidy("Åsa  Ö", 10) == "Åsa Ö"
    assert is_whole_text("a\u00a0b")
    assert not is_whole_text("a\tb")


@pytest.mark.parametrize("value", ["", " ", "a\x00", "x" * 256, 3])
def test_identifiers_are_visible_and_short(value: Any) -> None:
    with pytest.raises(LaunchRefused, match="claims"):
        read(sub=value)
    with pytest.raises(LaunchRefused, match="claims"):
        read(**{CLAIM + "deployment_id": value})


def test_addresses_have_no_control_characters() -> None:
    with pytest.raises(LaunchRefused, match="claims"):
        read(**{CLAIM + "target_link_uri": "https://tool.example.org/\r\nx"})


@pytest.mark.parametrize("part", ["", "A", "AAAAA", "AB", "AA=", "A A", "Å", "AA+A"])
def test_parts_have_one_spelling(part: str) -> None:
    with pytest.raises(NotStrict):
        decode_part(part)
