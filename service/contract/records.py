"""What plugins hand to the core: frozen records. A hook returns data and the core acts."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
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
class ExportScope:
    """For whom and of what an export is made; rebuilt from the row by the worker, never carried in the queue."""

    cohort_id: uuid.UUID
    person_id: uuid.UUID
    role: Role
    locale: str


Value = str | int | float | date | None


@dataclass(frozen=True)
class Sheet:
    """A further table of an export: a sheet of its own in the workbook. CSV holds one table and leaves it out."""

    title: Text
    headers: Sequence[Text]
    rows: Callable[[], Iterable[Sequence[Value]]]
    kinds: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """A PDF to be made: the template in the plugin's folder (`handledning/plan.typ`), what it needs as JSON, its title."""

    template: str
    data: Mapping[str, Any]
    title: str


@dataclass(frozen=True)
class Export:
    """A file somebody can ask for. The plugin counts and yields rows; the core writes, keeps and hands out.

    `formats` says which of csv, xlsx, json and pdf there are. csv and xlsx need `headers`, `count` and `rows`: `headers` and
    rows have equal length; cells are text, int, float, date or None; `kinds` are the columns' (text, number, minutes, date,
    share), where the values' own types do not say it. `select`, where all rows are one SELECT of such cells without sealed
    text, lets the database write the CSV. `sheets` are further sheets of the workbook. json needs `tree`, which is checked
    against `schema` (JSON Schema, its version in `$id`) before it is kept. pdf needs `document`. `file` is what the file is
    called, without its ending (small letters, figures, hyphens), the same in every language; without one by plugin and key.
    """

    key: str
    title: Text
    contains: Text
    readers: Text
    roles: frozenset[Role]
    headers: Callable[[ExportScope], Sequence[Text]] | None = None
    count: Callable[[ExportScope], int] | None = None
    rows: Callable[[ExportScope], Iterable[Sequence[Value]]] | None = None
    kinds: Callable[[ExportScope], Sequence[str]] | None = None
    select: Callable[[ExportScope], sa.Select[Any]] | None = None
    sheets: Callable[[ExportScope], Sequence[Sheet]] | None = None
    tree: Callable[[ExportScope], Mapping[str, Any]] | None = None
    schema: Mapping[str, Any] | None = None
    document: Callable[[ExportScope], Document] | None = None
    formats: frozenset[str] = frozenset({"csv", "xlsx"})
    file: str = ""


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


class RowSource(Protocol):
    """Rows that are counted without being read, and read one by one: a list, or `Rows`."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Mapping[str, Any]]: ...


@dataclass(frozen=True)
class Rows:
    """Rows that stay in the database until they are read: a person may have written for years."""

    count: Callable[[], int]
    read: Callable[[], Iterator[Mapping[str, Any]]]

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return self.read()


@dataclass(frozen=True)
class PersonalData:
    """One kind of row that a plugin holds about a person, ready for her own copy. `title` is what people call it.

    `late`: somebody had to look at it first, and it came to her afterwards; she can fetch that by itself.
    """

    name: str
    rows: RowSource
    title: Text = ""
    late: bool = False


@dataclass(frozen=True)
class LeftOut:
    """Something that a person's copy does not hold, and why. `number` of them, 0 where nobody can tell.

    `state` is what becomes of it, in words; `overdue` where somebody should have decided by now.
    """

    title: Text
    why: Text
    number: int = 0
    state: Text = ""
    overdue: bool = False


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
