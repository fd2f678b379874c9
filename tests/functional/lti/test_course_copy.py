"""Copied courses: what a launch says of where its course comes from, the question that follows, and what is taken over."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from service.access import Role
from service.audit import AuditEvent
from service.cohorts.models import Cohort, CohortPlugin, Grant, Launch, Member, Person
from service.demo.people import INSTRUCTOR
from service.demo.practice import REMOVE, PracticeLms
from service.lti.copies import MAX_HISTORY
from service.lti.item_models import PlacedItem, ResourceLink
from tests.functional.lti.content import PLUGINS, TEACHER, Chooser, choosing, entered, reachable, texts_of
from tests.functional.lti.support import Lti, accepted
from tests.functional.lti.test_moodle import replay
from tests.support import BASE, OffsetClock, parts

MANAGER = "karin-lindqvist"
HABITS = "ledarsteg.habits"
COPIED = "This course was copied from"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The tool with two plugins that have something to place."""
    return make_app(plugins=PLUGINS)


@pytest.fixture
def lti(app: Flask, lms: PracticeLms) -> Iterator[Lti]:
    """The tool, registered, with its key set where the platform can fetch it."""
    with reachable(app, lms) as found:
        yield found


def cohort_of(lti: Lti, context_id: str) -> Cohort:
    (found,) = [cohort for cohort in lti.all(Cohort) if cohort.context_id == context_id]
    assert isinstance(found, Cohort)
    return found


def states(lti: Lti, cohort: Cohort) -> dict[str, tuple[bool, dict[str, Any], bool]]:
    rows = [row for row in lti.all(CohortPlugin) if row.cohort_id == cohort.id]
    return {row.plugin: (row.enabled, row.settings, row.completion) for row in rows}


def launched(
    lti: Lti, context_id: str, client: FlaskClient | None = None, target: str = "/lti/launch", **claims: Any
) -> str:
    """A launch from a course by an activity that names nothing but its target. Returns where it leads to."""
    client, address = client or lti.browser(), BASE + target
    begun = lti.begin(client, {**lti.fields(), "target_link_uri": address})
    said = {
        "context": {"id": context_id, "title": f"Kurs {context_id}"},
        "roles": [INSTRUCTOR],
        "locale": "en",
        "custom": {},
        **claims,
    }
    token = lti.token(begun, target_link_uri=address, **said)
    answer = lti.post(client, {"id_token": token, "state": begun.state})
    return str(answer.location).removeprefix(f"/l/{accepted(answer)}")


def opened(lti: Lti, context_id: str, custom: dict[str, Any] | None = None, **claims: Any) -> Cohort:
    """A coach's launch from a course; the course's cohort as it is then."""
    launched(lti, context_id, custom=custom or {}, **claims)
    return cohort_of(lti, context_id)


def arrange(lti: Lti, cohort: Cohort) -> None:
    """Sets a course up otherwise than a new one."""
    with parts(lti.app).units.writing() as unit:
        row = unit.session.get_one(CohortPlugin, (cohort.id, "ledarsteg"))
        row.settings, row.completion = {"dagar": 5}, True
        unit.session.get_one(CohortPlugin, (cohort.id, "handledning")).enabled = False
        # A part that was installed there once and is not any more.
        unit.session.add(
            CohortPlugin(cohort_id=cohort.id, plugin="borttagen", enabled=True, settings={}, changed_at=unit.now())
        )


# The journey.


def test_a_copied_course_is_set_up_as_its_source_after_asking_once(lti: Lti) -> None:
    (link,) = choosing(lti).place(HABITS).links
    source = lti.only(Cohort)
    entered(lti, person=MANAGER, course="enhetschefer", link=link)
    arrange(lti, source)
    copied = lti.lms.copy_course("enhetschefer")
    copied_link = copied.links[-1]
    assert copied_link.custom == link.custom
    before = {model: len(lti.all(model)) for model in (Person, Member, PlacedItem)}
    coach = entered(lti, person=TEACHER, course=copied.key, link=copied_link)
    here = cohort_of(lti, copied.id)
    assert (here.copied_from_id, here.copy_decided_at) == (source.id, None)
    page = texts_of(coach.get("/cohort"))
    assert f"{COPIED} {source.title}" in page
    assert "ledarsteg: on there, with completion to the gradebook" in page
    assert "handledning: off there , on here" in page.replace("there,", "there ,")
    assert "borttagen" not in page
    answer = coach.post("/copy", take="source")
    assert (answer.status_code, answer.location) == (303, f"{coach.path}/")
    assert states(lti, here) == {"ledarsteg": (True, {"dagar": 5}, True), "handledning": (False, {}, False)}
    assert COPIED not in coach.get("/cohort").text
    # Whoever answers later changes nothing more.
    lti.change(CohortPlugin, enabled=True)
    assert coach.post("/copy", take="source").status_code == 303
    assert states(lti, here)["handledning"] == (True, {}, False)
    events = [event for event in lti.all(AuditEvent) if event.action == "course.copy"]
    assert [(event.reason, event.object_ref) for event in events] == [("source", str(source.id))]
    # Nothing of anybody came along: the teacher has a place in the new course, and that is all.
    after = {model: len(lti.all(model)) for model in (Person, Member, PlacedItem)}
    assert after == {**before, Member: before[Member] + 1}


def test_a_new_course_may_stay_as_it_is(lti: Lti) -> None:
    source = opened(lti, "71")
    arrange(lti, source)
    here = opened(lti, "72", {"context_history": "71"})
    before = states(lti, here)
    coach = Chooser(lti, *_browser(lti, "72"))
    assert coach.post("/copy", take="defaults").status_code == 303
    assert states(lti, here) == before
    assert cohort_of(lti, "72").copy_decided_at is not None
    # It is not asked again by a later launch.
    assert opened(lti, "72", {"context_history": "71"}).copied_from_id == source.id
    assert COPIED not in Chooser(lti, *_browser(lti, "72")).get("/cohort").text


def _browser(lti: Lti, context_id: str, role: str = INSTRUCTOR, custom: dict[str, Any] | None = None) -> Any:
    client = lti.browser()
    context = {"id": context_id, "title": f"Kurs {context_id}"}
    launch_id = accepted(lti.forged(client=client, context=context, roles=[role], locale="en", custom=custom or {}))
    return client, f"/l/{launch_id}"


def test_a_manager_is_never_asked(lti: Lti) -> None:
    opened(lti, "71")
    manager = Chooser(lti, *_browser(lti, "72", "Learner", {"context_history": "71"}))
    assert cohort_of(lti, "72").copied_from_id is not None
    assert COPIED not in manager.get("/").text
    assert manager.post("/copy", take="source").status_code == 403
    assert cohort_of(lti, "72").copy_decided_at is None


def test_the_training_department_is_asked_on_its_first_page(lti: Lti) -> None:
    opened(lti, "71")
    opened(lti, "72", {"context_history": "71"})
    client, path = _browser(lti, "72")
    with parts(lti.app).units.writing() as unit:
        launch = unit.session.get_one(Launch, uuid.UUID(path[3:]))
        unit.session.add(Grant(
            organisation_id=lti.organisation_id, cohort_id=None, person_id=launch.person_id, role=Role.TRAINING, granted_at=unit.now()
        ))  # fmt: skip
    training = Chooser(lti, client, path)
    assert training.get("/").location == f"{path}/switches"
    assert f"{COPIED} Kurs 71" in texts_of(training.get("/switches"))
    assert training.post("/copy", take="everything").status_code == 400
    assert training.post("/copy", take="source").status_code == 303
    assert COPIED not in training.get("/switches").text


def test_without_a_course_or_a_source_nothing_is_decided(lti: Lti) -> None:
    client = lti.browser()
    launch_id = accepted(lti.forged(client=client, context=REMOVE, roles=[INSTRUCTOR]))
    assert Chooser(lti, client, f"/l/{launch_id}").post("/copy", take="source").status_code == 404
    coach = Chooser(lti, *_browser(lti, "71"))
    assert coach.post("/copy", take="source").status_code == 303
    assert cohort_of(lti, "71").copy_decided_at is None


# Which course it was copied from.


def placed_in(lti: Lti, cohort: Cohort) -> uuid.UUID:
    with parts(lti.app).units.writing() as unit:
        item = PlacedItem(
            organisation_id=cohort.organisation_id, cohort_id=cohort.id, plugin="ledarsteg", key="habits", path="",
            title="Steg", placed_at=unit.now(),
        )  # fmt: skip
        unit.session.add(item)
    return item.id


def linked_in(lti: Lti, cohort: Cohort, link_id: str) -> None:
    with parts(lti.app).units.writing() as unit:
        unit.session.add(ResourceLink(
            deployment_id=cohort.deployment_id, link_id=link_id, cohort_id=cohort.id, seen_at=unit.now()
        ))  # fmt: skip


def test_the_item_tells_before_the_link_and_the_link_before_the_course(lti: Lti) -> None:
    by_item, by_link, by_course = opened(lti, "71"), opened(lti, "72"), opened(lti, "73")
    item = placed_in(lti, by_item)
    linked_in(lti, by_link, "lank-1")
    everything = {"item": str(item), "link_id_history": "lank-1", "context_id_history": "73"}
    assert opened(lti, "81", everything).copied_from_id == by_item.id
    assert opened(lti, "82", {**everything, "item": str(uuid.uuid4())}).copied_from_id == by_link.id
    unknown = {**everything, "item": "", "link_id_history": "lank-9"}
    assert opened(lti, "83", unknown).copied_from_id == by_course.id
    # An item says the same in its address, for platforms that keep parameters to themselves.
    launched(lti, "84", target=f"/to/ledarsteg?item={item}")
    assert cohort_of(lti, "84").copied_from_id == by_item.id


def test_an_item_in_its_own_course_is_no_copy(lti: Lti) -> None:
    here = opened(lti, "71")
    assert opened(lti, "71", {"item": str(placed_in(lti, here))}).copied_from_id is None


@pytest.mark.parametrize(
    "value", ["$ResourceLink.id.history", "$Context.id.history", "", "  ", None, 71, ["71"], {"a": "71"}, "$71", ",", " , ,", "9" * 300, "7\x001"]
)  # fmt: skip
def test_g57_a_variable_that_the_platform_left_as_it_was(lti: Lti, value: Any) -> None:
    opened(lti, "71")
    custom = {"context_id_history": value, "context_history": value, "link_id_history": value, "item": value}
    assert opened(lti, "72", custom).copied_from_id is None


@pytest.mark.parametrize(
    ("history", "source"),
    [
        ("71", "71"), ("72,71", "72"), ("71,72", "71"), ("99,98,71", "71"), (" 71 , 72 ", "71"), ("99, 71,truncated", "71"),
        ("71,Truncated", "71"), ("truncated", ""), ("timed out", ""), ("71, timed out", "71"), ("timed%20out", ""),
        ("kurs%20%C3%A5%2C1", "kurs å,1"), ("99,$Context.id.history,72", "72"), ("%24Context.id,72", "72"), ("74", ""),
        (",".join(map(str, range(1000, 1000 + MAX_HISTORY))) + ",71", ""), (",".join(["99"] * 2000) + ",71", "71"),
    ],
)  # fmt: skip
def test_g58_histories_as_platforms_write_them(lti: Lti, history: str, source: str) -> None:
    for name in ("71", "72", "kurs å,1", "truncated", "timed out"):
        opened(lti, name)
    # 74 is the course itself: a history that names it says nothing.
    found = opened(lti, "74", {"context_id_history": history}).copied_from_id
    assert found == (cohort_of(lti, source).id if source else None)


def test_another_deployments_courses_are_not_looked_at(lti: Lti, other_lti: Lti) -> None:
    foreign = opened(other_lti, "71")
    item = placed_in(other_lti, foreign)
    linked_in(other_lti, foreign, "lank-1")
    custom = {"item": str(item), "link_id_history": "lank-1", "context_id_history": "71"}
    assert opened(lti, "72", custom).copied_from_id is None
    # The item is not known either: its address is opened, as anybody could have written it.
    assert not [link for link in lti.all(ResourceLink) if link.item_id == item and link.cohort_id != foreign.id]


def test_a_course_that_has_been_running_is_no_copy(lti: Lti, clock: OffsetClock) -> None:
    source, here = opened(lti, "71"), opened(lti, "72")
    item = placed_in(lti, source)
    clock.advance(timedelta(days=31))
    lti.lms.clock_offset = 31 * 86400.0
    assert opened(lti, "72", {"item": str(item), "context_history": "71"}).copied_from_id is None
    # Within a month an undecided course still learns it from a later launch.
    assert opened(lti, "73").copied_from_id is None
    assert opened(lti, "73", {"context_history": "71"}).copied_from_id == source.id
    assert here.copied_from_id is None


def test_what_a_real_moodle_says_of_a_copied_course(lti: Lti) -> None:
    replay(lti, "resource-link-instructor")
    replay(lti, "resource-link-instructor-copied-course")
    first, second = cohort_of(lti, "2"), cohort_of(lti, "3")
    assert (first.copied_from_id, second.copied_from_id) == (None, first.id)


# What is kept of a link, and what it costs.


def test_a_link_is_written_down_when_it_says_something_new(lti: Lti) -> None:
    endpoint = {"scope": [], "lineitems": f"{lti.lms.base_url}/lineitems"}
    ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    link = {"id": "l1"}
    here = opened(lti, "71", resource_link=link, **{ags: endpoint})
    assert lti.all(ResourceLink) == []
    opened(lti, "71", resource_link=link, **{ags: {**endpoint, "lineitem": "https://lms.example/1"}})
    row = lti.only(ResourceLink)
    assert (row.plugin, row.item_id, row.lineitem_url, row.cohort_id) == ("", None, "https://lms.example/1", here.id)
    item = placed_in(lti, here)
    # A message that does not speak of the gradebook changes nothing of the column; one that names none takes it away.
    opened(lti, "71", {"item": str(item)}, resource_link=link, **{ags: REMOVE})
    row = lti.only(ResourceLink)
    assert (row.plugin, row.item_id, row.lineitem_url) == ("ledarsteg", item, "https://lms.example/1")
    opened(lti, "71", {"item": str(item)}, resource_link=link, **{ags: endpoint})
    assert lti.only(ResourceLink).lineitem_url == ""
    seen = lti.only(ResourceLink).seen_at
    opened(lti, "71", {"item": str(item)}, resource_link=link, **{ags: endpoint})
    assert lti.only(ResourceLink).seen_at == seen


def test_an_item_of_a_part_that_is_gone_opens_the_first_page(lti: Lti) -> None:
    item = placed_in(lti, opened(lti, "71"))
    lti.change(PlacedItem, plugin="borttagen")
    assert launched(lti, "71", custom={"item": str(item)}) == "/"


@contextmanager
def statements(lti: Lti) -> Iterator[list[str]]:
    """What SQLite is really asked, whoever prepares it."""
    seen: list[str] = []

    def listen(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(lambda text: seen.append(text.split(None, 1)[0].upper()))

    engine = parts(lti.app).units.engine
    engine.dispose()
    sa.event.listen(engine, "checkout", listen)
    yield seen
    sa.event.remove(engine, "checkout", listen)
    engine.dispose()


def test_an_item_costs_one_query_and_nothing_else_costs_any(lti: Lti, database_kind: str) -> None:
    if database_kind != "sqlite":
        pytest.skip("counted once, where the driver tells of every statement")
    ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    item = placed_in(lti, opened(lti, "71"))
    counts = []
    for target, custom in (("/lti/launch", {}), ("/to/ledarsteg", {}), ("/lti/launch", {"item": str(item)})):
        launched(lti, "71", target=target, custom=custom, **{ags: REMOVE})
        with statements(lti) as seen:
            launched(lti, "71", target=target, custom=custom, **{ags: REMOVE})
        counts.append({word: seen.count(word) for word in ("SELECT", "INSERT", "UPDATE")})
    plain = counts[0]
    assert counts[1:] == [{**plain, "SELECT": plain["SELECT"] + 1}] * 2
