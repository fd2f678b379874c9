"""Addresses of placed items: which plugin an activity in a course opens, and which item it is."""

import re
import uuid
from dataclasses import dataclass
from urllib.parse import parse_qs

# Words, numbers and ids between single slashes: nothing that could lead a browser anywhere else.
_ITEM = re.compile(r"/to/(?P<plugin>[a-z][a-z0-9_]*)(?:/(?P<rest>(?:[A-Za-z0-9_-]+/?)*))?")
# As we write them; Python would also read braces and other spellings.
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
PARAMETER = "item"


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


def item_address(public_url: str, plugin: str, path: str, item_id: uuid.UUID) -> str:
    """Returns the address of a placed item. Its id stands there too: not every platform sends parameters back."""
    where = f"{plugin}/{path}" if path else plugin
    return f"{public_url}/to/{where}?{PARAMETER}={item_id}"


def item_id_of(parameter: str, target: str) -> uuid.UUID | None:
    """Returns the id that the custom parameter names, else the one in the target address; None for no id."""
    in_address = parse_qs(target.partition("#")[0].partition("?")[2]).get(PARAMETER, [""])[0]
    named = next((value for value in (parameter, in_address) if _ID.fullmatch(value)), None)
    return uuid.UUID(named) if named else None
