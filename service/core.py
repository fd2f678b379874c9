"""What `create_app` put together, for the code that runs inside the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g

if TYPE_CHECKING:
    from service.host import Host
    from service.metrics import Metrics
    from service.settings import Settings
    from service.unit import Unit, Units


@dataclass(frozen=True)
class Core:
    """The parts of a running application."""

    settings: Settings
    units: Units
    host: Host
    form_key: bytes
    state_key: bytes
    metrics: Metrics


def core() -> Core:
    """Returns the parts of the current application."""
    return cast("Core", current_app.extensions["stegvis"])


def open_unit(*, writing: bool) -> Unit:
    """Opens the request's unit of work; `create_app` commits it after the view and closes it in any case."""
    close_unit()
    g.unit = core().units.begin(writing=writing)
    return cast("Unit", g.unit)


def close_unit() -> None:
    """Closes the request's unit of work, if one is open. What was not committed is rolled back."""
    unit = g.pop("unit", None)
    if unit is not None:
        unit.close()
