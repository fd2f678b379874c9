"""Lists that a form grows by: each row with a key of its own, so that saving twice makes one row and not two."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from plugins.handledning.forms.fields import Form, stripped

# No page offers another row after so many; two windows together may have made twice as many.
ROWS_MAX = 20


class RowForm(Form):
    """One row. It counts when something is written in one of its texts."""

    key = ""
    texts: tuple[str, ...] = ("text",)

    @property
    def empty(self) -> bool:
        """True when nothing is written."""
        return not any(stripped(self[name].data) for name in self.texts)


F = TypeVar("F", bound=RowForm)


class Rows(Generic[F]):
    """The rows of one kind: from what is saved, with an empty one at the end, or from what was posted.

    A row's fields are named `<kind>-<key>-<field>`, and `<kind>` lists the keys in order.
    """

    def __init__(
        self,
        kind: str,
        form: Callable[..., F],
        saved: Sequence[tuple[uuid.UUID, Mapping[str, Any]]],
        posted: Any = None,
        *,
        more: bool = False,
    ) -> None:
        self.kind = kind
        self._form = form
        self.rows: dict[uuid.UUID, F] = {}
        there = dict(saved)
        if posted is not None:
            for key in list(dict.fromkeys(posted.getlist(kind)))[: 2 * ROWS_MAX]:
                if is_id(key):
                    self._add(uuid.UUID(key), there.get(uuid.UUID(key)), posted)
            return
        for key, values in saved:
            self._add(key, values)
        if not saved or (more and len(saved) < ROWS_MAX):
            self._add(uuid.uuid4(), None)

    def _add(self, key: uuid.UUID, values: Mapping[str, Any] | None, posted: Any = None) -> None:
        form = self._form(posted, prefix=f"{self.kind}-{key}-", data=values)
        form.key = str(key)
        self.rows[key] = form

    def __iter__(self) -> Iterator[F]:
        return iter(self.rows.values())

    def written(self) -> Iterator[tuple[uuid.UUID, F]]:
        """Yields the rows in which something was written."""
        for key, form in self.rows.items():
            if not form.empty:
                yield key, form

    def validate(self) -> bool:
        """Checks every row in which something was written, so that all errors show at once."""
        checked = [form.validate() for _key, form in self.written()]
        return all(checked)

    def admit(self, other: "Rows[F]") -> None:
        """Takes in rows that were saved meanwhile and are not here, so that both are there to choose from."""
        for key, form in other.written():
            self.rows.setdefault(key, form)


def is_id(text: str) -> bool:
    """Tells whether a text is an id as we write it."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
