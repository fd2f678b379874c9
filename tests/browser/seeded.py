"""A cohort with something to look at."""

import importlib
import importlib.util
from typing import Any

from tests.live import Live

PEOPLE = ("karin-lindqvist", "peter-nystrom", "amira-haddad", "johan-ekstrom")


def seeded(live: Live) -> None:
    """Lets a few people in, makes the administrator a member of the training department, and seeds as the demo does."""
    for person in PEOPLE:
        live.launch(person)
    live.make_training("johan-ekstrom")
    if importlib.util.find_spec("service.demo.seed") is not None:
        seed: Any = importlib.import_module("service.demo.seed").seed
        seed(live.app)
