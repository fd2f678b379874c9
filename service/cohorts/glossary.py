"""An organisation's own words for what stands alone on a page: tabs, headings of columns, labels.

A label is replaced as a whole, in the core and in every plugin, wherever the product says exactly that word. Sentences
keep the product's words: a word put into one would have to be bent, which no list of words can do.
"""

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from service import audit
from service.audit import Actor
from service.cohorts import kept_changes
from service.cohorts.models import Organisation
from service.errors import Conflict, Invalid
from service.unit import current
from service.web import SERVICE_LOCALES

# What may be renamed: the key of each, and the label as the product says it, which is the message id.
LABELS: Mapping[str, str] = {
    "manager": "Manager", "managers": "Managers", "my_managers": "My managers", "coach": "Coach", "coaching": "Coaching",
    "session": "Session", "homework": "Homework", "cohort": "Cohort", "programme": "Programme", "habits": "Habits",
    "group": "Group", "groups": "Groups",
}  # fmt: skip
LONGEST = 40
# Letters, figures and what stands between them: nothing that means something in a page, a format or a file.
WORD = re.compile(r"\w[\w .\-/]*")
UNUSABLE = "unusable"

Words = Mapping[str, Mapping[str, str]]


def by_message(words: Words) -> dict[str, dict[str, str]]:
    """Returns kept words by language and message id, as a catalogue asks for them."""
    return {
        locale: {LABELS[key]: text for key, text in some.items() if key in LABELS}
        for locale, some in words.items()
        if some
    }


def words_of(organisation_id: uuid.UUID) -> Words:
    """Returns the own words of an organisation."""
    return dict(current().session.get_one(Organisation, organisation_id).words)


def change(organisation_id: uuid.UUID, wanted: Words, *, seen: str, actor: Actor) -> uuid.UUID | None:
    """Keeps the words as typed; an empty one is the product's again. Returns the change; None where nothing changed.

    `seen` is how they stood when the form was opened, as `written` gives it. Raises Invalid, by `locale-key`, for what is
    no word, and Conflict when somebody has changed them since. Each change is in the trail.
    """
    query = sa.select(Organisation).where(Organisation.id == organisation_id).with_for_update()
    row = current().session.scalars(query.execution_options(populate_existing=True)).one()
    tidy = {
        locale: {key: text for key in LABELS if (text := wanted.get(locale, {}).get(key, "").strip())}
        for locale in SERVICE_LOCALES
    }
    bad = {
        f"{locale}-{key}": UNUSABLE
        for locale, some in tidy.items()
        for key, text in some.items()
        if len(text) > LONGEST or not WORD.fullmatch(text)
    }
    if bad:
        raise Invalid(**bad)
    if written(tidy) == written(row.words):
        return None
    if written(row.words) != seen:
        raise Conflict("words_changed")
    before, row.words = row.words, {locale: some for locale, some in tidy.items() if some}
    current().session.flush()
    _tell(actor, before, tidy)
    return kept_changes.keep(organisation_id, "words", "", before=before, after=row.words)


def written(words: Words) -> str:
    """Returns words as a form carries them: the same for the same words."""
    return json.dumps({locale: some for locale, some in words.items() if some}, sort_keys=True, ensure_ascii=False)


def _tell(actor: Actor, before: Words, after: Words) -> None:
    for locale in SERVICE_LOCALES:
        was, now_is = before.get(locale, {}), after.get(locale, {})
        for key in LABELS:
            if was.get(key, "") != now_is.get(key, ""):
                told = f"{was.get(key, '')} > {now_is.get(key, '')}"
                audit.append(actor, "word.change", reason=told, object_type="word", object_ref=f"{locale}/{key}")


def defaults(translate: Any) -> dict[str, str]:
    """Returns what the product says for each key, by a function that translates."""
    return {key: str(translate(label)) for key, label in LABELS.items()}
