"""Where in a YAML text each part stands, so that an error names its line."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in an instrument file: the line (from 1), the part, and why in a sentence."""

    line: int
    part: str
    why: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.part}: {self.why}"


class Lines:
    """The first line of every part of a YAML text that can be read, by its path. It is looked through when one is asked for."""

    def __init__(self, source: str) -> None:
        self._source = source

    @cached_property
    def _lines(self) -> Mapping[tuple[str, ...], int]:
        node = yaml.compose(self._source, Loader=yaml.SafeLoader)
        return {} if node is None else dict(_walk((), node, node.start_mark.line + 1))

    def problem(self, place: Place, why: str) -> Problem:
        """Returns a problem at a path, or at the nearest part above it that is there."""
        path = tuple(map(str, place))
        lengths = range(len(path), -1, -1)
        line = next((self._lines[path[:length]] for length in lengths if path[:length] in self._lines), 1)
        return Problem(line, ".".join(path) or "file", why)


def _walk(place: Place, node: yaml.Node, line: int) -> Iterator[tuple[tuple[str, ...], int]]:
    yield tuple(map(str, place)), line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk((*place, str(key.value)), value, key.start_mark.line + 1)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _walk((*place, number), value, value.start_mark.line + 1)


class UniqueKeys(yaml.SafeLoader):
    """Plain YAML without tags that make objects, and without the silent last-one-wins of doubled keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as its base
        """Builds a mapping; refuses a key that stands twice or is not text."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is not text or stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def unreadable(error: Exception) -> Problem:
    """Returns the problem of a text that is no YAML, or holds something that no instrument can hold."""
    mark = getattr(error, "problem_mark", None)
    said: Mapping[str, Any] = {"why": getattr(error, "problem", None) or str(error)}
    return Problem(mark.line + 1 if mark else 1, "file", f"not readable: {said['why']}")
