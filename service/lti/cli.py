"""`stegvis platform …`: registering platforms by hand. The context object is a callable that returns the settings."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import click

from service.app import keyring
from service.audit import Actor
from service.clock import SystemClock
from service.db import make_engine
from service.errors import Invalid, NotFound
from service.lti import invites, platforms
from service.lti.models import PlatformState
from service.lti.selftest import passed
from service.lti.selftest import run as run_selftest
from service.outbound import Outbound
from service.settings import Settings
from service.unit import Unit, Units

_OPTION = {
    "auth_login_url": "--auth-url", "token_url": "--token-url", "jwks_url": "--jwks-url", "client_id": "--client-id",
}  # fmt: skip


@click.group()
def platform() -> None:
    """Learning platforms that may launch."""


@contextmanager
def unit_of(settings: Settings, *, writing: bool) -> Iterator[Unit]:
    """A unit on the settings' database, for one command. What is wrong with its arguments is one sentence."""
    engine = make_engine(settings)
    units = Units(engine, keyring(settings), SystemClock())
    try:
        with saying(), units.writing() if writing else units.reading() as unit:
            yield unit
    finally:
        engine.dispose()


@platform.command()
@click.option("--name", required=True, help="What you call the platform.")
@click.option("--issuer", required=True, help="The platform's issuer, exactly as it writes it.")
@click.option("--client-id", required=True, help="The id the platform gave this tool.")
@click.option("--auth-url", required=True, help="The platform's authentication request address.")
@click.option("--token-url", required=True, help="The platform's access token address.")
@click.option("--jwks-url", required=True, help="The platform's public key set address.")
@click.option("--organisation", required=True, help="Whose platform it is; made if there is none of that name.")
@click.option("--deployment", "deployments", multiple=True, help="A deployment id; may be given several times.")
@click.option(
    "--family", type=click.Choice(["moodle", "canvas", "openedx"]), help="The product, if it is one of these."
)
@click.option("--unchecked", is_flag=True, help="Do not ask the platform for its keys now.")
@click.pass_context
def add(
    context: click.Context, name: str, issuer: str, client_id: str, auth_url: str, token_url: str, jwks_url: str,
    organisation: str, deployments: tuple[str, ...], family: str | None, *, unchecked: bool,
) -> None:  # fmt: skip
    """Registers a platform and prints what its administrator needs."""
    settings: Settings = context.obj()
    entry = platforms.Entry(
        name, issuer, client_id, auth_url, token_url, jwks_url, organisation, deployments, family or ""
    )
    # The network is asked before a transaction is open.
    with saying():
        platforms.check_entry(entry, demo=settings.demo)
        if not unchecked:
            platforms.check_keys(Outbound(settings), jwks_url)
    with unit_of(settings, writing=True):
        made = platforms.register(entry)
    base = settings.public_url
    click.echo(f"Registered {name} for {organisation}.\n")
    click.echo(f"Login address:     {base}/lti/login/{made.public_id}")
    click.echo(f"Launch address:    {base}/lti/launch")
    click.echo(f"Public key set:    {base}/lti/jwks")
    click.echo(f"Values to copy:    {base}/lti/config/{made.public_id}/moodle")
    click.echo(f"\nOne-time code for the first member of the training department: {made.training_code}")


@contextmanager
def saying() -> Iterator[None]:
    """Turns what is wrong with an argument into one sentence about its option."""
    try:
        yield
    except Invalid as error:
        field, why = next(iter(error.fields.items()))
        raise click.UsageError(f"{_OPTION.get(field, '--' + field)}: {why}") from error
    except NotFound as error:
        raise click.UsageError("there is none of that name: see `stegvis platform list`") from error


@platform.command()
@click.option("--organisation", required=True, help="Whose platform it will be; made if there is none of that name.")
@click.option("--for", "name", required=True, help="What you call the platform, or who is invited.")
@click.option("--activate", "activates", is_flag=True, help="What registers may launch at once, without approval.")
@click.pass_context
def invite(context: click.Context, organisation: str, name: str, *, activates: bool) -> None:
    """Makes a registration address, good once and for a day, that an administrator pastes into her platform."""
    settings: Settings = context.obj()
    with unit_of(settings, writing=True):
        whose = platforms.organisation_named(platforms.checked_name(organisation))
        try:
            made = invites.make(whose.id, name, Actor(whose.id), activates=activates)
        except Invalid as error:
            raise Invalid(**{"for": error.fields["name"]}) from error
    click.echo(f"Invite for {name} ({organisation}), good once until {made.expires_at:%Y-%m-%d %H:%M} UTC.\n")
    click.echo(f"Registration address:  {made.address(settings.public_url)}")
    if made.training_code:
        click.echo(f"\nOne-time code for the first member of the training department: {made.training_code}")


@platform.command("invites")
@click.option("--organisation", required=True, help="Whose invites.")
@click.pass_context
def show_invites(context: click.Context, organisation: str) -> None:
    """Lists an organisation's invites. Their addresses are kept nowhere."""
    with unit_of(context.obj(), writing=False):
        for one in invites.listing(platforms.find_organisation(organisation).id):
            activates = "  activates" if one.activates else ""
            click.echo(f"{one.id}  {one.state.value}  {one.name}  until {one.expires_at:%Y-%m-%d %H:%M} UTC{activates}")


@platform.command("revoke-invite")
@click.option("--organisation", required=True, help="Whose invite.")
@click.argument("invite_id", type=click.UUID)
@click.pass_context
def revoke_invite(context: click.Context, organisation: str, invite_id: uuid.UUID) -> None:
    """Takes an open invite back."""
    with unit_of(context.obj(), writing=True):
        whose = platforms.find_organisation(organisation)
        invites.revoke(whose.id, invite_id, Actor(whose.id))
    click.echo("The invite is revoked.")


@platform.command()
@click.pass_context
def selftest(context: click.Context) -> None:
    """Does with our keys what a platform does, over the public address. Ends with status 1 when something is wrong."""
    settings: Settings = context.obj()
    engine = make_engine(settings)
    try:
        units = Units(engine, keyring(settings), SystemClock())
        steps = run_selftest(units, Outbound(settings), settings.public_url)
    finally:
        engine.dispose()
    for step in steps:
        click.echo(f"{'ok  ' if step.ok else 'FAIL'}  {step.what}{': ' if step.sentence else ''}{step.sentence}")
    context.exit(0 if passed(steps) else 1)


@platform.command("list")
@click.pass_context
def show(context: click.Context) -> None:
    """Lists platforms and their deployments."""
    with unit_of(context.obj(), writing=False):
        for one, organisation, deployments in platforms.listing():
            click.echo(
                f"{one.public_id}  {one.state.value}  {one.name} ({organisation})  {one.issuer}  {one.client_id}"
            )
            for deployment in deployments:
                click.echo(f"    deployment {deployment.deployment_id}  {deployment.state.value}")


@platform.command()
@click.argument("public_id")
@click.pass_context
def disable(context: click.Context, public_id: str) -> None:
    """Stops a platform's launches, the open ones too."""
    with unit_of(context.obj(), writing=True):
        one = platforms.set_state(public_id, PlatformState.DISABLED)
    click.echo(f"{one.name} is disabled.")


@platform.command()
@click.argument("public_id")
@click.pass_context
def enable(context: click.Context, public_id: str) -> None:
    """Lets a platform launch that waits for approval or was disabled."""
    with unit_of(context.obj(), writing=True):
        one = platforms.set_state(public_id, PlatformState.ACTIVE)
    click.echo(f"{one.name} may launch.")


@platform.command()
@click.argument("deployment")
@click.option("--platform", "public_id", default="", help="Which platform, where several have a deployment of this id.")
@click.pass_context
def activate(context: click.Context, deployment: str, public_id: str) -> None:
    """Activates a deployment that was seen in a launch."""
    with unit_of(context.obj(), writing=True):
        platforms.activate(deployment, public_id)
    click.echo(f"Deployment {deployment} is active.")
