"""What plugins answer about a cohort or a programme: frozen records for the dashboards of coach and training department."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from service.cohorts.models import Member
from service.contract.records import Card, Text


@dataclass(frozen=True)
class Column:
    """A column of the cohort report. `kind`: text, number, minutes, date or share (0 to 1).

    A `minor` one stands in a line below its row, where there is room for many; it can be sorted by all the same. Those of
    all plugins stand by `order`.
    """

    key: str
    title: Text
    kind: str = "text"
    minor: bool = False
    order: int = 50


@dataclass(frozen=True)
class Cell:
    """One value: raw for sorting and export, `text` as people read it, `detail` under it, a mark beside it.

    `path`, below the plugin's own pages, makes the text a link: where more stands than fits in a cell. `line` is drawn as
    a small curve and `bar` as a part of a whole, each of numbers from 0 to 1; the text says the same.
    """

    value: str | int | float | date | None
    text: Text
    detail: Text = ""
    mark: str = ""
    path: str = ""
    line: Sequence[float] = ()
    bar: float | None = None


@dataclass(frozen=True)
class Attention:
    """Why somebody needs her coach. Higher `weight` comes first; README.md has the scale.

    With weight 0 it is a remark: it is told, and nobody needs anything. The mark `pause` puts her among those who rest.
    """

    member_id: uuid.UUID
    why: Text
    detail: Text = ""
    weight: float = 1.0
    mark: str = "att"


@dataclass(frozen=True)
class Filter:
    """A choice of managers that the coach can make on the dashboard, by the ids of the persons."""

    key: str
    title: Text
    persons: AbstractSet[uuid.UUID]


@dataclass(frozen=True)
class TermMark:
    """Something on a day of a manager's term, for the timeline over all plugins. `shape`: disc, ring, tick or diamond."""

    member_id: uuid.UUID
    at: date
    what: Text
    shape: str


@dataclass(frozen=True)
class Picture:
    """A chart and its table. `chart` is an ECharts option without colours; without JavaScript the table is all."""

    key: str
    title: Text
    summary: Text
    chart: Mapping[str, Any]
    headers: Sequence[Text]
    rows: Sequence[Sequence[Text]]


@dataclass(frozen=True)
class Count:
    """A number over the whole cohort, for the training department: how many members, never who.

    `step` is its place on the programme's way, from 1; 0 when it is no step of it.
    """

    key: str
    title: Text
    number: int
    step: int = 0


@dataclass(frozen=True)
class Spread:
    """How the members spread over a few bins that all of them together fill, for the training department.

    With `rising` the bins lie inside each other instead (one session or more, two or more, …), the widest first. That is
    how a histogram has to be told whose bins a `Count` of the same report adds up: otherwise each would give the other away.
    """

    key: str
    title: Text
    labels: Sequence[Text]
    numbers: Sequence[int]
    rising: bool = False


@dataclass(frozen=True)
class Amount:
    """A sum over `people` members, for the training department: shown in whole steps of what five of them usually add."""

    key: str
    title: Text
    unit: Text
    value: int
    people: int
    step: int


@dataclass(frozen=True)
class CohortReport:
    """A plugin's part of the cohort dashboard, for all members at once.

    For a coach: columns, cells by member and column key, attention, filters, pictures, and panels (of which `place` means
    nothing here) for what no picture can be; only what members chose to share. For the training department: counts alone;
    the core withholds what fewer than the minimum stand behind.

    There may be a thousand members and twenty-five of them on a page: `cells` is asked for one by one, so that it may make
    them then (`Later`), and `details`, asked once with the members on the page, gives what takes a look-up of its own:
    cells instead of those, marks on the term, pictures with a row for each. `begun` are the persons who have begun
    something here, as far as the audience may see; None says nothing about anybody.
    """

    columns: Sequence[Column] = ()
    cells: Mapping[uuid.UUID, Mapping[str, Cell]] = field(default_factory=dict)
    attention: Sequence[Attention] = ()
    pictures: Sequence[Picture] = ()
    panels: Sequence[Card] = ()
    counts: Sequence[Count] = ()
    spreads: Sequence[Spread] = ()
    amounts: Sequence[Amount] = ()
    filters: Sequence[Filter] = ()
    begun: AbstractSet[uuid.UUID] | None = None
    marks: Sequence[TermMark] = ()
    details: Callable[[Sequence[Member]], "CohortReport"] | None = None


@dataclass(frozen=True)
class ProgrammeReport:
    """A plugin's part of the training department's page over many cohorts: pictures with their tables.

    What is in them may be shown as it stands: means over at least five groups or teams, in whole groups, never of one
    person, and no order by what is better.
    """

    pictures: Sequence[Picture] = ()


class Later(Mapping[uuid.UUID, Mapping[str, Cell]]):
    """Cells by member that are made when they are asked for."""

    def __init__(self, members: Iterable[uuid.UUID], make: Callable[[uuid.UUID], Mapping[str, Cell]]) -> None:
        """`make` returns the cells of one of the members."""
        self._members, self._make = dict.fromkeys(members), make

    def __getitem__(self, member_id: uuid.UUID) -> Mapping[str, Cell]:
        if member_id not in self._members:
            raise KeyError(member_id)
        return self._make(member_id)

    def __iter__(self) -> Iterator[uuid.UUID]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)
