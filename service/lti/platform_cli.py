"""`stegvis platform move` and `stegvis platform diagnose`, beside the other commands about platforms."""

from collections.abc import Iterator
from datetime import timedelta

import click
import sqlalchemy as sa

from service.lti import moving, notes, platforms, revalidation
from service.lti.cli import platform, saying, unit_of
from service.lti.models import Platform
from service.lti.note_models import LaunchNote
from service.outbound import Outbound
from service.settings import Settings
from service.unit import current

SHOWN = 20


@platform.command()
@click.argument("public_id")
@click.option("--issuer", required=True, help="The platform's issuer from now on, exactly as it writes it.")
@click.option("--auth-url", required=True, help="Its authentication request address.")
@click.option("--token-url", required=True, help="Its access token address.")
@click.option("--jwks-url", required=True, help="Its public key set address.")
@click.option("--client-id", default="", help="The id it gave this tool, if that is another one.")
@click.option("--unchecked", is_flag=True, help="Do not ask the platform for its keys now.")
@click.pass_context
def move(
    context: click.Context, public_id: str, issuer: str, auth_url: str, token_url: str, jwks_url: str, client_id: str,
    *, unchecked: bool,
) -> None:  # fmt: skip
    """Follows a platform to its new address. People keep what they have; open visits end."""
    settings: Settings = context.obj()
    address = moving.Address(issuer, auth_url, token_url, jwks_url, client_id)
    # The network is asked before a transaction is open.
    with saying():
        moving.check(address, demo=settings.demo)
        if not unchecked:
            platforms.check_keys(Outbound(settings), jwks_url)
    with unit_of(settings, writing=True):
        moved = moving.move(public_id, address)
    click.echo(f"{moved.name} is at {issuer} now. Its people, courses and installations are as they were.")
    click.echo(f"Addresses of its services: {moved.rewritten} rewritten, {moved.forgotten} to be learnt from launches.")
    click.echo(f"Open visits ended: {moved.ended}")


@platform.command()
@click.argument("public_id", default="")
@click.option("--incident", default="", help="The case number on the page that somebody saw.")
@click.pass_context
def diagnose(context: click.Context, public_id: str, incident: str) -> None:
    """Shows the latest launches of a platform, or judges the one with a case number again, offline.

    Without either it shows every platform's, and those that named none.
    """
    settings: Settings = context.obj()
    with unit_of(settings, writing=False):
        known = _known(public_id)
        if incident:
            lines = _one(known, incident.upper(), timedelta(seconds=settings.leeway_seconds), strangers=not public_id)
        else:
            lines = _latest(known, settings.leeway_seconds, strangers=not public_id)
        for line in lines:
            click.echo(line)


def _known(public_id: str) -> list[Platform]:
    query = sa.select(Platform).order_by(Platform.name)
    found = list(current().session.scalars(query.where(Platform.public_id == public_id) if public_id else query))
    if public_id and not found:
        raise click.UsageError("there is none of that name: see `stegvis platform list`")
    return found


def _latest(known: list[Platform], leeway: int, *, strangers: bool) -> Iterator[str]:
    for one in known:
        found = notes.latest([one.id])
        yield f"{one.public_id}  {one.state.value}  {one.name}"
        skew = notes.skew_among(found, leeway)
        if skew is not None:
            warning = "  SET ITS CLOCK" if skew.warns else ""
            yield f"    clock {skew.seconds:+.0f} s, breaks at {skew.breaks_at} s{warning}"
        yield from map(_line, found[:SHOWN])
        if not found:
            yield "    no launch yet"
    if strangers:
        yield "launches that named no platform"
        yield from map(_line, notes.latest([None])[:SHOWN])


def _line(note: LaunchNote) -> str:
    when, case = f"{note.at:%Y-%m-%d %H:%M:%S}", note.incident or "-" * 8
    words = (when, case, note.outcome, note.message, note.deployment, note.binding)
    return "    " + "  ".join(word for word in words if word)


def _one(known: list[Platform], incident: str, leeway: timedelta, *, strangers: bool) -> Iterator[str]:
    ids = [one.id for one in known]
    nobodys = [LaunchNote.platform_id.is_(None)] if strangers else []
    mine = sa.or_(LaunchNote.platform_id.in_(ids), *nobodys)
    note = current().session.scalars(sa.select(LaunchNote).where(mine, LaunchNote.incident == incident)).first()
    if note is None:
        raise click.UsageError("no launch with that case number is kept: the latest 200 of each platform are")
    yield _line(note).strip()
    whose = next((one for one in known if one.id == note.platform_id), None)
    if whose is None:
        yield "It named no platform, so there is nothing to judge it by."
        return
    for line in revalidation.revalidate(note, revalidation.present(whose), leeway):
        changed = "  CHANGED" if line.changed else ""
        yield f"{line.check:<10}  then {line.then.value:<11}  now {line.now.value:<7}  {line.reason}{changed}".rstrip()
    yield from _lacks(note)


def _lacks(note: LaunchNote) -> Iterator[str]:
    claims = note.evidence.get("claims", {})
    for name in ("missing", "problems", "unresolved"):
        if claims.get(name):
            yield f"{name}: {', '.join(claims[name])}"
