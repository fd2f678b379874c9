"""Alembic's environment: runs on the connection that `service.migrate` hands over, with its lock already taken."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator

config = context.config
connection: Connection = config.attributes["connection"]
prefixes: tuple[str, ...] = config.attributes.get("prefixes", ())
foreign: bool = config.attributes.get("foreign", False)


def include(name: str | None, kind: str, _parents: object) -> bool:
    """A foreign plugin's history covers its own tables, ours covers all the others."""
    if kind != "table" or name is None:
        return True
    if name.startswith("alembic_version"):
        return False
    return name.startswith(prefixes) if foreign else not name.startswith(prefixes or ("\0",))


def render(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """Writes column types as what the database keeps: a migration imports nothing of ours that may change later."""
    return f"sa.{thing.impl_instance!r}" if kind == "type" and isinstance(thing, TypeDecorator) else False


context.configure(
    connection=connection,
    target_metadata=config.attributes["metadata"],
    version_table=config.attributes.get("version_table", "alembic_version"),
    include_name=include,
    include_object=lambda _thing, name, kind, *_rest: kind != "table" or include(name, kind, None),
    render_item=render,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
