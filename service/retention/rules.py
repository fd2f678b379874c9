"""Which rules there are, the core's first, and how many days each has in an organisation."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import gettext as _

from service import audit
from service.audit import OPERATOR, Actor
from service.cohorts import kept_changes
from service.core import core
from service.errors import Invalid, NotFound
from service.retention.due import Due
from service.retention.models import RetentionDays
from service.settings import Settings
from service.unit import current, insert_into

if TYPE_CHECKING:
    from service.contract.manifest import Retention
    from service.host import Plugin

CORE = "core"


@dataclass(frozen=True)
class Rule:
    """A declared rule, whose it is (`core` or a plugin's key), and how that is called."""

    plugin: str
    holder: Any
    declared: "Retention"

    @property
    def code(self) -> str:
        """The rule's name everywhere: `ledarsteg.habits`."""
        return f"{self.plugin}.{self.declared.key}"

    @property
    def holder_text(self) -> str:
        """What whose it is is called, in the language of the page."""
        return str(self.holder)

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the most days an organisation may choose; the same twice where it may not choose."""
        one = self.declared
        return (one.days if one.least is None else one.least), (one.days if one.most is None else one.most)

    @property
    def may_change(self) -> bool:
        """Whether an organisation may choose other days."""
        least, most = self.limits
        return least < most

    @property
    def runs(self) -> bool:
        """Whether the daily work deletes by it; otherwise what is due is deleted at that very moment elsewhere."""
        return self.declared.delete is not None

    def due(self, organisation_id: uuid.UUID, days: int, moment: datetime) -> Due:
        """Returns what the rule is asked for at a moment."""
        return Due(organisation_id, moment - timedelta(days=days))

    def kind(self, table: str) -> Any:
        """Returns what people call a table; its name where the rule has no words for it."""
        return self.declared.kinds.get(table) or table.removeprefix(f"{self.plugin}_").replace("_", " ")


def rules() -> Sequence[Rule]:
    """Returns every rule of this installation, of plugins on or off."""
    return rules_of(core().settings, core().host)


def rules_of(settings: Settings, plugins: Iterable["Plugin"]) -> Sequence[Rule]:
    """Returns the core's rules and those of plugins."""
    from service.retention import core_rules  # noqa: PLC0415 - its records are the contract's, which exports this module

    own = [Rule(CORE, core_rules.HOLDER, declared) for declared in core_rules.declared(settings)]
    theirs = [
        Rule(plugin.key, plugin.manifest.title, declared)
        for plugin in plugins
        for declared in plugin.manifest.retention
    ]
    return [*own, *theirs]


def find(code: str) -> Rule:
    """Returns a rule by its name. Raises NotFound."""
    for rule in rules():
        if rule.code == code:
            return rule
    raise NotFound("no_rule")


def chosen(organisation_id: uuid.UUID) -> Mapping[str, int]:
    """Returns the days that an organisation decided, by rule."""
    if organisation_id == OPERATOR:
        return {}
    query = sa.select(RetentionDays.rule, RetentionDays.days).where(RetentionDays.organisation_id == organisation_id)
    return {row.rule: row.days for row in current().session.execute(query)}


def in_force(rule: Rule, decided: Mapping[str, int]) -> int:
    """Returns the days of a rule, within its limits of today, whatever was decided when they were others."""
    least, most = rule.limits
    return min(most, max(least, decided.get(rule.code, rule.declared.days)))


def kept_days(code: str, organisation_id: uuid.UUID) -> int:
    """Returns how many days something is kept in an organisation: `kept_days("handledning.content", …)`."""
    return in_force(find(code), chosen(organisation_id))


@dataclass(frozen=True)
class Line:
    """A rule and the days in force in an organisation."""

    rule: Rule
    days: int

    @property
    def sentence(self) -> str:
        """How long that is kept there."""
        return sentence(self.rule, self.days)


def lines(organisation_id: uuid.UUID) -> list[Line]:
    """Returns every rule with the days in force in an organisation."""
    decided = chosen(organisation_id)
    return [Line(rule, in_force(rule, decided)) for rule in rules()]


def sentence(rule: Rule, days: int) -> str:
    """Returns how long something is kept, as a sentence."""
    one = rule.declared
    told = {"what": one.what, "counted_from": one.counted_from}
    if not days:
        return str(_("%(what)s: deleted at once, %(counted_from)s.", **told))
    return str(_("%(what)s: %(days)d days, counted from %(counted_from)s.", days=days, **told))


def decide(rule: Rule, days: int, actor: Actor) -> uuid.UUID | None:
    """Keeps something for other days in the actor's organisation, audited. Returns the change; None where nothing changed.

    Raises Invalid for days outside the rule's limits.
    """
    least, most = rule.limits
    if not least <= days <= most:
        raise Invalid(days="outside")
    organisation_id = actor.organisation_id
    before = in_force(rule, chosen(organisation_id))
    if before == days:
        return None
    values = {"days": days, "changed_at": current().now()}
    insert = insert_into(RetentionDays).values(organisation_id=organisation_id, rule=rule.code, **values)
    current().session.execute(insert.on_conflict_do_update(index_elements=["organisation_id", "rule"], set_=values))
    audit.append(
        actor, "retention.days", reason=f"{before} > {days}", object_type="retention_rule", object_ref=rule.code
    )
    return kept_changes.keep(organisation_id, "days", rule.code, before={"days": before}, after={"days": days})


def due_rows(organisation_id: uuid.UUID, moment: datetime, wanted: Iterable[Rule]) -> dict[str, dict[str, int]]:
    """Returns how many rows are due by rule and table, deleting nothing; rules with nothing due are not among them."""
    decided, found = chosen(organisation_id), {}
    for rule in wanted:
        if rule.declared.count is not None:
            rows = rule.declared.count(rule.due(organisation_id, in_force(rule, decided), moment))
            found[rule.code] = {kind: number for kind, number in rows.items() if number}
    return {code: rows for code, rows in found.items() if rows}
