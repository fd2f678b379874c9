"""The bank of questions of a cohort: the product's own, as the training department changed them, and those it added."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from plugins.handledning.models import Question
from plugins.handledning.operations.scope import Party, check_version
from plugins.handledning.texts import BANK
from service.contract import Cohort, Denial, Forbidden, Invalid, NotFound, Role, audit, now, session

THEMES = tuple(theme.theme for theme in BANK)
LANGUAGES = ("sv", "en", "lv")
# What a key of the training department's own begins with.
OWN = "own-"


@dataclass(frozen=True)
class QuestionDraft:
    """A question as typed, in one language at least. A retired one is not offered any more."""

    theme: str
    sv: str = ""
    en: str = ""
    lv: str = ""
    retired: bool = False


@dataclass(frozen=True)
class Offered:
    """A question of the bank. `version` is 0 as long as nobody has changed it here."""

    key: str
    draft: QuestionDraft
    version: int = 0

    @property
    def words(self) -> Mapping[str, str]:
        """Its words by language."""
        return {language: getattr(self.draft, language) for language in LANGUAGES}


def in_language(words: Mapping[str, str], language: str) -> tuple[str, str]:
    """Returns (language, words) in the reader's language, or in the first of ours that there is."""
    order = (language, *LANGUAGES)
    return next(((one, words[one]) for one in order if words.get(one)), (language, ""))


def bank(cohort: Cohort) -> Sequence[Offered]:
    """Returns a cohort's questions, retired ones included, theme by theme; its own come after the product's."""
    changed = {row.key: row for row in session().scalars(sa.select(Question).where(Question.cohort_id == cohort.id))}
    found = [
        Offered(one.key, QuestionDraft(theme.theme, one.sv, one.en, one.lv))
        for theme in BANK
        for one in theme.questions
    ]
    standing = [_as_changed(changed[one.key]) if one.key in changed else one for one in found]
    there = {one.key for one in found}
    own = sorted((row for row in changed.values() if row.key not in there), key=lambda row: (row.changed_at, row.key))
    order = {theme: place for place, theme in enumerate(THEMES)}
    return sorted([*standing, *map(_as_changed, own)], key=lambda one: order.get(one.draft.theme, len(order)))


def _as_changed(row: Question) -> Offered:
    return Offered(row.key, QuestionDraft(row.theme, row.sv, row.en, row.lv, row.retired), row.version)


def question(cohort: Cohort, key: str) -> Offered:
    """Returns one question of the bank. Raises NotFound for any other key."""
    found = next((one for one in bank(cohort) if one.key == key), None)
    if found is None:
        raise NotFound("question")
    return found


def own_key(key: uuid.UUID) -> str:
    """Returns the key of a question that the training department adds."""
    return OWN + key.hex


def write_question(party: Party, key: str, seen: int, draft: QuestionDraft) -> None:
    """Keeps a question as typed, for this cohort: one of the bank's, or a new one. The training department alone may.

    The same again changes nothing. Raises Invalid for an unknown theme and for no words at all, and Conflict when somebody
    saved after `seen` (0: as it came, or new).
    """
    if party.role is not Role.TRAINING:
        denial = Denial("handledning.write_question", "training_only", "question", key)
        raise Forbidden("training_only", denial=denial)
    # Two who change the same question at once wait for each other here.
    session().execute(sa.select(Cohort.id).where(Cohort.id == party.cohort.id).with_for_update())
    there = next((one for one in bank(party.cohort) if one.key == key), None)
    if there is not None and there.draft == draft:
        return
    check_version(there.version if there else 0, seen)
    if draft.theme not in THEMES:
        raise Invalid(theme="unknown")
    if not (draft.sv or draft.en or draft.lv):
        raise Invalid(sv="empty")
    if there is None and not key.startswith(OWN):
        raise NotFound("question")
    row = session().scalar(sa.select(Question).where(Question.cohort_id == party.cohort.id, Question.key == key))
    if row is None:
        row = Question(cohort_id=party.cohort.id, key=key, version=0)
        session().add(row)
    row.theme, row.sv, row.en, row.lv, row.retired = draft.theme, draft.sv, draft.en, draft.lv, draft.retired
    row.changed_at, row.version = now(), row.version + 1
    session().flush()
    audit(party.actor, "handledning.write_question", object_type="question", object_ref=key)
