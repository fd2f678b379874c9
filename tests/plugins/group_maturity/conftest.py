"""An application with this plugin alone, and its tables in the schema that the tests build."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

import plugins.group_maturity
import plugins.group_maturity.models
from tests.support import OffsetClock, at_noon


@pytest.fixture
def clock() -> OffsetClock:
    """The clock of the application under test, at noon when a test begins: days are those of Stockholm, not UTC's."""
    return at_noon()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application with this plugin alone."""
    parts: dict[str, Any] = {"group_maturity": plugins.group_maturity}
    return make_app(plugins=parts)
