"""The core's own rules: visits, accounts nobody uses, revoked addresses, files, ended work, and the audit trail."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from service import audit_keeping
from service.access import Role
from service.audit import OPERATOR, Actor
from service.cohorts import erasure
from service.cohorts.models import ERASED, Grant, Launch, Member, Person
from service.contract.manifest import Retention
from service.core import core
from service.exports.models import ExportFile, ExportState
from service.exports.operations import JOB
from service.jobs.models import Job, JobState
from service.mail.models import Mail, MailKind
from service.mail.notices import wants_reading
from service.retention.due import Due
from service.retention.models import RetentionRun
from service.settings import Settings
from service.tokens.models import FeedToken
from service.unit import current

HOLDER = _("Stegvis itself")
YEAR = 365
ACCOUNTS = "core.accounts"
# Who wants to be told by mail is told so long before her account is erased.
NOTICE = timedelta(days=30)
# 18 months without a visit (domain.md §5.5), in days.
ACCOUNT_DAYS = 548
# Erasing asks every plugin: few at a time keep a writing unit short.
PERSONS_AT_ONCE = 5
# Ended work is many small rows of which nothing hangs: more in one lot than other rules take.
ROWS_PER_THING = 20
# Rules of what the installation itself has and no organisation: its own trail, jobs and runs.
OPERATORS = frozenset({"audit", "jobs", "runs"})


def declared(settings: Settings) -> Sequence[Retention]:
    """Returns the core's rules in this installation."""
    return (
        Retention(
            "accounts", _("Accounts that nobody uses: everything about the person is erased"), ACCOUNT_DAYS,
            _("the last time she opened Stegvis, in any course; members of the training department stay"),
            least=YEAR, most=5 * YEAR, count=_count_accounts, delete=_erase_accounts, kinds={"person": _("Persons")},
        ),
        Retention(
            "launches", _("Visits: when somebody opened Stegvis, and in which role"), 90, _("the end of the visit"),
            least=30, most=2 * YEAR, count=lambda due: _count(Launch, _launches(due)),
            delete=lambda due, limit: _some(Launch, _launches(due), limit), kinds={"launch": _("Visits")},
        ),
        Retention(
            "feeds", _("Secret addresses that were ended"), 30, _("the day they were ended"),
            count=lambda due: _count(FeedToken, _feeds(due)),
            delete=lambda due, limit: _some(FeedToken, _feeds(due), limit),
            kinds={"feed_token": _("Secret addresses of feeds")},
        ),
        Retention("exports", _("Files that were asked for"), settings.export_days, _("the moment they were written")),
        Retention(
            "files", _("That a file was asked for, and what became of it"), 90,
            _("the moment it was written, failed or was called off"),
            least=30, most=2 * YEAR, count=lambda due: _count(ExportFile, _files(due)),
            delete=lambda due, limit: _some(ExportFile, _files(due), limit),
            kinds={"export_file": _("Files that were asked for and are gone")},
        ),
        Retention(
            "jobs", _("Work that the service has done or called off. What has failed stays until it is put away"), 90,
            _("the end of the work"), count=lambda due: _count(Job, _jobs(due)),
            delete=lambda due, limit: _some(Job, _jobs(due), limit * ROWS_PER_THING),
            kinds={"job": _("Jobs that were done or called off")},
        ),
        Retention(
            "runs", _("Reports of what was deleted because its time was up"), 2 * YEAR, _("the day of the report"),
            count=lambda due: _count(RetentionRun, _runs(due)),
            delete=lambda due, limit: _some(RetentionRun, _runs(due), limit),
            kinds={"retention_run": _("Reports of what was deleted")},
        ),
        Retention(
            "audit", _("The audit trail"), 2 * YEAR, _("each event"), least=YEAR, most=10 * YEAR,
            count=lambda due: {"audit_event": audit_keeping.count(due.organisation_id, due.before)},
            delete=lambda due, limit: {"audit_event": audit_keeping.forget(due.organisation_id, due.before, limit)},
            kinds={"audit_event": _("Events in the audit trail")},
        ),
    )  # fmt: skip


def _count(model: Any, where: sa.ColumnElement[bool]) -> Mapping[str, int]:
    query = sa.select(sa.func.count()).select_from(model).where(where)
    return {model.__tablename__: current().session.scalar(query) or 0}


def _some(model: Any, where: sa.ColumnElement[bool], limit: int) -> Mapping[str, int]:
    ids = sa.select(model.id).where(where).limit(limit)
    gone = current().session.execute(sa.delete(model).where(model.id.in_(ids)).returning(model.id)).all()
    return {model.__tablename__: len(gone)}


def _launches(due: Due) -> sa.ColumnElement[bool]:
    return sa.and_(Launch.organisation_id == due.organisation_id, Launch.expires_at < due.before)


def _feeds(due: Due) -> sa.ColumnElement[bool]:
    return sa.and_(FeedToken.cohort_id.in_(due.cohorts()), FeedToken.revoked_at < due.before)


def _files(due: Due) -> sa.ColumnElement[bool]:
    """Files that are there no more, or never were. One whose job has stopped is left: the operator may try it again."""
    over = ExportFile.state.in_((ExportState.GONE, ExportState.FAILED, ExportState.CANCELLED))
    ended = sa.func.coalesce(ExportFile.finished_at, ExportFile.created_at, type_=ExportFile.created_at.type)
    alive = sa.select(Job.subject_id).where(
        Job.kind == JOB, Job.state.in_((JobState.QUEUED, JobState.RUNNING, JobState.DEAD))
    )
    mine = ExportFile.organisation_id == due.organisation_id
    return sa.and_(mine, over, ended < due.before, ExportFile.id.not_in(alive))


def _jobs(due: Due) -> sa.ColumnElement[bool]:
    """Work that ended as it should, or that nobody wanted any more.

    A dead job is an alarm that nobody has answered: no term answers it. It stays until the operator tries it again or
    puts it away, and counts from then.
    """
    mine = (
        Job.organisation_id == due.organisation_id if due.organisation_id != OPERATOR else Job.organisation_id.is_(None)
    )
    return sa.and_(mine, Job.state.in_((JobState.DONE, JobState.CANCELLED)), Job.finished_at < due.before)


def _runs(due: Due) -> sa.ColumnElement[bool]:
    return sa.and_(RetentionRun.organisation_id == due.organisation_id, RetentionRun.started_at < due.before)


def idle(due: Due) -> sa.Select[uuid.UUID]:
    """Persons whom nobody has seen since. Who is only known from a course's list counts from when she came on it."""
    seen = sa.exists().where(Member.person_id == Person.id, Member.last_seen_at >= due.before)
    training = sa.exists().where(Grant.person_id == Person.id, Grant.role == Role.TRAINING, Grant.revoked_at.is_(None))
    here = sa.and_(Person.organisation_id == due.organisation_id, Person.created_at < due.before)
    return sa.select(Person.id).where(here, ~Person.sub.startswith(ERASED), ~seen, ~training)


def _accounts(due: Due) -> sa.Select[uuid.UUID]:
    """Those of them whose account may go: who wants to be told by mail was told a month ago, also after days were cut."""
    if not core().settings.sends_mail:
        return idle(due)
    told = sa.exists().where(
        Mail.person_id == Person.id, Mail.kind == MailKind.ACCOUNT, Mail.decided_at <= current().now() - NOTICE
    )
    return idle(due).where(sa.or_(told, ~wants_reading(Person.id)))


def _count_accounts(due: Due) -> Mapping[str, int]:
    query = sa.select(sa.func.count()).select_from(_accounts(due).subquery())
    return {"person": current().session.scalar(query) or 0}


def _erase_accounts(due: Due, limit: int) -> Mapping[str, int]:
    ids = current().session.scalars(_accounts(due).order_by(Person.id).limit(min(limit, PERSONS_AT_ONCE))).all()
    for person_id in ids:
        person = current().session.get_one(Person, person_id)
        erasure.erase(core().host, person, Actor(due.organisation_id), reason="inactive")
    return {"person": len(ids)}
