"""A report as rows and as JSON: the columns of domain.md §6.5, the notice in every row, nothing that a page would hide."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from plugins.group_maturity.calculations.suppression import Figure
from plugins.group_maturity.report import words
from plugins.group_maturity.report.gathered import Gathered
from plugins.group_maturity.report.source import Unread
from plugins.group_maturity.report.view import Report, Side
from service.contract import gettext as _

SCHEMA = "group_measurement/2"
Row = Sequence[str | int | date | None]


def headers(you: str = "") -> list[str]:
    """Returns the headings of the rows. `you`: what the manager is called, for a reader who is somebody else."""
    return [
        _("Group"), _("Instrument"), _("Version"), _("Fingerprint"), _("Notice"), _("Closed"), _("Wave"), _("Answers"),
        _("Side"), _("The group"), you or _("You"), _("Gap"), _("Agreement"), _("Agreement, stricter"), _("Stage"), _("Change"),
    ]  # fmt: skip


def rows(report: Report) -> Iterator[Row]:
    """Yields one row per side, the own contribution last."""
    source, instrument = report.source, report.instrument
    stage = report.group_stage.title[report.language] if report.group_stage else ""
    missing = str(words.UNREAD) if Unread.OWN in source.unread else ""
    for side in sides(report):
        yield [
            source.label, instrument.title[report.language], instrument.version, instrument.sha256, report.notice,
            source.closed_on, source.wave, report.band, side.title, _cell(side.group),
            _cell(side.own) if side.own else missing, _gap(side), str(words.agreed(side.agreement)),
            str(words.agreed(side.strict)), stage, _change(side),
        ]  # fmt: skip


def _cell(figure: Figure) -> str | int:
    """A number as a number, so that it can be counted with; an end of the scale and what is withheld as they are read."""
    return words.number(figure) if figure.value is None or figure.edge else figure.value


def _gap(side: Side) -> str | int:
    if side.own is None or side.own.value is None or side.group.value is None or side.own.edge or side.group.edge:
        return side.gap
    return side.own.value - side.group.value


def hidden_row(one: Gathered) -> Row:
    """Returns the row of a measurement whose result is not shown."""
    measurement, instrument, language = one.measurement, one.instrument, one.language
    closed = measurement.closed_on
    why = _("Not shown. Fewer than %(k)s.", k=measurement.minimum)
    return [
        one.label, instrument.title[language], instrument.version, instrument.sha256,
        (instrument.validation.notice or {}).get(language, ""), closed, measurement.wave, *[words.WITHHELD] * 7, why,
        words.WITHHELD,
    ]  # fmt: skip


def statement_rows(report: Report) -> Iterator[Row]:
    """Yields one row per statement of a report that shows statements."""
    for side, lines in report.statements:
        for line in lines:
            yield [report.source.label, report.source.wave, side.title, line.text, _cell(line.group), line.own]


def sides(report: Report) -> list[Side]:
    """Returns what has a row, the own contribution last."""
    return [*report.sides, *([report.contribution] if report.contribution else [])]


def _change(side: Side) -> str:
    if side.change is None:
        return ""
    return ", ".join(str(part) for part in (words.direction(side.change), words.beyond(side.change)) if part)


def as_json(report: Report) -> dict[str, Any]:
    """Returns a report as data, for another programme. What is withheld is null, with no reason that would tell more."""
    source, instrument = report.source, report.instrument
    return {
        "schema": SCHEMA,
        "group": None if Unread.NAME in source.unread else source.label,
        "not_read": words.not_read(source.unread) or None,
        "instrument": instrument.key,
        "version": instrument.version,
        "sha256": instrument.sha256,
        "notice": report.notice,
        "language": report.language,
        "closed_on": source.closed_on.isoformat(),
        "wave": source.wave,
        "minimum": source.minimum,
        "n_band": source.figures.band,
        "numbered": report.numbered,
        "stage": source.figures.stage,
        "own_stage": report.own_stage.id if report.own_stage else None,
        "scales": [
            {
                "scale": side.name,
                "title": side.title,
                "pomp_rounded": _number(side.group),
                "self": _number(side.own),
                "gap": side.gap if side.apart or (side.own and side.own.value is not None) else None,
                "rwgj_band": side.agreement or None,
                "rstar_band": side.strict or None,
                "change": side.change.direction if side.change else None,
                "change_beyond_error": side.change.beyond_error if side.change else None,
            }
            for side in sides(report)
        ],
        "index": source.figures.index,
        "statements": [
            {"scale": side.name, "text": line.text, "pomp_rounded": _number(line.group), "self": line.own or None}
            for side, lines in report.statements
            for line in lines
        ],
        "questions": list(report.questions),
    }


def measurement_as_json(one: Gathered) -> dict[str, Any]:
    """Returns an ended measurement as data: what may always be said, and the report where it is shown."""
    closed = one.measurement.closed_on
    return {
        "manager": one.manager or None,
        "group": None if Unread.NAME in one.unread else one.label,
        "not_read": one.not_read or None,
        "instrument": one.instrument.key,
        "version": one.instrument.version,
        "sha256": one.instrument.sha256,
        "notice": one.notice,
        "closed_on": closed.isoformat() if closed else None,
        "wave": one.measurement.wave,
        "minimum": one.measurement.minimum,
        "why": one.why or None,
        "report": None if one.report is None else as_json(one.report),
    }


def _number(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None or figure.value is None:
        return None
    return {"value": figure.value, "edge": figure.edge or None}
