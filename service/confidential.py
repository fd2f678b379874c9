"""Confidential text as a model attribute: written and read as text, kept sealed with the owner's key."""

from typing import Any, overload

from service.unit import current


class ConfidentialText:
    """A text attribute that is kept sealed in a bytes column.

    `body = ConfidentialText("body_sealed", owner="person_id")` on a model with `id`, `person_id` and
    `body_sealed: Mapped[bytes | None]`. Setting seals at once, reading opens; both need a current unit of work.

    `fixed` names one or more attributes to which the text is bound too, where its readers follow from them: changed by a
    hand in the database, the text does not open. They have to be set before the text and never change. One that is added
    later comes last: what was sealed before opens without it until it is sealed anew (`stegvis keys rotate-persons`).
    """

    def __init__(self, column: str, *, owner: str, fixed: str | tuple[str, ...] = ()) -> None:
        self.column = column
        self.owner = owner
        self.fixed = (fixed,) if isinstance(fixed, str) else fixed
        self._place = ""

    def __set_name__(self, model: type, name: str) -> None:
        self._place = f"{getattr(model, '__tablename__', '?')}.{name}"

    @overload
    def __get__(self, row: None, model: type) -> "ConfidentialText": ...
    @overload
    def __get__(self, row: Any, model: type) -> str: ...
    def __get__(self, row: Any, model: type) -> "ConfidentialText | str":
        if row is None:
            return self
        sealed = getattr(row, self.column)
        if sealed is None:
            return ""
        return current().vault.open(getattr(row, self.owner), self._place, row.id, sealed, self._fixed(row))

    def __set__(self, row: Any, text: str) -> None:
        owner = getattr(row, self.owner)
        if row.id is None or owner is None:
            raise ValueError(f"{self._place}: id and {self.owner} come before the text")
        fixed = self._fixed(row)
        setattr(row, self.column, current().vault.seal(owner, self._place, row.id, text, fixed) if text else None)

    def _fixed(self, row: Any) -> tuple[str, ...]:
        """What the text is bound to beside its place. Raises ValueError where that is not said yet."""
        values = tuple(getattr(row, name) for name in self.fixed)
        if None in values:
            raise ValueError(f"{self._place}: {self.fixed[values.index(None)]} comes before the text")
        return tuple(map(str, values))
