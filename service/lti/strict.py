"""Reading tokens strictly: what lenient parsers let pass is a second spelling of the same token, or of another one."""

import base64
import binascii
import json
import re
import unicodedata
from typing import Any, NoReturn

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_BROKEN = ("Cc", "Cs")


class NotStrict(ValueError):
    """Bytes that a strict reader refuses."""


def decode_part(part: str) -> bytes:
    """Decodes canonical base64url without padding (RFC 7515 §2). Raises NotStrict for any other spelling."""
    if not _BASE64URL.fullmatch(part):
        raise NotStrict("alphabet")
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise NotStrict("length") from error
    # The last character may have bits that carry nothing, and only zeros there are canonical.
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        raise NotStrict("canonical")
    return raw


def read_object(raw: bytes) -> dict[str, Any]:
    """Reads a JSON object in UTF-8: no duplicate names, no NaN or infinity, no byte order mark. Raises NotStrict."""
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotStrict("json") from error
    if not isinstance(value, dict):
        raise NotStrict("object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("duplicate")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise NotStrict("constant")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise NotStrict("infinite")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)


def is_whole_text(text: str) -> bool:
    """Tells whether a text has neither control characters nor halves of surrogate pairs, which no database keeps."""
    return text.isprintable() or not any(unicodedata.category(character) in _BROKEN for character in text)


def tidy(text: str, limit: int) -> str:
    """Returns a text for people: one line, without control characters and broken halves, at most `limit` characters."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in _BROKEN else c for c in text)
    return " ".join(text.split())[:limit]
