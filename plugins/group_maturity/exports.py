"""Files: a manager's measurements, those that are shared with a coach, and the training department's means over teams.

All of it is what frozen reports show, which the one suppression function let through when they were counted; a file counts
nothing anew. Every row carries the notice of its instrument. What is not shown is a row that says so.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from plugins.group_maturity.operations import overview
from plugins.group_maturity.operations.overview import Tested
from plugins.group_maturity.operations.releasing import TEAMS
from plugins.group_maturity.report import files, paper, words
from plugins.group_maturity.report.gathered import Gathered, gathered
from service.contract import Cohort, Document, Export, ExportScope, Role, Sheet, lazy, session
from service.contract import gettext as _

ALL_FORMATS = frozenset({"csv", "xlsx", "json", "pdf"})
SCHEMAS = Path(__file__).parent / "schemas"


@cache
def schema(name: str) -> Mapping[str, Any]:
    """Returns one of the published JSON schemas: `measurements-2` or `means-1`."""
    found: Mapping[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return found


def measured() -> Export:
    """Returns the declaration of a manager's file of her own measurements."""
    return _reports(
        "group_measurement", Role.MANAGER, lazy("Measurements of your group"),
        lazy(
            "What your reports show, a row for each side: the group, you, the gap, agreement in words, stage and change, "
            "with the notice that belongs to the instrument. As PDF the whole reports."
        ),
        lazy("You, and whoever you give it to. It holds your own answers."),
    )  # fmt: skip


def shared() -> Export:
    """Returns the declaration of a coach's file of what managers share with her."""
    return _reports(
        "shared_measurement", Role.COACH, lazy("Measurements that are shared with you"),
        lazy(
            "What the reports show that managers share with you now, a row for each side, with the notice that belongs to the "
            "instrument; the manager's own picture only where she shares it too. As PDF the whole reports."
        ),
        lazy("You and the manager who has shared it, each her own part. Each manager can read that you have had it made."),
    )  # fmt: skip


def _reports(key: str, role: Role, title: Any, contains: Any, readers: Any) -> Export:
    return Export(
        key=key, file="gruppmatning", title=title, contains=contains, readers=readers, roles=frozenset({role}),
        formats=ALL_FORMATS,
        headers=_headers, count=_count, rows=_rows, sheets=_sheets, tree=_tree, schema=schema("measurements-2"),
        document=_document,
    )  # fmt: skip


def _headers(scope: ExportScope) -> Sequence[str]:
    if scope.role is Role.COACH:
        return [_("Manager"), *files.headers(_("The manager"))]
    return files.headers()


def _count(scope: ExportScope) -> int:
    every = gathered(scope)
    return sum(1 if one.report is None else len(files.sides(one.report)) for one in every) or 1


def _rows(scope: ExportScope) -> Iterator[files.Row]:
    every = gathered(scope, noted=True)
    if not every:
        yield [_nothing(scope), *[None] * (len(_headers(scope)) - 1)]
    for one in every:
        whose = [one.manager] if scope.role is Role.COACH else []
        for row in _rows_of(one):
            yield [*whose, *row]


def _rows_of(one: Gathered) -> Iterator[files.Row]:
    if one.report is not None:
        yield from files.rows(one.report)
    else:
        yield files.hidden_row(one)


def _nothing(scope: ExportScope) -> str:
    if scope.role is Role.COACH:
        return str(_("No manager shares a measurement with you now."))
    return str(_("No measurement of your group has ended yet."))


def _sheets(scope: ExportScope) -> Sequence[Sheet]:
    """Statement by statement, for the reports that show statements: where at least ten have answered."""
    you = _("The manager") if scope.role is Role.COACH else _("You")
    whose = [_("Manager")] if scope.role is Role.COACH else []
    headers = [*whose, _("Group"), _("Wave"), _("Side"), _("Statement"), _("The group"), you]

    def rows() -> Iterator[files.Row]:
        for one in gathered(scope):
            if one.report is not None:
                for row in files.statement_rows(one.report):
                    yield [*([one.manager] if whose else []), *row]

    return [Sheet(_("Statement by statement"), headers, rows)]


def _tree(scope: ExportScope) -> Mapping[str, Any]:
    return {
        "schema": schema("measurements-2")["$id"],
        "language": scope.locale,
        "nothing": None if (every := gathered(scope, noted=True)) else _nothing(scope),
        "measurements": [files.measurement_as_json(one) for one in every],
    }


def _document(scope: ExportScope) -> Document:
    every = gathered(scope, noted=True)
    coach = scope.role is Role.COACH
    title = _("Measurements that are shared with you") if coach else _("Measurements of your group")
    readers = _("Only you, and each manager her own part.") if coach else _("You, and whoever you give it to.")
    data = {
        "readers": readers,
        "nothing": None if every else _nothing(scope),
        "reports": [
            {
                "title": one.title,
                "report": None if one.report is None else paper.data(one.report, one.manager),
                "notice": one.notice,
                "why": one.why,
                "not_read": one.not_read,
                "version": _version(one),
            }
            for one in every
        ],
    }
    return Document("group_maturity/reports.typ", data, title)


def _version(one: Gathered) -> str:
    """Returns which version of the instrument was used, beyond doubt, and in which wave."""
    told = _(
        "Version %(version)s, wave %(wave)d. Fingerprint %(sha256)s",
        version=one.instrument.version,
        wave=one.measurement.wave,
        sha256=one.instrument.sha256,
    )
    return str(told)


# --- means over teams -------------------------------------------------------------------------------------------------


def means() -> Export:
    """Returns the declaration of the training department's file."""
    return Export(
        key="group_means",
        file="gruppmatning-medelvarden",
        title=lazy("Means over groups"),
        contains=lazy(
            "The mean of each side over at least five teams, the first and the second time, with the notice that belongs to "
            "the instrument. Never one team."
        ),
        readers=lazy("The training department."),
        roles=frozenset({Role.TRAINING}),
        formats=frozenset({"csv", "xlsx", "json"}),
        headers=_mean_headers,
        count=lambda scope: sum(1 for _row in _means(scope)),
        rows=_means,
        tree=_means_tree,
        schema=schema("means-1"),
    )


def _mean_headers(_scope: ExportScope) -> Sequence[str]:
    return [
        _("Instrument"), _("Version"), _("Notice"), _("Wave"), _("Side"), _("Mean"), _("Teams"), _("Why it is not shown"),
    ]  # fmt: skip


def _found(scope: ExportScope) -> Iterator[dict[str, Any]]:
    """Yields the mean of each side in each wave as an object of the JSON file."""
    cohort = session().get_one(Cohort, scope.cohort_id)
    for tested in overview.tested(cohort):
        for wave in (1, 2):
            yield from _sides(cohort, tested, wave, scope.locale)


def _sides(cohort: Cohort, tested: Tested, wave: int, locale: str) -> Iterator[dict[str, Any]]:
    instrument = tested.instrument
    language = instrument.language(locale)
    found = overview.aggregate([cohort.id], instrument.key, tested.major, wave=wave)
    for name in [name for name in instrument.scales if instrument.items_of(name, "group")]:
        value = found.scales.get(name)
        yield {
            "instrument": instrument.key,
            "instrument_title": instrument.title[language],
            "version": f"{tested.major}.x",
            "notice": (instrument.validation.notice or {}).get(language, ""),
            "wave": wave,
            "scale": name,
            "title": instrument.scales[name].title[language],
            "mean": value,
            "teams": None if value is None else found.teams,
            "why": _("Fewer than %(teams)d teams.", teams=TEAMS) if value is None else None,
        }


def _means(scope: ExportScope) -> Iterator[files.Row]:
    empty = True
    for one in _found(scope):
        empty = False
        shown = (words.WITHHELD, "", one["why"]) if one["mean"] is None else (one["mean"], one["teams"], "")
        yield [one["instrument_title"], one["version"], one["notice"], one["wave"], one["title"], *shown]
    if empty:
        yield [_no_report(), *[None] * 7]


def _no_report() -> str:
    return str(_("No measurement of this course has a report yet."))


def _means_tree(scope: ExportScope) -> Mapping[str, Any]:
    every = list(_found(scope))
    return {
        "schema": schema("means-1")["$id"],
        "language": scope.locale,
        "nothing": None if every else _no_report(),
        "means": every,
    }
