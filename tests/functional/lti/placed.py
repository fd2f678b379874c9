"""Two small plugins to launch into, so that these tests hang on no other."""

from types import SimpleNamespace

from flask import Blueprint

from service.contract import Manifest, Permission, Role, hook, requires


def small_plugin(key: str) -> SimpleNamespace:
    """A plugin with one page that anybody in the course may see."""
    pages = Blueprint(key, __name__)

    @pages.get("/")
    @pages.get("/<path:rest>")
    @requires(f"{key}.see")
    def page(rest: str = "") -> str:
        return f"{key}:{rest}"

    @hook
    def manifest() -> Manifest:
        return Manifest(key=key, title=key, summary=key, permissions=(Permission(f"{key}.see", frozenset(Role)),))

    @hook
    def blueprint() -> Blueprint:
        return pages

    return SimpleNamespace(
        __name__=f"tests.functional.lti.{key}", __file__=__file__, manifest=manifest, blueprint=blueprint
    )  # fmt: skip


PLUGINS = {key: small_plugin(key) for key in ("ledarsteg", "handledning")}
