"""What platforms do otherwise than the specifications say, each with the reason and where it was seen.

A registration names its product (`family`); whatever is not known behaves as the specifications say.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quirks:
    """How one product differs. The defaults are the specifications' behaviour."""

    # Scores whose whole second is not later than the stored one are answered 409 (Moodle 5.0, recorded).
    whole_seconds: bool = False
    # Issuers that all customers of a hosted product share, and the hosts below which its configurations lie
    # (Canvas, doc/api/lti_launch_overview.md: one issuer for production, one for beta, one for test).
    shared_issuers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    # The answer to a registration tells of requests for content alone, of no placements, and lists name and e-mail as
    # granted whatever was asked (Moodle 5.0, recorded; an assignment in registration_helper.php).
    answers_little: bool = False


MOODLE = Quirks(whole_seconds=True, answers_little=True)
CANVAS = Quirks(
    shared_issuers=(
        "https://canvas.instructure.com", "https://canvas.beta.instructure.com", "https://canvas.test.instructure.com",
    ),
    hosts=("instructure.com", "canvaslms.com"),
)  # fmt: skip
OPEN_EDX = Quirks()
_BY_FAMILY = {"moodle": MOODLE, "canvas": CANVAS, "openedx": OPEN_EDX}


def quirks_of(family: str) -> Quirks:
    """Returns how a product differs, by the word it uses for itself."""
    return _BY_FAMILY.get(family.lower(), Quirks())
