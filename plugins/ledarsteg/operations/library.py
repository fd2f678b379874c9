"""Writing what the training department gives its managers: texts for the open places, and a library of steps.

Everything here belongs to the organisation of the person who writes, and is scoped by it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.ledarsteg.calculations import SMALL_STEP_MINUTES
from plugins.ledarsteg.models import Slot, SlotText, Step, StepText
from plugins.ledarsteg.operations.changing import ChangedMeanwhile
from plugins.ledarsteg.operations.rows import insert_once, upsert
from service.contract import Actor, Invalid, NotFound, audit, lazy, now, session


@dataclass(frozen=True)
class StepDraft:
    """A step as it shall be in one language. Without a title there is no text in that language."""

    title: str
    cue: str = ""
    action: str = ""
    body: str = ""
    minutes: int | None = None


@dataclass(frozen=True)
class Kept:
    """A step of the library with its texts by language."""

    step: Step
    texts: Mapping[str, StepText]


def slot_texts(organisation_id: uuid.UUID) -> dict[tuple[Slot, str], SlotText]:
    """Returns all texts of an organisation by place and language."""
    found = session().scalars(sa.select(SlotText).where(SlotText.organisation_id == organisation_id))
    return {(text.slot, text.locale): text for text in found}


def slot_text(organisation_id: uuid.UUID, slot: Slot, locale: str) -> SlotText | None:
    """Returns the text for a place in one language; None while nobody has written it."""
    query = sa.select(SlotText).where(
        SlotText.organisation_id == organisation_id, SlotText.slot == slot, SlotText.locale == locale
    )
    return session().scalar(query.execution_options(populate_existing=True))


def write_slot(actor: Actor, slot: Slot, locale: str, body: str, seen: int) -> None:
    """Writes the text for a place in one language; an empty one takes it away.

    `seen` is the revision of the form, 0 for a text not written yet. Raises ChangedMeanwhile when it was written
    otherwise since; the same text twice is written once.
    """
    stands = slot_text(actor.organisation_id, slot, locale)
    if (body, seen) == ((stands.body, stands.revision) if stands else ("", 0)):
        return
    row = SlotText(organisation_id=actor.organisation_id, slot=slot, locale=locale, body=body, changed_at=now())
    keys = ["organisation_id", "slot", "locale"]
    if upsert(row, {"body": body, "changed_at": row.changed_at}, keys=keys, seen=seen) is None:
        stands = slot_text(actor.organisation_id, slot, locale)
        if stands is None or stands.body != body:
            raise ChangedMeanwhile
        return
    audit(actor, "ledarsteg.text", object_type="ledarsteg_slot_text", object_ref=f"{slot.value}/{locale}")


def library(organisation_id: uuid.UUID) -> list[Kept]:
    """Returns all steps of an organisation, the withdrawn ones last. One statement."""
    query = (
        sa.select(Step, StepText)
        .outerjoin(StepText, StepText.step_id == Step.id)
        .where(Step.organisation_id == organisation_id)
        .order_by(Step.withdrawn_at.is_not(None), Step.created_at, Step.id)
    )
    found: dict[Step, dict[str, StepText]] = {}
    for step, text in session().execute(query):
        found.setdefault(step, {}).update({text.locale: text} if text else {})
    return [Kept(step, texts) for step, texts in found.items()]


def kept_step(organisation_id: uuid.UUID, step_id: uuid.UUID, *, lock: bool = False) -> Kept:
    """Returns one step with its texts, locked for a change where asked. Raises NotFound: absent, or not theirs."""
    query = sa.select(Step).where(Step.id == step_id, Step.organisation_id == organisation_id)
    step = session().scalar((query.with_for_update() if lock else query).execution_options(populate_existing=True))
    if step is None:
        raise NotFound("step")
    texts = session().scalars(sa.select(StepText).where(StepText.step_id == step_id))
    return Kept(step, {text.locale: text for text in texts})


def new_step(actor: Actor, key: str, locale: str, draft: StepDraft) -> uuid.UUID:
    """Puts a step into the library and returns its id.

    `key` is the form's own random word: sent twice with the same in it, there is one step.

    Raises Invalid as `write_step` does.
    """
    _check(draft)
    step_id = uuid.uuid5(actor.organisation_id, f"{key} {locale} {draft!r}")
    made = Step(
        id=step_id, organisation_id=actor.organisation_id, minutes=draft.minutes, created_at=now(), revision=1
    )  # fmt: skip
    if insert_once(made):
        session().add(_text(step_id, locale, draft))
        _tell(actor, step_id, "ledarsteg.step")
    return step_id


def write_step(actor: Actor, step_id: uuid.UUID, locale: str, draft: StepDraft, seen: int) -> None:
    """Writes a step in one language, and how long it takes; without a title the text in that language goes.

    `seen` is the revision of the form. Raises ChangedMeanwhile when the step was changed since, Invalid for more than
    15 minutes and for a step that would be left without any text, and NotFound as `kept_step` does.
    """
    found = kept_step(actor.organisation_id, step_id, lock=True)
    text = found.texts.get(locale)
    if found.step.minutes == draft.minutes and _draft(text, draft.minutes) == draft:
        return
    if found.step.revision != seen:
        raise ChangedMeanwhile
    _check(draft, others=len(found.texts) > (text is not None))
    found.step.minutes = draft.minutes
    found.step.revision += 1
    if text is not None:
        session().delete(text)
        session().flush()
    if draft.title:
        session().add(_text(step_id, locale, draft))
    _tell(actor, step_id, "ledarsteg.step")


def withdraw(actor: Actor, step_id: uuid.UUID, *, on: bool) -> None:
    """Offers a step no more, or again. Habits that came from it go on. What stands so already is left."""
    step = kept_step(actor.organisation_id, step_id, lock=True).step
    if (step.withdrawn_at is not None) != on:
        step.withdrawn_at = now() if on else None
        _tell(actor, step_id, "ledarsteg.step_withdraw" if on else "ledarsteg.step_offer")


def _check(draft: StepDraft, *, others: bool = False) -> None:
    if draft.minutes is not None and draft.minutes > SMALL_STEP_MINUTES:
        raise Invalid(minutes=lazy("A small step takes at most 15 minutes. What would the first 15 minutes of it be?"))
    if not draft.title and (draft != StepDraft("", minutes=draft.minutes) or not others):
        raise Invalid(title=lazy("Give the step a name."))


def _draft(text: StepText | None, minutes: int | None) -> StepDraft:
    """Returns what stands of a step in one language."""
    return StepDraft(text.title, text.cue, text.action, text.body, minutes) if text else StepDraft("", minutes=minutes)


def _text(step_id: uuid.UUID, locale: str, draft: StepDraft) -> StepText:
    return StepText(
        step_id=step_id, locale=locale, title=draft.title, cue=draft.cue, action=draft.action, body=draft.body
    )  # fmt: skip


def _tell(actor: Actor, step_id: uuid.UUID, action: str) -> None:
    session().flush()
    audit(actor, action, object_type="ledarsteg_step", object_ref=str(step_id))
