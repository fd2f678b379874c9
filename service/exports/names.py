"""What downloaded files are called: as domain.md 6.5 has it, `vanor.csv`, the same in every language.

Where two of a person's files that can still be fetched would have one name, the later has its course and day in it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date
from itertools import count

LONGEST_TITLE = 40
LONGEST_NAME = 60


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """Returns what is left of a text as small letters a to z, figures and hyphens: what every header and disk takes."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:longest].strip("-")


def free_name(base: str, format_: str, *, course: str, day: date, taken: Collection[str]) -> str:
    """Returns the file's name: the first that is not taken of `base`, with course and day, and with a number."""
    return next(name for name in _names(plain(base) or "stegvis", format_, course, day) if name not in taken)


def _names(base: str, format_: str, course: str, day: date) -> Iterator[str]:
    yield f"{base}.{format_}"
    longer = "-".join(part for part in (base, plain(course, LONGEST_TITLE), day.isoformat()) if part)
    yield f"{longer}.{format_}"
    yield from (f"{longer}-{number}.{format_}" for number in count(2))
