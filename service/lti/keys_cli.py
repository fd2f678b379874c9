"""`stegvis keys …`: our own signing keys. The context object is a callable that returns the settings."""

from collections.abc import Iterator

import click
import sqlalchemy as sa

from service.app import keyring
from service.lti import toolkeys
from service.lti.cli import unit_of
from service.lti.models import Platform, PlatformState, ToolKey, ToolKeyState
from service.lti.note_models import KeysFetched
from service.unit import current


@click.group()
def keys() -> None:
    """The keys that Stegvis signs its messages with."""


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
