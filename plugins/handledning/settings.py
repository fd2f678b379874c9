"""The plugin's settings per cohort, and what they are where a page or a card asks."""

from pydantic import Field

from plugins.handledning.calculations import Frame
from service.contract import PluginSettings, SettingWords, current_launch, lazy

KEY = "handledning"


class Settings(PluginSettings):
    """What a term's coaching usually is. Outside it there are friendly words, never obstacles. Minutes per session."""

    sessions_min: int = Field(3, ge=1, le=20)
    sessions_max: int = Field(5, ge=1, le=20)
    minutes_min: int = Field(120, ge=15, le=480)
    minutes_max: int = Field(180, ge=15, le=480)


WORDS = {
    "sessions_min": SettingWords(
        lazy("Sessions in a term, at least"), lazy("With so many closed, a manager has completed this part.")
    ),
    "sessions_max": SettingWords(
        lazy("Sessions in a term, at most"), lazy("More are allowed. Both are told that it is more.")
    ),
    "minutes_min": SettingWords(lazy("Minutes of a session, at least")),
    "minutes_max": SettingWords(lazy("Minutes of a session, at most")),
}


def frame_of(settings: PluginSettings | None = None) -> Frame:
    """Returns a term's frame by the settings of a cohort; without any given, those of the current launch's cohort."""
    return Frame(**(settings or current_launch().plugins.settings(KEY)).model_dump())
