"""The practice LMS's made-up people and courses.

Everybody here is invented. The names are ordinary Swedish ones so that pages look as they will look in use; no real person,
course or employer is meant. Addresses end in ``example.org``, which RFC 2606 keeps for examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
LEARNER = f"{MEMBERSHIP}#Learner"
INSTRUCTOR = f"{MEMBERSHIP}#Instructor"
TEACHING_ASSISTANT = f"{MEMBERSHIP}/Instructor#TeachingAssistant"
INSTITUTION_ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
SYSTEM_ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

UNENROLLED_ADMINISTRATOR = (INSTITUTION_ADMINISTRATOR, INSTRUCTOR, SYSTEM_ADMINISTRATOR)
"""What Moodle 5.0 sends, in its order, for a site administrator who opens an activity of a course she is not enrolled in."""


@dataclass(frozen=True)
class Person:
    """One made-up account of the practice LMS. ``key`` is for addresses, ``id`` is what the tool gets as ``sub``."""

    key: str
    id: str
    given: str
    family: str
    title: str
    roles: tuple[str, ...]
    courses: tuple[str, ...]
    enrolled: bool = True
    shares_name: bool = True
    locale: str = "sv"

    @property
    def name(self) -> str:
        """The full name, as the platform itself shows it."""
        return f"{self.given} {self.family}"

    @property
    def email(self) -> str:
        """A made-up address that can reach nobody."""
        return f"{self.key}@example.org"

    @property
    def is_administrator(self) -> bool:
        """Whether the platform is hers to look after."""
        return SYSTEM_ADMINISTRATOR in self.roles or INSTITUTION_ADMINISTRATOR in self.roles

    @property
    def is_staff(self) -> bool:
        """Whether she may change a course and see its results."""
        return INSTRUCTOR in self.roles or self.is_administrator

    @property
    def is_learner(self) -> bool:
        """Whether the gradebook has a row for this person."""
        return LEARNER in self.roles and self.enrolled


@dataclass(frozen=True)
class Link:
    """An activity in a course that opens the tool. An empty ``path`` means the tool's ordinary target.

    ``url`` is a whole target of its own, ``custom`` the activity's own parameters, ``shown`` what a content item said of icon,
    window and frame (Deep Linking 2.0); ``client_id`` is the tool that placed it, empty for whichever is asked for;
    ``history`` are the ids of the activities it was copied from, the nearest first.
    """

    key: str
    id: str
    title: str
    description: str
    path: str = ""
    url: str = ""
    custom: Mapping[str, str] = field(default_factory=dict, hash=False)
    shown: Mapping[str, Any] = field(default_factory=dict, hash=False)
    client_id: str = ""
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """A made-up course. ``key`` is for addresses, ``id`` is what the tool gets as the context's id.

    ``history`` are the ids of the courses it was copied from, the nearest first.
    """

    key: str
    id: str
    label: str
    title: str
    links: tuple[Link, ...]
    history: tuple[str, ...] = ()


def _links(course_id: str) -> tuple[Link, ...]:
    """The same activities in every course, with resource link ids of their own as in a copied course."""
    return (
        Link("ledarsteg", f"{course_id}1", "Mina ledarsteg", "Små steg i vardagen – ETT i taget.", "/to/ledarsteg"),
        Link("handledning", f"{course_id}2", "Handledning", "Inför, under och efter samtalen.", "/to/handledning"),
        Link("gruppen", f"{course_id}3", "Gruppen", "Hur långt har arbetsgruppen kommit?", "/to/group_maturity"),
        Link("stegvis", f"{course_id}4", "Stegvis", "Översikt över kursens alla delar."),
    )


COURSES: tuple[Course, ...] = (
    Course("enhetschefer", "2", "ECH26", "Enhetschefer 2026", _links("2")),
    Course("rektorer", "3", "REKTHT26", "Rektorer hösten 2026", _links("3")),
)

_FIRST = ("enhetschefer",)
_SECOND = ("rektorer",)
_BOTH = ("enhetschefer", "rektorer")
_MANAGER = (LEARNER,)
_ADMINISTRATOR_TITLE = "utbildningsadministratör"

PEOPLE: tuple[Person, ...] = (
    Person("karin-lindqvist", "101", "Karin", "Lindqvist", "chef", _MANAGER, _BOTH),
    Person("peter-nystrom", "102", "Peter", "Nyström", "chef", _MANAGER, _FIRST),
    Person("lena-bergvall", "103", "Lena", "Bergvall", "chef", _MANAGER, _FIRST),
    Person("fatima-al-sayed", "104", "Fatima", "Al-Sayed", "chef", _MANAGER, _FIRST),
    Person("oskar-wiklund", "105", "Oskar", "Wiklund", "chef", _MANAGER, _FIRST),
    Person("sara-holmgren", "106", "Sara", "Holmgren", "chef", _MANAGER, _FIRST),
    Person("mehmet-yildiz", "107", "Mehmet", "Yıldız", "chef", _MANAGER, _BOTH),
    Person("eva-sundin", "108", "Eva", "Sundin", "chef", _MANAGER, _SECOND),
    Person(
        "maja-forsgren", "109", "Maja", "Forsgren", "chef, delar inte sitt namn", _MANAGER, _FIRST, shares_name=False
    ),
    Person("annika-sjoberg", "110", "Annika", "Sjöberg", "chef", _MANAGER, _FIRST),
    Person("daniel-berglund", "111", "Daniel", "Berglund", "chef", _MANAGER, _FIRST),
    Person("ingrid-holm", "112", "Ingrid", "Holm", "chef", _MANAGER, _FIRST),
    Person("jonas-ek", "113", "Jonas", "Ek", "chef", _MANAGER, _FIRST),
    Person("sofia-lundgren", "114", "Sofia", "Lundgren", "chef", _MANAGER, _FIRST),
    Person("amira-haddad", "201", "Amira", "Haddad", "coach", (INSTRUCTOR,), _FIRST),
    Person("henrik-dahlgren", "202", "Henrik", "Dahlgren", "coach", (INSTRUCTOR,), _BOTH),
    Person(
        "johan-ekstrom",
        "301",
        "Johan",
        "Ekström",
        _ADMINISTRATOR_TITLE,
        UNENROLLED_ADMINISTRATOR,
        _BOTH,
        enrolled=False,
    ),
    Person("nils-aberg", "203", "Nils", "Åberg", "kursassistent", (INSTRUCTOR, TEACHING_ASSISTANT), _FIRST),
    Person("testanvandare", "901", "Test", "Användare", "testkonto", (LEARNER, TEST_USER), _FIRST, enrolled=False),
)
