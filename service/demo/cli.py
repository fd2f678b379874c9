"""`stegvis demo`: the practice LMS, the service, a worker and the embedded queue, with a freshly made cohort."""

import base64
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path

import click

from service import migrate
from service.app import create_app
from service.cli_run import serve
from service.core import Core
from service.demo.lms import LmsConfig, running, tool_at
from service.demo.seed import PracticeClock, seed
from service.errors import StartRefused
from service.settings import load

MARK = "made-by-stegvis-demo"


@click.command()
@click.option("--port", default=8070, show_default=True, help="Where the service listens.")
@click.option("--lms-port", default=8071, show_default=True, help="Where the practice LMS listens.")
@click.option("--data-dir", default=Path("var/demo"), show_default=True, type=click.Path(path_type=Path))
def demo(port: int, lms_port: int, data_dir: Path) -> None:
    """Try it all on this computer: a practice LMS and a made-up cohort. Everything is made anew at each start."""
    for number, option in ((port, "--port"), (lms_port, "--lms-port")):
        _demand_free(number, option)
    _make_room(data_dir)
    service_url = f"http://127.0.0.1:{port}"
    # The web and worker processes read their settings from the environment, as they would anywhere.
    os.environ.update({
        "STEGVIS_PUBLIC_URL": service_url, "STEGVIS_DEMO": "1", "STEGVIS_DATA_DIR": str(data_dir.resolve()),
        "STEGVIS_MASTER_KEY": _random_key(), "STEGVIS_SECRET_KEY": _random_key(),
    })  # fmt: skip
    with running(LmsConfig(f"http://localhost:{lms_port}", tool_at(service_url)), host="localhost") as lms:
        settings = load()
        migrate.upgrade(settings)
        clock = PracticeClock()
        app = create_app(settings, clock=clock)
        core: Core = app.extensions["stegvis"]
        seed(app, core, lms, clock)
        core.units.engine.dispose()

        def opened() -> None:
            click.echo(f"\nOpen {lms.base_url}/ and choose who to be. Ctrl-C ends everything.\n")
            sys.stdout.flush()

        sys.exit(serve(settings, bind=f"127.0.0.1:{port}", threads=8, opened=opened))


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _demand_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise StartRefused(f"something else listens on port {port}: choose another with {option}") from None


def _make_room(data_dir: Path) -> None:
    """Empties the folder of an earlier demo, and only of one."""
    if data_dir.exists() and any(data_dir.iterdir()):
        if not (data_dir / MARK).exists():
            raise StartRefused(f"{data_dir} holds something that no demo made: choose another folder with --data-dir")
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / MARK).touch()
