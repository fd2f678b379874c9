"""The page on which somebody chooses what to place in her course, and the answer that carries it to the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from service import audit
from service.access import Role, requires
from service.cohorts.current import InCohort, Stay, stay
from service.contract.records import ContentItem
from service.core import core
from service.errors import NotFound
from service.host import Plugin
from service.lti import deeplink
from service.lti.item_models import DeepLinkRequest, PlacedItem
from service.lti.models import Deployment, Platform
from service.lti.signing import sign
from service.lti.strict import is_whole_text
from service.unit import current
from service.web import page

Answer = tuple[str, int]
MAX_TITLE = 200
# Why nothing can be chosen here.
NO_COURSE, NO_TYPE, NO_OFFER = "course", "type", "offer"


@dataclass(frozen=True)
class Offer:
    """Something that can be placed. `on` in this course; `choosable` by whoever asks."""

    value: str
    plugin: Plugin
    item: ContentItem
    on: bool
    choosable: bool


@dataclass
class Chosen:
    """The form as it was sent: what is chosen, titles and columns by value, and what is wrong with it by field."""

    values: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)


@requires("core.place_items")
def place() -> Answer:
    """Shows what can be placed, or why nothing can."""
    here, asked = stay(), _asked()
    return _show(here, asked, Chosen())


@requires("core.place_items")
def answer() -> Answer:
    """Places what was chosen and answers the platform with it. The same form sent twice places it once."""
    here, asked = stay(), _asked()
    offers = {offer.value: offer for offer in _offers(here) if offer.choosable}
    if not isinstance(here, InCohort) or why_not(here, asked, offers):
        return _show(here, asked, Chosen())
    chosen = _read(asked, offers)
    if chosen.errors:
        return _show(here, asked, chosen, status=422)
    placed = [_placed(here, asked, offers[value], chosen) for value in chosen.values]
    current().session.flush()
    picture, public_url = url_for("static", filename=deeplink.PICTURE), core().settings.public_url
    items = [
        deeplink.content_item(row, str(offers[value].item.text), asked.targets, public_url, picture)
        for value, row in zip(chosen.values, placed, strict=True)
    ]
    said = ngettext("%(num)d activity from Stegvis", "%(num)d activities from Stegvis", len(items))
    return _answer(here, asked, items, msg=said)


@requires("core.place_items")
def back() -> Answer:
    """Answers the platform with nothing: somebody thought better of it, or there is nothing that can be chosen."""
    here, asked = stay(), _asked()
    problem = why_not(here, asked, _offers(here))
    if problem:
        return _answer(here, asked, [], errormsg=_sentence(problem))
    return _answer(here, asked, [], msg=_("Nothing was chosen in Stegvis."))


def _asked() -> DeepLinkRequest:
    """What the platform asked for in this launch. Raises NotFound where it asked for nothing."""
    launch = stay().launch
    # A launch that moved into a window of its own still answers what its frame was asked.
    of = launch.opened_from or launch.id
    found = current().session.get(DeepLinkRequest, of, with_for_update=current().writing or None)
    if found is None:
        raise NotFound("no_deep_link_request")
    return found


def _offers(here: Stay) -> list[Offer]:
    """Everything the plugins offer, what is on first. What is off can be chosen by who can switch it on."""
    found = []
    for plugin in core().host:
        on = plugin.key in here.plugins
        may = on or here.role is Role.TRAINING
        found += [Offer(f"{plugin.key}.{item.key}", plugin, item, on, may) for item in plugin.content_items]
    return sorted(found, key=lambda offer: not offer.on)


def why_not(here: Stay, asked: DeepLinkRequest, offers: Sequence[Offer] | Mapping[str, Offer]) -> str:
    """Returns why nothing can be placed in answer to this request; empty when something can."""
    if here.cohort is None:
        return NO_COURSE
    if deeplink.ITEM_TYPE not in asked.accept_types:
        return NO_TYPE
    return "" if offers else NO_OFFER


def _sentence(problem: str) -> str:
    return str({
        NO_COURSE: _("Stegvis places activities in a course. Open this from inside one."),
        NO_TYPE: _("Stegvis places activities, and this place in the course takes something else."),
        NO_OFFER: _("Nothing that Stegvis offers is switched on in this course."),
    }[problem])  # fmt: skip


def _read(asked: DeepLinkRequest, offers: Mapping[str, Offer]) -> Chosen:
    form = request.form
    chosen = Chosen(list(dict.fromkeys(form.getlist("item"))))
    for value, offer in offers.items():
        chosen.titles[value] = form.get(f"title.{value}", str(offer.item.title)).strip()
        if asked.accept_line_item and f"column.{value}" in form:
            chosen.columns.add(value)
    if not chosen.values:
        chosen.errors["item"] = _("Choose something first.")
    elif not set(chosen.values) <= set(offers):
        chosen.errors["item"] = _("One of these can no longer be chosen here. Choose again.")
    elif len(chosen.values) > 1 and not asked.accept_multiple:
        chosen.errors["item"] = _("This place in the course takes one activity. Choose one.")
    for value in chosen.values:
        wrong = _wrong_title(chosen.titles.get(value, ""))
        if value in offers and wrong:
            chosen.errors[f"title.{value}"] = wrong
    return chosen


def _wrong_title(title: str) -> str:
    if not title:
        return str(_("Give it a name that people in the course will know it by."))
    if len(title) > MAX_TITLE:
        return str(_("The name has %(num)s characters. It may have %(most)s.", num=len(title), most=MAX_TITLE))
    return "" if is_whole_text(title) else str(_("The name has characters that cannot be kept. Write it anew."))


def _placed(here: InCohort, asked: DeepLinkRequest, offer: Offer, chosen: Chosen) -> PlacedItem:
    """The row of a chosen item: the one that this launch made already, or a new one."""
    item = (PlacedItem.launch_id == asked.launch_id) & (PlacedItem.plugin == offer.plugin.key)
    row = current().session.scalars(sa.select(PlacedItem).where(item, PlacedItem.key == offer.item.key)).one_or_none()
    if row is None:
        row = PlacedItem(
            organisation_id=here.launch.organisation_id, cohort_id=here.cohort.id, plugin=offer.plugin.key,
            key=offer.item.key, path=offer.item.path, title="", launch_id=asked.launch_id, placed_by=here.person.id,
            placed_at=current().now(),
        )  # fmt: skip
        current().session.add(row)
        audit.append(here.actor, "item.place", object_type="placed_item", object_ref=str(row.id))
    row.title, row.has_line_item = chosen.titles[offer.value], offer.value in chosen.columns
    return row


def _answer(
    here: Stay, asked: DeepLinkRequest, items: Sequence[Mapping[str, Any]], *, msg: str = "", errormsg: str = ""
) -> Answer:
    session, now = current().session, current().now()
    platform = session.get_one(Platform, here.launch.platform_id)
    deployment = session.get_one(Deployment, here.launch.deployment_id)
    claims = deeplink.answer_claims(asked, platform, deployment.deployment_id, items, now, msg=msg, errormsg=errormsg)
    asked.answered_at = now
    # Asked anew: what the registration knows may have changed since the request came.
    g.form_origins = deeplink.returns_to(asked.return_url, platform, demo=core().settings.demo)
    if not g.form_origins:
        raise NotFound("return_url")
    return page("lti/placed.html", address=asked.return_url, token=sign(claims), count=len(items))


def _show(here: Stay, asked: DeepLinkRequest, chosen: Chosen, *, status: int = 200) -> Answer:
    offers = _offers(here)
    problem = why_not(here, asked, offers)
    if problem:
        return page("lti/place_not.html", sentence=_sentence(problem), no_course=problem == NO_COURSE)
    return page(
        "lti/place.html", status=status, offers=offers, chosen=chosen, many=asked.accept_multiple,
        columns=asked.accept_line_item, opens=deeplink.opens_in(asked.targets), most=MAX_TITLE,
        course=here.cohort.title if here.cohort else "", any_choosable=any(offer.choosable for offer in offers),
    )  # fmt: skip
