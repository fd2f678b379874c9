"""Texts that come with the product in three languages, read from the files beside this one.

`responsibilities.yaml`: the thirty standard lines of who answers for what.
"""

from collections.abc import Mapping, Sequence
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

Words = Mapping[str, str]


class Line(BaseModel):
    """One responsibility: `key` such as CL1.1, a short title and a sentence, by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: Words
    text: Words


class Area(BaseModel):
    """An area of responsibility with its lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: Words
    lines: Sequence[Line]


class Standard(BaseModel):
    """The whole list; `wording` is its edition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wording: int
    client: Sequence[Area]
    coach: Sequence[Area]


def _read() -> Standard:
    source = resources.files(__package__).joinpath("responsibilities.yaml").read_text("utf-8")
    return Standard.model_validate(yaml.safe_load(source))


STANDARD = _read()
WORDING = STANDARD.wording
