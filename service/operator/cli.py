"""`stegvis operator …`: who may see the operator's pages. The context object is a callable that returns the settings."""

import click

from service.lti.cli import unit_of
from service.operator import visits
from service.settings import Settings


@click.group()
def operator() -> None:
    """The operator's own pages."""


@operator.command()
@click.pass_context
def link(context: click.Context) -> None:
    """Print an address that lets one browser in to the operator's pages, once."""
    settings: Settings = context.obj()
    with unit_of(settings, writing=True):
        address = visits.issue(settings)
    minutes, hours = (int(span.total_seconds()) for span in (visits.LINK_LIFETIME, visits.LIFETIME))
    click.echo(address)
    click.echo(
        f"Open it within {minutes // 60} minutes. The browser that does stays in for {hours // 3600} hours.", err=True
    )


@operator.command()
@click.pass_context
def end(context: click.Context) -> None:
    """End every visit to the operator's pages, and every address that was not used yet."""
    settings: Settings = context.obj()
    with unit_of(settings, writing=True):
        ended = visits.end_all()
    click.echo(f"Ended: {ended}")
