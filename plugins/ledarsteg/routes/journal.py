"""The first page of the journal, insights, and what is put away with "not now"."""

from uuid import UUID

from flask import redirect, request, url_for

from plugins.ledarsteg.cards import journal as cards
from plugins.ledarsteg.forms.journal import InsightForm
from plugins.ledarsteg.models import Offer
from plugins.ledarsteg.operations import insights as operations
from plugins.ledarsteg.operations import journal as standing
from plugins.ledarsteg.routes.base import Answer, bp, owner, settings
from service.contract import NotFound, page, partial, plugin_url, requires, wants_partial


@bp.get("/journal")
@requires("ledarsteg.own")
def journal() -> Answer:
    """The week to look back on, the newest insights, and the way to the rest."""
    return page("ledarsteg/journal.html", **cards.journal(owner(), settings()))


@bp.post("/journal/later")
@requires("ledarsteg.own")
def journal_later() -> Answer:
    """Says "not now" to an offer of the own page."""
    try:
        offer = Offer(request.form.get("offer", ""))
    except ValueError as error:
        raise NotFound("offer") from error
    standing.put_away(owner(), offer)
    return redirect(plugin_url("home"), 303)


@bp.get("/insights")
@requires("ledarsteg.own")
def insights() -> Answer:
    """All insights, newest first, with the form for another one."""
    return page("ledarsteg/insights.html", **cards.insight_list(owner()), gone=None)


@bp.post("/insights")
@requires("ledarsteg.own")
def insight_capture() -> Answer:
    """Keeps an insight. On the own page htmx gets the small form again."""
    mine = owner()
    form = InsightForm(request.form, habits=cards.choosable(mine))
    kept = form.validate()
    if kept:
        operations.capture(mine, form.insight(mine.today()))
    if wants_partial():
        again = InsightForm() if kept else form
        status = 200 if kept else 422
        return partial("ledarsteg/_capture.html", status=status, form=again, captured=kept, plugin_url=plugin_url)
    if not kept:
        return page("ledarsteg/insights.html", status=422, **cards.insight_list(mine, form), gone=None)
    return redirect(url_for(".insights"), 303)


@bp.post("/insights/<uuid:insight_id>/share")
@requires("ledarsteg.own")
def insight_share(insight_id: UUID) -> Answer:
    """Shares one insight with the coaches of the cohort, or with nobody again."""
    operations.share_insight(owner(), insight_id, on=request.form.get("shared") == "on")
    return redirect(url_for(".insights", _anchor=f"insight-{insight_id}"), 303)


@bp.post("/insights/<uuid:insight_id>/delete")
@requires("ledarsteg.own")
def insight_delete(insight_id: UUID) -> Answer:
    """Deletes an insight. The page that follows is the only place where it still is, in a form that undoes it."""
    mine = owner()
    gone = operations.delete_insight(mine, insight_id)
    return page("ledarsteg/insights.html", **cards.insight_list(mine), gone=gone)
