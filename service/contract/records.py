"""What plugins hand to the core: frozen records. A hook returns data and the core acts."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.access import Role
from service.cohorts.models import Member

# A text shown to people: a plain string or a lazily translated one (`contract.lazy`).
Text = Any


class PluginSettings(BaseModel):
    """The base of a plugin's settings per cohort: strict, with a default for every field."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


@dataclass(frozen=True)
class ContentItem:
    """Something a teacher can place in a course. `path` is below the plugin's own pages."""

    key: str
    title: Text
    text: Text
    path: str = ""


class Place(StrEnum):
    """Where on a member's own page a card stands."""

    MAIN = "main"
    SIDE = "side"
    BELOW = "below"


@dataclass(frozen=True)
class Card:
    """A part of a member's own page: a template in the plugin's folder and what it needs."""

    template: str
    context: Mapping[str, Any]
    place: Place = Place.MAIN
    order: int = 50


@dataclass(frozen=True)
class TimelineEvent:
    """Something that happened in a member's development, for the thread on her page.

    `state`: done, part (going on) or later. `ref` is the object's id, so that the core can join events of one thread.
    """

    at: date
    kind: Text
    title: str
    state: str
    url: str = ""
    ref: uuid.UUID | None = None


@dataclass(frozen=True)
class Column:
    """A column of the cohort report. `kind`: text, number, minutes, date or share (0 to 1)."""

    key: str
    title: Text
    kind: str = "text"


@dataclass(frozen=True)
class Cell:
    """One value: raw for sorting and export, `text` as people read it, `detail` under it, a mark beside it.

    `path`, below the plugin's own pages, makes the text a link: where more stands than fits in a cell.
    """

    value: str | int | float | date | None
    text: Text
    detail: Text = ""
    mark: str = ""
    path: str = ""


@dataclass(frozen=True)
class Attention:
    """Why somebody needs her coach. Higher `weight` comes first."""

    member_id: uuid.UUID
    why: Text
    detail: Text = ""
    weight: float = 1.0


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
    """How the members spread over a few bins that all of them together fill, for the training department."""

    key: str
    title: Text
    labels: Sequence[Text]
    numbers: Sequence[int]


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

    For a coach: columns, cells by member and column key, attention, pictures, and panels (of which `place` means nothing
    here) for what no picture can be; only what members chose to share. For the training department: counts alone; the
    core withholds what fewer than the minimum stand behind.
    """

    columns: Sequence[Column] = ()
    cells: Mapping[uuid.UUID, Mapping[str, Cell]] = field(default_factory=dict)
    attention: Sequence[Attention] = ()
    pictures: Sequence[Picture] = ()
    panels: Sequence[Card] = ()
    counts: Sequence[Count] = ()
    spreads: Sequence[Spread] = ()
    amounts: Sequence[Amount] = ()


@dataclass(frozen=True)
class ProgrammeReport:
    """A plugin's part of the training department's page over many cohorts: pictures with their tables.

    What is in them may be shown as it stands: means over at least five groups or teams, in whole groups, never of one
    person, and no order by what is better.
    """

    pictures: Sequence[Picture] = ()


@dataclass(frozen=True)
class ExportScope:
    """For whom and of what an export is made; rebuilt from the row by the worker, never carried in the queue."""

    cohort_id: uuid.UUID
    person_id: uuid.UUID
    role: Role
    locale: str


@dataclass(frozen=True)
class Export:
    """A file somebody can ask for. The plugin counts and yields rows; the core writes, keeps and hands out.

    `headers` and rows have equal length; cells are text, int, float, date or None.
    """

    key: str
    title: Text
    contains: Text
    readers: Text
    roles: frozenset[Role]
    headers: Callable[[ExportScope], Sequence[Text]]
    count: Callable[[ExportScope], int]
    rows: Callable[[ExportScope], Iterable[Sequence[str | int | float | date | None]]]


@dataclass(frozen=True)
class Progress:
    """How far a member is towards what the plugin calls complete, in steps taken of steps asked."""

    done: int
    asked: int

    @property
    def complete(self) -> bool:
        """True once all steps are taken."""
        return self.done >= self.asked > 0


@dataclass(frozen=True)
class Proposal:
    """One plugin's result offered as another's beginning.

    `kind`: habit or goal. `source` is the plugin and `source_ref` the object it came from.
    """

    kind: str
    title: str
    source: str
    source_ref: uuid.UUID


@dataclass(frozen=True)
class Adopted:
    """What a proposal became: the object's id and the endpoint of its page."""

    plugin: str
    ref: uuid.UUID
    url: str


@dataclass(frozen=True)
class PersonalData:
    """One kind of row that a plugin holds about a person, ready for her own copy. `title` is what people call it."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    title: Text = ""


@dataclass(frozen=True)
class Erased:
    """What a plugin erased of a person, or kept and why. `title` is what people call it."""

    name: str
    rows: int
    kept_because: Text = ""
    title: Text = ""


@dataclass(frozen=True)
class DemoCast:
    """The made-up members of the practice cohort.

    `at` moves the clock for the length of a block, so that a past is made by the plugin's own operations at the time
    they would have been done.
    """

    managers: Sequence[Member]
    coach: Member
    training: Member
    today: date
    at: Callable[[datetime], AbstractContextManager[None]]
