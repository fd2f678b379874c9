"""`stegvis verify-export FILE`: whether a copy of somebody's data is as this installation made it."""

import sys
from pathlib import Path

import click

from service.exports.own import sealing
from service.settings import load


@click.command("verify-export")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_export(file: Path) -> None:
    """Tell whether FILE, somebody's copy of her data, is as this installation made it. Exit status 1 when it is not."""
    found = sealing.problems(load(), file)
    for problem in found:
        click.echo(problem)
    click.echo("not as it was made" if found else "as this installation made it: signature and every file fit")
    sys.exit(1 if found else 0)
