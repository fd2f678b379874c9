"""Addresses of placed items: which plugin an activity in a course opens."""

import re
from dataclasses import dataclass

# Words, numbers and ids between single slashes: nothing that could lead a browser anywhere else.
_ITEM = re.compile(r"/to/(?P<plugin>[a-z][a-z0-9_]*)(?:/(?P<rest>(?:[A-Za-z0-9_-]+/?)*))?")


@dataclass(frozen=True)
class Item:
    """A placed item: the plugin it opens and the rest of the path within it, without a leading slash."""

    plugin: str
    rest: str


def item_of(public_url: str, target: str) -> Item | None:
    """Returns the item that a target address names, or None for our ordinary address and for anything unknown."""
    path = target.removeprefix(public_url).partition("?")[0].partition("#")[0]
    found = _ITEM.fullmatch(path)
    return Item(found["plugin"], found["rest"] or "") if found else None
