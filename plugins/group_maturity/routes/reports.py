"""Pages of a report: what the group's answers say beside the manager's own picture, sharing it, and taking it along."""

import json
import uuid
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from plugins.group_maturity.forms import ContributionForm
from plugins.group_maturity.models import Measurement, SelfRating, State, Status
from plugins.group_maturity.operations import measurements, ratings, sharing, waves, words
from plugins.group_maturity.report import files, shown, source, view
from plugins.group_maturity.report.source import Reader
from plugins.group_maturity.report.view import Report
from plugins.group_maturity.routes.blueprint import Answer, bp, mine, promised, settings, to_measurement
from service.contract import NotFound, Role, current_launch, members_as, page, propose, requires


def report_page(found: Measurement, form: ContributionForm | None = None, *, status: int = 200) -> tuple[str, int]:
    """Shows a report to its manager."""
    launch = current_launch()
    rating = ratings.beside(found)
    made = rating if rating is not None and rating.status is Status.SUBMITTED else None
    if form is None and made is not None:
        form = ContributionForm(data={"contribution": made.contribution})
    return page(
        "group_maturity/report.html", status=status, measurement=found, rating=rating, form=form,
        saved=request.args.get("saved", ""), promised=promised(found), **shown.parts(manager_report(found)), **_sharing(found),
        written=words.of(found, measurements.today(launch.cohort)),
        **next_wave(found), earlier=measurements.before(found), zone=launch.zone,
    )  # fmt: skip


def manager_report(found: Measurement, *, file: bool = False) -> Report:
    """Returns the report of a measurement as its manager reads it. Raises NotFound when there is none.

    In a `file` what does not open is told in its place; the page, on which she goes on writing, is refused whole.
    """
    launch = current_launch()
    whole = source.of(found, Reader.MANAGER, launch.zone, actor=launch.actor if file else None)
    if whole is None:
        raise NotFound("report")
    return view.build(whole, launch.locale)


def next_wave(found: Measurement) -> dict[str, Any]:
    """Returns the wave that followed, if any, and from when the group can be asked again."""
    return {"follower": waves.after(found), "again_from": measurements.retest_from(found, settings())}


def _sharing(found: Measurement) -> dict[str, Any]:
    coaches = members_as(current_launch().cohort, Role.COACH)
    return {"coaches": coaches, "shares": {one.coach_id: one for one in sharing.shares(found)}}


def hidden_page(found: Measurement) -> tuple[str, int]:
    """Shows that the result is not shown, in the same words whether nobody answered or one too few did."""
    launch = current_launch()
    instrument = measurements.instrument_of(found)
    return page(
        "group_maturity/hidden.html", measurement=found, instrument=instrument, language=instrument.language(launch.locale),
        rating=ratings.beside(found), **next_wave(found),
    )  # fmt: skip


@bp.post("/measurements/<uuid:measurement_id>/contribution")
@requires("group_maturity.own")
def report_contribution(measurement_id: uuid.UUID) -> Answer:
    """Keeps the one leader contribution, and makes a habit or a goal of it when she asks for that."""
    found = mine(measurement_id, lock=True)
    rating = ratings.beside(found)
    if found.state is not State.REPORTED or rating is None or rating.status is not Status.SUBMITTED:
        return to_measurement(found)
    kept = keep_contribution(rating)
    if isinstance(kept, ContributionForm):
        return report_page(found, kept, status=422)
    return kept if isinstance(kept, Response) else to_measurement(found, saved=kept, anchor="leader")


def keep_contribution(rating: SelfRating) -> ContributionForm | Response | str:
    """Keeps what was sent. Returns the form when it is wrong, the way to what was made of it, or a word of what was.

    The words: "yes" for saved, "no_habits" and "no_goals" where no plugin makes one of it.
    """
    form = ContributionForm(request.form)
    action = request.form.get("action", "save")
    kind = action if action in {"habit", "goal"} else ""
    if not form.validate(needed=bool(kind)):
        return form
    ratings.write_contribution(rating, form.contribution.data or "")
    if not kind:
        return "yes"
    adopted = propose(kind, rating.contribution, bp.name, rating.id)
    return f"no_{kind}s" if adopted is None else redirect(adopted.url, 303)


@bp.post("/measurements/<uuid:measurement_id>/share")
@requires("group_maturity.own")
def share(measurement_id: uuid.UUID) -> Answer:
    """Shows a coach the report, with or without her own picture."""
    found = mine(measurement_id, lock=True)
    if found.state not in measurements.ENDED:
        return to_measurement(found)
    sharing.share(found, current_launch().cohort, _coach(), with_own=request.form.get("with_own") == "yes")
    return to_measurement(found, anchor="sharing")


@bp.post("/measurements/<uuid:measurement_id>/unshare")
@requires("group_maturity.own")
def unshare(measurement_id: uuid.UUID) -> Answer:
    """Ends the sharing with a coach."""
    found = mine(measurement_id, lock=True)
    sharing.stop(found, _coach())
    return to_measurement(found, anchor="sharing")


def _coach() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("coach", ""))
    except ValueError:
        raise NotFound("coach") from None


@bp.get("/measurements/<uuid:measurement_id>/report.json")
@requires("group_maturity.own")
def report_json(measurement_id: uuid.UUID) -> Answer:
    """Gives the report as a JSON file."""
    found = mine(measurement_id)
    text = json.dumps(files.as_json(manager_report(found, file=True)), ensure_ascii=False, indent=2)
    return as_file(text.encode(), "application/json", "gruppmatning.json")


def as_file(content: bytes, kind: str, name: str) -> Response:
    """Returns a file to save."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
