"""Two requests at the same moment: one insight, one review and one habit of them, and nothing lost without a word."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.models import (
    Choice,
    Habit,
    Insight,
    PolarityReading,
    PutAway,
    Review,
    Slot,
    SlotText,
    Step,
    StepText,
    TermChoice,
)
from plugins.ledarsteg.models import Offer as Offered
from plugins.ledarsteg.operations import (
    ChangedMeanwhile,
    archive,
    insights,
    journal,
    library,
    polarities,
    reviews,
    term,
)
from plugins.ledarsteg.operations.insights import NewInsight
from plugins.ledarsteg.operations.library import StepDraft
from plugins.ledarsteg.operations.reviews import Look
from service.audit import Actor
from service.cohorts.models import Member
from tests.plugins.ledarsteg.support import make, owner_of
from tests.plugins.ledarsteg.test_journal import LAST_MONDAY
from tests.support import Course, World


def both(world: World, first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    """Does two things at once, each in a request's own transaction; tells how each ended."""
    ready = Barrier(2)

    def work(doing: Callable[[], object]) -> str:
        ready.wait()
        try:
            with world.core.units.writing():
                doing()
        except ChangedMeanwhile:
            return "changed meanwhile"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(work, (first, second)))


def number(world: World, model: type) -> int:
    with world.core.units.reading() as unit:
        return unit.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.mark.parametrize("round_", range(2))
def test_one_form_sent_twice_at_once_makes_one_thing(world: World, course: Course, karin: Member, round_: int) -> None:
    owner = owner_of(karin)
    earlier = make(world, karin)
    actor = Actor(course.organisation.id, karin.person_id, "training", course.cohort.id)
    there = owner_of(world.member(world.course(beside=course), person=karin.person))
    for doing in (
        lambda: insights.capture(owner, NewInsight("k", "They wait")),
        lambda: reviews.write_review(owner, LAST_MONDAY, Look("I asked"), 0),
        lambda: term.decide(owner, earlier.id, Choice.KEEP, "why", 0),
        lambda: journal.put_away(owner, Offered.AHA),
        lambda: archive.carry(there, earlier.id),
        lambda: library.write_slot(actor, Slot.CORE_MODEL, "sv", "one", 0),
        lambda: library.new_step(actor, "k", "sv", StepDraft("Ask first")),
        lambda: polarities.read_week(owner, polarities.builtin_id(owner), LAST_MONDAY, 10),
    ):
        assert both(world, doing, doing) == ["done", "done"]
    kinds = (Insight, Review, TermChoice, PutAway, SlotText, Step, StepText, PolarityReading)
    assert [number(world, model) for model in kinds] == [1] * len(kinds)
    assert number(world, Habit) == 2


@pytest.mark.parametrize("round_", range(2))
def test_of_two_that_differ_at_once_one_stands_and_the_other_is_told(
    world: World, course: Course, karin: Member, round_: int
) -> None:
    owner, habit = owner_of(karin), make(world, karin)
    actor = Actor(course.organisation.id, karin.person_id, "training", course.cohort.id)
    for first, second in (
        (
            lambda: reviews.write_review(owner, LAST_MONDAY, Look("one"), 0),
            lambda: reviews.write_review(owner, LAST_MONDAY, Look("two"), 0),
        ),
        (
            lambda: term.decide(owner, habit.id, Choice.KEEP, "one", 0),
            lambda: term.decide(owner, habit.id, Choice.KEEP, "two", 0),
        ),
        (
            lambda: library.write_slot(actor, Slot.CORE_MODEL, "sv", "one", 0),
            lambda: library.write_slot(actor, Slot.CORE_MODEL, "sv", "two", 0),
        ),
    ):
        assert both(world, first, second) == ["changed meanwhile", "done"]
    with world.core.units.reading() as unit:
        assert [
            row.revision for model in (Review, TermChoice, SlotText) for row in unit.session.scalars(sa.select(model))
        ] == [1, 1, 1]
