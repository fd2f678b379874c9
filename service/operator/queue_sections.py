"""How much waits, who works, and what runs at this moment."""

import sqlalchemy as sa
from flask_babel import gettext as _

from service import figures
from service.cohorts.models import Organisation
from service.core import core
from service.jobs import probe, signs
from service.jobs.models import Job, JobState
from service.operator import words
from service.operator.sections import NONE, Row, Section, ago, lasting, when
from service.unit import current

SHOWN = 50


def load() -> Section:
    """How much waits and for how long, and whether the queue rings."""
    found, rings = figures.queue(), probe.answers(core().settings.queue)
    facts = [
        (_("Waiting"), found.waiting, _("due now")),
        (_("For later"), found.later, _("a further try, or planned")),
        (_("Running"), found.running, ""),
        (_("Stopped jobs"), found.dead, _("need you")),
        (_("Oldest due"), ago(found.oldest_due), _("became due")),
        (_("Queue server"), _("answers") if rings else _("away"), ""),
    ]
    away = "" if rings else _("The queue server does not answer. Nothing is lost: work is found in the database.")
    return Section("load", _("Work"), away, facts=facts)


def workers() -> Section:
    """Who works."""
    settings = core().settings
    rows = [
        Row(when(one.started_at), [ago(one.beat_at), one.version], kind="done")
        for one in signs.living(settings.sweep_seconds)
    ]
    headers = [_("Started"), _("Latest sign of life"), _("Version")]
    none = _("No worker gives a sign of life. What people ask for is kept and waits. Start one: stegvis worker.")
    return Section("workers", _("Workers"), headers=headers, rows=rows, empty=none)


def running() -> Section:
    """What runs, and how long its worker may still be silent before another takes it."""
    now = current().now()
    query = (
        sa.select(Job, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Job.organisation_id)
        .where(Job.state == JobState.RUNNING)
        .order_by(Job.lease_until, Job.id)
        .limit(SHOWN)
    )
    rows = []
    for job, organisation in current().session.execute(query):
        left = (job.lease_until - now).total_seconds() if job.lease_until else 0.0
        lease = _("%(time)s left", time=lasting(left)) if left > 0 else _("ran out %(when)s", when=ago(job.lease_until))
        cells = [organisation or NONE, job.tries, lease]
        rows.append(Row(words.kind(job.kind), cells, kind="later" if left > 0 else "att", code=str(job.id)))
    headers = [_("Job"), _("Organisation"), _("Try"), _("Lease")]
    lead = _("A worker renews the lease of its job while it works. When it runs out another worker takes the job over.")
    return Section("running", _("Running now"), lead, headers=headers, rows=rows, empty=_("Nothing runs just now."))


PARTS = [load, workers, running]
