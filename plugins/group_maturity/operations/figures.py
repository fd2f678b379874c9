"""What is kept of a report: the published figures as data, and the unrounded sums that only the service reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.group_maturity.calculations import change
from plugins.group_maturity.calculations.reliability import Sums, variance
from plugins.group_maturity.calculations.suppression import Figure


@dataclass(frozen=True)
class Change:
    """A scale beside the last wave shown in numbers: "higher", "lower" or "same"; larger than error, within, or unknown."""

    direction: str
    beyond_error: bool | None


@dataclass(frozen=True)
class Figures:
    """The published figures of a group, the same for every reader.

    `band`: how many answered. `numbered` False: only `changes` are told, because too few came or went since the wave
    before. `agreement`: per scale the words for r_wg(j) and for the stricter r*; missing where nothing may be said.
    `stage`: the instrument's stage id; None where too little was judged.
    """

    band: str
    numbered: bool
    scales: Mapping[str, Figure]
    agreement: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    items: Mapping[str, Figure] = field(default_factory=dict)
    index: int | None = None
    stage: str | None = None
    changes: Mapping[str, Change] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Returns what is kept in the database."""
        return {
            "band": self.band,
            "numbered": self.numbered,
            "scales": {name: [shown.value, shown.edge] for name, shown in self.scales.items()},
            "agreement": {name: list(words) for name, words in self.agreement.items()},
            "items": {name: [shown.value, shown.edge] for name, shown in self.items.items()},
            "index": self.index,
            "stage": self.stage,
            "changes": {name: [found.direction, found.beyond_error] for name, found in self.changes.items()},
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Figures":
        """Returns what `as_json` was made of."""
        return cls(
            band=kept["band"],
            numbered=kept["numbered"],
            scales={name: Figure(*pair) for name, pair in kept["scales"].items()},
            agreement={name: (pair[0], pair[1]) for name, pair in kept["agreement"].items()},
            items={name: Figure(*pair) for name, pair in kept["items"].items()},
            index=kept["index"],
            stage=kept["stage"],
            changes={name: Change(*pair) for name, pair in kept["changes"].items()},
        )


@dataclass(frozen=True)
class Moments:
    """Unrounded sums of a wave, per scale, sealed: for the next wave and for how well the instrument measures."""

    answered: int
    size: int
    scales: Mapping[str, Sums]

    def wave(self, scale: str) -> change.Wave | None:
        """Returns the wave of a scale as `change` needs it; None when fewer than two have a score."""
        found = self.scales.get(scale)
        if found is None or found.scored < 2:  # noqa: PLR2004 - one score has no spread
            return None
        deviation = variance(found.scored, found.scores) ** 0.5
        return change.Wave(found.scores[0] / found.scored, deviation, found.scored, self.size)

    def as_text(self) -> str:
        """Returns what is sealed."""
        scales = {
            name: [one.persons, one.items, one.totals, one.scored, one.scores] for name, one in self.scales.items()
        }
        return json.dumps({"answered": self.answered, "size": self.size, "scales": scales})

    @classmethod
    def of(cls, text: str) -> "Moments":
        """Returns what `as_text` was made of."""
        kept = json.loads(text)
        scales = {
            name: Sums(persons, tuple(map(_pair, items)), _pair(totals), scored, _pair(scores))
            for name, (persons, items, totals, scored, scores) in kept["scales"].items()
        }
        return cls(kept["answered"], kept["size"], scales)


def _pair(values: list[float]) -> tuple[float, float]:
    return values[0], values[1]
