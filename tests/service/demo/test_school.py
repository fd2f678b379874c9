"""Courses, activities and enrolments that change while the practice LMS runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.demo.claims import AGS_ENDPOINT, LTI
from service.demo.config import LmsConfig
from service.demo.lms import running
from service.demo.people import INSTRUCTOR, Person
from service.demo.practice import PracticeLms
from tests.service.demo.conftest import OTHER_TOOL, TOOL, lms_config

ITEM = {
    "type": "ltiResourceLink",
    "title": "Övning 1",
    "url": "http://127.0.0.1:9/to/ledarsteg?item=ovning-1",
    "custom": {"item": "ovning-1", "history": "$Context.id.history", "Mixed_Case": "å"},
    "lineItem": {"label": "Övning 1, klart", "scoreMaximum": 20, "resourceId": "ovning-1", "tag": "ledarsteg"},
    "icon": {"url": "http://127.0.0.1:9/icon.png"},
}


@pytest.fixture
def lms() -> Iterator[PracticeLms]:
    """A platform of its own for each test, as these change it."""
    with running(lms_config()) as lms:
        yield lms


@pytest.fixture
def canvas() -> Iterator[PracticeLms]:
    with running(LmsConfig("http://localhost:0", TOOL, (OTHER_TOOL,), family="canvas")) as lms:
        yield lms


def test_placed_activity_opens_at_its_own_address_with_its_own_parameters(lms: PracticeLms) -> None:
    (link,) = lms.add_links("enhetschefer", [ITEM])
    assert lms.course("enhetschefer").links[-1] == link
    assert link.shown == {"icon": {"url": "http://127.0.0.1:9/icon.png"}}
    login = lms.login_parameters("karin-lindqvist", "enhetschefer", link=link.key)
    assert login["target_link_uri"] == ITEM["url"]
    claims = lms.claims("karin-lindqvist", "enhetschefer", link=link.id, nonce="n")
    assert claims[f"{LTI}/target_link_uri"] == ITEM["url"]
    assert claims[f"{LTI}/resource_link"]["title"] == "Övning 1"
    custom = claims[f"{LTI}/custom"]
    assert (custom["item"], custom["history"], custom["mixed_case"]) == ("ovning-1", "", "Värde med = tecken")
    item = lms.gradebook.item(claims[AGS_ENDPOINT]["lineitem"].partition("/lineitems/")[2].partition("?")[0])
    assert item is not None
    assert (item.label, item.maximum, item.resource_id, item.tag, item.link_id) == (
        "Övning 1, klart", 20, "ovning-1", "ledarsteg", link.id
    )  # fmt: skip


def test_activity_without_line_item_brings_no_column(lms: PracticeLms) -> None:
    (link,) = lms.add_links("rektorer", [{"title": "Utan"}], tool=OTHER_TOOL)
    assert link.client_id == "annan"
    claims = lms.claims("eva-sundin", "rektorer", link=link, tool=OTHER_TOOL, nonce="n")
    assert "lineitem" not in claims[AGS_ENDPOINT]
    assert claims[f"{LTI}/target_link_uri"] == OTHER_TOOL.target_link_uri


def test_copied_course_has_new_ids_and_remembers_its_source_as_moodle_does(lms: PracticeLms) -> None:
    (link,) = lms.add_links(
        "enhetschefer", [ITEM | {"custom": {"item": "x", "link_history": "$ResourceLink.id.history"}}]
    )
    copied = lms.copy_course("enhetschefer")
    again = lms.copy_course(copied)
    assert (copied.title, again.history) == ("Enhetschefer 2026 kopia 1", (copied.id, "2"))
    assert len({lms.course("2").id, copied.id, again.id, "3"}) == 4
    here = lms.link(copied, link.key)
    assert here.id != link.id
    claims = lms.claims("henrik-dahlgren", copied, link=here, nonce="n")
    custom = claims[f"{LTI}/custom"]
    assert (custom["item"], custom["context_history"]) == ("x", "2")
    assert custom["link_history"] == "$ResourceLink.id.history", "Moodle does not know that variable"
    assert lms.claims("henrik-dahlgren", again, nonce="n")[f"{LTI}/custom"]["context_history"] == f"{copied.id},2"
    (column,) = [item for item in lms.gradebook.items(copied.id, "ovning") if item.resource_id == "ovning-1"]
    assert (column.link_id, column.maximum) == (here.id, 20)
    assert len({item.id for item in (*lms.gradebook.items("2"), *lms.gradebook.items(copied.id))}) == 2 * len(
        lms.gradebook.items("2")
    )


def test_canvas_remembers_the_copied_activity_too(canvas: PracticeLms) -> None:
    (link,) = canvas.add_links("enhetschefer", [ITEM | {"custom": {"was": "$ResourceLink.id.history"}}])
    copied = canvas.copy_course("enhetschefer")
    custom = canvas.claims("henrik-dahlgren", copied, link=link.key, nonce="n")[f"{LTI}/custom"]
    assert (custom["was"], custom["context_history"]) == (link.id, "2")


def test_copied_course_has_its_teachers_and_none_of_its_learners(lms: PracticeLms) -> None:
    copied = lms.copy_course("enhetschefer")
    assert {line.person.key for line in lms.roster(copied)} == {"amira-haddad", "henrik-dahlgren", "nils-aberg"}
    assert copied.key in lms.person("johan-ekstrom").courses, "an administrator comes in everywhere"
    assert copied.key not in lms.person("karin-lindqvist").courses


def statuses(lms: PracticeLms, course: str) -> dict[str, str]:
    return {line.person.key: line.status for line in lms.roster(course)}


def test_enrolments_come_and_go(lms: PracticeLms) -> None:
    assert "eva-sundin" not in statuses(lms, "enhetschefer")
    before = lms.roster_version("enhetschefer")
    lms.enrol("eva-sundin", "enhetschefer")
    assert statuses(lms, "enhetschefer")["eva-sundin"] == "Active"
    assert lms.is_gradable("2", "108")
    lms.suspend("eva-sundin", "enhetschefer")
    assert statuses(lms, "enhetschefer")["eva-sundin"] == "Inactive"
    assert not lms.is_gradable("2", "108")
    lms.enrol("eva-sundin", "enhetschefer")
    lms.unenrol("eva-sundin", "enhetschefer")
    assert "eva-sundin" not in statuses(lms, "enhetschefer")
    assert lms.person("eva-sundin").courses == ("rektorer",)
    assert lms.roster_version("enhetschefer") == before + 4
    newcomer = lms.enrol(Person("ny", "777", "Ny", "Person", "coach", (INSTRUCTOR,), ()), "rektorer")
    assert lms.person("777") == newcomer
    assert not lms.is_gradable("3", "777"), "a teacher has no row in the gradebook"


def test_crowd_is_enrolled_and_can_launch(lms: PracticeLms) -> None:
    crowd = lms.crowd("rektorer", 1500)
    assert len({person.id for person in crowd} | {person.key for person in crowd}) == 3000
    assert len(lms.roster("rektorer")) == 1500 + len(
        [p for p in lms.config.people if p.enrolled and "rektorer" in p.courses]
    )
    assert lms.login_parameters(crowd[-1].key, "rektorer")["login_hint"] == crowd[-1].id
    assert lms.is_gradable("rektorer", crowd[0].id)


def test_person_can_change(lms: PracticeLms) -> None:
    lms.change_person("karin-lindqvist", shares_name=False, roles=(INSTRUCTOR,))
    claims = lms.claims("101", "enhetschefer", nonce="n")
    assert ("name" in claims, claims[f"{LTI}/roles"]) == (False, [INSTRUCTOR])


def test_moodle_shifts_a_parameter_whose_name_is_not_ascii(lms: PracticeLms, canvas: PracticeLms) -> None:
    item = {"title": "Övning", "custom": {"Språk": "sv", "exercise_id": "ex-3"}}
    for platform, expected in ((lms, {"spr__k_": "v", "Språk=": "v"}), (canvas, {"Språk": "sv"})):
        (link,) = platform.add_links("2", [item])
        custom = platform.claims("karin-lindqvist", "2", link=link, nonce="n")[f"{LTI}/custom"]
        assert {name: value for name, value in custom.items() if name.lower().startswith("spr")} == expected, (
            "as recorded"
        )
        assert custom["exercise_id"] == "ex-3"
