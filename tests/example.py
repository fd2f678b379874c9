"""The example plugin from outside, imported from its folder for tests that need no installation of it."""

import sys
from pathlib import Path
from typing import Any

from service.host import discover

FOLDER = Path(__file__).parent / "example_plugin"
if str(FOLDER) not in sys.path:
    sys.path.insert(0, str(FOLDER))

import stegvis_example  # noqa: E402 - found only once its folder is on the path
from stegvis_example import operations  # noqa: E402 - as above
from stegvis_example.models import Note  # noqa: E402 - as above


def with_example() -> dict[str, Any]:
    """The installed plugins and the example."""
    return {**discover(), "example": stegvis_example}


__all__ = ["FOLDER", "Note", "operations", "stegvis_example", "with_example"]
