"""The application with the example plugin beside the bundled ones."""

from collections.abc import Callable

import pytest
from flask import Flask

from service.db import Base
from tests.example import with_example
from tests.support import parts


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """All bundled plugins and the example; tables that the test's database was made without are made here."""
    app = make_app(plugins=with_example())
    Base.metadata.create_all(parts(app).units.engine)
    return app
