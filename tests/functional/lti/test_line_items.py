"""The column in the gradebook: found, or made and made once; and only where the course's own service says."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from service.cohorts.models import Cohort
from service.contract import lazy
from service.demo.claims import SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_SCORE
from service.demo.gradebook import LineItem as Shown
from service.demo.lms import Fault
from service.lti import columns, lineitems
from service.lti.columns import NoColumn, below, same_origin
from service.lti.item_models import ResourceLink
from service.lti.services import ServiceFailed
from service.settings import Settings
from tests.functional.lti.grading import OTHER_PART, PART, Grading, grading
from tests.support import OffsetClock

RECORDED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "moodle" / "grades.json").read_text()
)


@pytest.fixture
def here(make_app: Callable[..., Flask], settings: Settings, clock: OffsetClock) -> Iterator[Grading]:
    with grading(make_app, settings, clock) as found:
        found.switch()
        yield found


def ensure(here: Grading, plugin: str = PART) -> str:
    with here.app.app_context():
        return lineitems.ensure(here.core.units, here.services, here.item(plugin).id, "Små steg")


def problem(here: Grading) -> str:
    with pytest.raises(NoColumn) as found:
        ensure(here)
    return found.value.reason


def shown(here: Grading) -> list[Shown]:
    """The columns that belong to no activity."""
    return [one for one in here.lms.gradebook.items(here.cohort.context_id) if not one.link_id]


def show(here: Grading, **values: Any) -> Shown:
    """A column that is there already."""
    tool = here.lms.tools[0]
    return here.lms.gradebook.create(
        here.cohort.context_id, tool.client_id, tool.deployment_id, "Små steg", 1, **values
    )  # fmt: skip


def offer(here: Grading, *scopes: str, **values: Any) -> None:
    changed = {"grade_scopes": " ".join(scopes), **values}
    with here.core.units.writing() as unit:
        unit.session.execute(sa.update(Cohort).where(Cohort.id == here.cohort.id).values(changed))


def declare(here: Grading, url: str, link: str = "21", plugin: str = PART) -> None:
    """What a launch of a link with a column of its own leaves behind."""
    with here.core.units.writing() as unit:
        unit.session.add(ResourceLink(
            deployment_id=here.cohort.deployment_id, link_id=link, cohort_id=here.cohort.id, plugin=plugin,
            lineitem_url=url, seen_at=unit.now(),
        ))  # fmt: skip


# --- as certified -----------------------------------------------------------------------------------------------------


def test_f02_the_token_is_for_the_line_items_alone(here: Grading) -> None:
    ensure(here)
    assert [one.form["scope"] for one in here.lms.recorder.to("/token")] == [SCOPE_LINEITEM]


def test_f03_a_line_item_is_created(here: Grading) -> None:
    url = ensure(here)
    (asked,) = here.made()
    assert asked.headers["Content-Type"] == asked.headers["Accept"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert json.loads(asked.body) == {
        "scoreMaximum": 1, "label": "Små steg", "resourceId": str(here.item().id), "tag": PART,
    }  # fmt: skip
    (made,) = shown(here)
    assert made.url(here.lms.base_url) == url == here.item().url
    assert here.item().columns == 1


def test_f04_line_items_are_read_by_tag_and_by_resource_before_one_is_made(here: Grading) -> None:
    ensure(here)
    read = [one for one in here.lms.recorder.all() if one.method == "GET" and one.path.endswith("/lineitems")]
    assert [one.headers["Accept"] for one in read] == ["application/vnd.ims.lis.v2.lineitemcontainer+json"] * 2
    assert [one.query for one in read] == [
        {"type_id": "1", "tag": PART}, {"type_id": "1", "resource_id": str(here.item().id)},
    ]  # fmt: skip


def test_f06_results_are_read_before_a_double_is_taken_away(here: Grading) -> None:
    first, second = (show(here, resource_id=str(here.item().id), tag=PART) for _ in range(2))
    assert ensure(here) == first.url(here.lms.base_url)
    (read,) = [one for one in here.lms.recorder.all() if one.path.endswith("/results")]
    assert read.path == f"/lineitems/{second.id}/results"
    assert read.query == {"type_id": "1"}
    assert read.headers["Accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"
    assert shown(here) == [first]
    assert here.item().columns == 1


# --- once -------------------------------------------------------------------------------------------------------------


def test_g52_ten_at_once_make_one_column(here: Grading) -> None:
    item_id, together = here.item().id, threading.Barrier(10)
    here.lms.faults.lineitems = Fault(delay=0.2)
    found: list[str] = []

    def one() -> None:
        services = here.fresh()
        together.wait()
        with here.app.app_context():
            try:
                found.append(lineitems.ensure(here.core.units, services, item_id, "Små steg"))
            except NoColumn as later:
                found.append(later.reason)

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    url = here.item().url
    assert len(here.made()) == 1
    assert len(shown(here)) == 1
    assert url in found
    assert set(found) <= {url, "held"}
    assert ensure(here) == url
    assert len(here.made()) == 1


def test_a_column_that_is_known_is_not_asked_for(here: Grading) -> None:
    url = ensure(here)
    here.lms.recorder.clear()
    assert ensure(here) == url
    assert here.lms.recorder.all() == []


def test_one_that_is_there_is_found_again(here: Grading) -> None:
    there = show(here, resource_id=str(here.item().id), tag=PART)
    assert ensure(here) == there.url(here.lms.base_url)
    assert here.made() == []


def test_a_platform_that_keeps_no_tags_is_asked_by_resource(here: Grading) -> None:
    there = show(here, resource_id=str(here.item().id))
    assert ensure(here) == there.url(here.lms.base_url)


def test_the_column_of_a_copied_course_is_used(here: Grading) -> None:
    """A copy of a course has its columns, with the resource ids of the course it was copied from."""
    there = show(here, resource_id="of-another-course", tag=PART)
    assert ensure(here) == there.url(here.lms.base_url)
    assert here.made() == []


def test_of_several_our_own_is_used_then_a_links_and_the_others_are_counted(here: Grading) -> None:
    strange = show(here, resource_id="x", tag=PART)
    bound = show(here, resource_id="y", tag=PART, link_id="21")
    assert ensure(here) == bound.url(here.lms.base_url)
    assert here.item().columns == 2
    assert here.lms.gradebook.item(strange.id) is not None
    own = show(here, resource_id=str(here.item().id), tag=PART)
    lineitems.forget(here.core.units, here.item().id, bound.url(here.lms.base_url))
    assert ensure(here) == own.url(here.lms.base_url)
    assert here.item().columns == 3


@pytest.mark.parametrize("why", ["results", "bound", "scope", "unreadable", "refused"])
def test_a_double_stays_unless_it_is_ours_and_empty(here: Grading, why: str) -> None:
    first, second = ({"link_id": "21"}, {"link_id": "22"}) if why == "bound" else ({}, {})
    show(here, resource_id=str(here.item().id), tag=PART, **first)
    double = show(here, resource_id=str(here.item().id), tag=PART, **second)
    if why == "results":
        score = {"userId": "101", "scoreGiven": 1, "scoreMaximum": 1, "gradingProgress": "FullyGraded"}
        here.lms.gradebook.record(double, score | {"timestamp": "2026-11-22T10:00:00Z"}, 0)
    if why == "scope":
        offer(here, SCOPE_LINEITEM, SCOPE_SCORE)
    if why == "unreadable":
        here.lms.faults.results = Fault(status=200, body="no list")
    if why == "refused":
        here.lms.faults.lineitem = Fault(status=403)
    ensure(here)
    assert here.lms.gradebook.item(double.id) is not None
    assert here.item().columns == 2


def test_two_plugins_have_a_column_each(here: Grading) -> None:
    here.switch(OTHER_PART)
    assert ensure(here) != ensure(here, OTHER_PART)
    assert len(shown(here)) == 2


# --- the platform's own column ----------------------------------------------------------------------------------------


def test_the_column_that_the_platform_made_for_a_link_is_used(here: Grading) -> None:
    bound = show(here, link_id="21").url(here.lms.base_url)
    declare(here, bound)
    declare(here, show(here, link_id="22").url(here.lms.base_url), "22")
    declare(here, show(here, link_id="23").url(here.lms.base_url), "23", OTHER_PART)
    assert ensure(here) == bound
    assert here.item().columns == 2
    assert here.lms.recorder.all() == []


def test_it_serves_where_the_platform_lets_us_write_scores_alone(here: Grading) -> None:
    offer(here, SCOPE_SCORE, lineitems_url="")
    bound = show(here, link_id="21").url(here.lms.base_url)
    declare(here, bound)
    assert ensure(here) == bound


@pytest.mark.parametrize("url", ["https://elsewhere.example.org/lineitems/1", "http://[", "http://localhost:99999/x"])
def test_s48_a_column_elsewhere_is_not_believed(here: Grading, url: str) -> None:
    declare(here, url)
    here.lms.faults.lineitems = Fault(
        status=200, body=json.dumps([{"id": url, "tag": PART, "label": "x"}, "no column", {"tag": PART}, {"id": 3}]),
        content_type=columns.LIST_TYPE, times=2,
    )  # fmt: skip
    assert ensure(here).startswith(here.lms.base_url)
    assert len(here.made()) == 1


def test_s48_a_column_made_elsewhere_is_not_believed(here: Grading) -> None:
    here.lms.faults.lineitems = Fault(status=200, body="[]", times=2)
    answers = iter(["[]", "[]", json.dumps({"id": "https://elsewhere.example.org/1"})])
    take = here.lms.faults.take
    here.lms.faults.take = lambda endpoint: (  # type: ignore[method-assign]  # what the platform says in turn
        Fault(status=200, body=next(answers)) if endpoint == "lineitems" else take(endpoint)
    )
    assert problem(here) == "unreadable"
    assert here.item().url == ""


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scopes", "url", "reason"),
    [
        ((), "", "no_service"),
        ((SCOPE_LINEITEM,), None, "no_service"),
        ((SCOPE_SCORE,), None, "no_column"),
        ((SCOPE_SCORE, SCOPE_LINEITEM), "", "no_column"),
        ((SCOPE_SCORE, SCOPE_LINEITEM_READONLY), None, "no_column"),
    ],
)
def test_where_there_can_be_none_it_is_said(
    here: Grading, scopes: tuple[str, ...], url: str | None, reason: str
) -> None:
    offer(here, *scopes, **({} if url is None else {"lineitems_url": url}))
    assert problem(here) == reason
    assert here.item().reason == reason
    assert here.made() == []
    assert here.item().held_until is None


def test_one_that_may_only_be_read_is_found(here: Grading) -> None:
    offer(here, SCOPE_SCORE, SCOPE_LINEITEM_READONLY)
    there = show(here, tag=PART)
    assert ensure(here) == there.url(here.lms.base_url)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=403), "not_allowed"),
        (Fault(status=500), "status_500"),
        (Fault(status=200, body="<html>"), "unreadable"),
        (Fault(status=200, body="[" * 100_000), "unreadable"),
    ],
)
def test_an_answer_that_is_none_is_tried_again_later(here: Grading, fault: Fault, reason: str) -> None:
    here.lms.faults.lineitems = fault
    assert problem(here) == reason
    assert (here.item().reason, here.item().held_until) == (reason, None)
    here.lms.faults.clear()
    assert ensure(here)
    assert here.item().reason == ""


def test_a_platform_that_is_away_holds_nobody_up(here: Grading) -> None:
    here.lms.faults.lineitems = Fault(reset=True)
    with pytest.raises(ServiceFailed):
        ensure(here)
    assert here.item().held_until is None


def test_who_holds_it_too_long_loses_it(here: Grading) -> None:
    """Frozen while it asked: by then somebody else has the right, and what that one finds is what counts."""
    real, told = here.services.call, []

    class Frozen:
        def call(self, *args: Any, **more: Any) -> Any:
            answer = real(*args, **more)
            if args[2] == "POST":
                here.advance(lineitems.HELD + timedelta(seconds=1))
                told.append(ensure(here))
            return answer

    item_id = here.item().id
    with here.app.app_context(), pytest.raises(NoColumn) as late:
        lineitems.ensure(here.core.units, Frozen(), item_id, "Små steg")
    assert late.value.reason == "held"
    assert here.item().url == told[0]


def test_a_column_that_is_gone_is_forgotten_once(here: Grading) -> None:
    url = ensure(here)
    declare(here, url)
    units, item = here.core.units, here.item()
    assert [lineitems.forget(units, item.id, url) for _ in range(2)] == [True, False]
    assert here.item().url == ""
    assert [row.lineitem_url for row in here.rows(ResourceLink)] == [""]


# --- addresses and recordings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://m/2/lineitems/4/lineitem?type_id=1", "https://m/2/lineitems/4/lineitem/scores?type_id=1"),
        ("https://m/line_items/4", "https://m/line_items/4/scores"),
        ("https://m/line_items/4/", "https://m/line_items/4/scores"),
        ("https://m/line_items/4?a=1&b=%2F#x", "https://m/line_items/4/scores?a=1&b=%2F"),
    ],
)
def test_what_a_line_item_has_lies_below_its_path(url: str, expected: str) -> None:
    assert below(url, "scores") == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://m/a", "https://m:443/b?c", True),
        ("https://m/a", "http://m/a", False),
        ("https://m/a", "https://m:444/a", False),
        ("https://m/a", "https://m.example/a", False),
        ("https://m@x/a", "https://m@x/a", False),
        ("", "", False),
        ("gopher://m/a", "gopher://m/a", False),
    ],
)
def test_same_origin(one: str, other: str, same: bool) -> None:
    assert same_origin(one, other) is same


def test_moodles_columns_are_read_and_made(here: Grading) -> None:
    """Recorded lists and a recorded creation: with link and without, with empty names."""
    wanted = columns.Wanted(
        here.item().id, "ovning", here.platform.id, here.cohort.id, "", "http://localhost:8090/x", frozenset()
    )
    listed = [columns._column(one, wanted) for one in RECORDED["ags_lineitems"]["body"]]
    assert [(one.resource_id, one.tag, one.bound) for one in listed[:2] if one] == [
        ("", "", True),
        ("res-1", "ovning", True),
    ]
    made = columns._column(RECORDED["ags_create_unbound"]["body"], wanted)
    assert made == columns.Column(
        "http://localhost:8090/mod/lti/services.php/2/lineitems/9/lineitem?type_id=1", "sjalv-1", "skattning", False
    )
    sent = RECORDED["ags_score_ok"]["path"]
    assert below("http://localhost:8090" + RECORDED["ags_get_lineitem"]["path"], "scores").endswith(sent)
    asked = RECORDED["ags_lineitems_tag"]["path"]
    assert columns.asking("http://m/2/lineitems?type_id=1", tag="ovning").endswith(asked)


def test_the_title_is_said_in_the_first_language(here: Grading) -> None:
    with here.app.app_context():
        lineitems.ensure(here.core.units, here.services, here.item().id, lazy("Who sees what"))
    assert [one.label for one in shown(here)] == ["Vem ser vad"]
