"""The Aha exercise of the first week: what was done, what of it is the core of leading, and what that says.

Three pages that carry what was typed along. Nothing of it is kept but the Aha that it ends in.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import slots
from plugins.ledarsteg.forms.journal import MOST_LINES, AhaForm, CoreForm, WeekForm
from plugins.ledarsteg.models import InsightKind, Slot
from plugins.ledarsteg.operations import Owner, insights, journal, rounds
from plugins.ledarsteg.operations.insights import NewInsight
from plugins.ledarsteg.routes.base import Answer, bp, owner
from service.contract import page, requires

LATELY = 14


@bp.get("/aha")
@requires("ledarsteg.own")
def aha() -> Answer:
    """The first part: what she did this week, begun from her own time audit where one is of these days."""
    noted = _noted_lately(owner())
    return _first(WeekForm(data={"week": "\n".join(noted)}), noted=bool(noted))


def _noted_lately(mine: Owner) -> list[str]:
    """Returns what she noted that time went to, of her newest round, in the last two weeks."""
    newest = next(iter(rounds.rounds(mine)), None)
    since = mine.today() - timedelta(LATELY)
    things = [row.what for row in newest.rows if row.local_date > since and row.what] if newest else []
    return list(dict.fromkeys(things))[:MOST_LINES]


def _first(form: WeekForm, *, noted: bool = False, status: int = 200) -> Answer:
    offered = journal.standing(owner()).offers_aha
    texts = _texts(Slot.FIRST_WEEK, Slot.CHALLENGES)
    return page("ledarsteg/aha_week.html", status=status, form=form, noted=noted, offered=offered, **texts)


def _texts(*wanted: Slot) -> dict[str, Any]:
    return {"texts": slots.views(owner(), *wanted)}


@bp.post("/aha")
@requires("ledarsteg.own")
def aha_on() -> Answer:
    """Goes on from the part that was sent, or keeps the Aha."""
    week = WeekForm(request.form)
    part = request.form.get("part", "")
    if part == "aha":
        return _keep(week.things())
    if part == "again" or not week.validate():
        return _first(week, status=200 if part == "again" else 422)
    if part == "core":
        core = CoreForm(request.form, things=week.things())
        form = AhaForm(data={"week": week.week.data})
        return _last(form, week.things(), core.chosen())
    return page(
        "ledarsteg/aha_core.html",
        form=CoreForm(things=week.things(), data={"week": week.week.data}),
        **_texts(Slot.CORE_MODEL),
    )


def _last(form: AhaForm, things: Sequence[str], chosen: Sequence[bool], *, status: int = 200) -> Answer:
    core = [thing for thing, is_core in zip(things, chosen, strict=True) if is_core]
    rest = [thing for thing, is_core in zip(things, chosen, strict=True) if not is_core]
    return page(
        "ledarsteg/aha_last.html",
        status=status,
        form=form,
        core=core,
        rest=rest,
        chosen=chosen,
        **_texts(Slot.CORE_MODEL),
    )


def _keep(things: Sequence[str]) -> Answer:
    form = AhaForm(request.form)
    if not form.validate():
        return _last(form, things, CoreForm(request.form, things=things).chosen(), status=422)
    mine = owner()
    insights.capture(mine, NewInsight(form.key.data or "", form.text.data or "", InsightKind.CROSSROADS))
    return redirect(url_for(".aha_done"), 303)


@bp.get("/aha/done")
@requires("ledarsteg.own")
def aha_done() -> Answer:
    """After the Aha: the first step."""
    newest = next((one for one in insights.insights(owner()) if one.insight.kind is InsightKind.CROSSROADS), None)
    return page("ledarsteg/aha_done.html", newest=newest)
