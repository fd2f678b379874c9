"""What making an application works out anew each time though it comes out the same, remembered for the whole run.

Nearly every test makes an application of its own, and most of that is compiling addresses, finding the installed plugins
and checking that they fit. The answers depend on nothing that a test changes; where a test brings plugins or addresses of
its own they are worked out for these.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from service import app as application
from service import checks
from service.host import Host, discover


def install() -> None:
    """Remembers from now on, in this process."""
    Rule.compile = _remembering_rules(Rule.compile)  # type: ignore[method-assign]
    found = discover()
    application.discover = lambda: dict(found)
    checks.check = _remembering_checks(checks.check, found)
    _share_compiled_statements()


def _remembering_rules(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Compiles an address once. What is kept holds nothing of its rule; of its converters none looks at its map."""
    known: dict[object, tuple[Any, ...]] = {}

    def compiled(rule: Rule) -> None:
        converters = tuple(sorted((name, id(kind)) for name, kind in rule.map.converters.items()))
        defaults = tuple(sorted((name, str(value)) for name, value in (rule.defaults or {}).items()))
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, rule.map.host_matching, defaults, converters)
        if key not in known:
            compile_rule(rule)
            build, unknown = rule._build.__func__, rule._build_unknown.__func__  # type: ignore[attr-defined]
            known[key] = (rule._parts, rule._trace, rule._converters, frozenset(rule.arguments), build, unknown)
            return
        rule._parts, rule._trace, rule._converters, arguments, build, unknown = known[key]
        rule.arguments |= arguments
        rule._build, rule._build_unknown = build.__get__(rule, None), unknown.__get__(rule, None)

    return compiled


def _remembering_checks(
    check: Callable[[Flask, Host], None], found: Mapping[str, Any]
) -> Callable[[Flask, Host], None]:
    """Checks the installed plugins once, others each time."""
    installed = {id(module) for module in found.values()}
    has_fitted = False

    def checked(app: Flask, host: Host) -> None:
        nonlocal has_fitted
        is_installed = {id(plugin.module) for plugin in host} == installed
        if not (is_installed and has_fitted):
            check(app, host)
            has_fitted = has_fitted or is_installed

    return checked


def _share_compiled_statements() -> None:
    """Lets all engines of one kind of database use the statements that one of them has compiled.

    SQLAlchemy keeps them by dialect, and each engine has its own. Engines of one kind are made alike here, by
    `service.db.make_engine`, so what one compiled is what another would compile.
    """
    shared: LRUCache[Any, Any] = LRUCache(3_000)
    DefaultDialect.__hash__ = lambda dialect: hash(type(dialect))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
    sa.event.listen(sa.engine.Engine, "engine_connect", partial(_use, shared))


def _use(shared: LRUCache[Any, Any], connection: sa.engine.Connection) -> None:
    connection.engine._compiled_cache = shared
    if connection.dialect.name == "sqlite":
        # A test database is thrown away: nothing in it has to outlive a power cut.
        connection.connection.driver_connection.execute("PRAGMA synchronous=OFF")
        # Rows nobody asked to have in an order come backwards: code and tests that lean on one are found out here, and not
        # by PostgreSQL on a day when it puts a row where another has gone.
        connection.connection.driver_connection.execute("PRAGMA reverse_unordered_selects=ON")
