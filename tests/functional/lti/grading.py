"""A course whose gradebook is told of completions: two plugins with progress as a test says, and jobs done by hand."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from flask import Flask

from service.access import Role
from service.audit import Actor
from service.cohorts import completion
from service.cohorts.models import Cohort, CohortPlugin, Member
from service.contract import Progress, hook
from service.demo.claims import SCOPE_LINEITEM, SCOPE_RESULT, SCOPE_SCORE, lineitems_url
from service.demo.faults import Received
from service.jobs import outbox, periodic
from service.jobs.models import Job
from service.jobs.work import perform
from service.lti import due
from service.lti.service_models import Delivery, LineItem
from service.settings import Settings
from tests import live
from tests.functional.lti.live import COURSE, Linked
from tests.functional.lti.placed import small_plugin
from tests.support import OffsetClock

SCOPES = (SCOPE_LINEITEM, SCOPE_RESULT, SCOPE_SCORE)
PART, OTHER_PART = "ledarsteg", "handledning"
# Three o'clock at night in Stockholm.
NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
DONE: defaultdict[str, set[str]] = defaultdict(set)


def finishing_plugin(key: str) -> SimpleNamespace:
    """A small plugin that takes from `DONE` who has completed it."""
    module = small_plugin(key)

    @hook
    def progress(cohort: Cohort, members: Sequence[Member]) -> Mapping[uuid.UUID, Progress]:
        del cohort
        if "fails" in DONE[key]:
            raise RuntimeError("on purpose")
        return {member.id: Progress(int(member.person.sub in DONE[key]), 1) for member in members}

    module.progress = progress
    return module


PLUGINS = {key: finishing_plugin(key) for key in (PART, OTHER_PART)}


class Grading(Linked):
    """Tool and platform with one course, its gradebook, and a clock that both go by."""

    def __init__(self, server: live.Live, clock: OffsetClock) -> None:
        super().__init__(server, clock)
        DONE.clear()
        self.clock = clock
        self.put(NIGHT)
        self.cohort = self.graded()

    def graded(self, key: str = COURSE, **values: Any) -> Cohort:
        """A cohort with both plugins, whose course offers its gradebook; nothing is told yet."""
        cohort = self.course(key)
        offered = {
            "lineitems_url": lineitems_url(self.lms.config, self.lms.course(key), self.lms.tools[0]),
            "grade_scopes": " ".join(SCOPES), **values,
        }  # fmt: skip
        with self.core.units.writing() as unit:
            unit.session.execute(sa.update(Cohort).where(Cohort.id == cohort.id).values(offered))
            for plugin in PLUGINS:
                unit.session.add(CohortPlugin(
                    cohort_id=cohort.id, plugin=plugin, enabled=True, settings={}, changed_at=unit.now(),
                ))  # fmt: skip
        return cohort

    # the clock

    def put(self, at: datetime) -> None:
        """Makes it this moment at the tool and at the platform."""
        self.clock.put(at)

    def advance(self, by: timedelta) -> None:
        """Lets time pass for both."""
        self.put(self.clock.now() + by)

    # people

    def managers(self, number: int, cohort: Cohort | None = None) -> list[Member]:
        """So many managers who are learners of the course."""
        cohort = cohort or self.cohort
        key = next(one.key for one in self.lms.courses if one.id == cohort.context_id)
        return [self.member(cohort, person.id, Role.MANAGER, person.name) for person in self.lms.crowd(key, number)]

    def complete(self, *members: Member, plugin: str = PART, cohort: Cohort | None = None) -> None:
        """Lets members complete a plugin, as its operations would say."""
        DONE[plugin].update(member.person.sub for member in members)
        with self.core.units.writing():
            completion.progress_changed(cohort or self.cohort, plugin)

    def switch(self, plugin: str = PART, *, on: bool = True, cohort: Cohort | None = None) -> None:
        """Switches on or off that a plugin's completion is told."""
        cohort = cohort or self.cohort
        with self.core.units.writing():
            completion.switch(cohort, plugin, on, Actor(cohort.organisation_id))

    # the worker

    def night(self) -> int:
        """The periodic work of a night, and every job that comes of it. Returns how many cohorts were gathered."""
        decided = completion.decide_nightly(self.core.units)
        self.work()
        return decided

    def work(self) -> int:
        """Does what is due, and what becomes due of that, as sweep and worker would. Returns how many jobs."""
        done = 0
        while True:
            due.decide_due(self.core.units)
            with self.core.units.reading():
                waiting = outbox.due()
            for job_id in waiting:
                perform(self.app, job_id)
            done += len(waiting)
            if not waiting:
                return done

    def periodic(self) -> None:
        """All of the periodic work."""
        periodic.run(self.core.units, self.core.settings)

    # what is to be seen

    def rows(self, model: Any, *where: Any) -> list[Any]:
        """Rows of a table."""
        with self.core.units.reading() as unit:
            return list(unit.session.scalars(sa.select(model).where(*where)))

    def item(self, plugin: str = PART, cohort: Cohort | None = None) -> LineItem:
        """What is known of a plugin's column."""
        found: LineItem
        (found,) = self.rows(
            LineItem, LineItem.plugin == plugin, LineItem.cohort_id == (cohort or self.cohort).id
        )  # fmt: skip
        return found

    def states(self) -> dict[str, tuple[str, str]]:
        """State and reason of each delivery, by the platform's id of the person."""
        with self.core.units.reading() as unit:
            persons = {member.person_id: member.person.sub for member in self._members(unit)}
            return {
                persons[row.person_id]: (row.state.value, row.reason)
                for row in unit.session.scalars(sa.select(Delivery))
            }

    @staticmethod
    def _members(unit: Any) -> Sequence[Member]:
        members: Sequence[Member] = unit.session.scalars(
            sa.select(Member).options(sa.orm.joinedload(Member.person))
        ).all()
        return members

    def jobs(self, kind: str) -> list[Job]:
        """The jobs of a kind."""
        return self.rows(Job, Job.kind == kind)

    def scores(self) -> list[Received]:
        """The scores that the platform was sent, oldest first."""
        return [one for one in self.lms.recorder.all() if one.path.endswith("/scores")]

    def results(self) -> dict[str, float | None]:
        """What the gradebook holds in the columns that we made, by the platform's id of the person."""
        book = self.lms.gradebook
        items = [one for course in self.lms.courses for one in book.items(course.id) if not one.link_id]
        return {result.user_id: result.score for item in items for result in book.results(item)}

    def made(self) -> list[Received]:
        """The requests to make a column."""
        return [one for one in self.lms.recorder.all() if one.method == "POST" and one.path.endswith("/lineitems")]


@contextmanager
def grading(make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock) -> Iterator[Grading]:
    """Tool and platform, running."""
    with live.running_service(partial(make_app, plugins=PLUGINS), settings) as server:
        yield Grading(server, clock)
