"""The commands that keep running: `run` (everything on one machine), `web` and `worker`."""

import contextlib
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import click

from service import gunicorn_conf, logs
from service.errors import StartRefused
from service.jobs.embedded import EmbeddedQueue
from service.jobs.family import EX_CONFIG, Child, holding, stop_asked, tie_to_parent, wait_for_go
from service.settings import LOOPBACK, Settings, load

TICK_SECONDS = 0.1
# The worker is started when the pages are there, or after this long without them.
FIRST_PAGE_SECONDS = 10.0
# A little more than a request or a job may take after it was told to end.
GRACE_SECONDS = 35.0
DEFAULT_PORT = 8000

_bind = click.option("--bind", help="Address and port, such as 127.0.0.1:8000. Default: the public one, if local.")
_threads = click.option("--threads", type=click.IntRange(1, 64), default=gunicorn_conf.threads, show_default=True)
_processes = click.option("--processes", type=click.IntRange(1, 64), default=gunicorn_conf.workers, show_default=True)
_tied = click.option("--tied", is_flag=True, hidden=True, help="End with the parent process.")


@click.group()
def commands() -> None:
    """What keeps running."""


@commands.command()
@_bind
@_threads
def run(bind: str | None, threads: int) -> None:
    """Serve everything on this machine: pages, worker and, unless STEGVIS_REDIS_URL is set, an embedded queue."""
    settings = load()
    sys.exit(serve(settings, bind=bind or default_bind(settings), threads=threads))


@commands.command()
@_bind
@_threads
@_processes
@_tied
def web(bind: str | None, threads: int, processes: int, *, tied: bool) -> None:
    """Serve the pages."""
    if tied:
        tie_to_parent(signal.SIGTERM, waits=True)
    else:
        from service import masters  # noqa: PLC0415 - beside `run` the parent has looked

        masters.check_masters(load())
    _web(load(), bind, threads, processes, tied=tied)


@commands.command()
@_tied
def worker(*, tied: bool) -> None:
    """Do the jobs: a parent that sweeps and a child that works."""
    from service import masters  # noqa: PLC0415 - the pages need none of it
    from service.jobs import worker as parent  # noqa: PLC0415 - as above

    settings = load()
    if tied:
        tie_to_parent(signal.SIGTERM, waits=True)
        wait_for_go(signal.SIGTERM)
    masters.check_masters(settings)
    sys.exit(parent.run(settings))


def default_bind(settings: Settings) -> str:
    """Returns where to listen: at the public address where that is this machine, else where a local proxy finds it."""
    parts = urlsplit(settings.public_url)
    if parts.hostname in LOOPBACK and parts.port:
        return f"127.0.0.1:{parts.port}"
    return f"127.0.0.1:{DEFAULT_PORT}"


def _web(settings: Settings, bind: str | None, threads: int, processes: int, *, tied: bool) -> None:
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # noqa: PLC0415 - the pages alone need it

    from service import wsgi  # noqa: PLC0415 - as above

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            known = {name: value for name, value in vars(gunicorn_conf).items() if name in self.cfg.settings}
            known |= {"bind": bind or default_bind(settings), "threads": threads, "workers": processes}
            for name, value in known.items():
                self.cfg.set(name, value)

        def load(self) -> object:
            app = wsgi.app()
            if tied:
                wait_for_go(signal.SIGTERM)  # made while the database is being upgraded; listens when that is done
            return app

    Server().run()


def serve(
    settings: Settings, *, bind: str, threads: int, beside: Sequence[tuple[str, Sequence[str]]] = (),
    opened: Callable[[], None] = lambda: None,
) -> int:  # fmt: skip
    """Runs pages, worker and queue until SIGTERM or Ctrl-C, or until one of them cannot be kept up. Returns the status.

    `beside` names further programs of ours to run with them: a name and the arguments after `python -m`. `opened` is
    called when the pages are there.
    """
    logs.configure()
    asked = stop_asked()
    wanted = [
        ("web", ["service.cli_run", "web", "--tied", "--bind", bind, "--threads", str(threads)]),
        ("worker", ["service.cli_run", "worker", "--tied"]),
        *beside,
    ]
    with holding(settings.data_dir, StartRefused(f"another `stegvis run` uses {settings.data_dir}")):
        queue = None if settings.redis_url else EmbeddedQueue(settings)
        children = [Child(*wanted[0])]
        status = None
        try:
            if queue is not None:
                queue.start()
            _upgrade(settings)
            children[0].go()
            # People wait for the first page, nobody for the worker: it does not take the processor from the pages.
            _until_open(bind, asked)
            opened()
            for name, arguments in wanted[1:]:
                children.append(Child(name, arguments))
                children[-1].go()
            while status is None and not asked.wait(TICK_SECONDS):
                status = next((ended for child in children if (ended := child.check()) is not None), None)
                if queue is not None:
                    queue.check()
        finally:
            for child in children:
                child.signal(signal.SIGTERM)
            for child in children:
                child.wait(GRACE_SECONDS)
            if queue is not None:
                queue.stop()
    return status or 0


def _until_open(bind: str, asked: threading.Event) -> None:
    """Waits until something listens at an address and port, at most a moment; another kind of address is not asked."""
    host, _, port = bind.rpartition(":")
    until = time.monotonic() + FIRST_PAGE_SECONDS
    while port.isdigit() and time.monotonic() < until and not asked.wait(TICK_SECONDS / 2):
        with contextlib.suppress(OSError), socket.create_connection((host or "127.0.0.1", int(port)), timeout=1):
            return


def _upgrade(settings: Settings) -> None:
    from service import masters, migrate  # noqa: PLC0415 - the other commands need none of it

    migrate.upgrade(settings)
    masters.check_masters(settings)


def main() -> None:
    """Runs one of these commands. What stops a start is one sentence and exit status 78."""
    try:
        commands()
    except StartRefused as refused:
        click.echo(f"stegvis does not start: {refused}", err=True)
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()
