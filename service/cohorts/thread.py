"""The thread on a member's own page: her events from all plugins in order, what grew out of what kept together.

Home shows the latest of them; the thread has a page of its own with all of them, term by term.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import sqlalchemy as sa
from flask_babel import gettext as _
from markupsafe import Markup

from service.access import requires
from service.cohorts import terms
from service.cohorts.current import current_launch
from service.cohorts.models import Cohort, Member, ProposalLink
from service.contract.records import TimelineEvent
from service.formats import short_day
from service.host import Part, Unavailable, guarded
from service.unit import current
from service.web import page

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


Told = tuple[TimelineEvent, Item]


@dataclass(frozen=True)
class Thread:
    """The points to draw, none when there are too few to be a thread, and the plugins that could not tell theirs.

    `number` is how many points there are in all.
    """

    items: Sequence[Item]
    failed: Sequence[Unavailable]
    number: int = 0


def thread(plugins: Part, cohort: Cohort, member: Member) -> Thread:
    """Returns the latest events of the member's thread, oldest first; what is going on stays, however long ago it began."""
    events, failed = _gathered(plugins, cohort, member)
    if len(events) < FEWEST:
        return Thread((), failed, len(events))
    going_on_last = sorted(events, key=lambda pair: (pair[0].state == GOING_ON, pair[0].at))
    shown = sorted(going_on_last[-MOST:], key=lambda pair: pair[0].at)
    return Thread([item for _event, item in _joined(shown, _links(cohort, member))], failed, len(events))


@dataclass(frozen=True)
class InTerm:
    """A term of the thread."""

    title: str
    items: Sequence[Item]


@requires("core.manager")
def whole() -> tuple[str, int]:
    """Shows a manager her whole thread, the latest term first."""
    here = current_launch()
    events, failed = _gathered(here.plugins, here.cohort, here.member)
    calendar = terms.terms_of(here.cohort.organisation_id)
    found = _terms(events, _links(here.cohort, here.member), calendar)
    return page("cohorts/thread.html", terms=found, failed=failed)


def _terms(events: Sequence[Told], links: Mapping[uuid.UUID, uuid.UUID], calendar: terms.Terms) -> list[InTerm]:
    titles = {event.ref: event.title for event, _item in events if event.ref}
    by_term: dict[terms.Term, list[Told]] = defaultdict(list)
    for event, item in sorted(events, key=lambda pair: pair[0].at):
        by_term[calendar.of_day(event.at)].append((event, item))
    return [
        InTerm(_title(term), [_rooted(event, item, links, titles) for event, item in _joined(found, links)])
        for term, found in sorted(by_term.items(), reverse=True)
    ]


def _title(term: terms.Term) -> str:
    if term.autumn:
        return str(_("Autumn term %(year)s", year=term.year))
    return str(_("Spring term %(year)s", year=term.year))


def _rooted(
    event: TimelineEvent, item: Item, links: Mapping[uuid.UUID, uuid.UUID], titles: Mapping[uuid.UUID, str]
) -> Item:
    """Says what a point grew out of: that may stand in another term."""
    source = titles.get(links[event.ref]) if event.ref is not None and event.ref in links else None
    return replace(item, kind=_("%(kind)s, out of: %(title)s", kind=item.kind, title=source)) if source else item


def _gathered(plugins: Part, cohort: Cohort, member: Member) -> tuple[list[Told], list[Unavailable]]:
    events: list[Told] = []
    failed: list[Unavailable] = []
    for plugin, answered in plugins.timeline(cohort, member):
        told = answered if isinstance(answered, Unavailable) else guarded(plugin, partial(_told, answered))
        if isinstance(told, Unavailable):
            failed.append(told)
        else:
            events += told
    return events, failed


def _told(events: Sequence[TimelineEvent]) -> list[Told]:
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


def _joined(events: Sequence[Told], links: Mapping[uuid.UUID, uuid.UUID]) -> list[Told]:
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
