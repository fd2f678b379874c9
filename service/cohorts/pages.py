"""The core's own pages behind the launch door: a table of contents."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from service.cohorts import home

View = Callable[..., Any]
PAGES: tuple[tuple[str, str, View, str], ...] = (
    ("GET", "/", home.home, "home"),
)


def add_pages(door: Blueprint) -> None:
    """Adds the core's pages to the launch door."""
    for method, path, view, name in PAGES:
        door.add_url_rule(path, name, view, methods=[method])
    from service.access import requires
    for name, path, permission, methods in (
        ("cohort", "/cohort", "core.cohort_report", ["GET"]),
        ("switches", "/switches", "core.switch_plugins", ["GET"]), ("members", "/members", "core.manage_members", ["GET"]),
        ("who", "/who", "core.any", ["GET"]), ("window", "/window", "core.any", ["POST"]), ("leave", "/leave", "core.any", ["POST"]),
        ("language", "/language", "core.any", ["POST"]), ("claim", "/claim", "core.claim_training", ["POST"]), ("off", "/off/<plugin>", "core.any", ["GET"]),
    ):
        door.add_url_rule(path, name, requires(permission)(lambda name=name, **kw: name), methods=methods)
