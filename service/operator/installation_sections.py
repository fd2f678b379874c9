"""What is installed, whether the schema fits, and how the keys are."""

from flask_babel import gettext as _
from sqlalchemy import select

from service import health, masters
from service.core import core
from service.lti.models import ToolKey, ToolKeyState
from service.operator.sections import Row, Section, when
from service.unit import current


def schema() -> Section:
    """Whether the tables are those of this program."""
    behind = [key or _("Stegvis") for key in health.behind(core().host)]
    dialect = current().session.get_bind().dialect.name
    state = _("behind: %(whose)s", whose=", ".join(behind)) if behind else _("fits")
    facts = [(_("Database"), {"sqlite": "SQLite"}.get(dialect, "PostgreSQL"), ""), (_("Schema"), state, "")]
    return Section("schema", _("Database"), _("Run stegvis db upgrade.") if behind else "", facts=facts)


def plugins() -> Section:
    """The plugins in the order they are asked."""
    rows = [Row(plugin.manifest.title, [plugin.key, plugin.module.__name__]) for plugin in core().host]
    return Section("plugins", _("Plugins"), headers=[_("Plugin"), _("Key"), _("Module")], rows=rows)


def keys() -> Section:
    """Our signing keys, and how many wrapped keys wait for the present master key."""
    words = {
        ToolKeyState.NEXT: _("published, signs next"), ToolKeyState.CURRENT: _("signs"),
        ToolKeyState.RETIRING: _("has signed, still published"),
    }  # fmt: skip
    rows = [
        Row(words[key.state], [when(key.created_at), when(key.signs_from), when(key.retires_at)], code=key.kid)
        for key in current().session.scalars(select(ToolKey).order_by(ToolKey.created_at, ToolKey.kid))
    ]
    behind = masters.behind(current().connection, core().units.keyring)
    facts = [(_("Wrapped by an earlier master key"), behind, _("stegvis keys rotate-master") if behind else "")]
    headers = [_("Key"), _("Made"), _("Signs from"), _("Removed")]
    return Section(
        "keys",
        _("Keys"),
        facts=facts,
        headers=headers,
        rows=rows,
        empty=_("The signing keys are made when they are needed."),
    )


PARTS = [schema, keys, plugins]
