"""What may complete a part says so, in each bundled plugin: the gradebook is told the night after."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from plugins.ledarsteg.calculations import reviewed_week
from plugins.ledarsteg.operations import reviews
from plugins.ledarsteg.operations.reviews import Look
from service.cohorts import completion, people
from service.cohorts.models import CohortPlugin
from service.lti.service_models import LineItem
from tests.plugins.group_maturity.rating import submit
from tests.plugins.handledning.support import pair
from tests.plugins.ledarsteg.support import owner_of
from tests.support import Course, World


def look_back(world: World, course: Course) -> None:
    owner = owner_of(world.member(course))
    with world.core.units.writing():
        reviews.write_review(owner, reviewed_week(owner.today()), Look("I asked first"), 0)


def close_a_session(world: World, course: Course) -> None:
    pair(world, course).talk()


def submit_a_rating(world: World, course: Course) -> None:
    submit(world.enter(course))


@pytest.mark.parametrize(
    ("plugin", "doing"),
    [("ledarsteg", look_back), ("handledning", close_a_session), ("group_maturity", submit_a_rating)],
)
@pytest.mark.parametrize("told", [True, False])
def test_doing_what_may_complete_a_part_is_noted_where_that_is_told(
    world: World, plugin: str, doing: Callable[[World, Course], None], *, told: bool
) -> None:
    course = world.course()
    with world.core.units.writing() as unit:
        unit.session.execute(sa.update(CohortPlugin).where(CohortPlugin.plugin == plugin).values(completion=told))
    doing(world, course)
    with world.core.units.reading() as unit:
        noted = unit.session.scalars(sa.select(LineItem.plugin).where(LineItem.changed_at.is_not(None))).all()
        answered = world.core.host.for_cohort(completion.told(course.cohort.id)).progress(
            course.cohort, people.managers(course.cohort)
        )
    assert noted == ([plugin] if told else [])
    assert [found.key for found, _ in answered] == noted
