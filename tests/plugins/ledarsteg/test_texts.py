"""What the training department writes: in the best language, for its own managers, and never lost to a second tab."""

import uuid
from collections.abc import Mapping
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from plugins.ledarsteg.models import Slot, SlotText, Step, StepText
from plugins.ledarsteg.operations import ChangedMeanwhile, library, texts
from plugins.ledarsteg.operations.library import StepDraft
from plugins.ledarsteg.operations.texts import SlotShown, StepShown
from service.access import Role
from service.audit import Actor, AuditEvent
from service.cohorts.models import Member
from service.contract import SERVICE_LOCALES, Invalid, NotFound
from tests.plugins.ledarsteg.support import counting, owner_of
from tests.support import Course, OffsetClock, World

ASK = StepDraft("Ask first", "somebody wants a decision", "ask what she suggests", "More *about* it", 5)


@pytest.fixture
def johan(world: World, course: Course) -> Actor:
    """The training department of the course's organisation."""
    return actor_of(world, course)


def actor_of(world: World, course: Course) -> Actor:
    member = world.member(course, Role.TRAINING, "Johan Ekström")
    return Actor(course.organisation.id, member.person_id, Role.TRAINING.value, course.cohort.id)


def write(
    world: World, actor: Actor, body: str, slot: Slot = Slot.CORE_MODEL, locale: str = "sv", seen: int = 0
) -> None:
    with world.core.units.writing():
        library.write_slot(actor, slot, locale, body, seen)


def new(world: World, actor: Actor, draft: StepDraft = ASK, locale: str = "sv", key: str = "k") -> uuid.UUID:
    with world.core.units.writing():
        return library.new_step(actor, key, locale, draft)


def change(world: World, actor: Actor, step_id: uuid.UUID, draft: StepDraft, locale: str = "sv", seen: int = 1) -> None:
    with world.core.units.writing():
        library.write_step(actor, step_id, locale, draft, seen)


def audited(world: World) -> list[tuple[str, str]]:
    with world.core.units.reading() as unit:
        return [
            (event.action, event.object_ref)
            for event in unit.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.seq))
        ]


# ---- the language that is shown ----


@given(st.sampled_from(SERVICE_LOCALES), st.sets(st.sampled_from(SERVICE_LOCALES)))
def test_hers_is_shown_where_there_is_one_else_one_that_there_is(locale: str, written: set[str]) -> None:
    found = texts.best(dict.fromkeys(written, "x"), locale)
    assert (found is None) == (not written)
    if locale in written:
        assert found == locale
    elif written:
        assert found == ("sv" if "sv" in written else "en" if "en" in written else "lv")
    assert set(texts.languages(locale)) == set(SERVICE_LOCALES)


@pytest.mark.parametrize(
    ("written", "locale", "shown"),
    [
        ({}, "sv", None),
        ({"sv": "s"}, "lv", "sv"),
        ({"lv": "l"}, "en", "lv"),
        ({"sv": "s", "en": "e"}, "en", "en"),
        ({"sv": "", "en": "e"}, "sv", "en"),
    ],
)
def test_a_place_is_shown_in_the_best_language(
    world: World, karin: Member, johan: Actor, written: Mapping[str, str], locale: str, shown: str | None
) -> None:
    for code, body in written.items():
        write(world, johan, body or "taken away", locale=code)
        write(world, johan, body, locale=code, seen=1)
    with world.core.units.reading(), counting(world) as counted:
        found = texts.slot(owner_of(karin), Slot.CORE_MODEL, locale)
    assert found == (SlotShown(Slot.CORE_MODEL, shown, written[shown]) if shown else None)
    assert len(counted) == 1


def test_several_places_at_once_and_those_of_another_organisation_never(
    world: World, karin: Member, johan: Actor
) -> None:
    other = actor_of(world, world.course())
    write(world, other, "theirs", Slot.FIRST_WEEK)
    write(world, johan, "core")
    write(world, johan, "week", Slot.FIRST_WEEK, "en")
    with world.core.units.reading(), counting(world) as counted:
        found = texts.slots(owner_of(karin), [Slot.FIRST_WEEK, Slot.CORE_MODEL, Slot.CHALLENGES], "sv")
    assert {slot: (text.locale, text.body) for slot, text in found.items()} == {
        Slot.CORE_MODEL: ("sv", "core"), Slot.FIRST_WEEK: ("en", "week"),
    }  # fmt: skip
    assert len(counted) == 1


# ---- writing a text ----


def test_a_text_is_written_changed_and_taken_away(world: World, johan: Actor) -> None:
    for seen, body in enumerate(("first", "second", "")):
        for again in (0, 0, 1):  # the same form twice is once, and so is the form of what is written
            write(world, johan, body, seen=seen + again)
    with world.core.units.reading():
        found = library.slot_texts(johan.organisation_id)
        assert {key: (text.body, text.revision) for key, text in found.items()} == {(Slot.CORE_MODEL, "sv"): ("", 3)}
    assert audited(world) == [("ledarsteg.text", "core_model/sv")] * 3


def test_nothing_written_is_nothing_to_keep(world: World, johan: Actor) -> None:
    write(world, johan, "")
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(SlotText)).all() == []
    assert audited(world) == []


@pytest.mark.parametrize("seen", [0, 1])
def test_of_two_who_write_the_later_one_notices(world: World, johan: Actor, seen: int) -> None:
    write(world, johan, "first")
    if seen:
        write(world, johan, "second", seen=1)
    with pytest.raises(ChangedMeanwhile):
        write(world, johan, "from the other tab", seen=seen)
    with world.core.units.reading():
        text = library.slot_text(johan.organisation_id, Slot.CORE_MODEL, "sv")
        assert text is not None
        assert text.body == ("second" if seen else "first")


# ---- the library of steps ----


def test_a_step_sent_twice_is_one(world: World, johan: Actor, karin: Member) -> None:
    there = new(world, johan)
    assert new(world, johan) == there
    assert new(world, johan, StepDraft("Another")) != there
    with world.core.units.reading():
        assert texts.step(owner_of(karin), there, "sv") == StepShown(
            there, 5, "sv", ASK.title, ASK.cue, ASK.action, ASK.body
        )
    assert [action for action, _ in audited(world)] == ["ledarsteg.step", "ledarsteg.step"]


def test_managers_choose_among_the_steps_of_their_own_organisation(
    world: World, johan: Actor, karin: Member, clock: OffsetClock
) -> None:
    first = new(world, johan)
    clock.advance(timedelta(minutes=1))
    second = new(world, johan, StepDraft("Lyssna klart"), "en")
    change(world, johan, first, StepDraft("Ask first, in English", minutes=5), "en")
    theirs = new(world, actor_of(world, world.course()))
    with world.core.units.reading(), counting(world) as counted:
        assert [(one.id, one.locale, one.title) for one in texts.steps(owner_of(karin), "en")] == [
            (first, "en", "Ask first, in English"), (second, "en", "Lyssna klart"),
        ]  # fmt: skip
    assert len(counted) == 1
    with world.core.units.reading():
        assert [(one.locale, one.title) for one in texts.steps(owner_of(karin), "lv")] == [
            ("sv", "Ask first"),
            ("en", "Lyssna klart"),
        ]
        for step_id in (theirs, uuid.uuid4()):
            with pytest.raises(NotFound):
                texts.step(owner_of(karin), step_id, "sv")


def test_a_withdrawn_step_is_offered_no_more_and_can_be_again(world: World, johan: Actor, karin: Member) -> None:
    there = new(world, johan)
    for on in (True, True, False, False, True):
        with world.core.units.writing():
            library.withdraw(johan, there, on=on)
    with world.core.units.reading():
        assert texts.steps(owner_of(karin), "sv") == []
        with pytest.raises(NotFound):
            texts.step(owner_of(karin), there, "sv")
        (kept,) = library.library(johan.organisation_id)
        assert kept.step.withdrawn_at is not None
    words = [action.removeprefix("ledarsteg.") for action, _ in audited(world)]
    assert words == ["step", "step_withdraw", "step_offer", "step_withdraw"]


def test_a_step_is_changed_in_one_language_and_the_others_stay(world: World, johan: Actor) -> None:
    there = new(world, johan)
    change(world, johan, there, StepDraft("In English", minutes=5), "en")
    change(world, johan, there, StepDraft("Nytt namn", minutes=10), seen=2)
    change(world, johan, there, StepDraft("Nytt namn", minutes=10), seen=2)  # sent twice
    with world.core.units.reading():
        (kept,) = library.library(johan.organisation_id)
        assert (kept.step.minutes, kept.step.revision) == (10, 3)
        assert {code: (text.title, text.cue) for code, text in kept.texts.items()} == {
            "sv": ("Nytt namn", ""),
            "en": ("In English", ""),
        }
    change(world, johan, there, StepDraft("", minutes=10), "en", seen=3)
    with world.core.units.reading():
        assert set(library.kept_step(johan.organisation_id, there).texts) == {"sv"}


def test_of_two_who_change_a_step_the_later_one_notices(world: World, johan: Actor) -> None:
    there = new(world, johan)
    change(world, johan, there, StepDraft("first"))
    with pytest.raises(ChangedMeanwhile):
        change(world, johan, there, StepDraft("second"))
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(StepText.title)).all() == ["first"]


@pytest.mark.parametrize(
    ("draft", "locale", "field"),
    [
        (StepDraft("x", minutes=16), "sv", "minutes"), (StepDraft(""), "sv", "title"), (StepDraft("", body="text"), "en", "title"),
        (StepDraft("", cue="if"), "sv", "title"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_kept(world: World, johan: Actor, draft: StepDraft, locale: str, field: str) -> None:
    there = new(world, johan)
    for work in (lambda: new(world, johan, draft, locale), lambda: change(world, johan, there, draft, locale)):
        with pytest.raises(Invalid) as refused:
            work()
        assert set(refused.value.fields) == {field}
    with world.core.units.reading() as unit:
        assert unit.session.scalars(sa.select(StepText.title)).all() == ["Ask first"]


def test_another_organisations_step_is_not_found(world: World, johan: Actor) -> None:
    there = new(world, johan)
    other = actor_of(world, world.course())
    for work in (
        lambda: library.write_step(other, there, "sv", StepDraft("mine"), 1), lambda: library.withdraw(other, there, on=True),
        lambda: library.kept_step(other.organisation_id, there),
    ):  # fmt: skip
        with world.core.units.writing(), pytest.raises(NotFound):
            work()
    with world.core.units.reading():
        assert library.library(other.organisation_id) == []
        assert library.slot_texts(other.organisation_id) == {}


def test_a_step_without_any_text_is_offered_to_nobody(world: World, johan: Actor, karin: Member) -> None:
    with world.core.units.writing() as unit:
        unit.session.add(Step(organisation_id=johan.organisation_id, minutes=None, created_at=unit.now()))
    with world.core.units.reading():
        assert [kept.texts for kept in library.library(johan.organisation_id)] == [{}]
        assert texts.steps(owner_of(karin), "sv") == []
