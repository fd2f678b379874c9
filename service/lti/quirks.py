"""What platforms do otherwise than the specifications say, each with the reason and where it was seen.

A registration names its product (`family`); whatever is not known behaves as the specifications say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Quirks:
    """How one product differs. The defaults are the specifications' behaviour."""

    # Scores whose whole second is not later than the stored one are answered 409 (Moodle 5.0, recorded).
    whole_seconds: bool = False
    # Columns in returned content are made although the request does not say so (Moodle 5.0, recorded).
    takes_line_items: bool = False
    # Issuers that all customers of a hosted product share, and the hosts below which its configurations lie
    # (Canvas, doc/api/lti_launch_overview.md: one issuer for production, one for beta, one for test).
    shared_issuers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    # The answer to a registration tells of requests for content alone, of no placements, and lists name and e-mail as
    # granted whatever was asked (Moodle 5.0, recorded; an assignment in registration_helper.php).
    answers_little: bool = False
    # The configuration names a host as the authorization server, and the token endpoint takes assertions for its own
    # address alone (Canvas, lib/canvas/oauth/client_credentials_provider.rb: expected_aud).
    token_url_is_audience: bool = False
    # Asked for an access token while it cannot fetch our key set it answers 404 with a page (Moodle 5.0, recorded).
    page_for_missing_keys: bool = False
    # Said with a score. Canvas makes a learner's submission of a score unless it is told that there is none
    # (doc/api/score.md, "new_submission").
    score_extra: Mapping[str, Any] = field(default_factory=dict)
    # How a service says that it does not take a token (RFC 6750 §3.1: 401). Open edX answers 403, as for a scope that is
    # lacking (lti-consumer-xblock 11.4.4: its permission classes without an authenticate header).
    token_refused: frozenset[int] = frozenset({401})
    # The login names the tool's general launch address; which item is opened is in the signed token alone
    # (lti-consumer-xblock 11.4.4: prepare_preflight_url against set_dl_content_launch_parameters).
    target_in_token: bool = False


MOODLE = Quirks(whole_seconds=True, takes_line_items=True, answers_little=True, page_for_missing_keys=True)
CANVAS = Quirks(
    shared_issuers=(
        "https://canvas.instructure.com", "https://canvas.beta.instructure.com", "https://canvas.test.instructure.com",
    ),
    hosts=("instructure.com", "canvaslms.com"),
    token_url_is_audience=True,
    score_extra={"https://canvas.instructure.com/lti/submission": {"new_submission": False}},
)  # fmt: skip
OPEN_EDX = Quirks(target_in_token=True, token_refused=frozenset({401, 403}))
_BY_FAMILY = {"moodle": MOODLE, "canvas": CANVAS, "openedx": OPEN_EDX}


def quirks_of(family: str) -> Quirks:
    """Returns how a product differs, by the word it uses for itself."""
    return _BY_FAMILY.get(family.lower(), Quirks())


def is_same_house(host: str, known: Iterable[str]) -> bool:
    """Tells whether a host belongs to the hosted product that one of the known hosts belongs to."""
    own = tuple(known)
    houses = [quirks.hosts for quirks in _BY_FAMILY.values()]
    return any(_is_below(host, names) and any(_is_below(one, names) for one in own) for names in houses)


def _is_below(host: str, names: Iterable[str]) -> bool:
    return any(host == name or host.endswith("." + name) for name in names)
