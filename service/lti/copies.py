"""Copied courses: finding the course that a new one was copied from, and asking once what to take along.

A copy keeps the parameters of its activities, so the item's own id is the surest trace. After it come the histories of
link and course, which platforms write in their own ways (LTI 1.3 core, appendix on custom variables), and the
platform's own notice. What is taken over is which parts are on and how they are set; never anything of a person.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from flask import redirect, request, url_for
from sqlalchemy.dialects import postgresql, sqlite
from werkzeug.wrappers import Response

from service import audit
from service.access import requires
from service.audit import Actor
from service.cohorts.current import InCohort, Stay, stay
from service.cohorts.models import Cohort, CohortPlugin
from service.core import core
from service.errors import Malformed, NotFound
from service.host import Plugin
from service.lti.arrival import Arrival
from service.lti.claims import Message
from service.lti.item_models import CopyNotice, ResourceLink
from service.lti.strict import is_whole_text
from service.unit import Unit, current

CONTEXT_HISTORY = ("context_id_history", "context_history")
LINK_HISTORY = ("link_id_history", "resource_link_id_history")
# What platforms put in a history in place of what they left out.
_NO_ID = frozenset({"truncated", "timed out"})
MAX_HISTORY = 50
MAX_ID = 255
# A course that has been running for longer is no new copy, whatever activity somebody brings into it.
ASKED_WITHIN = timedelta(days=30)
SOURCE, DEFAULTS = "source", "defaults"


@dataclass(frozen=True)
class Traces:
    """What a launch says of where its link and its course come from, nearest first. False when it says nothing."""

    links: Sequence[str] = ()
    contexts: Sequence[str] = ()

    def __bool__(self) -> bool:
        """Tells whether there is anything to follow."""
        return bool(self.links or self.contexts)


def traces_in(message: Message) -> Traces:
    """Reads the histories among the custom parameters of a launch."""
    return Traces(_history(message, LINK_HISTORY), _history(message, CONTEXT_HISTORY))


def _history(message: Message, names: Sequence[str]) -> Sequence[str]:
    if not message.custom:
        return ()
    written = [part for name in names for part in message.custom_text(name).split(",")]
    found = (unquote(part.strip()) for part in written)
    return tuple(dict.fromkeys(one for one in found if _is_id(one)))[:MAX_HISTORY]


def _is_id(text: str) -> bool:
    is_one = 0 < len(text) <= MAX_ID and not text.startswith("$") and is_whole_text(text)
    return is_one and text.casefold() not in _NO_ID


def trace(arrival: Arrival, traces: Traces, item_cohort_id: uuid.UUID | None, created_at: datetime) -> None:
    """Notes which cohort the launch's new course was copied from, when that can be told. For an undecided cohort."""
    place, unit = arrival.place, arrival.unit
    if arrival.made_cohort and not traces.contexts:
        traces = Traces(traces.links, _noticed(unit, place.deployment_id, arrival.message))
    from_item = None if item_cohort_id == place.cohort_id else item_cohort_id
    if not (from_item or traces) or unit.now() - created_at > ASKED_WITHIN:
        return
    here = _Here(place.cohort_id, place.organisation_id, place.deployment_id)
    source = here.by_item(from_item) or here.by_links(traces.links) or here.by_contexts(traces.contexts)
    if source is not None:
        _note(unit, here.cohort_id, source)


@dataclass(frozen=True)
class _Here:
    """The cohort whose source is sought, among the cohorts of its own organisation and deployment."""

    cohort_id: uuid.UUID | None
    organisation_id: uuid.UUID | None
    deployment_id: uuid.UUID | None

    def by_item(self, cohort_id: uuid.UUID | None) -> uuid.UUID | None:
        """The cohort that the item was placed in."""
        return current().session.scalar(self._ids(Cohort.id).where(Cohort.id == cohort_id)) if cohort_id else None

    def by_links(self, links: Sequence[str]) -> uuid.UUID | None:
        """The cohort of the nearest link that was launched here."""
        query = self._ids(ResourceLink.link_id, Cohort.id).join(ResourceLink, ResourceLink.cohort_id == Cohort.id)
        return self._nearest(query, ResourceLink.link_id, links)

    def by_contexts(self, contexts: Sequence[str]) -> uuid.UUID | None:
        """The cohort of the nearest course that was launched here."""
        return self._nearest(self._ids(Cohort.context_id, Cohort.id), Cohort.context_id, contexts)

    def _nearest(self, query: sa.Select[Any], column: Any, wanted: Sequence[str]) -> uuid.UUID | None:
        if not wanted:
            return None
        found = {row[0]: row[1] for row in current().session.execute(query.where(column.in_(wanted)))}
        return next((found[one] for one in wanted if one in found), None)

    def _ids(self, *columns: Any) -> sa.Select[Any]:
        return sa.select(*columns).where(
            Cohort.organisation_id == self.organisation_id,
            Cohort.deployment_id == self.deployment_id,
            Cohort.id != self.cohort_id,
        )


def _noticed(unit: Unit, deployment_id: uuid.UUID | None, message: Message) -> Sequence[str]:
    context_id = message.context.id if message.context else ""
    found = unit.session.scalar(
        sa.select(CopyNotice.origins).where(
            CopyNotice.deployment_id == deployment_id, CopyNotice.context_id == context_id
        )
    )
    return tuple(found or ())


def _note(unit: Unit, cohort_id: uuid.UUID | None, source: uuid.UUID) -> None:
    undecided = (Cohort.id == cohort_id) & Cohort.copied_from_id.is_(None) & Cohort.copy_decided_at.is_(None)
    unit.session.execute(sa.update(Cohort).where(undecided).values(copied_from_id=source))


def remember(deployment_id: uuid.UUID, organisation_id: uuid.UUID, context_id: str, origins: Sequence[str]) -> None:
    """Keeps a platform's word that a course was copied; a course that was opened already is looked up at once."""
    unit = current()
    values = {"origins": list(origins)[:MAX_HISTORY], "at": unit.now()}
    insert = _insert(CopyNotice).values(id=uuid.uuid4(), deployment_id=deployment_id, context_id=context_id, **values)
    unit.session.execute(insert.on_conflict_do_update(index_elements=["deployment_id", "context_id"], set_=values))
    is_here = (Cohort.deployment_id == deployment_id) & (Cohort.context_id == context_id)
    cohort = unit.session.scalars(sa.select(Cohort).where(is_here)).one_or_none()
    if cohort is None or unit.now() - cohort.created_at > ASKED_WITHIN:
        return
    source = _Here(cohort.id, organisation_id, deployment_id).by_contexts(origins)
    if source is not None:
        _note(unit, cohort.id, source)


# Asking, and doing what was answered.


@dataclass(frozen=True)
class Line:
    """How a part stands in the source, and here."""

    plugin: Plugin
    on: bool
    completion: bool
    on_here: bool


@dataclass(frozen=True)
class Question:
    """What to take over from which course."""

    title: str
    lines: Sequence[Line]


def question(here: Stay) -> Question | None:
    """Returns what is to be asked on the first page of who may decide; None when there is nothing to ask."""
    cohort = here.cohort
    if cohort is None or cohort.copied_from_id is None or cohort.copy_decided_at is not None:
        return None
    source = current().session.get_one(Cohort, cohort.copied_from_id)
    rows = _rows(source.id)
    lines = [Line(p, rows[p.key].enabled, rows[p.key].completion, p.key in here.plugins)
             for p in core().host if p.key in rows]  # fmt: skip
    return Question(source.title, lines)


@requires("core.copy_course")
def copy() -> Response:
    """Takes over what the copied course's parts were like, or leaves them as they are. Asked once."""
    here = stay()
    if not isinstance(here, InCohort):
        raise NotFound("no_course")
    answer = request.form.get("take", "")
    if answer not in (SOURCE, DEFAULTS):
        raise Malformed("take")
    decide(here.cohort, here.actor, take_over=answer == SOURCE)
    return redirect(url_for("l.home"), 303)


def decide(cohort: Cohort, actor: Actor, *, take_over: bool) -> bool:
    """Does what was answered. Returns whether it did: of two who answer, the first decides."""
    session = current().session
    session.refresh(cohort, with_for_update=True)
    if cohort.copied_from_id is None or cohort.copy_decided_at is not None:
        return False
    cohort.copy_decided_at = current().now()
    if take_over:
        for key, row in _rows(cohort.copied_from_id).items():
            if key in core().host:
                _take_over(cohort.id, row)
    session.flush()
    reason = SOURCE if take_over else DEFAULTS
    audit.append(actor, "course.copy", reason=reason, object_type="cohort", object_ref=str(cohort.copied_from_id))
    return True


def _take_over(cohort_id: uuid.UUID, row: CohortPlugin) -> None:
    values = {"enabled": row.enabled, "settings": dict(row.settings), "completion": row.completion,
              "changed_at": current().now()}  # fmt: skip
    insert = _insert(CohortPlugin).values(cohort_id=cohort_id, plugin=row.plugin, **values)
    current().session.execute(insert.on_conflict_do_update(index_elements=["cohort_id", "plugin"], set_=values))


def _rows(cohort_id: uuid.UUID) -> dict[str, CohortPlugin]:
    found = current().session.scalars(sa.select(CohortPlugin).where(CohortPlugin.cohort_id == cohort_id))
    return {row.plugin: row for row in found}


def _insert(model: type) -> Any:
    name = current().session.get_bind().dialect.name
    return postgresql.insert(model) if name == "postgresql" else sqlite.insert(model)
