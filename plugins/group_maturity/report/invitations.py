"""What a manager hands out: addresses with one-time codes or one link, the words beside them, slips and cards for paper."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import segno
from flask_babel import force_locale
from markupsafe import Markup

from plugins.group_maturity.instruments.schema import Instrument
from plugins.group_maturity.models import Measurement, Mode
from plugins.group_maturity.operations import measurements
from service.contract import day, guest_address
from service.contract import gettext as _

GUEST_PAGE = "group_maturity.information"


@dataclass(frozen=True)
class Message:
    """An invitation and a reminder in one language, to paste. The address follows each."""

    language: str
    invite: str
    remind: str


@dataclass(frozen=True)
class Invitation:
    """All that is handed out: `addresses` one for each person, or a single one, with its QR code, for all."""

    addresses: Sequence[str]
    messages: Sequence[Message]
    qr: Markup | None


def invitation(measurement: Measurement, least: int) -> Invitation:
    """Returns what is handed out for an open measurement. `least`: how many must answer before anything is shown."""
    addresses = [guest_address(GUEST_PAGE, word) for word in measurements.words_of(measurement)]
    one = addresses[0] if measurement.mode is Mode.LINK and addresses else None
    messages = [_message(measurement, language, least) for language in measurement.languages]
    return Invitation(addresses, messages, None if one is None else qr_code(one))


def _message(measurement: Measurement, language: str, least: int) -> Message:
    with force_locale(language):
        about = {
            "group": measurement.label, "day": day(measurement.closes_on, weekday=True), "least": least,
            "number": len(measurements.asked(measurement, measurements.instrument_of(measurement))),
        }  # fmt: skip
        invite = [
            _(
                "How are we doing in %(group)s? I would like to know how our group works and what I can do better. It is "
                "%(number)s statements, takes under five minutes and is voluntary. Nobody sees who answered or what; I see "
                "means for the whole group if at least %(least)s answer.", **about,
            ),
            _("What you write in your own words I read as you wrote it.") if measurement.comments else "",
            _("Answer by %(day)s at the latest, here:", **about),
        ]  # fmt: skip
        remind = _(
            "A reminder to everybody, since nobody knows who has answered: the questions about %(group)s are open until "
            "%(day)s. If you have answered already, thank you, and you need do nothing. If not, it takes under five "
            "minutes:", **about,
        )  # fmt: skip
    return Message(language, " ".join(part for part in invite if part), remind)


def qr_code(address: str) -> Markup:
    """Returns a QR code as SVG: dark on light in every appearance, because cameras want it so."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None))  # noqa: S704 - drawn by us, no text in it


def qr_file(address: str) -> str:
    """Returns the same as an SVG file."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()


def slips(measurement: Measurement, instrument: Instrument, locale: str) -> dict[str, Any]:
    """Returns the data of a paper with one slip for each code, to cut apart and let everybody draw one."""
    speaks = instrument.language(locale)
    return {
        "title": instrument.title[speaks],
        "group": measurement.label,
        "by": _("Answer by %(day)s.", day=day(measurement.closes_on, weekday=True)),
        "once": _("This code works once. Nobody knows who draws which."),
        "picture": _("QR code with the same address"),
        "slips": [
            {"address": address, "qr": qr_file(address)}
            for address in (guest_address(GUEST_PAGE, word) for word in measurements.words_of(measurement))
        ],
    }


def cards(instrument: Instrument, locale: str) -> dict[str, Any]:
    """Returns the data of the conversation cards: a group that is too small to be measured talks instead."""
    speaks = instrument.language(locale)
    names = instrument.forms["group"]
    return {
        "title": instrument.title[speaks],
        "frame": instrument.frame[speaks],
        "notice": (instrument.validation.notice or {}).get(speaks, ""),
        "how": [
            _(
                "Cut the cards apart and lay them out. Everybody, also the manager, picks the one she most wants to talk about."
            ),
            _(
                "Choose three together. Take ten minutes for each: when was it like that last, and what would be a better day?"
            ),
            _("Leave ten minutes for agreeing on one thing to do differently, and on when you look at it again."),
        ],
        "how_title": _("A conversation of 40 minutes"),
        "cards": [
            {
                "number": _("%(number)s of %(total)s", number=place, total=len(names)),
                "text": instrument.items[name].text[speaks],
            }
            for place, name in enumerate(names, start=1)
        ],
    }
