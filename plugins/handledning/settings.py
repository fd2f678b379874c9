"""The plugin's settings per cohort, and what they are where a page or a card asks."""

from pydantic import Field

from plugins.handledning.calculations import Frame
from service.contract import PluginSettings, current_launch

KEY = "handledning"


class Settings(PluginSettings):
    """What a term's coaching usually is. Outside it there are friendly words, never obstacles. Minutes per session."""

    sessions_min: int = Field(3, ge=1, le=20)
    sessions_max: int = Field(5, ge=1, le=20)
    minutes_min: int = Field(120, ge=15, le=480)
    minutes_max: int = Field(180, ge=15, le=480)


def frame_of() -> Frame:
    """Returns the frame of the current launch's cohort; the default where there is no launch, as in a worker."""
    try:
        settings = current_launch().plugins.settings(KEY)
    except (LookupError, RuntimeError):  # RuntimeError: Flask's word for "no application context"
        settings = Settings()
    return Frame(**settings.model_dump())
