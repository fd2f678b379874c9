"""The one blueprint that all pages of the plugin hang on, and what its modules share."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from plugins.group_maturity.forms import group_texts
from plugins.group_maturity.models import Measurement, SelfRating, State, Status
from plugins.group_maturity.operations import measurements, ratings
from plugins.group_maturity.operations.measurements import Promise
from plugins.group_maturity.settings import GroupSettings
from service.contract import current_launch

bp = Blueprint("group_maturity", __name__, template_folder=str(Path(__file__).parent.parent / "templates"))

Answer = Response | tuple[str, int]


def settings() -> GroupSettings:
    """Returns the plugin's settings in the cohort of the current launch."""
    return cast("GroupSettings", current_launch().plugins.settings(bp.name))


def promised(measurement: Measurement) -> Promise:
    """Returns what a measurement promises, or would promise if it opened now."""
    if measurement.state is State.DRAFT:
        return measurements.promised(measurements.instrument_of(measurement), measurement.size, settings())
    return Promise(measurement.minimum, measurement.group_reads, measurement.about_manager, measurement.comments)


def asks(measurement: Measurement) -> list[str]:
    """Returns what the group is asked, or would be if it opened now, in the words that it reads."""
    instrument, promise = measurements.instrument_of(measurement), promised(measurement)
    about = instrument.forms.get("group_about_manager", ()) if promise.about_manager else ()
    return list(group_texts(instrument, current_launch().locale, (*instrument.forms["group"], *about)).values())


@dataclass(frozen=True)
class OwnPicture:
    """The manager's own picture beside a measurement: the one there is, or one of hers that could be taken for it."""

    rating: SelfRating | None
    could_take: SelfRating | None
    # She has begun another rating, of another group or with another version, and has to finish that one first.
    busy: SelfRating | None

    @property
    def done(self) -> bool:
        """True once it is submitted."""
        return self.rating is not None and self.rating.status is Status.SUBMITTED


def own_picture(measurement: Measurement) -> OwnPicture:
    """Returns how it stands with the manager's own picture."""
    launch = current_launch()
    rating = ratings.beside(measurement)
    if rating is not None:
        return OwnPicture(rating, None, None)
    free = [one for one in ratings.submitted(launch.cohort, launch.person.id) if ratings.fits(one, measurement)]
    begun = ratings.draft(launch.cohort, launch.person.id)
    return OwnPicture(
        None, free[0] if free else None, None if begun is None or ratings.fits(begun, measurement) else begun
    )


def mine(measurement_id: uuid.UUID, *, lock: bool = False) -> Measurement:
    """Returns one of the manager's own measurements. Raises NotFound for any other."""
    launch = current_launch()
    return measurements.get(launch.cohort, launch.person.id, measurement_id, lock=lock)


def to_measurement(measurement: Measurement, *, anchor: str | None = None, **said: Any) -> Response:
    """Sends the browser to a measurement's page. `said` are words that the page shows about what was just done."""
    return redirect(url_for(".measurement", measurement_id=measurement.id, _anchor=anchor, **said), 303)
