"""What an instrument file must look like: texts, keys and rules, never expressions or code, and no unknown keys."""

import unicodedata
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

from service.contract import gettext as _

MAX_ITEMS = 60
MAX_ANSWER = 10
# Licences under which a third party's text may be used without asking.
OPEN_LICENCES = frozenset({"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0"})


def _plain(text: str) -> str:
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise ValueError(_("This must be plain text without control characters."))
    return text


def _every_language(by_language: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    languages = (info.context or {}).get("languages", set())
    if set(by_language) != languages:
        wrong = ", ".join(sorted(set(by_language) ^ languages))
        raise ValueError(
            _("This must be there in exactly the declared languages: look at %(languages)s.", languages=wrong)
        )
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
            raise ValueError(_("A licence that is not open needs a permission_ref."))
        return self


class Validation(Strict):
    """Whether the instrument was scientifically validated; if not, the notice that must stand wherever it is shown."""

    status: Literal["not_validated", "validated"]
    references: tuple[Words, ...] = ()
    notice: Text | None = None

    @model_validator(mode="after")
    def _honest(self) -> Self:
        if self.notice is None and not (self.status == "validated" and self.references):
            raise ValueError(_("A notice is required unless the instrument is validated, with references."))
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
            raise ValueError(_("min and max must be from 0 to 10, min below max."))
        if any(len(labels) != self.max - self.min + 1 for labels in self.labels.values()):
            raise ValueError(_("labels must name every answer from min to max in every language."))
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
            raise ValueError(_("A condition must compare with something."))
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
            raise ValueError(_("A stage has either conditions or default: true."))
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
            raise ValueError(_("min_respondents lies below its floor."))
        return self


class GapTexts(Strict):
    """A possible blind spot in words, by whose number is higher. It never says who is right."""

    own_higher: Text
    group_higher: Text


class Interpretation(Strict):
    """What each stage means in words, and what to talk about."""

    stage_texts: dict[str, Text]
    discussion_questions: dict[str, Texts]
    # What the group's own answers mean, where they are shown to the group as well.
    group_texts: dict[str, Text] = Field(default_factory=dict)
    # Per scale: what it may mean that the manager's number is the higher one, or the group's.
    gap_texts: dict[str, GapTexts] = Field(default_factory=dict)


FormName = Literal["group", "self", "group_about_manager"]


class Instrument(Strict):
    """One version of one instrument. What its parts must be to each other is said by `fitting.problems`."""

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
