"""Jobs that stopped, with what can be done about them, and those that did not go well lately."""

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from service.cohorts.models import Organisation
from service.jobs.models import Job, JobState
from service.operator import words
from service.operator.sections import NONE, Press, Row, Section, when
from service.unit import current

SHOWN = 100


def dead() -> Section:
    """Jobs that were tried in vain."""
    rows = []
    for job, organisation in _jobs(Job.state == JobState.DEAD):
        presses = [
            Press(_("Try again"), url_for("operator.retry", job_id=job.id), hint=str(words.kind(job.kind))),
            Press(_("Put away"), url_for("operator.discard", job_id=job.id), hint=str(words.kind(job.kind))),
        ]
        cells = [organisation or NONE, job.tries, words.reason(job.reason), when(job.finished_at)]
        rows.append(Row(words.kind(job.kind), cells, kind="err", code=str(job.id), presses=presses))
    headers = [_("Job"), _("Organisation"), _("Tries"), _("Reason"), _("When")]
    lead = _(
        "Each was tried three times. Look at the reason, put it right, then try again. Whoever asked for it has been told; "
        "putting it away changes nothing for her."
    )
    return Section(
        "dead", _("Stopped jobs"), lead if rows else "", headers=headers, rows=rows, presses=True,
        empty=_("No job has stopped."),
    )  # fmt: skip


def history() -> Section:
    """The latest jobs that failed at least once, or were called off."""
    unlucky = sa.or_(
        sa.and_(Job.state == JobState.QUEUED, Job.reason != ""),
        Job.state == JobState.CANCELLED,
        sa.and_(Job.state == JobState.DONE, Job.tries > 1),
    )
    rows = [
        Row(
            words.kind(job.kind), [organisation or NONE, words.STATES[job.state], job.tries, words.reason(job.reason),
            when(job.finished_at or job.run_after)], code=str(job.id),
        )
        for job, organisation in _jobs(unlucky)
    ]  # fmt: skip
    headers = [_("Job"), _("Organisation"), _("State"), _("Tries"), _("Reason"), _("When")]
    lead = _("The latest jobs that needed more than one try or were called off. A further try has its time under When.")
    return Section(
        "history", _("What did not go well"), lead if rows else "", headers=headers, rows=rows,
        empty=_("Every job went well at once."),
    )  # fmt: skip


def _jobs(which: sa.ColumnElement[bool]) -> list[tuple[Job, str | None]]:
    query = (
        sa.select(Job, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Job.organisation_id)
        .where(which)
        .order_by(sa.func.coalesce(Job.finished_at, Job.run_after).desc(), Job.id)
        .limit(SHOWN)
    )
    return [(job, organisation) for job, organisation in current().session.execute(query)]


PARTS = [dead, history]
