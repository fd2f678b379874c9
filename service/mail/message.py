"""What a mail says, made when it is sent: a sentence, a link, and how to get no more. Nothing of anybody's content."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from flask import render_template
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from service.mail.models import MailKind
from service.settings import Settings

# Mail programs that look for one address in a line do not always find it on the next.
UNFOLDED = SMTP.clone(max_line_length=500)


@dataclass(frozen=True)
class Wording:
    """The parts of a mail, in the reader's language."""

    subject: str
    lines: tuple[str, ...]
    link: str
    link_title: str
    stop: str = ""


@dataclass(frozen=True)
class Letter:
    """What is needed to make a mail: to whom, which kind, and where its links go.

    `course` is the course in the platform, "" where it is not known; `number` is how many managers need their coach.
    """

    id: uuid.UUID
    kind: MailKind
    to: str
    locale: str
    confirm: str = ""
    stop: str = ""
    course: str = ""
    number: int = 0


def compose(letter: Letter, settings: Settings, now: datetime) -> EmailMessage:
    """Returns the mail, as plain text and as simple HTML. The same letter has the same Message-ID whenever it is made."""
    with force_locale(letter.locale):
        wording = _wording(letter, settings)
        html = render_template("mail/mail.html", words=wording, lang=letter.locale)
        text = render_template("mail/plain.html", words=wording)
    host = urlsplit(settings.public_url).hostname or "localhost"
    mail = EmailMessage(policy=UNFOLDED)
    mail["From"] = Address("Stegvis", addr_spec=settings.smtp_from)
    mail["To"] = letter.to
    mail["Subject"] = wording.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{letter.id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    if wording.stop:
        mail["List-Unsubscribe"] = f"<{wording.stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail


def trial(to: str, settings: Settings, now: datetime) -> EmailMessage:
    """Returns a mail that an operator sends to find out whether mails arrive."""
    return compose(Letter(uuid.uuid4(), MailKind.READING, to, "en"), settings, now)


def _wording(letter: Letter, settings: Settings) -> Wording:
    if letter.kind is MailKind.CONFIRM:
        return Wording(
            _("Is this your address?"),
            (
                _("Somebody who uses Stegvis in a learning platform has given this address, to be told when there is news."),
                _("Was it you? Then confirm it within two days."),
                _("Was it not you? Then do nothing: no more mails come."),
            ),
            letter.confirm, _("Confirm the address"),
        )  # fmt: skip
    if letter.kind in _ENDS:
        return _end(letter, settings)
    if letter.kind is MailKind.DIGEST:
        subject = _("Your week as a coach")
        line = ngettext(
            "%(num)d of your managers needs you this week.",
            "%(num)d of your managers need you this week.",
            letter.number,
        )
    else:
        subject, line = _("You have something to read"), _("There is something for you to read in Stegvis.")
    return Wording(
        subject, (line, *_where(letter)), letter.course or settings.public_url,
        _("Go to the course") if letter.course else _("How to get there"), letter.stop,
    )  # fmt: skip


_ENDS = (MailKind.ACCOUNT, MailKind.ENDING)


def _end(letter: Letter, settings: Settings) -> Wording:
    """What is told a month before something goes: that it does, and what she can do. Not what it is."""
    if letter.kind is MailKind.ACCOUNT:
        subject, lines = _("Your place in Stegvis ends in a month"), (
            _("You have not opened Stegvis for a long time. In a month everything it keeps about you is deleted."),
            _("Open it once before then, from your course in the learning platform, and everything stays."),
        )  # fmt: skip
    else:
        subject, lines = _("Something of yours is kept for a month more"), (
            _("The time for which something in a course of yours is kept ends in a month. Then it is deleted."),
            _("Do you want to keep it? Take your data along as a file before then, from your course in the learning platform."),
        )  # fmt: skip
    return Wording(
        subject, lines, letter.course or settings.public_url,
        _("Go to the course") if letter.course else _("How to get there"), letter.stop,
    )  # fmt: skip


def _where(letter: Letter) -> tuple[str, ...]:
    if letter.course:
        return (_("You open it from your course. For your sake the mail does not say what it is."),)
    return (
        _("Open Stegvis from your course in the learning platform. For your sake the mail does not say what it is."),
    )
