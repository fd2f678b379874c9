"""Data privacy launch: what is kept about a person."""

from service.lti.arrival import Arrival


def land(arrival: Arrival) -> str:  # noqa: ARG001 - being built
    """Returns the path within the launch."""
    return "/"
