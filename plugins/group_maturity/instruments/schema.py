"""What an instrument file must look like: texts, keys and rules, never expressions or code, and no unknown keys."""

import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

MAX_ITEMS = 60
MIN_ITEMS_PER_SCALE = 3
MAX_ANSWER = 10
# Licences under which a third party's text may be used without asking.
OPEN_LICENCES = frozenset({"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0"})


def _plain(text: str) -> str:
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise ValueError("must be plain text without control characters")
    return text


def _every_language(by_language: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    languages = (info.context or {}).get("languages", set())
    if set(by_language) != languages:
        wrong = ", ".join(sorted(set(by_language) ^ languages))
        raise ValueError(f"must be there in exactly the declared languages: look at {wrong}")
    return by_language


Words = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=False), AfterValidator(_plain)]
Text = Annotated[dict[str, Words], AfterValidator(_every_language)]
Texts = Annotated[dict[str, tuple[Words, ...]], AfterValidator(_every_language)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9_]{0,15}$")]
Percent = Annotated[float, Field(ge=0, le=100)]


class Strict(BaseModel):
    """The base of every part: nothing coerced, nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Licence(Strict):
    """Under which terms the texts are used. Terms that are not open need the reference of a permission."""

    id: Words
    holder: Words
    permission_ref: Words | None

    @model_validator(mode="after")
    def _permitted(self) -> Self:
        if self.id not in OPEN_LICENCES and self.permission_ref is None:
            raise ValueError("a licence that is not open needs a permission_ref")
        return self


class Validation(Strict):
    """Whether the instrument was scientifically validated; if not, the notice that must stand wherever it is shown."""

    status: Literal["not_validated", "validated"]
    references: tuple[Words, ...] = ()
    notice: Text | None = None

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.notice is None and not (self.status == "validated" and self.references):
            raise ValueError("a notice is required unless the instrument is validated, with references")
        return self


class NotApplicable(Strict):
    """The answer that judges nothing; it counts as missing."""

    allowed: Literal[True]
    labels: Text


class ResponseScale(Strict):
    """The answers from `min` to `max` and their words."""

    min: int
    max: int
    labels: Texts
    not_applicable: NotApplicable

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not 0 <= self.min < self.max <= MAX_ANSWER:
            raise ValueError("min and max must be 0 to 10, min below max")
        if any(len(labels) != self.max - self.min + 1 for labels in self.labels.values()):
            raise ValueError("labels must name every answer from min to max in every language")
        return self


class Item(Strict):
    """A statement. `text_other` is the same said about the manager by somebody else."""

    scale: Name
    reverse: bool
    text: Text
    text_other: Text | None = None


class Scale(Strict):
    """Items that are counted together, and in which direction they speak of maturity."""

    title: Text
    summary: Text
    min_answered: Annotated[int, Field(ge=1)]
    direction: Literal["low_is_mature", "high_is_mature"]


class Part(Strict):
    """A scale's share in an index."""

    scale: Name
    invert: bool = False


class Index(Strict):
    """A mean of scales."""

    title: Text
    mean_of: Annotated[tuple[Part, ...], Field(min_length=1)]


class Condition(Strict):
    """Comparisons of one scale with numbers (POMP) or with another scale. There are no others."""

    gte: Percent | None = None
    gt: Percent | None = None
    lte: Percent | None = None
    lt: Percent | None = None
    gte_scale: Name | None = None
    gt_scale: Name | None = None
    lte_scale: Name | None = None
    lt_scale: Name | None = None

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if not self.limits:
            raise ValueError("a condition must compare with something")
        return self

    @property
    def limits(self) -> dict[str, float | str]:
        """The comparisons that are there, by operator."""
        return self.model_dump(exclude_none=True)


class Stage(Strict):
    """A name for a profile. The first whose conditions hold is taken; the default, last, always holds."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,16}$")]
    title: Text
    when: dict[Name, Condition] = Field(default_factory=dict)
    default: bool = False

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.default == bool(self.when):
            raise ValueError("a stage has either conditions or default: true")
        return self


class Reporting(Strict):
    """What may be shown of a group's answers."""

    min_respondents: int
    min_respondents_floor: Annotated[int, Field(ge=4)]
    min_comment_respondents: int
    item_level_from: int
    round_pomp_to: Annotated[int, Field(ge=1)]
    min_rwgj: Annotated[float, Field(ge=0, le=1)]
    thresholds_provisional: bool

    @model_validator(mode="after")
    def _floor(self) -> Self:
        if self.min_respondents < self.min_respondents_floor:
            raise ValueError("min_respondents lies below its floor")
        return self


class Interpretation(Strict):
    """What each stage means in words, and what to talk about."""

    stage_texts: dict[str, Text]
    discussion_questions: dict[str, Texts]


FormName = Literal["group", "self", "group_about_manager"]


class Instrument(Strict):
    """One version of one instrument."""

    format: Literal["gm-instrument/1"] = Field(alias="schema")
    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(\.[a-z0-9]+)*$", max_length=80)]
    version: Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$")]
    supersedes: str | None
    title: Text
    source_language: Language
    licence: Licence
    validation: Validation
    translation_status: dict[Language, Literal["source", "reviewed", "draft"]]
    frame: Text
    response_scale: ResponseScale
    forms: dict[FormName, tuple[Name, ...]]
    items: Annotated[dict[Name, Item], Field(max_length=MAX_ITEMS)]
    scales: dict[Name, Scale]
    indices: dict[Name, Index]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    reporting: Reporting
    interpretation: Interpretation
    sha256: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problem = next(_problems(self), None)
        if problem:
            raise ValueError(problem)
        return self

    @property
    def precedence(self) -> tuple[int, ...]:
        """The version as numbers, for telling the newer of two."""
        return tuple(int(number) for number in self.version.split("."))

    def items_of(self, scale: str, form: FormName = "self") -> list[str]:
        """The items of a scale in the order of a form."""
        return [name for name in self.forms[form] if self.items[name].scale == scale]

    def language(self, locale: str) -> str:
        """The language the instrument speaks on a page in `locale`: that one, or its own where it lacks it."""
        return locale if locale in self.translation_status else self.source_language


def _problems(it: Instrument) -> Iterator[str]:
    if it.translation_status.get(it.source_language) != "source":
        yield "source_language must be the language whose translation_status is source"
    if not {"group", "self"} <= it.forms.keys():
        yield "forms must have group and self"
    used = [name for names in it.forms.values() for name in names]
    if set(used) != it.items.keys():
        yield f"forms and items disagree: look at {', '.join(sorted(set(used) ^ it.items.keys()))}"
    if any(len(set(names)) != len(names) for names in it.forms.values()):
        yield "a form asks the same item twice"
    yield from _scale_problems(it)
    yield from _stage_problems(it)


def _scale_problems(it: Instrument) -> Iterator[str]:
    if {item.scale for item in it.items.values()} != it.scales.keys():
        yield "every item belongs to a scale, and every scale has items"
    for name, scale in it.scales.items():
        count = sum(item.scale == name for item in it.items.values())
        if count < MIN_ITEMS_PER_SCALE or scale.min_answered > count:
            yield f"scale {name} needs at least 3 items, and min_answered at most as many"
    compared = {scale for stage in it.stages for scale in stage.when}
    bounds = [bound for stage in it.stages for limits in stage.when.values() for bound in limits.limits.values()]
    compared |= {bound for bound in bounds if isinstance(bound, str)}
    compared |= {part.scale for index in it.indices.values() for part in index.mean_of}
    if not compared <= it.scales.keys():
        yield f"stages and indices name scales that do not exist: {', '.join(sorted(compared - it.scales.keys()))}"


def _stage_problems(it: Instrument) -> Iterator[str]:
    names = [stage.id for stage in it.stages]
    if len(set(names)) != len(names):
        yield "two stages have the same id"
    if [stage.default for stage in it.stages] != [False] * (len(names) - 1) + [True]:
        yield "exactly one stage is the default, and it is the last"
    told = (it.interpretation.stage_texts, it.interpretation.discussion_questions)
    if any(texts.keys() != set(names) for texts in told):
        yield "interpretation must have a text and questions for every stage"
