"""`stegvis keys …`: our own signing keys, and changing the keys that texts are kept with.

The context object is a callable that returns the settings.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa

from service import masters, rotation
from service.app import keyring
from service.clock import SystemClock
from service.db import make_engine
from service.host import Host, discover
from service.lti import toolkeys
from service.lti.cli import unit_of
from service.lti.models import Platform, PlatformState, ToolKey, ToolKeyState
from service.lti.note_models import KeysFetched
from service.settings import Settings
from service.unit import Units, current


@click.group()
def keys() -> None:
    """The keys that Stegvis signs its messages with, and those that texts are kept with."""


@keys.command("list")
@click.pass_context
def show(context: click.Context) -> None:
    """Lists the keys, and when each platform fetched them last."""
    with unit_of(context.obj(), writing=False):
        lines = [*_keys(), *_platforms()]
    click.echo("\n".join(lines) or "There are no keys yet: the first ones are made when they are needed.")


@keys.command()
@click.option(
    "--at-once", is_flag=True, help="Do not wait until platforms know the next key: the present one has leaked."
)
@click.pass_context
def rotate(context: click.Context, *, at_once: bool) -> None:
    """Takes the next key into use; the present one stays published for a week."""
    settings = context.obj()
    with unit_of(settings, writing=True):
        try:
            toolkeys.rotate(keyring(settings), at_once=at_once)
        except toolkeys.TooEarly as error:
            raise click.ClickException(f"{error}. --at-once does it all the same.") from error
        lines = list(_keys())
    click.echo("\n".join(lines))


@keys.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Says how many keys are still to be wrapped anew, and how many persons' texts to be sealed anew."""
    with unit_of(context.obj(), writing=False) as unit:
        behind = masters.behind(unit.connection, keyring(context.obj()))
        waiting = rotation.waiting(unit.connection)
    click.echo(f"{behind} keys are wrapped by an earlier master key\n{waiting} persons have texts to be sealed anew")


@keys.command("rotate-master")
@click.option("--batch", type=int, default=masters.BATCH, hidden=True)
@click.pass_context
def rotate_master(context: click.Context, batch: int) -> None:
    """Wraps everything anew with the present master key. Goes on where it was stopped; the service may run meanwhile."""
    settings = context.obj()
    masters.check_masters(settings)
    with _units(settings) as units:
        done = masters.rewrap(units, click.echo, batch)
    click.echo(f"{done} keys wrapped anew, 0 left: the earlier master keys may be taken out of the settings")


@keys.command("rotate-persons")
@click.option("--grace", type=float, default=rotation.GRACE_SECONDS, hidden=True)
@click.option("--batch", type=int, default=masters.BATCH, hidden=True)
@click.pass_context
def rotate_persons(context: click.Context, grace: float, batch: int) -> None:
    """Gives every person a new key and seals all texts anew. Goes on where it was stopped; the service may run meanwhile.

    What was sealed before it was bound to who reads it (private and shared notes) is bound to that from then on.
    """
    settings = context.obj()
    masters.check_masters(settings)
    with _units(settings) as units:
        try:
            begun = rotation.begin(units)
        except rotation.Strangers as tables:
            raise click.ClickException(
                f"these tables are of a plugin that is not installed, and its texts would be lost: {tables}. Install it first"
            ) from tables
        click.echo(f"{begun} persons have new keys" if begun else "going on with what was begun before")
        done, bad = rotation.reseal(units, click.echo, size=batch, grace=grace)
    if bad:
        raise click.ClickException(
            f"{bad} texts open with neither key and were left as they are, with the key before of whom they belong to"
        )
    click.echo(f"{done} texts sealed anew, 0 left")


@contextmanager
def _units(settings: Settings) -> Iterator[Units]:
    """Units on the settings' database, for a command of many. Every plugin's tables are known."""
    Host(discover())
    engine = make_engine(settings)
    try:
        yield Units(engine, keyring(settings), SystemClock())
    finally:
        engine.dispose()


def _keys() -> Iterator[str]:
    for row in current().session.scalars(sa.select(ToolKey).order_by(ToolKey.created_at, ToolKey.kid)):
        since = f"made {row.created_at:%Y-%m-%d %H:%M}"
        if row.state is ToolKeyState.CURRENT and row.signs_from is not None:
            since = f"signs since {row.signs_from:%Y-%m-%d %H:%M}"
        elif row.retires_at is not None:
            since = f"published until {row.retires_at:%Y-%m-%d %H:%M}"
        yield f"{row.kid}  {row.state.value}  {since} UTC"


def _platforms() -> Iterator[str]:
    session = current().session
    newest = session.scalar(sa.select(ToolKey.created_at).where(ToolKey.state == ToolKeyState.NEXT))
    query = (
        sa.select(Platform.public_id, Platform.name, KeysFetched.at)
        .outerjoin(KeysFetched, KeysFetched.platform_id == Platform.id)
        .where(Platform.state == PlatformState.ACTIVE)
        .order_by(Platform.name, Platform.public_id)
    )
    for public_id, name, at in session.execute(query):
        told = "has not fetched them at its own address" if at is None else f"fetched them {at:%Y-%m-%d %H:%M} UTC"
        if at is not None and newest is not None and at < newest:
            told += ", before the next key was made"
        yield f"{public_id}  {name}  {told}"
