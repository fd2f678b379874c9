"""`stegvis retention`: deletes what is due now and prints how many rows of each kind; `--dry-run` only counts them."""

import sys
import uuid
from collections.abc import Mapping

import click
import sqlalchemy as sa
import structlog
from flask_babel import force_locale

from service.audit import OPERATOR
from service.cohorts.models import Organisation
from service.core import core
from service.jobs import hold
from service.retention import rules, work
from service.settings import load

log = structlog.get_logger("stegvis.retention")


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what is due and delete nothing.")
def retention(*, dry_run: bool) -> None:
    """Delete what is kept no longer, as the worker does every day, and print a table of rows per kind."""
    from service.app import create_app  # noqa: PLC0415 - the other commands need none of it

    with create_app(load()).app_context(), force_locale("en"):
        if not dry_run and hold.rests(core().units):
            raise click.ClickException(
                "all work is held after a restore: stegvis restore confirm first. Nothing was deleted"
            )
        failed = 0
        for name, organisation_id in organisations():
            try:
                rows = count(organisation_id) if dry_run else delete(organisation_id)
            except Exception:
                # The next one's time is up as well.
                log.exception("retention_failed", organisation=str(organisation_id))
                click.echo(f"{name}: FAILED, the log says where; what had its turn before or after that is deleted")
                failed += 1
                continue
            for line in table(name, rows):
                click.echo(line)
        click.echo("nothing was deleted: this was a dry run" if dry_run else "deleted")
        sys.exit(1 if failed else 0)


def organisations() -> list[tuple[str, uuid.UUID]]:
    """Returns the organisations by name, and the operator, who has a trail of her own."""
    with core().units.reading() as unit:
        found = unit.session.execute(sa.select(Organisation.name, Organisation.id).order_by(Organisation.name))
        return [*((row.name, row.id) for row in found), ("(operator)", OPERATOR)]


def count(organisation_id: uuid.UUID) -> Mapping[str, Mapping[str, int]]:
    """Returns what is due, by rule and table."""
    with core().units.reading() as unit:
        return rules.due_rows(organisation_id, unit.now(), work.of(organisation_id))


def delete(organisation_id: uuid.UUID) -> Mapping[str, Mapping[str, int]]:
    """Deletes what is due, as a run of its own beside the daily one. Returns what it deleted."""
    with core().units.writing():
        run_id = work.begin_now(organisation_id)
    work.run_now(run_id)
    with core().units.reading():
        return work.report(run_id)


def table(name: str, rows: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Returns the lines of one organisation's table: rule, kind, rows."""
    lines = [f"{name}: nothing" if not rows else name]
    for rule in rules.rules():
        kinds = rows.get(rule.code, {})
        lines += [f"  {rule.code:<28} {rule.kind(kind)!s:<44} {kinds[kind]:>9}" for kind in sorted(kinds)]
    return lines
