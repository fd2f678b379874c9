"""The plugin's part of the training department's page over many cohorts: coach load, trust and goals. Never a manager."""

import uuid
from collections.abc import Sequence

from plugins.handledning.calculations.groups import GROUP
from plugins.handledning.models import Figure
from plugins.handledning.operations import together
from plugins.handledning.operations.programme import Heard
from service.contract import Cohort, Picture, ProgrammeReport, lazy, ngettext
from service.contract import gettext as _

EMPTY = "\N{EN DASH}"


def programme_report(cohorts: Sequence[Cohort]) -> ProgrammeReport:
    """Returns pictures over all these cohorts, in five statements."""
    ids = [cohort.id for cohort in cohorts]
    return ProgrammeReport([*_load(cohorts), *_heard(ids)])


def _load(cohorts: Sequence[Cohort]) -> list[Picture]:
    """How many managers each coach works with in the whole organisation, by the coaches' names: no order of merit."""
    load = together.coach_load(cohorts[0].organisation_id) if cohorts else []
    if not load:
        return []
    names, numbers = [one.name for one in load], [one.engagements for one in load]
    chart = {
        "kind": "bar", "horizontal": True, "x": {"labels": names}, "y": {"min": 0},
        "series": [{"name": _("Managers, at least"), "data": numbers}],
    }  # fmt: skip
    summary = ngettext(
        "%(num)d coach works with managers now, in all your courses. The order is by name.",
        "%(num)d coaches work with managers now, in all your courses. The order is by name.",
        len(load),
    )
    few = _("Not shown. Fewer than %(k)s.", k=GROUP)
    rows = [[one.name, few if one.engagements is None else str(one.engagements)] for one in load]
    return [
        Picture("coach-load", lazy("What coaches carry"), summary, chart, [_("Coach"), _("Managers, at least")], rows)
    ]


def _heard(cohort_ids: Sequence[uuid.UUID]) -> list[Picture]:
    """What managers say of the product's statements, their trust, and how far their goals came; nothing before a group."""
    trust, goals = together.heard_in(cohort_ids, Figure.TRUST), together.heard_in(cohort_ids, Figure.GOALS)
    said = together.heard_in(cohort_ids, Figure.FEEDBACK)
    if not (said or trust):
        return []
    labels = [
        _("Helped in the work as a manager"), _("Did something differently"), _("The frame was right"),
        _("Could speak freely"), _("Would do it again"), _("Managers' trust in their coach, 1 to 5"),
    ]  # fmt: skip
    statements = len(labels) - 1
    means = [*(said.means if said else [None] * statements), trust.means[0] if trust else None]
    rows = [
        *([label, _mean(said, at), _number(said)] for at, label in enumerate(labels[:statements])),
        [labels[-1], _mean(trust, 0), _number(trust)],
        [_("Professional goals: T at the beginning"), _mean(goals, 0), _number(goals)],
        [_("T when the term was closed"), _mean(goals, 1), _number(goals)],
    ]
    chart = {
        "kind": "bar", "horizontal": True, "x": {"labels": labels}, "y": {"min": 0, "max": 5},
        "series": [{"name": _("Mean"), "data": means}],
    }  # fmt: skip
    summary = _("Means over whole groups of %(size)d managers, everybody once. Terms that are closed.", size=GROUP)
    headers = [_("What"), _("Mean"), _("Managers")]
    return [Picture("programme-heard", lazy("What the programme gave"), summary, chart, headers, rows)]


def _mean(found: Heard | None, at: int) -> str:
    return f"{found.means[at]:.1f}" if found and at < len(found.means) else EMPTY


def _number(found: Heard | None) -> str:
    return str(found.number) if found else _("Not shown. Fewer than %(k)s.", k=GROUP)
