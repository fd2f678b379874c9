"""A copy of one's own data as an export: anybody may ask for it, in any role, and only for herself."""

from flask_babel import lazy_gettext as _

from service.access import Role
from service.contract.records import Export
from service.exports.models import ExportFormat
from service.exports.own.names import OWN, SUPPLEMENT

_TITLES = {
    OWN: (_("All your data"), _("everything that Stegvis keeps about you, and what is left out and why")),
    SUPPLEMENT: (_("What was given out afterwards"), _("what somebody had to look at before you got it")),
}
_FILES = {OWN: "mina-uppgifter", SUPPLEMENT: "mina-uppgifter-tillagg"}
CODES = frozenset(f"core.{kind}" for kind in _TITLES)


def export(code: str) -> Export:
    """Returns the declaration. The rows are not this engine's: the copy is written by `writing`."""
    kind = code.removeprefix("core.")
    title, contains = _TITLES[kind]
    return Export(
        key=kind, file=_FILES[kind], title=title, contains=contains, readers=_("Only you, until you give it to somebody."),
        roles=frozenset(Role), formats=frozenset({ExportFormat.ZIP.value}),
    )  # fmt: skip
