"""A report on paper: the same words as the page, as the data of its typst template."""

from collections.abc import Sequence
from typing import Any

from plugins.group_maturity.calculations.suppression import Figure
from plugins.group_maturity.report import words
from plugins.group_maturity.report.source import Reader
from plugins.group_maturity.report.view import Report, Side
from service.contract import day
from service.contract import gettext as _

TEMPLATE = "group_maturity/report.typ"


def title(report: Report) -> str:
    """Returns the document's title."""
    return f"{report.instrument.title[report.language]}. {report.source.label}"


def data(report: Report, you: str = "") -> dict[str, Any]:
    """Returns the data of the template. `you`: what the manager is called, for a reader who is somebody else."""
    return {
        "lead": _lead(report),
        "headline": _headline(report),
        "group_text": report.group_text,
        "notice": report.notice,
        "readers": _readers(report),
        "not_read": words.not_read(report.source.unread),
        "provisional": _(
            "The limits between the stages are provisional. They come from no norm group and say nothing about other groups."
        ),
        "sides": _sides(report, you) if report.numbered else None,
        "change": _change(report),
        "agreement": _agreement(report),
        "blind": _blind(report),
        "contribution": _contribution(report, you),
        "statements": _statements(report, you),
        "questions": {"title": _("To talk about in the group"), "asked": list(report.questions)},
    }


def _lead(report: Report) -> str:
    closed = _("Closed %(day)s", day=day(report.source.closed_on, year=True))
    answers = _("%(band)s answers", band=report.band)
    return f"{closed}, {answers}" if report.numbered else closed


def _headline(report: Report) -> str:
    if not report.numbered:
        return str(_("Which way the group has gone"))
    if report.group_stage is None:
        return str(_("Too little to name a stage"))
    stage = report.group_stage.title[report.language]
    told = stage if report.group_stage.default else _("The group's answers resemble %(stage)s.", stage=stage)
    if report.own_stage is None:
        return told
    own = report.own_stage.title[report.language]
    if report.source.reader is Reader.MANAGER:
        mixed, plain = _("Your own picture is mixed."), _("Your own picture resembles %(stage)s.", stage=own)
    else:
        mixed = _("The manager's own picture is mixed.")
        plain = _("The manager's own picture resembles %(stage)s.", stage=own)
    end = "." if report.group_stage.default else ""  # a title of its own has none
    return f"{told}{end} {mixed if report.own_stage.default else plain}"


def _readers(report: Report) -> str:
    if report.source.reader is Reader.COACH:
        told = _("You and the manager who has shared it with you.")
    elif report.own:
        told = _("You, and whoever you give it to. It holds your own answers.")
    else:
        told = _("You, and whoever you give it to.")
    return str(told)


def _names(you: str) -> tuple[str, str]:
    return _("the group"), you or _("you")


def _sides(report: Report, you: str) -> dict[str, Any]:
    group, me = _names(you)
    own = report.own is not None
    headers = [
        _("Side"),
        group,
        *([me, _("Gap")] if own else []),
        *([_("Agreement")] if report.agreed else []),
        _("Speaks of maturity"),
    ]
    return {
        "title": _("Four sides of the group") if len(report.sides) == 4 else _("The sides of the group"),  # noqa: PLR2004 - as the page says it
        "caption": _(
            "Rounded to the nearest 5. The group's numbers are means of %(band)s answers; the manager's own are not among "
            "them.",
            band=report.band,
        ),
        "headers": headers,
        "rows": [_row(side, own=own, agreed=bool(report.agreed)) for side in report.sides],
        "dots": [{"title": side.title, "group": _at(side.group), "own": _at(side.own)} for side in report.sides],
        "legend": [group, *([me] if own else [])],
        "together": _together(report),
        "meanings": [{"title": side.title, "text": side.summary} for side in report.sides],
    }  # fmt: skip


def _together(report: Report) -> str:
    index = report.source.figures.index
    return "" if index is None else _("Together: %(index)s of 100, provisional as the stages are.", index=index)


def _statements(report: Report, you: str) -> dict[str, Any] | None:
    if not report.statements:
        return None
    group, me = _names(you)
    own = report.own is not None
    return {
        "title": _("Statement by statement"),
        "how": _("Shown because at least ten have answered. 0–100, rounded to the nearest 5."),  # noqa: RUF001 - as the page says it
        "headers": [_("Statement"), group, *([me] if own else [])],
        "sides": [
            {
                "title": side.title,
                "rows": [[line.text, words.number(line.group), *([line.own] if own else [])] for line in lines],
            }
            for side, lines in report.statements
        ],
    }  # fmt: skip


def _row(side: Side, *, own: bool, agreed: bool) -> list[str]:
    mature = _("a low number") if side.low_is_mature else _("a high number")
    mine = [words.number(side.own) if side.own else words.WITHHELD, side.gap] if own else []
    return [
        side.title,
        words.number(side.group),
        *mine,
        *([str(words.agreed(side.agreement))] if agreed else []),
        mature,
    ]


def _at(figure: Figure | None) -> int | None:
    return None if figure is None else figure.value


def _change(report: Report) -> dict[str, Any] | None:
    if not report.changed or report.earlier_on is None:
        return None
    rows: Sequence[Sequence[str]] = [_changed(side, numbered=report.numbered) for side in report.changed]
    return {
        "title": _("What has changed since %(day)s", day=day(report.earlier_on, year=True)),
        "headers": [_("Side"), *([_("Then"), _("Now")] if report.numbered else []), _("Change")],
        "rows": rows,
    }


def _changed(side: Side, *, numbered: bool) -> list[str]:
    if side.change is None:
        return []
    told = [str(part) for part in (words.direction(side.change), words.beyond(side.change)) if part]
    numbers = (
        [words.number(side.earlier) if side.earlier else words.WITHHELD, words.number(side.group)] if numbered else []
    )
    return [side.title, *numbers, ", ".join(told)]


def _agreement(report: Report) -> dict[str, Any] | None:
    if not report.numbered:
        return None
    return {
        "title": _("How much those who answered agree"),
        "sides": [
            {"title": f"{side.title}: {words.agreed(side.agreement)}.", "text": _said(side)} for side in report.agreed
        ],
        "none": _(
            "With fewer than eight answers nothing is said about how much they agree: it would tell too much about single "
            "people."
        ),
        "how": _(
            "Agreement is r_wg(j) (James, Demaree and Wolf 1984), from 0 for answers as by chance to 1 for answers all alike. "
            "The words are those of LeBreton and Senter (2008): none up to 0.30, weak up to 0.50, moderate up to 0.70, strong "
            "up to 0.90. It is said from eight answers."
        ),
    }  # fmt: skip


def _said(side: Side) -> str:
    stricter = _("A stricter measure says: %(word)s.", word=words.agreed(side.strict)) if side.flattered else ""
    return f"{side.said} {stricter}".strip()


def _blind(report: Report) -> dict[str, Any] | None:
    if report.own is None or not report.numbered:
        return None
    mine = report.source.reader is Reader.MANAGER
    alike = (
        _("You and the group see much the same. Ask what you both might be missing.")
        if mine
        else _("Manager and group see much the same.")
    )
    return {
        "title": _("Possible blind spots"),
        "gaps": [{"title": f"{side.title} ({side.gap})", "text": text} for side, text in report.blind_spots],
        "none": alike,
        "note": _("A gap does not say who is right. It says where you have most to talk about."),
    }


def _contribution(report: Report, you: str) -> dict[str, Any] | None:
    about = report.contribution
    if about is None or (report.own is None and about.group.value is None):
        return None
    group, me = _names(you)
    mine = report.source.reader is Reader.MANAGER
    told = any(line.group.value is not None for line in report.own_lines)
    show = report.own is not None
    numbers = [f"{group}: {words.number(about.group)}"] if about.group.value is not None else []
    numbers += [f"{me}: {words.number(about.own)}"] if about.own is not None else []
    return {
        "title": _("Your own contribution") if mine else _("The manager's own contribution"),
        "numbers": ", ".join(numbers),
        "headers": [_("Statement"), *([me] if show else []), *([group] if told else [])],
        "rows": [
            [line.text, *([line.own] if show else []), *([words.number(line.group)] if told else [])]
            for line in report.own_lines
        ] if show or told else [],
    }  # fmt: skip
