"""The parts of the plugin, one small row of links above its pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.contract import lazy, plugin_url


@dataclass(frozen=True)
class Section:
    """A part: its first page, its title, and the beginnings of the endpoints that belong to it."""

    endpoint: str
    title: Any
    below: tuple[str, ...] = ()

    def has(self, endpoint: str) -> bool:
        """Tells whether a page belongs to this part."""
        return any(endpoint.startswith(beginning) for beginning in self.below)


@dataclass(frozen=True)
class SectionLink:
    """A part as the row shows it."""

    title: Any
    url: str
    current: bool


# What belongs to no other part is the first one's.
SECTIONS: tuple[Section, ...] = (
    Section("habits", lazy("Habits")),
    Section("time", lazy("Time"), ("time", "leader")),
    Section("contributions", lazy("Contributions"), ("contribution", "balance")),
    Section("mate", lazy("Step-mate"), ("mate", "ask_mate", "accept_mate", "end_mate")),
    Section("journal", lazy("Journal"), ("journal", "insight", "review", "aha", "term", "archive")),
)


def links(endpoint: str) -> Sequence[SectionLink]:
    """Returns the row for the page of an endpoint of this plugin (`time_round`)."""
    here = next((section for section in SECTIONS if section.has(endpoint)), SECTIONS[0])
    return [
        SectionLink(section.title, plugin_url(f"ledarsteg.{section.endpoint}"), section is here) for section in SECTIONS
    ]
