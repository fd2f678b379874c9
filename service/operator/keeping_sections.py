"""What was deleted because its time was up, mails on their way, and whether all work is held after a restore. Numbers alone."""

import sqlalchemy as sa
from flask_babel import gettext as _

from service.jobs import hold
from service.mail.models import Mail, MailServer, MailState
from service.operator.sections import Row, Section, ago, when
from service.retention.models import RetentionCount, RetentionRun
from service.unit import current

# Runs of all organisations that are shown.
RUNS = 20


def retention() -> Section:
    """The newest daily runs of every organisation and of the installation itself, with how many rows each deleted."""
    deleted = (
        sa.select(sa.func.coalesce(sa.func.sum(RetentionCount.rows), 0))
        .where(RetentionCount.run_id == RetentionRun.id)
        .scalar_subquery()
    )
    query = sa.select(RetentionRun, deleted).order_by(RetentionRun.started_at.desc(), RetentionRun.id).limit(RUNS)
    rows = [
        Row(
            when(run.started_at), [_ended(run), int(number)], kind="err" if run.failed_because else "", code=str(run.id)
        )
        for run, number in current().session.execute(query)
    ]
    return Section(
        "retention", _("What has been kept long enough"), _("stegvis retention --dry-run says what is due now."),
        headers=[_("Run"), _("Ended"), _("Rows deleted")], rows=rows, empty=_("No run yet. A worker makes one each day."),
    )  # fmt: skip


def _ended(run: RetentionRun) -> str:
    if run.failed_because:
        return str(_("given up: %(why)s", why=run.failed_because))
    return when(run.finished_at) if run.finished_at else str(_("goes on"))


def mail() -> Section:
    """How many mails are in each state, and how the mail server is."""
    query = sa.select(Mail.state, sa.func.count(), sa.func.min(Mail.due_at)).group_by(Mail.state)
    found = {state: (number, due) for state, number, due in current().session.execute(query)}
    words = {
        MailState.WAITING: _("wait"), MailState.SENT: _("sent"),
        MailState.DROPPED: _("not to be sent any more"), MailState.FAILED: _("could not be sent"),
    }  # fmt: skip
    facts = [(words[state], found[state][0], "") for state in MailState if state in found]
    server = current().session.scalars(sa.select(MailServer)).first()
    if server is not None and server.closed_until is not None and server.closed_until > current().now():
        facts.append((_("The mail server"), _("left alone until %(at)s", at=when(server.closed_until)), server.reason))
    due = found.get(MailState.WAITING, (0, None))[1]
    lead = (
        _("The oldest that waits was due %(ago)s.", ago=ago(due)) if due is not None and due < current().now() else ""
    )
    return Section("mail", _("Mail"), lead, facts=facts, empty="" if facts else _("No mail has been written."))


def held() -> Section:
    """Whether all work rests after a restore."""
    found = hold.held()
    since = found.since if found is not None else None
    text = _("since %(at)s: stegvis restore confirm lets it go on", at=when(since)) if since else _("no")
    return Section("held", _("Work held after a restore"), facts=[(_("Held"), text, "")])


PARTS = [held, retention, mail]
