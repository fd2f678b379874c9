"""The practice LMS's courses, activities, people and enrolments, all of which may change while it runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.demo.config import LmsConfig, ToolConfig
from service.demo.gradebook import Gradebook
from service.demo.people import INSTRUCTOR, LEARNER, TEST_USER, Course, Link, Person
from service.demo.platform import Platform

ACTIVE, INACTIVE, DELETED = "Active", "Inactive", "Deleted"
SHOWN = ("icon", "thumbnail", "window", "iframe", "text", "available", "submission")
"""What a placed activity keeps of its content item besides title, address, parameters and line item."""

_GIVEN = (
    "Anna",
    "Björn",
    "Camilla",
    "Dragan",
    "Elin",
    "Farid",
    "Greta",
    "Håkan",
    "Ida",
    "Johan",
    "Kerstin",
    "Lars",
    "Åsa",
)
_FAMILY = (
    "Andersson",
    "Berg",
    "Carlsson",
    "Dahl",
    "Engström",
    "Fors",
    "Gustavsson",
    "Hedlund",
    "Öberg",
    "Jansson",
    "Åkesson",
)
_FIRST_IN_CROWD = 100_001


@dataclass(frozen=True)
class Enrolment:
    """One line of a course's roster; ``status`` is Active, Inactive or Deleted (NRPS 2.0)."""

    person: Person
    status: str


class School(Platform):
    """Courses, people, and the gradebook that goes with them."""

    def __init__(self, config: LmsConfig) -> None:
        super().__init__(config)
        self.gradebook = Gradebook()
        self._courses = {course.id: course for course in config.courses}
        self._people = {person.id: person for person in config.people}
        self._course_ids = {course.key: course.id for course in config.courses}
        self._person_ids = {person.key: person.id for person in config.people}
        self._statuses: dict[str, dict[str, str]] = {
            course.id: {one.id: ACTIVE for one in config.people if one.enrolled and course.key in one.courses}
            for course in config.courses
        }
        self._versions: dict[str, int] = {}
        self._link_numbers = itertools.count(1001)
        self._course_numbers = itertools.count(max((int(course.id) for course in config.courses), default=1) + 1)
        self._crowd_numbers = itertools.count(_FIRST_IN_CROWD)

    # asking

    @property
    def courses(self) -> tuple[Course, ...]:
        """The courses as they are now."""
        return tuple(self._courses.values())

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who has an account now."""
        return tuple(self._people.values())

    def person(self, person: str | Person) -> Person:
        """A person by key or id; one who is given is used as she is given. Raises ``KeyError`` for nobody of ours."""
        if isinstance(person, Person):
            return person
        return self._people[self._person_ids.get(person, person)]

    def course(self, course: str | Course) -> Course:
        """A course by key or id, as it is now. Raises ``KeyError`` for no course of ours."""
        if isinstance(course, Course):
            return self._courses.get(course.id, course)
        return self._courses[self._course_ids.get(course, course)]

    def link(self, course: str | Course, link: str | Link | None = None) -> Link:
        """An activity of a course by key or id, the first one for None. Raises ``KeyError`` when the course lacks it."""
        if isinstance(link, Link):
            return link
        links = self.course(course).links
        return links[0] if link is None else _find(links, link)

    def roster(self, course: str | Course) -> list[Enrolment]:
        """Everybody who is or was enrolled in a course, in the order of enrolling."""
        with self._lock:
            return [
                Enrolment(self._people[one], status) for one, status in self._statuses[self.course(course).id].items()
            ]

    def roster_version(self, course: str | Course) -> int:
        """A number that grows with every change to a course's roster."""
        return self._versions.get(self.course(course).id, 0)

    def is_gradable(self, course: str | Course, user_id: str) -> bool:
        """Whether the gradebook has a row for somebody: an active learner of the course, in Canvas no test account."""
        person = self._people.get(user_id)
        status = self._statuses[self.course(course).id].get(user_id)
        if person is None or status != ACTIVE or LEARNER not in person.roles:
            return False
        return not (self.is_canvas and TEST_USER in person.roles)

    # changing courses

    def add_links(
        self, course: str | Course, items: Iterable[Mapping[str, Any]], *, tool: ToolConfig | None = None
    ) -> tuple[Link, ...]:
        """Place activities in a course, given as Deep Linking 2.0's content items of type ltiResourceLink.

        ``lineItem`` gives an activity its own column, for ``tool`` or the platform's main one.
        """
        chosen = tool or self.tools[0]
        with self._lock:
            place = self.course(course)
            made = tuple(self._made(item, chosen.client_id if tool else "") for item in items)
            self._courses[place.id] = replace(place, links=(*place.links, *made))
        for link, item in zip(made, items, strict=True):
            if isinstance(item.get("lineItem"), Mapping):
                self._give_column(place, link, chosen, item["lineItem"])
        return made

    def _made(self, item: Mapping[str, Any], client_id: str) -> Link:
        number = str(next(self._link_numbers))
        custom = item.get("custom") or {}
        return Link(
            f"a{number}",
            number,
            str(item.get("title") or "Stegvis"),
            str(item.get("text") or ""),
            url=str(item.get("url") or ""),
            custom={str(name): str(value) for name, value in custom.items()},
            shown={name: item[name] for name in SHOWN if name in item},
            client_id=client_id,
        )

    def _give_column(self, course: Course, link: Link, tool: ToolConfig, item: Mapping[str, Any]) -> None:
        self.gradebook.create(
            course.id, tool.client_id, tool.deployment_id, str(item.get("label") or link.title), item.get("scoreMaximum", 100),
            link_id=link.id, resource_id=str(item.get("resourceId", "")), tag=str(item.get("tag", "")),
        )  # fmt: skip

    def copy_course(self, course: str | Course) -> Course:
        """Copy a course as a teacher does for the next term: its activities and columns, its teachers, none of its learners.

        The copy has ids of its own; parameters and resource ids are kept, and both histories remember where from.
        """
        with self._lock:
            source = self.course(course)
            nth = sum(source.id == other.history[0] for other in self.courses if other.history) + 1
            links = tuple(
                replace(link, id=str(next(self._link_numbers)), history=(link.id, *link.history))
                for link in source.links
            )
            copied = Course(
                f"{source.key}-kopia-{nth}", str(next(self._course_numbers)), f"{source.label}_{nth}",
                f"{source.title} kopia {nth}", links, (source.id, *source.history),
            )  # fmt: skip
            self._courses[copied.id] = copied
            self._course_ids[copied.key] = copied.id
            self._statuses[copied.id] = {}
            self._admit_staff(source, copied)
        self.gradebook.copy(
            source.id, copied.id, {old.id: new.id for old, new in zip(source.links, links, strict=True)}
        )
        return copied

    def _admit_staff(self, source: Course, copied: Course) -> None:
        for person in self.people:
            if source.key in person.courses and INSTRUCTOR in person.roles:
                self._people[person.id] = replace(person, courses=(*person.courses, copied.key))
                if self._statuses[source.id].get(person.id) == ACTIVE:
                    self._statuses[copied.id][person.id] = ACTIVE

    # changing who is in a course

    def enrol(self, person: str | Person, course: str | Course) -> Person:
        """Enrol somebody, or make a suspended or deleted enrolment active again. A person not known yet gets an account."""
        with self._lock:
            if isinstance(person, Person) and person.id not in self._people:
                self._people[person.id] = person
                self._person_ids[person.key] = person.id
            found, place = self._people[self.person(person).id], self.course(course)
            if place.key not in found.courses:
                found = replace(found, courses=(*found.courses, place.key))
                self._people[found.id] = found
            self._set(place, found.id, ACTIVE)
        return found

    def unenrol(self, person: str | Person, course: str | Course) -> None:
        """End an enrolment: no line in the roster any more, and no way in."""
        with self._lock:
            found, place = self._people[self.person(person).id], self.course(course)
            self._people[found.id] = replace(found, courses=tuple(key for key in found.courses if key != place.key))
            self._set(place, found.id, None)

    def suspend(self, person: str | Person, course: str | Course) -> None:
        """Suspend an enrolment. Moodle leaves such a member out of the roster, Canvas calls her Inactive."""
        self.set_status(person, course, INACTIVE)

    def set_status(self, person: str | Person, course: str | Course, status: str) -> None:
        """Give an enrolment any status of NRPS 2.0."""
        with self._lock:
            self._set(self.course(course), self.person(person).id, status)

    def change_person(self, person: str | Person, **values: Any) -> Person:
        """Change something about a person, such as ``roles``, ``given`` or ``shares_name``."""
        with self._lock:
            changed = replace(self._people[self.person(person).id], **values)
            self._people[changed.id] = changed
            self._person_ids[changed.key] = changed.id
            for course_id in self._statuses:
                self._versions[course_id] = self._versions.get(course_id, 0) + 1
        return changed

    def crowd(self, course: str | Course, n: int) -> list[Person]:
        """Enrol ``n`` made-up learners, for measurements."""
        with self._lock:
            place = self.course(course)
            numbers = [next(self._crowd_numbers) for _ in range(n)]
            made = [_made_up(number, place.key) for number in numbers]
            self._people.update({person.id: person for person in made})
            self._person_ids.update({person.key: person.id for person in made})
            self._statuses[place.id].update(dict.fromkeys((person.id for person in made), ACTIVE))
            self._versions[place.id] = self._versions.get(place.id, 0) + 1
        return made

    def _set(self, course: Course, person_id: str, status: str | None) -> None:
        statuses = self._statuses[course.id]
        if status is None:
            statuses.pop(person_id, None)
        else:
            statuses[person_id] = status
        self._versions[course.id] = self._versions.get(course.id, 0) + 1


def _made_up(number: int, course_key: str) -> Person:
    given = _GIVEN[number % len(_GIVEN)]
    family = _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    return Person(f"deltagare-{number}", str(number), given, f"{family}-{number}", "chef", (LEARNER,), (course_key,))


def _find(links: tuple[Link, ...], name: str) -> Link:
    for link in links:
        if name in (link.key, link.id):
            return link
    raise KeyError(name)
