"""`stegvis audit`: verify the trail, and print its heads for publication elsewhere."""

import json
import sys

import click

from service.audit import OPERATOR
from service.audit_keeping import Checked, check_all
from service.settings import load


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
def verify() -> None:
    """Recount every chain. Exit status 1 when one of them is not whole."""
    found = _all()
    for one in found:
        told = "whole" if one.wrong is None else f"WRONG at event {one.wrong}"
        click.echo(f"{_name(one)}  events {one.kept_from}-{one.seq}  {told}  head {one.head or '-'}")
    broken = sum(one.wrong is not None for one in found)
    click.echo(f"{len(found)} chains, {broken} not whole")
    sys.exit(1 if broken else 0)


@audit.command()
def heads() -> None:
    """Print number and hash of each chain's newest event as JSON, to be kept where nobody here can change it.

    Who later finds another hash at one of these numbers knows that the trail was made anew.
    """
    told = [{"chain": str(one.chain), "seq": one.seq, "head": one.head} for one in _all()]
    click.echo(json.dumps(told, indent=2))


def _name(one: Checked) -> str:
    return f"{'operator' if one.chain == OPERATOR else one.chain!s:<36}"


def _all() -> list[Checked]:
    from service.app import keyring  # noqa: PLC0415 - the other commands need none of it
    from service.clock import SystemClock  # noqa: PLC0415 - as above
    from service.db import make_engine  # noqa: PLC0415 - as above
    from service.unit import Units  # noqa: PLC0415 - as above

    settings = load()
    engine = make_engine(settings)
    try:
        with Units(engine, keyring(settings), SystemClock()).reading() as unit:
            return list(check_all(unit.session))
    finally:
        engine.dispose()
