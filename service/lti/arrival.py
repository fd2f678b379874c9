"""An accepted message on its way to its page."""

import uuid
from dataclasses import dataclass
from typing import TypeVar

from service.access import Role
from service.core import Core
from service.lti.claims import Message
from service.lti.people import Place
from service.lti.registrations import Registration
from service.unit import Unit

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Arrival:
    """A launch that is being written: who and where is settled, the launch row is there, its page is still to be found.

    Landing pages are found inside the launch's own writing unit: what they write is kept with the launch or not at all.
    """

    core: Core
    unit: Unit
    registration: Registration
    message: Message
    place: Place
    role: Role
    launch_id: uuid.UUID

    @property
    def made_cohort(self) -> bool:
        """Whether this launch is the first from its course: there was no title of it to be found."""
        return self.place.cohort_id is not None and self.place.cohort_title is None
