"""What the training department has written, as a manager reads it: in her language, or in one that there is."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from plugins.ledarsteg.models import Slot, SlotText, Step, StepText
from plugins.ledarsteg.operations.owner import Owner
from service.contract import SERVICE_LOCALES, NotFound, session


@dataclass(frozen=True)
class SlotShown:
    """A text in one place, in Markdown, and the language that it is written in."""

    slot: Slot
    locale: str
    body: str


@dataclass(frozen=True)
class StepShown:
    """A step of the library in one language. `body` is more about it, in Markdown."""

    id: uuid.UUID
    minutes: int | None
    locale: str
    title: str
    cue: str
    action: str
    body: str


def languages(locale: str) -> tuple[str, ...]:
    """Returns the languages in which a text is looked for: hers, then the service's own in their order (sv, en, lv)."""
    return tuple(dict.fromkeys((locale, *SERVICE_LOCALES)))


def best(written: Mapping[str, Any], locale: str) -> str | None:
    """Returns the language to show of those in which something is written; None when there is nothing."""
    return next((code for code in languages(locale) if code in written), None)


def slots(owner: Owner, wanted: Iterable[Slot], locale: str) -> dict[Slot, SlotShown]:
    """Returns the texts for some places, each in the best language. An empty place is left out. One statement."""
    query = sa.select(SlotText).where(
        SlotText.organisation_id == owner.organisation_id, SlotText.slot.in_(list(wanted)), SlotText.body != ""
    )
    written: defaultdict[Slot, dict[str, str]] = defaultdict(dict)
    for text in session().scalars(query):
        written[text.slot][text.locale] = text.body
    found = {slot: best(bodies, locale) for slot, bodies in written.items()}
    return {slot: SlotShown(slot, code, written[slot][code]) for slot, code in found.items() if code}


def slot(owner: Owner, wanted: Slot, locale: str) -> SlotShown | None:
    """Returns the text for one place, in the best language; None while nobody has written it. One statement."""
    return slots(owner, [wanted], locale).get(wanted)


def steps(owner: Owner, locale: str) -> list[StepShown]:
    """Returns the steps that are offered to the owner, in the order they were written. One statement."""
    return _shown(_offered(owner), locale)


def step(owner: Owner, step_id: uuid.UUID, locale: str) -> StepShown:
    """Returns one step that is offered to the owner.

    Raises NotFound: absent, another organisation's, withdrawn, or without a text.
    """
    found = _shown(_offered(owner).where(Step.id == step_id), locale)
    if not found:
        raise NotFound("step")
    return found[0]


def has_steps(owner: Owner) -> bool:
    """Tells whether any step is offered to the owner. One statement."""
    return session().scalar(sa.select(_offered(owner).exists())) or False


def _offered(owner: Owner) -> sa.Select[Step, StepText]:
    return (
        sa.select(Step, StepText)
        .join(StepText, StepText.step_id == Step.id)
        .where(Step.organisation_id == owner.organisation_id, Step.withdrawn_at.is_(None), StepText.title != "")
        .order_by(Step.created_at, Step.id)
    )


def _shown(query: sa.Select[Step, StepText], locale: str) -> list[StepShown]:
    written: dict[Step, dict[str, StepText]] = {}
    for row, text in session().execute(query):
        written.setdefault(row, {})[text.locale] = text
    return [_step(row, texts, code) for row, texts in written.items() if (code := best(texts, locale))]


def _step(row: Step, texts: Mapping[str, StepText], code: str) -> StepShown:
    text = texts[code]
    return StepShown(row.id, row.minutes, code, text.title, text.cue, text.action, text.body)
