"""Where a launch leads: each kind of message to its own page.

A landing returns the path within the launch; it may refuse, and then nothing of the launch is kept.
"""

from collections.abc import Callable, Mapping

from service.lti import deeplink, items, privacy, review
from service.lti.arrival import Arrival
from service.lti.claims import DeepLinkingLaunch, Message, PrivacyLaunch, ResourceLinkLaunch, ReviewLaunch

LANDINGS: Mapping[type[Message], Callable[[Arrival], str]] = {
    ResourceLinkLaunch: items.land,
    DeepLinkingLaunch: deeplink.land,
    ReviewLaunch: review.land,
    PrivacyLaunch: privacy.land,
}


def landing(arrival: Arrival) -> str:
    """Returns the path within the launch that a message asks for."""
    return LANDINGS[type(arrival.message)](arrival)
