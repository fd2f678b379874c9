"""Fixtures of whole journeys: an independent platform beside the running service."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from service.settings import Settings
from tests.live import listening, register, serving
from tests.openedx.running import CLIENT, OpenEdx, Platform, interpreter


@pytest.fixture(scope="session")
def openedx_python() -> Path:
    """The interpreter with Open edX's code."""
    return interpreter()


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[socket.socket, str]]:
    """The address where each test's service answers in its turn."""
    with listening() as bound:
        yield bound


@pytest.fixture(scope="module")
def issuer(openedx_python: Path, place: tuple[socket.socket, str]) -> Iterator[str]:
    """Open edX, running beside all tests of a module."""
    with Platform(openedx_python, place[1]) as address:
        yield address


@pytest.fixture
def openedx(
    make_app: Callable[..., Flask], settings: Settings, place: tuple[socket.socket, str], issuer: str
) -> Iterator[OpenEdx]:
    """The service, registered at an Open edX where no tool has left anything."""
    bound, base_url = place
    app = make_app(settings=settings.model_copy(update={"public_url": base_url}))
    register(app, issuer, client_id=CLIENT, deployment_id="1", name="Open edX")
    there = OpenEdx(app, base_url, issuer)
    there.anew()
    with serving(app, bound):
        yield there
