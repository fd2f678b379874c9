"""A report: counted once from the answers of a closed measurement, and read by whoever may."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from plugins.group_maturity.calculations import (
    agreed_stage,
    agreement,
    change,
    index,
    pomp,
    reliability,
    reverse,
    scale_score,
    suppression,
)
from plugins.group_maturity.calculations.suppression import Cell, Detail, Level, Rules, Seen, Turnout
from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement, Reliability, Report, State
from plugins.group_maturity.operations import measurements, waves
from plugins.group_maturity.operations.figures import Change, Figures, Moments
from service.contract import Cohort, session

Answers = Sequence[Mapping[str, int | None]]


def report_of(measurement: Measurement) -> Report | None:
    """Returns the frozen report of a measurement; None when it was suppressed or has not ended."""
    return session().scalars(sa.select(Report).where(Report.measurement_id == measurement.id)).one_or_none()


def figures_by_measurement(ended: Sequence[Measurement]) -> dict[uuid.UUID, Figures]:
    """Returns what the reports of some measurements show, in one statement; what may not be shown is left out."""
    query = sa.select(Report).where(Report.measurement_id.in_([one.id for one in ended]))
    return {report.measurement_id: Figures.of(report.figures) for report in session().scalars(query)}


def rules_of(measurement: Measurement, instrument: Instrument) -> Rules:
    """Returns what was promised when the measurement opened."""
    reporting = instrument.reporting
    return Rules(
        minimum=measurement.minimum, item_from=max(reporting.item_level_from, 10),
        comment_from=max(reporting.min_comment_respondents, 10), round_to=max(reporting.round_pomp_to, 5),
    )  # fmt: skip


def count(measurement: Measurement, instrument: Instrument, answers: Answers) -> tuple[Figures, Moments]:
    """Counts a group's answers: the figures as they are published, and the sums that stay sealed."""
    rules = rules_of(measurement, instrument)
    counted = {
        name: _Scale(instrument, name, measurements.asked(measurement, instrument), answers)
        for name in _asked(measurement, instrument)
    }
    moments = Moments(len(answers), measurement.size, {name: one.sums for name, one in counted.items()})
    shown = {name: suppression.figure(Cell(Level.SCALE, one.pomps), rules) for name, one in counted.items()}
    chain = waves.earlier(measurement)
    changes = _changes(instrument, chain, shown, moments, measurement) if chain else {}
    band = suppression.band(len(answers), rules.minimum)
    if _detail(measurement, chain, moments, shown, rules) is Detail.WORDS:
        withheld = dict.fromkeys(shown, suppression.WITHHELD)
        return Figures(band, numbered=False, scales=withheld, changes=changes), moments
    pomps = {name: one.value for name, one in shown.items()}
    together = index(pomps, [(part.scale, part.invert) for part in instrument.indices["MI"].mean_of])
    return Figures(
        band=band, numbered=True, scales=shown, changes=changes,
        agreement={name: one.words for name, one in counted.items() if _told(one, shown[name], rules)},
        items=_items(counted, shown, rules),
        index=None if together is None else suppression.rounded(together, rules.round_to),
        stage=agreed_stage(
            pomps, rules_for_stages(instrument), {name: one.r_wg for name, one in counted.items()},
            instrument.reporting.min_rwgj,
        ),
    ), moments  # fmt: skip


def rules_for_stages(instrument: Instrument) -> list[tuple[str, dict[str, dict[str, float | str]]]]:
    """Returns the stage rules of an instrument as the calculations take them."""
    return [(stage.id, {scale: limits.limits for scale, limits in stage.when.items()}) for stage in instrument.stages]


def _asked(measurement: Measurement, instrument: Instrument) -> list[str]:
    names = measurements.asked(measurement, instrument)
    return [scale for scale in instrument.scales if any(instrument.items[name].scale == scale for name in names)]


class _Scale:
    """One scale of a group's answers: each person's score, and what it takes to say how much they agree."""

    def __init__(self, instrument: Instrument, name: str, asked: Sequence[str], answers: Answers) -> None:
        answer = instrument.response_scale
        self.names = [item for item in asked if instrument.items[item].scale == name]
        raw = [[one.get(item) for item in self.names] for one in answers]
        turned = [instrument.items[item].reverse for item in self.names]
        rows = [
            [
                reverse(value, answer.min, answer.max) if turn and value is not None else value
                for value, turn in zip(row, turned, strict=True)
            ]
            for row in raw
        ]
        least = instrument.scales[name].min_answered
        scores = [score for row in rows if (score := scale_score(row, least)) is not None]
        self.pomps = [pomp(score, answer.min, answer.max) for score in scores]
        self.item_pomps = {
            item: [pomp(value, answer.min, answer.max) for row in raw if (value := row[place]) is not None]
            for place, item in enumerate(self.names)
        }
        self.sums = reliability.sums(rows, scores)
        self._spread(rows, answer.max - answer.min + 1)

    def _spread(self, rows: Sequence[Sequence[int | None]], answers: int) -> None:
        variance = agreement.mean_variance(list(zip(*rows, strict=True)))
        self.r_wg = None if variance is None else agreement.r_wg_j(variance, len(self.names), answers)
        strict = None if variance is None else agreement.r_star(variance, answers)
        self.words = (agreement.band(self.r_wg or 0.0), agreement.band(strict or 0.0))


def _told(scale: _Scale, shown: suppression.Figure, rules: Rules) -> bool:
    return shown.value is not None and scale.r_wg is not None and suppression.spread_shown(len(scale.pomps), rules)


def _items(
    counted: Mapping[str, _Scale], shown: Mapping[str, suppression.Figure], rules: Rules
) -> dict[str, suppression.Figure]:
    cells = {
        item: Cell(Level.ITEM, values)
        for name, one in counted.items()
        if shown[name].value is not None
        for item, values in one.item_pomps.items()
    }
    groups = [one.names for name, one in counted.items() if shown[name].value is not None]
    return suppression.figures(cells, groups, rules)


def _detail(
    measurement: Measurement, chain: Sequence[Measurement], moments: Moments,
    shown: Mapping[str, suppression.Figure], rules: Rules,
) -> Detail:  # fmt: skip
    turnouts, numbered = [], []
    for place, wave in enumerate(chain):
        report = report_of(wave)
        answered = Moments.of(report.moments).answered if report is not None else 0
        turnouts.append(Turnout(wave.size, answered, wave.changed))
        if report is not None and report.figures["numbered"]:
            numbered.append(place)
            if _pinned(measurement, wave, Figures.of(report.figures), (answered, moments.answered), shown, rules):
                return Detail.WORDS
    turnouts.append(Turnout(measurement.size, moments.answered, measurement.changed))
    return suppression.detail(turnouts, numbered, rules.minimum)


def _pinned(
    measurement: Measurement, wave: Measurement, figures: Figures, answered: tuple[int, int],
    shown: Mapping[str, suppression.Figure], rules: Rules,
) -> bool:  # fmt: skip
    left = (measurement.changed + wave.size - measurement.size) // 2
    joined = measurement.changed - left
    return measurement.previous_id == wave.id and any(
        suppression.pinned(
            Seen(figures.scales[name], answered[0]), Seen(figure, answered[1]), joined, left, rules.round_to
        )
        for name, figure in shown.items()
        if name in figures.scales and joined + left
    )


def anchor(chain: Sequence[Measurement]) -> tuple[Measurement, Report] | None:
    """Returns the last of some waves that was shown in numbers, with its report: what later ones are put beside."""
    return _last_shown(chain, _reports(chain))


def anchors(some: Sequence[Measurement]) -> dict[uuid.UUID, tuple[Measurement, Report] | None]:
    """Returns for each of some measurements what it is put beside, in as many statements as for one."""
    chains = waves.chains(some)
    shown = _reports([wave for chain in chains.values() for wave in chain])
    return {key: _last_shown(chain, shown) for key, chain in chains.items()}


def _reports(some: Sequence[Measurement]) -> dict[uuid.UUID, Report]:
    ids = {one.id for one in some if one.state is State.REPORTED}
    query = sa.select(Report).where(Report.measurement_id.in_(ids))
    return {report.measurement_id: report for report in session().scalars(query)} if ids else {}


def _last_shown(chain: Sequence[Measurement], shown: Mapping[uuid.UUID, Report]) -> tuple[Measurement, Report] | None:
    for wave in reversed(chain):
        if wave.id in shown and shown[wave.id].figures["numbered"]:
            return wave, shown[wave.id]
    return None


def _changes(
    instrument: Instrument, chain: Sequence[Measurement], shown: Mapping[str, suppression.Figure],
    moments: Moments, measurement: Measurement,
) -> dict[str, Change]:  # fmt: skip
    found = anchor(chain)
    if (
        found is None
        or found[1].instrument_key != instrument.key
        or found[1].instrument_major != instrument.precedence[0]
    ):
        return {}
    first, earlier = Figures.of(found[1].figures), Moments.of(found[1].moments)
    alphas = alphas_of(session().get_one(Cohort, measurement.cohort_id).organisation_id, instrument)
    directions = {
        name: suppression.direction(first.scales.get(name, suppression.WITHHELD), figure)
        for name, figure in shown.items()
    }
    return {
        name: Change(direction, _beyond(earlier.wave(name), moments.wave(name), alphas.get(name), measurement.minimum))
        for name, direction in directions.items()
        if direction is not None
    }


def _beyond(first: change.Wave | None, second: change.Wave | None, alpha: float | None, minimum: int) -> bool | None:
    if first is None or second is None or alpha is None or not change.may_compare(first, second, minimum):
        return None
    moved = change.group_change(first, second, alpha)
    return None if moved is None else abs(moved) > change.LIMIT


def alphas_of(organisation_id: uuid.UUID, instrument: Instrument) -> dict[str, float]:
    """Returns Cronbach's alpha per scale of an instrument version, where enough people stand behind it."""
    query = sa.select(Reliability.scale, Reliability.alpha).where(
        Reliability.organisation_id == organisation_id, Reliability.instrument_key == instrument.key,
        Reliability.instrument_version == instrument.version, Reliability.persons >= reliability.PERSONS_FROM,
    )  # fmt: skip
    return {scale: alpha for scale, alpha in session().execute(query) if alpha is not None}
