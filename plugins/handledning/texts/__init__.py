"""Texts that come with the product in three languages, read from the files beside this one.

`responsibilities.yaml`: the thirty standard lines of who answers for what. `questions.yaml`: the bank of questions.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

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


class BankQuestion(BaseModel):
    """A question of the bank, by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    sv: str
    en: str
    lv: str


class QuestionTheme(BaseModel):
    """What some questions of the bank are about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: str
    title: Words
    questions: Sequence[BankQuestion]


def _load(name: str) -> Any:
    return yaml.safe_load(resources.files(__package__).joinpath(name).read_text("utf-8"))


STANDARD = Standard.model_validate(_load("responsibilities.yaml"))
BANK = tuple(QuestionTheme.model_validate(theme) for theme in _load("questions.yaml"))
WORDING = STANDARD.wording
