"""Files: a manager's measurements, a row for each side; the training department's means over at least five teams.

Every row carries the notice of its instrument. What is not shown is a row that says so.
"""

from collections.abc import Iterator, Sequence

from plugins.group_maturity.models import Measurement, State
from plugins.group_maturity.operations import measurements, overview
from plugins.group_maturity.operations.overview import Tested
from plugins.group_maturity.operations.releasing import TEAMS
from plugins.group_maturity.report import files, source, view, words
from plugins.group_maturity.report.source import Reader
from service.contract import Cohort, Export, ExportScope, Role, lazy, session
from service.contract import gettext as _


def measured() -> Export:
    """Returns the declaration of the file."""
    return Export(
        key="group_measurement",
        title=lazy("Measurements of your group"),
        contains=lazy(
            "What your reports show, a row for each side: the group, you, the gap, agreement in words, stage and change, "
            "with the notice that belongs to the instrument."
        ),
        readers=lazy("Only you."),
        roles=frozenset({Role.MANAGER}),
        headers=_headers,
        count=_count,
        rows=_rows,
    )


def _headers(_scope: ExportScope) -> Sequence[str]:
    return files.headers()


def _count(scope: ExportScope) -> int:
    return sum(_length(one) for one in _ended(scope))


def _length(one: Measurement) -> int:
    if one.state is State.SUPPRESSED:
        return 1
    whole = _source(one, "UTC")
    return 0 if whole is None else len(files.sides(view.build(whole, "sv")))


def _rows(scope: ExportScope) -> Iterator[files.Row]:
    zone = session().get_one(Cohort, scope.cohort_id).zone
    for one in _ended(scope):
        whole = _source(one, zone)
        if whole is not None:
            yield from files.rows(view.build(whole, scope.locale))
        else:
            instrument = measurements.instrument_of(one)
            yield files.hidden_row(one, instrument, instrument.language(scope.locale))


def _source(one: Measurement, zone: str) -> source.Source | None:
    return source.of(one, Reader.MANAGER, zone)


def _ended(scope: ExportScope) -> list[Measurement]:
    """Her measurements that have ended, the first first."""
    every = measurements.of_manager(session().get_one(Cohort, scope.cohort_id), scope.person_id)
    return [one for one in reversed(every) if one.state in measurements.ENDED]


def means() -> Export:
    """Returns the declaration of the training department's file."""
    return Export(
        key="group_means",
        title=lazy("Means over groups"),
        contains=lazy(
            "The mean of each side over at least five teams, the first and the second time, with the notice that belongs to "
            "the instrument. Never one team."
        ),
        readers=lazy("The training department."),
        roles=frozenset({Role.TRAINING}),
        headers=_mean_headers,
        count=lambda scope: sum(1 for _row in _means(scope)),
        rows=_means,
    )


def _mean_headers(_scope: ExportScope) -> Sequence[str]:
    return [
        _("Instrument"), _("Version"), _("Notice"), _("Wave"), _("Side"), _("Mean"), _("Teams"), _("Why it is not shown"),
    ]  # fmt: skip


def _means(scope: ExportScope) -> Iterator[files.Row]:
    cohort = session().get_one(Cohort, scope.cohort_id)
    for tested in overview.tested(cohort):
        for wave in (1, 2):
            yield from _mean_rows(cohort, tested, wave, scope.locale)


def _mean_rows(cohort: Cohort, tested: Tested, wave: int, locale: str) -> Iterator[files.Row]:
    instrument = tested.instrument
    language = instrument.language(locale)
    found = overview.aggregate([cohort.id], instrument.key, tested.major, wave=wave)
    notice = (instrument.validation.notice or {}).get(language, "")
    title, version = instrument.title[language], f"{tested.major}.x"
    for name in [name for name in instrument.scales if instrument.items_of(name, "group")]:
        value = found.scales.get(name)
        shown = (
            (words.WITHHELD, "", _("Fewer than %(teams)d teams.", teams=TEAMS))
            if value is None
            else (value, found.teams, "")
        )
        yield [title, version, notice, wave, instrument.scales[name].title[language], *shown]
