"""The `stegvis` command line."""

import sys
from importlib import import_module

import click

from service import migrate
from service.errors import StartRefused
from service.host import Host, discover
from service.settings import load

# sysexits.h: something was found in an unconfigured or misconfigured state.
EX_CONFIG = 78


# Commands that live beside what they do; each is imported only when it is asked for.
ELSEWHERE = {
    "run": "service.cli_run:run",
    "web": "service.cli_run:web",
    "worker": "service.cli_run:worker",
    "keys": "service.lti.keys_cli:keys",
    "operator": "service.operator.cli:operator",
    "platform": "service.lti.platform_cli:platform",
    "mail": "service.mail.cli:mail",
    "backup": "service.backup.cli:backup",
    "restore": "service.backup.cli:restore",
    "demo": "service.demo.cli:demo",
    "audit": "service.audit_cli:audit",
    "verify-export": "service.exports.own.cli:verify_export",
    "retention": "service.retention.cli:retention",
}


class _Later(click.Group):
    """Finds a command where it lives, so that `stegvis db upgrade` does not load the practice LMS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns all names."""
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns one command."""
        if cmd_name in ELSEWHERE:
            module, _, name = ELSEWHERE[cmd_name].partition(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Later)
@click.version_option(package_name="stegvis")
def stegvis() -> None:
    """Stegvis, a coaching service inside the learning platform. Settings come from STEGVIS_ environment variables."""


@stegvis.group()
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this program's schema."""
    migrate.upgrade(load())
    click.echo("the database is at this program's schema")


@db.command("check")
def db_check() -> None:
    """Tell whether database and program agree."""
    problems = migrate.check(load())
    for problem in problems:
        click.echo(problem)
    sys.exit(1 if problems else 0)


@stegvis.group()
def plugin() -> None:
    """Installed plugins."""


@plugin.command("list")
def plugin_list() -> None:
    """List the installed plugins."""
    for found in Host(discover()):
        click.echo(f"{found.key}\t{found.manifest.title}\t{found.module.__name__}")


@plugin.command("run")
@click.argument("key")
@click.argument("name")
def plugin_run(key: str, name: str) -> None:
    """Do one of a plugin's own commands; `stegvis plugin commands` lists them."""
    from service.app import create_app  # noqa: PLC0415 - the other commands need none of it

    app = create_app(load())
    host = app.extensions["stegvis"].host
    found = {command.name: command for command in host[key].manifest.commands} if key in host else {}
    if name not in found:
        raise click.UsageError(f"there is no command {name!r} of a plugin {key!r}: see `stegvis plugin commands`")
    with app.app_context():
        sys.exit(found[name].run(click.echo))


@plugin.command("commands")
def plugin_commands() -> None:
    """List the plugins' own commands."""
    for found in Host(discover()):
        for command in found.manifest.commands:
            click.echo(f"{found.key}\t{command.name}\t{command.help}")


def main() -> None:
    """Runs the command line. What stops a start is one sentence and exit status 78."""
    try:
        stegvis(obj=load)
    except StartRefused as refused:
        click.echo(f"stegvis does not start: {refused}", err=True)
        sys.exit(EX_CONFIG)
