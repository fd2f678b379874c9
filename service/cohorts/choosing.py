"""What a coach chose on the dashboard, as it stands in the address: filters, a name, an order, a page.

Whatever stands there gets a page: what is not known is left out, a page beyond the last is the last. Every link keeps the
rest of what was chosen, so that filters combine and the back button goes one choice back.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.datastructures import MultiDict

ON_A_PAGE = 25
LONGEST_NAME = 80
BY_NEED, BY_NAME = "need", "name"
EVERYONE = "all"
DIGITS = 5


@dataclass(frozen=True)
class Choice:
    """Filters by key, in the order of the page; part of a name; what to order by and whether the other way round."""

    show: Sequence[str] = ()
    name: str = ""
    sort: str = BY_NEED
    backwards: bool = False
    # 0 for everyone on one page, to print.
    page: int = 1

    @classmethod
    def of(cls, asked: "MultiDict[str, str]", filters: Sequence[str], sorts: Sequence[str]) -> "Choice":
        """Reads an address. `filters` and `sorts` are what there is to choose among."""
        wanted, sort, page = set(asked.getlist("show")), asked.get("sort", BY_NEED), asked.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) <= DIGITS else 1
        return cls(
            show=tuple(key for key in filters if key in wanted),
            name=" ".join(asked.get("q", "").split())[:LONGEST_NAME],
            sort=sort if sort in sorts else BY_NEED,
            backwards=asked.get("order") == "desc",
            page=0 if page == EVERYONE else max(number, 1),
        )

    def address(self) -> str:
        """Returns the address of the dashboard with this choice; what is as usual is not written."""
        given: dict[str, Any] = {
            "show": list(self.show), "q": self.name, "sort": "" if self.sort == BY_NEED else self.sort,
            "order": "desc" if self.backwards else "", "page": {0: EVERYONE, 1: ""}.get(self.page, self.page),
        }  # fmt: skip
        return url_for("l.cohort", **{key: value for key, value in given.items() if value})

    def toggled(self, key: str) -> "Choice":
        """Returns the choice with a filter more, or without it."""
        there = key in self.show
        show = tuple(one for one in self.show if one != key) if there else (*self.show, key)
        return replace(self, show=show, page=1)

    def sorted_by(self, key: str) -> "Choice":
        """Returns the choice in another order; the other way round where it is in that order already."""
        return replace(self, sort=key, backwards=self.sort == key and not self.backwards, page=1)

    def on(self, page: int) -> "Choice":
        """Returns the choice on another page."""
        return replace(self, page=page)

    @property
    def narrowed(self) -> bool:
        """Whether less than everybody is asked for."""
        return bool(self.show or self.name)

    def keeps(self, name: str) -> bool:
        """Tells whether a manager's name is among those asked for."""
        return self.name.casefold() in name.casefold()


@dataclass(frozen=True)
class Option:
    """A filter as a link: how many there are with what else is chosen, and where it leads."""

    title: Any
    number: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class Sort:
    """Something to order by: `key` as the address has it."""

    key: str
    title: Any


def options(
    choice: Choice, titles: Mapping[str, Any], members: Mapping[str, AbstractSet[UUID]], named: AbstractSet[UUID]
) -> list[Option]:
    """Returns the filters with the number that each leaves, or leaves now, of those with the name asked for."""
    found = []
    for key, title in titles.items():
        kept = named
        for each in {*choice.show, key}:
            kept = kept & members[each]
        found.append(Option(title, len(kept), choice.toggled(key).address(), key in choice.show))
    return found


def pages(choice: Choice, number: int) -> tuple[Choice, int, slice]:
    """Returns the choice on a page that there is, how many pages there are, and which of so many rows stand on it."""
    last = max(1, -(-number // ON_A_PAGE))
    if choice.page == 0:
        return choice, last, slice(None)
    at = min(choice.page, last)
    return choice.on(at), last, slice((at - 1) * ON_A_PAGE, at * ON_A_PAGE)


def in_order(rows: Sequence[Any], value: Callable[[Any], Any], *, backwards: bool) -> list[Any]:
    """Returns rows by a value of each, those without one last either way; equal ones stay as they stand."""
    pairs = [(value(row), row) for row in rows]
    there = [pair for pair in pairs if pair[0] is not None]
    try:
        there.sort(key=lambda pair: pair[0], reverse=backwards)
    except TypeError:  # a plugin's column of several kinds of values: by how they read
        there.sort(key=lambda pair: str(pair[0]), reverse=backwards)
    return [row for _value, row in there] + [row for found, row in pairs if found is None]
