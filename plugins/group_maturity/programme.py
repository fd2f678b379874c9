"""The plugin's part of the training department's page over many cohorts: mean profiles, over at least five teams."""

from collections.abc import Sequence

from flask_babel import get_locale

from plugins.group_maturity.operations import overview
from plugins.group_maturity.operations.overview import Aggregate, Tested
from plugins.group_maturity.operations.releasing import TEAMS
from service.contract import Cohort, Picture, ProgrammeReport
from service.contract import gettext as _

EMPTY = "\N{EN DASH}"


def programme_report(cohorts: Sequence[Cohort]) -> ProgrammeReport:
    """Returns a picture for each instrument that enough teams have been measured with."""
    locale = str(get_locale() or "sv")
    found = overview.tested_in(cohorts[0].organisation_id, [cohort.id for cohort in cohorts])
    return ProgrammeReport([_picture(tested, cohorts, locale, place) for place, tested in enumerate(found)])


def _picture(tested: Tested, cohorts: Sequence[Cohort], locale: str, place: int) -> Picture:
    instrument, language = tested.instrument, tested.instrument.language(locale)
    ids = [cohort.id for cohort in cohorts]
    first, again = (overview.aggregate(ids, instrument.key, tested.major, wave=wave) for wave in (1, 2))
    names = [name for name in instrument.scales if name in first.scales or name in again.scales]
    titles = [instrument.scales[name].title[language] for name in names]
    waves = [(_("The first time"), first), (_("The second time"), again)]
    chart = {
        "kind": "dots", "x": {"min": 0, "max": 100}, "y": {"labels": titles},
        "series": [
            {"name": title, "data": [wave.scales.get(name) for name in names]} for title, wave in waves if wave.scales
        ],
    }  # fmt: skip
    rows = [
        [title, _shown(first, name), _shown(again, name), _moved(first, again, name)]
        for title, name in zip(titles, names, strict=True)
    ]
    summary = (
        _summary(first, again)
        if names
        else _("Not shown yet. Fewer than %(teams)d teams have a report that can be added.", teams=TEAMS)
    )
    headers = [_("Side"), *(title for title, _wave in waves), _("Change")]
    return Picture(f"group-{place}", instrument.title[language], summary, chart, headers, rows)


def _summary(first: Aggregate, again: Aggregate) -> str:
    if not again.teams:
        return str(
            _(
                "Means of %(first)d teams, from 0 to 100, rounded to the nearest 5. The second time is shown from %(teams)d "
                "teams on.", first=first.teams, teams=TEAMS,
            )
        )  # fmt: skip
    return str(
        _(
            "Means of %(first)d teams the first time and %(again)s the second, from 0 to 100, rounded to the nearest 5.",
            first=first.teams,
            again=again.teams,
        )
    )


def _shown(wave: Aggregate, name: str) -> str:
    return str(wave.scales[name]) if name in wave.scales else EMPTY


def _moved(first: Aggregate, again: Aggregate, name: str) -> str:
    """The difference between what is shown. The teams of both times need not be the same."""
    if name not in first.scales or name not in again.scales:
        return EMPTY
    return f"{again.scales[name] - first.scales[name]:+d}"
