"""Line items and results, with the rules of Moodle's gradebook (AGS 2.0 as recorded from Moodle 5.0)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.demo.config import ToolConfig
from service.demo.people import Course, Link


class ScoreRefused(Exception):
    """A score that is not taken; ``status`` is what HTTP says."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True)
class LineItem:
    """A column of the gradebook. ``link_id`` is empty when it belongs to no activity."""

    id: str
    course_id: str
    client_id: str
    type_id: str
    label: str
    maximum: float
    link_id: str = ""
    resource_id: str = ""
    tag: str = ""
    dates: dict[str, str] = field(default_factory=dict)

    def url(self, base_url: str) -> str:
        """Its address, which already has a query: what is added to the path goes before the question mark."""
        return f"{base_url}/lineitems/{self.id}?type_id={self.type_id}"

    def as_json(self, base_url: str) -> dict[str, Any]:
        """Itself in AGS's words."""
        bound = {"resourceLinkId": self.link_id, "ltiLinkId": self.link_id} if self.link_id else {}
        return {
            "id": self.url(base_url),
            "label": self.label,
            "scoreMaximum": self.maximum,
            "resourceId": self.resource_id,
            "tag": self.tag,
            **bound,
            **self.dates,
        }


@dataclass(frozen=True)
class Result:
    """What the gradebook holds for one learner. ``stored`` is the platform's own time, in whole seconds since 1970."""

    user_id: str
    score: float | None
    comment: str
    stored: int


class Gradebook:
    """Every course's line items and results."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 1
        self._items: dict[str, LineItem] = {}
        self._results: dict[str, dict[str, Result]] = {}

    def bind(self, course: Course, link: Link, tool: ToolConfig) -> LineItem:
        """Give an activity its own line item, as Moodle does when it is graded."""
        return self.create(course.id, tool.client_id, tool.deployment_id, link.title, 100, link_id=link.id)

    def create(self, course_id: str, client_id: str, type_id: str, label: str, maximum: float, **more: Any) -> LineItem:
        """Add a line item. Nothing is looked up first: the same resource id twice gives two."""
        with self._lock:
            item = LineItem(str(self._next), course_id, client_id, type_id, label, maximum, **more)
            self._next += 1
            self._items[item.id] = item
        return item

    def change(self, item: LineItem, **values: Any) -> LineItem:
        """Replace values of a line item."""
        with self._lock:
            self._items[item.id] = replace(item, **values)
            return self._items[item.id]

    def delete(self, item: LineItem) -> None:
        """Remove a line item with its results."""
        with self._lock:
            self._items.pop(item.id, None)
            self._results.pop(item.id, None)

    def copy(self, source_id: str, course_id: str, links: Mapping[str, str]) -> None:
        """Give a copied course its own line items, without results. ``links`` tells what each activity's copy is called."""
        for item in self.items(source_id):
            link_id = links.get(item.link_id, "")
            if link_id or not item.link_id:
                self.create(
                    course_id, item.client_id, item.type_id, item.label, item.maximum,
                    link_id=link_id, resource_id=item.resource_id, tag=item.tag, dates=item.dates,
                )  # fmt: skip

    def item(self, item_id: str) -> LineItem | None:
        """A line item by id."""
        return self._items.get(item_id)

    def items(self, course_id: str, client_id: str | None = None) -> list[LineItem]:
        """The line items of a course, of one client only when one is named."""
        with self._lock:
            return [
                item
                for item in self._items.values()
                if item.course_id == course_id and client_id in (None, item.client_id)
            ]

    def only_lineitem_url(self, base_url: str, course: Course, link: Link, tool: ToolConfig) -> str | None:
        """The address of a link's line item, when it has exactly one."""
        bound = [item for item in self.items(course.id, tool.client_id) if item.link_id == link.id]
        return bound[0].url(base_url) if len(bound) == 1 else None

    def record(self, item: LineItem, score: dict[str, Any], now: int) -> Result:
        """Take a score. ``now`` is the platform's time in seconds.

        Refused with 400 when timestamp or maximum is missing or unreadable, and with 409 when the timestamp, cut to whole
        seconds, is not later than the time *the platform* last stored a result for the learner. A score that is not fully
        graded leaves no number but leaves its comment; one outside the scale is moved to its end.
        """
        at = _whole_seconds(score.get("timestamp"))
        user_id = str(score.get("userId", ""))
        value = _scaled(score, item.maximum)
        with self._lock:
            kept = self._results.setdefault(item.id, {})
            before = kept.get(user_id)
            if before is not None and at <= before.stored:
                raise ScoreRefused(409)
            result = Result(user_id, value, str(score.get("comment", "")), now)
            kept[user_id] = result
        return result

    def results(self, item: LineItem, user_id: str | None = None) -> list[Result]:
        """The results of a line item, of one learner only when one is named."""
        with self._lock:
            kept = self._results.get(item.id, {})
            return list(kept.values()) if user_id is None else [kept[user_id]] if user_id in kept else []


def _whole_seconds(timestamp: object) -> int:
    try:
        return int(datetime.fromisoformat(str(timestamp)).timestamp())
    except ValueError:
        raise ScoreRefused(400) from None


def _scaled(score: dict[str, Any], maximum: float) -> float | None:
    given, out_of = score.get("scoreGiven"), score.get("scoreMaximum")
    if given is None:
        return None
    if not isinstance(given, int | float) or not isinstance(out_of, int | float) or out_of <= 0:
        raise ScoreRefused(400)
    if score.get("gradingProgress") != "FullyGraded":
        return None
    return min(max(given / out_of, 0.0), 1.0) * maximum
