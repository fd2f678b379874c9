"""Sending what is due: one job, one conversation with the server, one mail at a time.

A mail is claimed before it is sent (it is due again ten minutes later) and marked after the server has taken it. Whatever
dies in between loses nothing; only who dies between the server's word and the mark sends it again, with the same
Message-ID, by which many programs show it once.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from service.cohorts.models import Cohort, Member, Person
from service.cohorts.zones import rules, zone_of
from service.core import core
from service.crypto import CannotOpen
from service.jobs import outbox
from service.jobs.outbox import Fate, Held, LeaseLost
from service.lti.models import Deployment, DeploymentState, Platform, PlatformState
from service.mail import course, digest, message, smtp, times
from service.mail.models import AddressState, Mail, MailAddress, MailKind, MailServer, MailState
from service.mail.notices import SERVER
from service.unit import current

log = structlog.get_logger("stegvis.mail")
AT_ONCE = 200
ROUND_SECONDS = smtp.TOTAL_SECONDS / 2
CLAIMED = timedelta(minutes=10)
# How long a mail waits after each refusal that may pass; after the last it has failed.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 480, 1440))
# A mail that was begun so often and neither taken nor refused has something wrong with it that nobody foresaw.
MOST_TRIES = 20
# How long the server is left alone after one, two, … failures in a row.
LEFT_ALONE = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))


@dataclass(frozen=True)
class Claimed:
    """A mail that is ours to send, and everything it says."""

    id: uuid.UUID
    letter: message.Letter


def send(held: Held) -> None:
    """Sends what is due, and finishes the job. A server that is away delays everything and fails nothing."""
    due = _due()
    if due and core().settings.sends_mail:
        enough = time.monotonic() + ROUND_SECONDS
        try:
            with smtp.line(core().settings) as line:
                for mail_id in due:
                    _send_one(held, line, mail_id)
                    if time.monotonic() > enough:  # the rest is for the next job: a conversation is cut some time
                        break
        except smtp.ServerAway as away:
            _leave_alone(held, str(away))
            return
    with core().units.writing():
        outbox.finish(held)
        if due:
            _server(failures=0, closed_until=None, reason="")


def tell(_subject_id: uuid.UUID, _fate: Fate, _reason: str) -> None:
    """Nobody waits for the job: the mails have their own rows, and the next sweep decides on another."""


def _due() -> list[uuid.UUID]:
    with core().units.reading() as unit:
        query = sa.select(Mail.id).where(Mail.state == MailState.WAITING, Mail.due_at <= unit.now())
        return list(unit.session.scalars(query.order_by(Mail.due_at).limit(AT_ONCE)))


def _send_one(held: Held, line: smtp.Line, mail_id: uuid.UUID) -> None:
    try:
        number = _needing(mail_id)
        with core().units.writing() as unit:
            outbox.renew(held)
            claimed = claim(mail_id, number)
            now = unit.now()
        if claimed is None:
            return
        mail = message.compose(claimed.letter, core().settings, now)
    except (LeaseLost, SQLAlchemyError):
        raise
    except Exception:
        log.exception("mail_not_made", mail=str(mail_id))
        _later(held, mail_id)
        return
    try:
        line.send(mail, claimed.letter.to)
    except smtp.Refused as refused:
        with core().units.writing():
            outbox.renew(held)
            _refused(mail_id, refused)
        return
    with core().units.writing() as unit:
        outbox.renew(held)
        _end(mail_id, MailState.SENT, "", sent_at=unit.now())


def _later(held: Held, mail_id: uuid.UUID) -> None:
    """Puts one mail that could not be made behind the others: with its tries used up it has failed, and they have not."""
    with core().units.writing() as unit:
        outbox.renew(held)
        later = sa.update(Mail).where(Mail.id == mail_id, Mail.state == MailState.WAITING)
        unit.session.execute(later.values(tries=Mail.tries + 1, due_at=unit.now() + CLAIMED, reason="not_made"))


def _due_one(mail_id: uuid.UUID) -> sa.Select[Mail, Person, MailAddress]:
    return (
        sa.select(Mail, Person, MailAddress)
        .join(Person, Person.id == Mail.person_id)
        .outerjoin(MailAddress, MailAddress.person_id == Mail.person_id)
        .where(Mail.id == mail_id, Mail.state == MailState.WAITING, Mail.due_at <= current().now())
    )


def _needing(mail_id: uuid.UUID) -> int:
    """Returns the number that a weekly mail tells, counted before anything is locked; 0 for any other mail."""
    with core().units.reading() as unit:
        found = unit.session.execute(_due_one(mail_id)).one_or_none()
        if found is None or found[0].kind is not MailKind.DIGEST or _not_to_go(*found):
            return 0
        return digest.needing(found[1])


def claim(mail_id: uuid.UUID, number: int = 0) -> Claimed | None:
    """Takes a mail that is due, in a writing unit; `number` is what a weekly mail tells.

    None where it is not to go: now, or at all; the row says why.
    """
    unit = current()
    found = unit.session.execute(_due_one(mail_id).with_for_update(of=Mail, skip_locked=True)).one_or_none()
    if found is None:
        return None
    mail, person, address = found
    if _rests(mail, person, address):
        return None
    try:
        letter = _letter(mail, address, number)
    except CannotOpen:
        _end(mail.id, MailState.DROPPED, "cannot_open")
        return None
    if letter.kind is MailKind.DIGEST and not letter.number:
        _end(mail.id, MailState.DROPPED, "nothing_to_tell")
        return None
    mail.tries, mail.due_at = mail.tries + 1, unit.now() + CLAIMED
    return Claimed(mail.id, letter)


def _rests(mail: Mail, person: Person, address: MailAddress | None) -> bool:
    """Whether a mail is not to go now, or not at all: then its row says so."""
    why = _not_to_go(mail, person, address)
    if why or mail.tries >= MOST_TRIES:
        _end(mail.id, MailState.DROPPED if why else MailState.FAILED, why or "tries")
        return True
    if mail.kind is MailKind.CONFIRM:
        return False
    now = current().now()
    earliest = times.not_before(now, rules(zone_of(person)), _last(person.id))
    if earliest > now:
        mail.due_at = earliest
    return earliest > now


def _not_to_go(mail: Mail, person: Person, address: MailAddress | None) -> str:
    """Why a mail is not to be sent at all any more, or ""."""
    if address is None or person.is_erased:
        return "no_address"
    if mail.kind is MailKind.CONFIRM:
        return "" if address.state is AddressState.PENDING else "asked"
    wanted = address.digest if mail.kind is MailKind.DIGEST else address.reading
    if address.state is not AddressState.CONFIRMED or not wanted:
        return "asked"
    if mail.kind is MailKind.ACCOUNT and _came(mail):
        return "came"
    return "" if _is_somewhere(mail) else "left"


def _came(mail: Mail) -> bool:
    """Whether she has opened Stegvis since it was decided to tell her that her account would go."""
    came = sa.exists().where(Member.person_id == mail.person_id, Member.last_seen_at >= mail.decided_at)
    return current().session.scalar(sa.select(came)) is True


def _is_somewhere(mail: Mail) -> bool:
    """Whether she still is in the course that the mail is about, or in any, and the platform may be used."""
    query = (
        sa.select(Member.id)
        .join(Cohort, Cohort.id == Member.cohort_id)
        .join(Deployment, Deployment.id == Cohort.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(
            Member.person_id == mail.person_id, Member.active, Deployment.state == DeploymentState.ACTIVE,
            Platform.state == PlatformState.ACTIVE,
        )
    )  # fmt: skip
    # What is about to go can be taken along from any course of hers.
    if mail.cohort_id is not None and mail.kind is not MailKind.ENDING:
        query = query.where(Member.cohort_id == mail.cohort_id)
    return current().session.scalars(query.limit(1)).first() is not None


def _last(person_id: uuid.UUID) -> datetime | None:
    query = sa.select(sa.func.max(Mail.sent_at)).where(
        Mail.person_id == person_id, Mail.state == MailState.SENT, Mail.kind != MailKind.CONFIRM
    )
    return current().session.scalar(query)


def _letter(mail: Mail, address: MailAddress, number: int) -> message.Letter:
    """What the mail is made of. Raises CannotOpen once her key is gone."""
    door = f"{core().settings.public_url}/t"
    if mail.kind is MailKind.CONFIRM:
        confirm = f"{door}/confirm/{address.confirm_word}"
        return message.Letter(mail.id, mail.kind, address.address, address.locale, confirm=confirm)
    return message.Letter(
        mail.id, mail.kind, address.address, address.locale, stop=f"{door}/stop/{address.stop_word}",
        course=_course(mail),
        number=number,
    )  # fmt: skip


def _course(mail: Mail) -> str:
    """Returns the address of the course it is about; of any, where she can do from any what she may want to do."""
    found = course.of(mail.person_id, mail.cohort_id)
    return found or (course.of(mail.person_id, None) if mail.kind is MailKind.ENDING else "")


def _refused(mail_id: uuid.UUID, refused: smtp.Refused) -> None:
    """Notes a mail that the server did not take: later, never, or never to this address."""
    mail = current().session.get_one(Mail, mail_id)
    if not refused.for_good and mail.tries <= len(BACKOFF):
        mail.due_at, mail.reason = current().now() + BACKOFF[mail.tries - 1], str(refused)
        return
    _end(mail_id, MailState.FAILED, str(refused))
    if refused.no_such_box:
        broken = sa.update(MailAddress).where(MailAddress.person_id == mail.person_id)
        current().session.execute(broken.values(state=AddressState.BROKEN, changed_at=current().now()))
    log.warning("mail_refused", reason=str(refused))


def _end(mail_id: uuid.UUID, state: MailState, reason: str, sent_at: datetime | None = None) -> None:
    change = sa.update(Mail).where(Mail.id == mail_id, Mail.state == MailState.WAITING)
    current().session.execute(
        change.values(state=state, reason=reason, sent_at=sent_at), execution_options={"synchronize_session": "fetch"}
    )


def _leave_alone(held: Held, word: str) -> None:
    """Lets the server rest, longer each time; what was claimed is due again when it may be asked."""
    with core().units.writing() as unit:
        outbox.finish(held)
        failures = unit.session.scalars(sa.select(MailServer.failures).where(MailServer.id == SERVER)).first() or 0
        until = unit.now() + LEFT_ALONE[min(failures, len(LEFT_ALONE) - 1)]
        _server(failures=failures + 1, closed_until=until, reason=word)
    log.warning("mail_server_away", reason=word)


def _server(**values: object) -> None:
    current().session.execute(sa.update(MailServer).where(MailServer.id == SERVER).values(**values))
