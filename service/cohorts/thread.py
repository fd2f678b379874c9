"""The thread on a member's own page: her events from all plugins in order, what grew out of what kept together."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from flask_babel import gettext as _
from markupsafe import Markup

from service.cohorts.models import Cohort, Member, ProposalLink
from service.contract.records import TimelineEvent
from service.formats import short_day
from service.host import Part, Unavailable, guarded
from service.unit import current

FEWEST = 2
MOST = 8
GOING_ON = "part"
_STATES = {"done": "done", GOING_ON: "now"}


@dataclass(frozen=True)
class Item:
    """One point of the thread as the macro draws it."""

    state: str
    kind: str
    say: str
    url: str
    link: str


@dataclass(frozen=True)
class Thread:
    """The points to draw, none when there are too few to be a thread, and the plugins that could not tell theirs."""

    items: Sequence[Item]
    failed: Sequence[Unavailable]


def thread(plugins: Part, cohort: Cohort, member: Member) -> Thread:
    """Returns the latest events of the member's thread, oldest first; what is going on stays, however long ago it began."""
    events: list[tuple[TimelineEvent, Item]] = []
    failed: list[Unavailable] = []
    for plugin, answered in plugins.timeline(cohort, member):
        told = answered if isinstance(answered, Unavailable) else guarded(plugin, partial(_told, answered))
        if isinstance(told, Unavailable):
            failed.append(told)
        else:
            events += told
    if len(events) < FEWEST:
        return Thread((), failed)
    going_on_last = sorted(events, key=lambda pair: (pair[0].state == GOING_ON, pair[0].at))
    shown = sorted(going_on_last[-MOST:], key=lambda pair: pair[0].at)
    return Thread([item for _event, item in _joined(shown, _links(cohort, member))], failed)


def _told(events: Sequence[TimelineEvent]) -> list[tuple[TimelineEvent, Item]]:
    return [(event, _item(event)) for event in events]


def _item(event: TimelineEvent) -> Item:
    kind = _("%(kind)s, %(day)s", kind=event.kind, day=short_day(event.at))
    link = Markup('{}<span class="visually-hidden">: {}</span>').format(_("See it"), event.title)
    return Item(_STATES.get(event.state, "later"), kind, str(event.title), event.url, link)


def _links(cohort: Cohort, member: Member) -> dict[uuid.UUID, uuid.UUID]:
    query = sa.select(ProposalLink.target_ref, ProposalLink.source_ref).where(
        ProposalLink.cohort_id == cohort.id, ProposalLink.person_id == member.person_id
    )
    return {row.target_ref: row.source_ref for row in current().session.execute(query)}


def _joined(
    events: Sequence[tuple[TimelineEvent, Item]], links: dict[uuid.UUID, uuid.UUID]
) -> list[tuple[TimelineEvent, Item]]:
    """Moves what grew out of something to right behind it; everything else stays where its day put it."""
    ordered = list(events)
    for pair in events:
        ref = pair[0].ref
        source = next((i for i, (e, _i) in enumerate(ordered) if ref and e.ref and e.ref == links.get(ref)), None)
        if source is not None:
            parent = ordered[source]
            ordered.remove(pair)
            ordered.insert(ordered.index(parent) + 1, pair)
    return ordered
