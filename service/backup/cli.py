"""`stegvis backup` and `stegvis restore`. The context object is a callable that returns the settings."""

from collections.abc import Iterator
from pathlib import Path

import click
import sqlalchemy as sa

from service import audit
from service.app import create_app
from service.audit import Actor
from service.backup import erasures, making, restoring
from service.backup.archive import Manifest, Unusable
from service.backup.checks import RestoreRefused
from service.cohorts import erasure
from service.core import core
from service.errors import Invalid
from service.jobs import hold
from service.jobs.models import Job, JobState
from service.lti.cli import unit_of
from service.lti.service_models import Delivery, DeliveryState
from service.mail.models import Mail, MailState
from service.settings import Settings
from service.unit import current

# What stands for a file in `stegvis restore`; a file of that name is given as ./confirm.
STATUS, CONFIRM, ERASE = "status", "confirm", "erase"


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_context
def backup(context: click.Context, target: Path) -> None:
    """Write the whole database to TARGET, or to a new file in it where it is a folder, while the service runs.

    Master keys are never in it, and export files are not either.
    """
    try:
        where, manifest = making.make(context.obj(), target)
    except FileExistsError:
        raise click.ClickException(f"{target} is there already: nothing was written") from None
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}") from None
    click.echo("\n".join([f"{where}", *_facts(manifest)]))


@click.command()
@click.argument("source")
@click.argument("listed", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Throw away what is in the database now.")
@click.option("--resume", is_flag=True, help="Let the work go on at once: the copy is no older than what was lost.")
@click.pass_context
def restore(context: click.Context, source: str, listed: Path | None, *, replace: bool, resume: bool) -> None:
    r"""Put the backup SOURCE into the database. All work is then held.

    \b
    stegvis restore status          what waits while work is held
    stegvis restore confirm         let the work go on
    stegvis restore erase LISTED    erase again who was erased after the backup, by the file of STEGVIS_ERASURE_LOG
    """
    settings = context.obj()
    if source == STATUS:
        click.echo("\n".join(_status(settings)))
    elif source == CONFIRM:
        click.echo("\n".join(_confirm(settings)))
    elif source == ERASE:
        if listed is None:
            raise click.UsageError("name the file of erasures: stegvis restore erase LISTED")
        click.echo("\n".join(_erase(settings, listed)))
    else:
        _restore(settings, Path(source), replace=replace)
        if resume:
            click.echo("\n".join(_confirm(settings)))


def _restore(settings: Settings, source: Path, *, replace: bool) -> None:
    try:
        manifest = restoring.restore(settings, source, replace=replace)
    except (Unusable, RestoreRefused) as refused:
        raise click.ClickException(f"{refused}. The database is as it was") from None
    with unit_of(settings, writing=True):
        audit.append(Actor(), "restore", reason=manifest.made_at[:19], object_type="database")
    lines = [*_facts(manifest), *_status(settings)]
    if settings.erasure_log is not None and settings.erasure_log.is_file():
        with unit_of(settings, writing=False):
            number = len(erasures.to_repeat(erasures.read(settings.erasure_log)))
        if number:
            lines.append(f"{number} persons were erased after it: stegvis restore erase {settings.erasure_log}")
    click.echo("\n".join(lines))


def _facts(manifest: Manifest) -> Iterator[str]:
    yield f"made {manifest.made_at[:19]} UTC by stegvis {manifest.version}, a database of {manifest.kind}"
    for table, revisions in manifest.revisions.items():
        yield f"schema {table} {' '.join(revisions)}"
    for name, number in manifest.masters.items():
        yield f"needs the master key {name} for {number} keys"


def _status(settings: Settings) -> list[str]:
    with unit_of(settings, writing=False) as unit:
        row = hold.held()
        if row is None:
            return ["work is done as usual: nothing is held"]
        open_jobs = sa.select(Job.kind, sa.func.count()).where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        told = sa.select(sa.func.count()).where(Delivery.state == DeliveryState.WAITING)
        mails = sa.select(sa.func.count()).where(Mail.state == MailState.WAITING)
        return [
            f"all work is held since {row.since:%Y-%m-%d %H:%M} UTC: this is a copy of {row.copy_of:%Y-%m-%d %H:%M} UTC",
            *(f"waits: {number} × {kind}" for kind, number in unit.session.execute(open_jobs.group_by(Job.kind))),  # noqa: RUF001 - times
            f"waits: {unit.session.scalar(told)} completions, {unit.session.scalar(mails)} mails",
            "let it go on: stegvis restore confirm (mails of before the copy are dropped, completions are sent again)",
        ]


def _confirm(settings: Settings) -> list[str]:
    with unit_of(settings, writing=True):
        row = hold.held()
        if row is None:
            return ["nothing is held"]
        dropped = drop_mails(row)
        hold.let_go()
        audit.append(Actor(), "restore.confirm", object_type="database")
        return [f"work goes on; {dropped} mails of before the copy were dropped"]


def drop_mails(row: hold.OutboxHold) -> int:
    """Drops the mails that waited when the copy was made: they have probably been sent, and twice is worse than never."""
    old = sa.update(Mail).where(Mail.state == MailState.WAITING, Mail.decided_at <= row.copy_of)
    gone = current().session.execute(old.values(state=MailState.DROPPED, reason="restored"))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a cursor result


def _erase(settings: Settings, listed: Path) -> Iterator[str]:
    persons = erasures.read(listed)
    app = create_app(settings.model_copy(update={"erasure_log": None}))
    with app.app_context():
        with core().units.reading():
            waiting = [person.id for person in erasures.to_repeat(persons)]
        for person_id in waiting:
            with core().units.writing():
                for person in erasures.to_repeat([person_id]):
                    try:
                        erasure.erase(core().host, person, Actor(person.organisation_id))
                    except Invalid:
                        yield f"{person_id} is the last member of the training department: give the role first"
                    else:
                        yield f"{person_id} erased"
        core().units.engine.dispose()
    yield f"{len(persons)} in the list, {len(waiting)} were to be erased again"
