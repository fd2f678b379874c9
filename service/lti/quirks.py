"""What platforms do otherwise than the specifications say, each with the reason and where it was seen.

A registration names its product (`family`); whatever is not known behaves as the specifications say.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quirks:
    """How one product differs. The defaults are the specifications' behaviour."""

    # Scores whose whole second is not later than the stored one are answered 409 (Moodle 5.0, recorded).
    whole_seconds: bool = False


MOODLE = Quirks(whole_seconds=True)
CANVAS = Quirks()
OPEN_EDX = Quirks()
_BY_FAMILY = {"moodle": MOODLE, "canvas": CANVAS, "openedx": OPEN_EDX}


def quirks_of(family: str) -> Quirks:
    """Returns how a product differs, by the word it uses for itself."""
    return _BY_FAMILY.get(family.lower(), Quirks())
