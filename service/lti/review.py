"""Submission review: a coach looks at a learner's item from the gradebook."""

from service.lti.arrival import Arrival


def land(arrival: Arrival) -> str:  # noqa: ARG001 - being built
    """Returns the path within the launch."""
    return "/"
