"""What was changed: the training department reads every change of configuration, a coach what she did herself.

Who, when, what, from what to what. Never content, and nothing of what anybody else did with her own.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from service.access import Role, requires
from service.audit import AuditEvent, Outcome
from service.clock import local_date
from service.cohorts.current import Stay, stay
from service.cohorts.glossary import LABELS
from service.cohorts.models import Cohort, Member, Person
from service.cohorts.words import ROLES
from service.core import core
from service.formats import clock_time, day
from service.retention import rules
from service.unit import current
from service.web import page

ON_A_PAGE = 50
# Nobody leafs further; a longer number is no place in any table.
LAST_PAGE = 100_000


@dataclass(frozen=True)
class Group:
    """What one may choose to see: the actions of it, whole or by how they begin."""

    title: Any
    actions: Sequence[str]


GROUPS: Mapping[str, Group] = {
    "switches": Group(
        lazy("What is on"),
        ("plugin.switch", "plugin.default", "completion.switch", "completion.send_now", "completion.approve"),
    ),
    "settings": Group(lazy("Settings and words"), ("plugin.settings", "plugin.default_settings", "word.")),
    "roles": Group(lazy("Roles"), ("role.",)),
    "terms": Group(lazy("Terms and courses"), ("term.", "cohort.archive", "cohort.restore", "course.copy")),
    "retention": Group(lazy("How long things are kept"), ("retention.days", "person.erase")),
    "platforms": Group(lazy("Platforms"), ("platform.", "deployment.", "registration", "invite")),
    # The actions of the plugins, of those alone that the training department did itself.
    "parts": Group(lazy("Texts and lists of the parts"), ()),
}
WORDS: Mapping[str, Any] = {
    "plugin.switch": lazy("A part was switched"), "plugin.default": lazy("A part was switched for new cohorts"),
    "completion.switch": lazy("What the gradebook is told was switched"),
    "completion.choose": lazy("Chose whether the gradebook is told"),
    "completion.send_now": lazy("The gradebook was told at once"),
    "completion.approve": lazy("It was noted by hand that somebody took part"), "plugin.settings": lazy("A part was set"),
    "plugin.default_settings": lazy("A part was set for new cohorts"), "word.change": lazy("A word of the glossary"),
    "role.give": lazy("A role was given"), "role.revoke": lazy("A role was ended"),
    "role.claim": lazy("A code of the training department was tried"), "term.change": lazy("The dates of a term"),
    "cohort.archive": lazy("A course was put away"), "cohort.restore": lazy("A course was taken back"),
    "course.copy": lazy("It was decided what a copied course takes along"),
    "retention.days": lazy("How long something is kept"), "person.erase": lazy("A person was erased"),
    "platform.register": lazy("A platform was registered"), "platform.move": lazy("A platform got another address"),
    "registration": lazy("A platform registered itself"), "launch": lazy("Opened Stegvis"),
    "launch.window": lazy("Opened it in its own window"), "launch.leave": lazy("Left"),
    "cohort.view": lazy("Opened the list of the course"), "export.request": lazy("Asked for a file"),
    "export.fetch": lazy("Fetched a file"), "export.cancel": lazy("Stopped a file"),
    "export.retry": lazy("Asked for a file again"),
    "zone.choose": lazy("Chose a time zone"), "review.view": lazy("Opened what a manager shares, from the gradebook"),
    "roster.ask": lazy("Asked for the list of participants"), "proposal.adopt": lazy("Took something over from another part"),
}  # fmt: skip
# The two sides of a switch and of a state, by the word the trail has for them.
STATES: Mapping[str, Any] = {
    "on": lazy("on"), "off": lazy("off"), "active": lazy("active"), "pending": lazy("waiting"), "disabled": lazy("disabled"),
    "inactive": lazy("nobody had used it"),
}  # fmt: skip
OTHER_SIDE = {"on": "off", "off": "on"}


@dataclass(frozen=True)
class Change:
    """One change. `before` is empty where there was nothing, or the trail does not say."""

    at: datetime
    who: str | None
    role: Any
    what: Any
    about: str
    before: str
    after: str
    failed: bool


@requires("core.changes")
def changes() -> tuple[str, int]:
    """Shows changes, newest first: to the training department all of configuration, to a coach her own doings."""
    here = stay()
    is_training = here.role is Role.TRAINING
    chosen = request.args.get("what", "") if is_training else ""
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    where = of_configuration(here.launch.organisation_id, chosen) if is_training else _of_coach(here)
    shown, more = found(where, skip=(number - 1) * ON_A_PAGE, own=not is_training)
    return page(
        "cohorts/changes.html", changes=shown, more=more, number=number, chosen=chosen if chosen in GROUPS else "",
        groups=GROUPS if is_training else {}, training=is_training, written=_writer(here.zone),
        organisation=here.organisation_name,
    )  # fmt: skip


def _writer(zone: str) -> Callable[[datetime], str]:
    return lambda at: f"{day(local_date(at, zone), year=True)} {clock_time(at, zone)}"


def of_configuration(organisation_id: uuid.UUID, chosen: str = "") -> sa.ColumnElement[bool]:
    """Returns what the training department reads of the trail, on the page as in the file: all groups, or one."""
    keys = [chosen] if chosen in GROUPS else list(GROUPS)
    found = [_is(action) for key in keys for action in GROUPS[key].actions]
    if "parts" in keys:
        theirs = [AuditEvent.action.startswith(f"{plugin.key}.", autoescape=True) for plugin in core().host]
        found.append(sa.and_(AuditEvent.role == Role.TRAINING.value, sa.or_(sa.false(), *theirs)))
    return sa.and_(
        AuditEvent.chain == organisation_id, sa.or_(*found), AuditEvent.outcome != Outcome.ERROR.value
    )  # fmt: skip


def _is(action: str) -> sa.ColumnElement[bool]:
    if action.endswith("."):
        return AuditEvent.action.startswith(action, autoescape=True)
    return AuditEvent.action == action


def _of_coach(here: Stay) -> sa.ColumnElement[bool]:
    return sa.and_(AuditEvent.chain == here.launch.organisation_id, AuditEvent.actor_id == here.person.id)


def found(where: sa.ColumnElement[bool], *, skip: int = 0, own: bool = False) -> tuple[list[Change], bool]:
    """Returns one page of changes, newest first, and whether there are older ones. Three statements.

    `own` are the reader's own doings: they also say whom each was about, which costs one statement more.
    """
    query = (
        sa.select(AuditEvent, Person)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(where)
        .order_by(AuditEvent.seq.desc())
    )
    rows = current().session.execute(query.offset(skip).limit(ON_A_PAGE + 1)).all()
    shown = rows[:ON_A_PAGE]
    events = [event for event, _who in shown]
    names = {**_names(events), **(_subjects(events) if own else {})}
    return [_change(event, who, names, own=own) for event, who in shown], len(rows) > ON_A_PAGE


def _names(events: Iterable[AuditEvent]) -> Mapping[uuid.UUID, str]:
    """What the numbers stand for that events are about: cohorts by title, members by name."""
    refs = {ref for event in events for ref in (*_refs(event.object_ref), event.cohort_id) if ref is not None}
    if not refs:
        return {}
    session = current().session
    titles = session.execute(sa.select(Cohort.id, Cohort.title).where(Cohort.id.in_(refs)))
    named: dict[uuid.UUID, str] = {row.id: row.title for row in titles}
    people = sa.select(Member.id, Person).join(Person, Person.id == Member.person_id).where(Member.id.in_(refs))
    for member_id, person in session.execute(people):
        named[member_id] = _name(person)
    return named


def _subjects(events: Iterable[AuditEvent]) -> Mapping[uuid.UUID, str]:
    refs = {event.subject_id for event in events if event.subject_id not in (None, event.actor_id)}
    if not refs:
        return {}
    return {
        person.id: _name(person) for person in current().session.scalars(sa.select(Person).where(Person.id.in_(refs)))
    }


def _name(person: Person) -> str:
    return str(_("Somebody who has been erased")) if person.is_erased else person.display_name


def _refs(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text.partition("/")[0])]
    except ValueError:
        return []


def _change(event: AuditEvent, who: Person | None, names: Mapping[uuid.UUID, str], *, own: bool) -> Change:
    name = None if who is None else _name(who)
    role = next((words for role, words in ROLES.items() if role.value == event.role), "")
    before, after = _sides(event)
    return Change(
        event.at, name, role, what(event.action, own=own), _about(event, names), before, after,
        event.outcome == Outcome.DENY.value,
    )  # fmt: skip


def what(action: str, *, own: bool) -> Any:
    """Returns what an action is called. `own`: for her who did it, not for her whose things it was about."""
    looks = core().host.audit_words
    words = WORDS.get(action) or (None if own else looks.get(action))
    key = action.partition(".")[0]
    if words is None and key in core().host:
        if action in looks:  # whose words are for her who was looked at
            return _("Opened something in: %(part)s", part=core().host[key].manifest.title)
        return _("Something in: %(part)s", part=core().host[key].manifest.title)
    return words or _("Something else")


def _about(event: AuditEvent, names: Mapping[uuid.UUID, str]) -> str:
    """Which part, course or person it was about; for what has a name. The rest stays a number, and is not shown."""
    _first, _slash, key = event.object_ref.partition("/")
    key = key or event.object_ref
    part = str(core().host[key].manifest.title) if key in core().host else ""
    named = _named(event)
    refs = _refs(event.object_ref) or ([event.cohort_id] if event.cohort_id and event.actor_id is None else [])
    thing = next((names[ref] for ref in (*refs, event.subject_id) if ref is not None and ref in names), "")
    return ", ".join(text for text in (part, named, thing) if text)


def _named(event: AuditEvent) -> str:
    """What a limit, a term or a word of the glossary is called on its own page; as it is kept where that is gone."""
    ref = event.object_ref
    if event.object_type == "retention_rule":
        return next((str(one.declared.what) for one in rules.rules() if one.code == ref), ref)
    if event.object_type == "term" and ref[:-2].isdigit():
        year = int(ref[:-2])
        return str(_("Autumn %(year)s", year=year) if ref.endswith("HT") else _("Spring %(year)s", year=year))
    locale, _slash, key = ref.partition("/")
    if event.object_type == "word" and key in LABELS:
        label = _(LABELS[key])
        return f"{label} ({locale})"
    return ""


def _sides(event: AuditEvent) -> tuple[str, str]:
    """From what to what, as the trail's reason says it: `on`, `was_active`, `90 > 30`, `asked: 3 > 5`, a role."""
    reason = event.reason
    if reason in OTHER_SIDE:
        return str(STATES[OTHER_SIDE[reason]]), str(STATES[reason])
    if reason.startswith("was_"):
        return _state(reason.removeprefix("was_")), _state(event.action.rpartition(".")[2])
    if " > " in reason:
        before, _arrow, after = reason.rpartition(" > ")
        return before, after
    roles = {role.value: str(words) for role, words in ROLES.items()}
    if event.action == "role.revoke":
        return roles.get(reason, reason), ""
    return "", roles.get(reason) or str(STATES.get(reason, ""))


def _state(word: str) -> str:
    return str(STATES[word]) if word in STATES else word.replace("_", " ")
