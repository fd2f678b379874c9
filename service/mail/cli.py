"""`stegvis mail …`: whether mails can be sent, and what waits. The context object is a callable that returns the settings."""

from datetime import UTC, datetime

import click
import sqlalchemy as sa

from service.app import create_app
from service.errors import Invalid
from service.lti.cli import unit_of
from service.mail import addresses, message, smtp
from service.mail.models import Mail, MailServer


@click.group()
def mail() -> None:
    """Mails that tell people there is something to read."""


@mail.command("test")
@click.argument("address")
@click.pass_context
def trial(context: click.Context, address: str) -> None:
    """Sends one mail to ADDRESS, as a person would get it, and says what the server answered."""
    settings = context.obj()
    if not settings.sends_mail:
        raise click.ClickException("no mail is sent: STEGVIS_SMTP_HOST and STEGVIS_SMTP_FROM are not set")
    try:
        to = addresses.clean(address)
    except Invalid:
        raise click.ClickException("that is not an address that Stegvis would take") from None
    app = create_app(settings)
    with app.app_context():
        made = message.trial(to, settings, datetime.now(UTC))
    try:
        with smtp.line(settings) as line:
            line.send(made, to)
    except smtp.ServerAway as away:
        raise click.ClickException(f"the server {settings.smtp_host} cannot be used: {away}") from None
    except smtp.Refused as refused:
        raise click.ClickException(f"the server did not take the mail: {refused}") from None
    click.echo(f"{settings.smtp_host} has taken the mail")


@mail.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Says how many mails wait, were sent and failed, and how the server is. No addresses."""
    with unit_of(context.obj(), writing=False) as unit:
        counts = sa.select(Mail.kind, Mail.state, Mail.reason, sa.func.count()).group_by(
            Mail.kind, Mail.state, Mail.reason
        )
        for kind, state, reason, number in unit.session.execute(counts.order_by(Mail.kind, Mail.state, Mail.reason)):
            click.echo(f"{kind.value}\t{state.value}\t{number}\t{reason}".rstrip())
        for server in unit.session.scalars(sa.select(MailServer)):
            away = server.closed_until is not None and server.closed_until > unit.now()
            click.echo(f"server\t{f'left alone: {server.reason}' if away else 'as usual'}")
