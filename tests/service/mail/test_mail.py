"""Mail from an address given to a mail that has arrived, through a real server: sent, refused, away, slow."""

import logging
import re
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from plugins.handledning import data as handledning_data
from plugins.handledning.models import SuggestionKind
from plugins.handledning.operations.notes import NoteDraft, write_note
from plugins.handledning.operations.suggestions import suggest
from service.access import Role
from service.audit import Actor, AuditEvent
from service.cohorts import erasure
from service.cohorts.models import Launch, Member
from service.contract import Attention, CohortReport, hook, notify
from service.errors import Invalid
from service.jobs import outbox
from service.jobs.models import Job
from service.mail import addresses, cli, course, message, notices, sending, smtp, times
from service.mail.models import AddressState, Mail, MailAddress, MailKind, MailServer, MailState
from service.unit import current
from tests.contract.test_start import stranger
from tests.plugins.handledning.support import pair
from tests.plugins.ledarsteg.support import make
from tests.service.mail.conftest import NOON, PASSWORD, Certificates, Postbox, free_port, mailing, word_in, work
from tests.support import BASE, Browser, OffsetClock, World, parts

KARIN = "karin@kommun.example"
CANARY = "Kanariefågel7Q2X"
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def karin(clock: OffsetClock, world: World) -> Browser:
    return world.enter(world.course(CANARY, plugins={}), Role.MANAGER, f"Karin {CANARY}")


def rows(app: Flask, *kinds: MailKind) -> list[Mail]:
    with parts(app).units.reading() as unit:
        query = sa.select(Mail).where(Mail.kind.in_(kinds or tuple(MailKind))).order_by(Mail.decided_at)
        return list(unit.session.scalars(query))


def address_of(app: Flask) -> MailAddress | None:
    with parts(app).units.reading() as unit:
        return unit.session.scalars(sa.select(MailAddress)).one_or_none()


def click(app: Flask, address: str, method: str = "POST", **more: Any):
    return app.test_client().open(address.removeprefix(BASE), method=method, base_url=BASE, **more)


def confirmed(app: Flask, browser: Browser, box: Postbox, address: str = KARIN) -> None:
    """Gives an address and confirms it, as somebody does who reads her mail."""
    assert browser.post("/mail", {"address": address}).status_code == 303
    work(app)
    assert click(app, word_in(box.mails[-1])).status_code == 200
    box.mails.clear()


def stay_on(app: Flask) -> None:
    """Lets the launches of before go on."""
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(Launch).values(expires_at=unit.now() + timedelta(hours=1)))


def tell(app: Flask, member: Member) -> None:
    with app.app_context(), parts(app).units.writing():
        notify(member)


def told(app: Flask, browser: Browser, clock: OffsetClock) -> None:
    assert browser.member is not None
    tell(app, browser.member)
    clock.advance(notices.SOON)
    work(app)


def test_an_address_gets_nothing_until_its_owner_has_pressed_the_button(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    assert karin.post("/mail", {"address": KARIN}).headers["Location"].endswith("?done=asked")
    assert KARIN in karin.get("/mail?done=asked").text
    told(app, karin, clock)
    [asked] = box.mails
    assert box.to == [KARIN]
    assert [mail.state for mail in rows(app)] == ["sent"]  # what there is to read was not even written down
    link = word_in(asked)
    for _ in range(3):  # scanners look and spend nothing
        assert click(app, link, "GET").status_code == 200
        assert click(app, link, "HEAD").status_code == 200
    assert address_of(app).state is AddressState.PENDING
    assert click(app, link, "OPTIONS").status_code == 405
    answer = click(app, link)
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "Set-Cookie" not in answer.headers
    assert address_of(app).state is AddressState.CONFIRMED
    for method in ("GET", "POST"):  # once
        assert click(app, link, method).status_code == 404
    told(app, karin, clock)
    assert [mail["Subject"] for mail in box.mails[1:]] == ["You have something to read"]


def test_a_mail_says_that_there_is_something_and_nothing_else(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    with parts(app).units.writing() as unit:
        url = "https://moodle.example/mod/lti/return.php?course=4&launch_container=3&instanceid=9&sesskey=geheim7Q2X"
        unit.session.execute(sa.update(Launch).values(return_url=url))
    confirmed(app, karin, box)
    told(app, karin, clock)
    [mail] = box.mails
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (plain, html):
        assert "https://moodle.example/course/view.php?id=4" in body
        for word in (CANARY, "7Q2X", "Karin", "sesskey", "ledarsteg", "handledning", "<img", "http://", "style"):
            assert word not in body.replace(BASE, "")
    assert not [name for name in mail if CANARY in str(mail[name])]
    stop = word_in(mail)
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == (f"<{stop}>", "List-Unsubscribe=One-Click")
    [row] = rows(app, MailKind.READING)
    assert mail["Message-ID"] == f"<{row.id}@127.0.0.1>"
    assert (row.state, row.tries, row.reason) == (MailState.SENT, 1, "")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"


def test_mail_programs_end_it_with_one_post_and_people_with_a_button(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    told(app, karin, clock)
    stop = word_in(box.mails.pop())
    tell(app, karin.member)
    for method in ("GET", "HEAD"):
        assert click(app, stop, method).status_code == 200
    assert address_of(app).state is AddressState.CONFIRMED
    assert click(app, stop + "x").status_code == 404
    assert click(app, stop.replace("/stop/", "/confirm/")).status_code == 404
    for _ in range(2):  # again changes nothing
        assert click(app, stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "No more mails come" in click(app, stop, "GET").text
    row = address_of(app)
    assert (row.state, row.reading) == (AddressState.STOPPED, False)
    clock.advance(timedelta(days=2))
    work(app)
    assert box.mails == []
    assert rows(app, MailKind.READING)[-1].state is MailState.DROPPED
    stay_on(app)
    assert "You have said no" in karin.get("/mail").text
    # She may want them again without confirming anew, and stop again by the old link.
    assert karin.post("/mail/choose", {"reading": "1"}).status_code == 303
    assert address_of(app).state is AddressState.CONFIRMED
    assert click(app, stop).status_code == 200
    with parts(app).units.reading() as unit:
        trail = unit.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.action.like("mail.%")))
        assert sorted(trail) == ["mail.choose", "mail.confirm", "mail.give", "mail.stop", "mail.stop"]


def test_who_stops_before_confirming_has_to_confirm_still(app: Flask, karin: Browser) -> None:
    karin.post("/mail", {"address": KARIN})
    with app.app_context(), parts(app).units.reading():
        stop = addresses.of(karin.person).stop_word
    assert click(app, f"{BASE}/t/stop/{stop}").status_code == 200
    karin.post("/mail/choose", {"reading": "1"})
    assert address_of(app).state is AddressState.PENDING
    assert [mail.state for mail in rows(app)] == ["dropped"]
    karin.post("/mail/choose", {})
    assert address_of(app).state is AddressState.PENDING


def test_much_to_read_is_one_mail_a_day_and_none_at_night(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    for _ in range(3):
        tell(app, karin.member)
    clock.advance(notices.SOON)
    work(app)
    work(app)
    assert len(box.mails) == 1
    tell(app, karin.member)
    clock.put(NOON.replace(hour=22))
    work(app)
    assert len(box.mails) == 1
    assert rows(app, MailKind.READING)[-1].due_at == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # eight in Stockholm
    clock.put(datetime(2026, 11, 25, 7, 1, tzinfo=UTC))
    work(app)
    assert len(box.mails) == 2


@given(
    st.timedeltas(timedelta(), timedelta(days=365)).map(lambda later: NOON + later),
    st.sampled_from(["Europe/Stockholm", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu"]),
    st.none() | st.timedeltas(timedelta(), timedelta(days=3)),
)
def test_any_mail_goes_by_day_and_on_another_day_than_the_last(now: datetime, name: str, ago: timedelta | None) -> None:
    zone, last = ZoneInfo(name), None if ago is None else now - ago
    at = times.not_before(now, zone, last)
    assert at >= now
    assert times.MORNING <= at.astimezone(zone).hour < times.EVENING
    if last is not None:
        assert at.astimezone(zone).date() > last.astimezone(zone).date()
    assert at - now < timedelta(days=2)


def test_what_is_not_an_address_is_told_and_kept_in_the_form(app: Flask, karin: Browser) -> None:
    answer = karin.post("/mail", {"address": "karin(at)kommun.example"})
    assert answer.status_code == 422
    assert "This does not look like an e-mail address" in answer.text
    assert 'value="karin(at)kommun.example"' in answer.text
    assert address_of(app) is None
    assert karin.post("/mail/choose", {"reading": "1"}).status_code == 404
    assert karin.post("/mail/remove").status_code == 303


def test_nobodys_mailbox_is_filled_with_questions(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock, world: World
) -> None:
    for number in range(3):
        assert karin.post("/mail", {"address": f"x{number}@kommun.example"}).status_code == 303
        work(app)
    answer = karin.post("/mail", {"address": "x4@kommun.example"})
    assert (answer.status_code, len(box.mails)) == (422, 3)
    assert "Try again tomorrow" in answer.text
    # Removing the address does not make the count forget.
    karin.post("/mail/remove")
    assert karin.post("/mail", {"address": "x4@kommun.example"}).status_code == 422
    clock.advance(timedelta(days=1, minutes=1))
    stay_on(app)
    assert karin.post("/mail", {"address": "x4@kommun.example"}).status_code == 303


def test_another_address_has_to_be_confirmed_and_ends_the_earlier_ones_links(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    assert karin.post("/mail", {"address": KARIN}).headers["Location"].endswith("done=kept")
    told(app, karin, clock)
    stop = word_in(box.mails.pop())
    karin.post("/mail", {"address": "karin@bücher.example"})
    assert click(app, stop).status_code == 404
    work(app)
    link = word_in(box.mails[-1])
    assert box.to[-1] == "karin@xn--bcher-kva.example"
    clock.advance(addresses.CONFIRM_WITHIN)
    assert click(app, link).status_code == 404
    clock.advance(timedelta(days=8))
    with app.app_context():
        assert notices.forget(parts(app).units) == 1
    assert address_of(app) is None


def test_a_mailbox_that_does_not_exist_is_shown_to_her_and_written_to_no_more(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    box.receiver = "550 5.1.1 no such user karin"
    told(app, karin, clock)
    assert (rows(app)[-1].state, rows(app)[-1].reason) == (MailState.FAILED, "receiver_550")
    assert address_of(app).state is AddressState.BROKEN
    assert "do not arrive" in karin.get("/mail").text
    box.receiver = ""
    told(app, karin, clock)
    assert len(box.mails) == 0
    assert karin.post("/mail", {"address": KARIN}).status_code == 303  # the same again, asked anew
    work(app)
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("receiver", "data", "state"),
    [
        ("550 5.7.1 relaying denied", "", MailState.FAILED), ("", "554 looks like spam", MailState.FAILED),
        ("451 later", "", MailState.WAITING), ("", "452 full", MailState.WAITING),
    ],
)  # fmt: skip
def test_any_other_no_leaves_the_address_as_it_is(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock, receiver: str, data: str, state: MailState
) -> None:
    confirmed(app, karin, box)
    box.receiver, box.data = receiver, data
    told(app, karin, clock)
    row = rows(app)[-1]
    assert (row.state, row.tries) == (state, 1)
    assert address_of(app).state is AddressState.CONFIRMED
    if state is MailState.WAITING:
        assert timedelta(minutes=4) < row.due_at - parts(app).units.clock.now() <= sending.BACKOFF[0]
        for _ in sending.BACKOFF:
            clock.advance(timedelta(days=1))
            work(app)
        assert (rows(app)[-1].state, rows(app)[-1].tries) == (MailState.FAILED, 6)


def test_a_server_that_is_away_delays_and_fails_nothing(
    make_app: Callable[..., Flask], app: Flask, serve: Any, karin: Browser, clock: OffsetClock, tmp_path: Path,
    database_url: str,
) -> None:  # fmt: skip
    port = free_port()
    away = make_app(settings=mailing(tmp_path, database_url, port))
    karin.post("/mail", {"address": KARIN})
    work(away)
    with parts(app).units.reading() as unit:
        server = unit.session.get_one(MailServer, 1)
    assert (server.failures, server.reason) == (1, "connection")
    clock.advance(timedelta(seconds=30))
    with away.app_context():
        assert notices.decide_due(parts(away).units) is False  # left alone
    clock.advance(timedelta(minutes=1))
    work(away)
    box, _port = serve(port)
    clock.advance(timedelta(minutes=6))
    work(away)
    assert len(box.mails) == 1
    assert rows(app)[0].state is MailState.SENT
    with parts(app).units.reading() as unit:
        assert unit.session.get_one(MailServer, 1).failures == 0


def test_a_slow_server_is_cut_off(settings: Any, silent: int) -> None:
    slow = settings.model_copy(update={"smtp_port": silent, "smtp_host": "127.0.0.1"})
    began = time.monotonic()
    with pytest.raises(smtp.ServerAway), smtp.line(slow, answer=0.5, total=0.6):
        pass
    assert time.monotonic() - began < 5


def test_a_worker_that_died_between_claim_and_word_sends_it_once_more(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    tell(app, karin.member)
    clock.advance(notices.SOON)
    with app.app_context(), parts(app).units.writing():
        first = sending.claim(rows(app, MailKind.READING)[0].id)
        assert first is not None
        assert sending.claim(first.id) is None  # nobody else has it meanwhile
    work(app)
    assert box.mails == []
    clock.advance(sending.CLAIMED)
    work(app)
    work(app)
    [mail] = box.mails
    assert mail["Message-ID"] == f"<{first.id}@127.0.0.1>"


def test_encrypted_with_a_login_that_no_log_knows(
    settings: Any, serve: Any, certificates: Certificates, app: Flask, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    box, port = serve(tls=True)
    good = mailing(
        settings.data_dir, settings.database_url, port, smtp_security="starttls", smtp_user="stegvis",
        smtp_password=PASSWORD, smtp_authorities=certificates.file,
    )  # fmt: skip
    with app.app_context():
        mail = message.trial(KARIN, good, NOON)
    with smtp.line(good) as line:
        line.send(mail, KARIN)
    assert (box.to, box.logins) == ([KARIN], [(b"stegvis", PASSWORD.encode())])
    wrong = {
        "login_535": {"smtp_password": type(good.smtp_password)("fel")},
        "certificate": {"smtp_authorities": None},
        "connection": {"smtp_security": "tls"},
    }
    for word, change in wrong.items():
        with pytest.raises(smtp.ServerAway, match=f"^{word}$"), smtp.line(good.model_copy(update=change)):
            pass
    said = capfd.readouterr()
    assert PASSWORD not in caplog.text + said.out + said.err


def test_a_server_without_encryption_gets_nothing(settings: Any, post: Any) -> None:
    asked = settings.model_copy(update={"smtp_security": "starttls"})
    with pytest.raises(smtp.ServerAway, match=r"^no_encryption$"), smtp.line(asked):
        pass


def test_the_weekly_number_goes_to_coaches_who_asked_on_monday_morning(
    make_app: Callable[..., Flask], box: Postbox, clock: OffsetClock
) -> None:
    @hook
    def cohort_report(members: Sequence[Member], audience: Role) -> CohortReport:
        assert audience is Role.COACH
        assert not current().writing  # nobody waits for it to write
        needing = [member for member in members if member.person.name != "Clara"]
        return CohortReport(attention=[Attention(member.id, CANARY) for member in needing * 2])

    app = make_app(plugins={"stranger": stranger(cohort_report=cohort_report)})
    world = World(app)
    held = world.course("Chefer", plugins={"stranger": {}})
    other = world.course("Elsewhere", plugins={"stranger": {}}, beside=held)
    amira = world.enter(held, Role.COACH, "Amira Haddad")
    for name in ("Karin", "Bo", "Clara"):
        world.member(held, Role.MANAGER, name)
    world.member(
        other, Role.MANAGER, "Amira Haddad", person=amira.person
    )  # where she is no coach she is told of nobody
    confirmed(app, amira, box)
    monday = datetime(2026, 11, 30, 7, 5, tzinfo=UTC)
    clock.put(monday)
    amira = world.enter(held, member=amira.member)
    with app.app_context():
        assert notices.decide_digests(parts(app).units) == 0  # off until she asks
    assert amira.post("/mail/choose", {"reading": "1", "digest": "1"}).status_code == 303
    for hour in (6, 20):
        clock.put(monday.replace(hour=hour, minute=0))
        with app.app_context():
            assert notices.decide_digests(parts(app).units) == 0
    clock.put(monday)
    with app.app_context():
        assert [notices.decide_digests(parts(app).units) for _ in range(2)] == [1, 1]  # asked twice, decided once
    work(app)
    [sent] = rows(app, MailKind.DIGEST)
    assert (sent.state, sent.reason) == (MailState.SENT, "")
    [mail] = box.mails
    assert "2 of your managers need you this week." in mail.get_body(("plain",)).get_content()
    assert not re.search(
        "Karin|Bo|Amira|Chefer|Kanarie", mail.get_body(("plain",)).get_content() + str(mail["Subject"])
    )
    with parts(app).units.reading() as unit:
        assert "cohort.digest" in unit.session.scalars(sa.select(AuditEvent.action)).all()


def test_who_has_left_or_was_erased_gets_nothing_and_nothing_is_kept(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    confirmed(app, karin, box)
    tell(app, karin.member)
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(Member).values(active=False))
    clock.advance(notices.SOON)
    work(app)
    assert (box.mails, rows(app, MailKind.READING)[0].reason) == ([], "left")
    with app.app_context(), parts(app).units.writing() as unit:
        person = unit.session.merge(karin.person)
        with force_locale("en"):
            kept = {str(kind.title): kind.rows for kind in erasure.kept(parts(app).host, person)[0].kinds}
        assert kept["The e-mail address she gave for being told that there is something to read"] == 1
        erasure.erase(parts(app).host, person, Actor())
    assert (rows(app), address_of(app)) == ([], None)


def test_the_address_is_nowhere_in_plain(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.contract.test_canary import bytes_of

    confirmed(app, karin, box, "kanariefagel7q2x@kommun.example")
    told(app, karin, clock)
    stop = word_in(box.mails[0]).rsplit("/", 1)[1]
    kept = bytes_of(app, parts(app).settings)
    for word in ("kanariefagel7q2x", stop):
        assert word.encode() not in kept
        assert word not in capsys.readouterr().out


def test_without_a_server_nobody_is_asked(make_app: Any, settings: Any, karin: Browser, app: Flask) -> None:
    off = make_app(settings=settings.model_copy(update={"smtp_host": "", "smtp_from": ""}))
    client = Browser(off, off.test_client(), karin.launch_id, karin.secret, karin.person, karin.member)
    client.client.set_cookie("__Host-stegvis", karin.secret.hex(), domain="127.0.0.1", secure=True, httponly=True)
    assert "No mail is sent" in client.get("/mail").text
    assert ">Mail<" not in client.get("/zone").text
    assert ">Mail<" in karin.get("/zone").text
    assert client.post("/mail", {"address": KARIN}).status_code == 404
    tell(off, karin.member)
    assert rows(app) == []
    karin.post("/mail", {"address": KARIN})  # waits from when there was one: no job is decided for it again and again
    work(off)
    with parts(app).units.reading() as unit:
        assert unit.session.scalars(sa.select(Job)).all() == []


def test_a_long_queue_is_sent_in_several_conversations(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "ROUND_SECONDS", -1)
    held = world.course(plugins={})
    for number in range(3):
        world.enter(held, name=str(number)).post("/mail", {"address": f"x{number}@kommun.example"})
    for number in range(1, 4):
        work(app)
        assert len(box.mails) == number
    work(app)
    assert len(set(box.to)) == len(box.to) == 3


def test_a_mail_that_something_is_wrong_with_does_not_come_back_for_ever(
    app: Flask, box: Postbox, karin: Browser, clock: OffsetClock
) -> None:
    karin.post("/mail", {"address": KARIN})
    with parts(app).units.writing() as unit:
        unit.session.execute(sa.update(Mail).values(tries=sending.MOST_TRIES))
    work(app)
    assert (rows(app)[0].state, rows(app)[0].reason, box.mails) == (MailState.FAILED, "tries", [])


@pytest.mark.parametrize("broken", ["service.mail.sending._letter", "service.mail.message.compose"])
def test_a_mail_that_cannot_be_made_lets_the_others_go(
    app: Flask, box: Postbox, world: World, clock: OffsetClock, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    held = world.course(plugins={})
    for number in range(3):
        world.enter(held, name=str(number)).post("/mail", {"address": f"x{number}@kommun.example"})
        clock.advance(timedelta(seconds=1))
    module, name = broken.rsplit(".", 1)
    real, asked = getattr(sys.modules[module], name), []

    def once(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 1:
            raise ZeroDivisionError
        return real(*given)

    monkeypatch.setattr(broken, once)
    work(app)
    assert box.to == ["x1@kommun.example", "x2@kommun.example"]
    [left] = [mail for mail in rows(app) if mail.state is MailState.WAITING]
    assert left.reason == "not_made"
    clock.advance(sending.CLAIMED)
    work(app)
    assert box.to[2:] == ["x0@kommun.example"]


def test_a_worker_that_lost_its_job_sends_nothing(app: Flask, box: Postbox, karin: Browser) -> None:
    karin.post("/mail", {"address": KARIN})
    lost = outbox.Held(uuid.uuid4(), notices.KIND, uuid.uuid4(), uuid.uuid4(), 30)
    with app.app_context(), pytest.raises(outbox.LeaseLost):
        sending.send(lost)
    assert ([(mail.state, mail.tries) for mail in rows(app)], box.mails) == ([(MailState.WAITING, 0)], [])


# --- what may stand in a mail's head ----------------------------------------------------------------------------------


@pytest.mark.once
@examples(max_examples=150, deadline=None)
@given(st.one_of(
    st.text(max_size=80),
    st.from_regex(r"[a-z.+']{1,8}@[a-z.-]{1,10}(\r|\n|\r\n|,|;|\0|\x0b)?(bcc: ?[a-z@.]{0,9})?", fullmatch=True),
    st.emails(),
))  # fmt: skip
def test_whatever_is_typed_names_one_receiver_or_is_refused(text: str) -> None:
    try:
        found = addresses.clean(text)
    except Invalid:
        return
    assert found.isascii()
    assert not re.search(r"[\s,;:<>\"()\\\[\]\x00-\x20]", found)
    mail = EmailMessage(policy=message.UNFOLDED)
    mail["To"] = found
    assert [str(one) for one in mail["To"].addresses] == [found]
    assert mail.as_bytes().count(b"\r\n") == 2


@pytest.mark.once
@pytest.mark.parametrize(
    ("home", "found"),
    [
        ("https://m.example/moodle/mod/lti/return.php?course=12&sesskey=x", "https://m.example/moodle/course/view.php?id=12"),
        ("https://m.example/mod/lti/return.php?course=1%26x", ""),
        ("https://c.example/courses/7/external_content/success/external_tool_redirect", "https://c.example/courses/7"),
        ("https://c.example/elsewhere?course=1", ""), ("javascript:alert(1)//mod/lti/return.php?course=1", ""),
        ("https://a@c.example/mod/lti/return.php?course=1", ""), ("https://[bad/mod/lti/return.php?course=1", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_courses_address_gives_nothing_of_the_visit_away(home: str, found: str) -> None:
    assert course.address(home) == found


# --- what plugins let it say ------------------------------------------------------------------------------------------


def test_a_coachs_comment_tells_the_manager_once_and_not_what_it_says(
    app: Flask, box: Postbox, clock: OffsetClock, world: World
) -> None:
    held = world.course("Chefer", plugins={"ledarsteg": {}})
    karin, amira = world.enter(held, Role.MANAGER), world.enter(held, Role.COACH, "Amira Haddad")
    habit = make(world, karin.member, shared=True)
    confirmed(app, karin, box)
    confirmed(app, amira, box, "amira@kommun.example")
    said = f"/ledarsteg/manager/{karin.member.id}/{habit.id}/comment"
    for _ in range(2):
        assert amira.post(said, {"text": CANARY, "form_id": str(uuid.uuid4())}).status_code == 303
    karin.post(f"/ledarsteg/{habit.id}/comments", {"text": CANARY, "form_id": str(uuid.uuid4())})
    clock.advance(notices.SOON)
    work(app)
    assert (len(box.mails), box.to[-1]) == (1, KARIN)
    assert CANARY not in str(box.mails[0])


def test_a_coachs_shared_note_and_what_she_suggests_tell_the_manager(app: Flask, world: World) -> None:
    two = pair(world)
    with app.app_context(), two.writing() as unit:
        for member in (two.manager_member, two.coach_member):
            row = addresses.give(member.person, f"{member.id.hex}@kommun.example", "sv", Actor())
            row.state = AddressState.CONFIRMED
        unit.session.execute(sa.delete(Mail))
        unit.session.flush()
        for access, shared in ((two.as_manager(), True), (two.as_coach(), False)):  # neither is for the manager to read
            write_note(access, uuid.uuid4(), NoteDraft(CANARY, shared))
    assert rows(app) == []
    for suggests in (False, True):
        with app.app_context(), two.writing() as unit:
            unit.session.execute(sa.delete(Mail))
            if suggests:
                suggest(two.as_coach(), uuid.uuid4(), SuggestionKind.GOAL, CANARY)
            else:
                write_note(two.as_coach(), uuid.uuid4(), NoteDraft(CANARY, shared=True))
        [mail] = rows(app)
        assert (mail.person_id, mail.cohort_id) == (two.manager_member.person_id, two.course.cohort.id)


@pytest.mark.parametrize("has_left", [False, True])
def test_a_coach_whose_notes_are_asked_for_is_told_once_and_led_to_where_she_can_look_at_them(
    app: Flask, world: World, box: Postbox, clock: OffsetClock, has_left: bool
) -> None:
    held = world.course(plugins={"handledning": {}})
    two = pair(world, held)
    beside = world.course("Rektorer", plugins={"handledning": {}}, beside=held)
    there = world.member(beside, Role.COACH, person=two.coach_member.person)
    visits = [world.enter(beside, member=there).launch_id, world.enter(held, member=two.coach_member).launch_id]
    with app.app_context(), two.writing() as unit:
        write_note(two.as_coach(), uuid.uuid4(), NoteDraft(CANARY, shared=False))
        row = addresses.give(two.coach_member.person, "amira@kommun.example", "sv", Actor())
        row.state = AddressState.CONFIRMED
        unit.session.execute(sa.delete(Mail))
        for number, launch_id in enumerate(visits):
            back = f"https://moodle.example/mod/lti/return.php?course={number}"
            unit.session.execute(sa.update(Launch).where(Launch.id == launch_id).values(return_url=back))
        if has_left:
            unit.session.get_one(Member, two.coach_member.id).active = False
    for _ in range(2):
        with app.app_context(), two.writing():
            handledning_data.left_out(two.manager_member.person, asked=True)
    clock.advance(notices.SOON)
    work(app)
    [mail] = box.mails
    told = mail.get_body(("plain",)).get_content()
    assert (box.to, mail["Subject"]) == (["amira@kommun.example"], "Du har något att läsa")
    assert f"course/view.php?id={0 if has_left else 1}\n" in told.replace("\r", "")
    assert CANARY not in str(mail)
    with app.app_context(), two.writing():
        handledning_data.left_out(two.manager_member.person, asked=True)
    clock.advance(timedelta(days=2))
    work(app)
    assert len(box.mails) == 1


# --- the operator's commands ------------------------------------------------------------------------------------------


def told_to(settings: Any, *words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(cli.mail, words, obj=lambda: settings)
    return answer.exit_code, answer.output


def test_an_operator_tries_the_server_out(settings: Any, box: Postbox, app: Flask, karin: Browser) -> None:
    assert told_to(settings, "test", KARIN) == (0, "localhost has taken the mail\n")
    assert (box.to, box.mails[0]["Subject"]) == ([KARIN], "You have something to read")
    assert told_to(settings, "test", "karin") == (1, "Error: that is not an address that Stegvis would take\n")
    box.receiver = "550 5.1.1 karin@kommun.example is unknown"
    assert told_to(settings, "test", KARIN) == (1, "Error: the server did not take the mail: receiver_550\n")
    away = settings.model_copy(update={"smtp_port": free_port()})
    assert told_to(away, "test", KARIN)[1] == "Error: the server localhost cannot be used: connection\n"
    assert "no mail is sent" in told_to(settings.model_copy(update={"smtp_host": ""}), "test", KARIN)[1]
    karin.post("/mail", {"address": KARIN})
    work(app)
    code, said = told_to(settings, "status")
    assert (code, said) == (0, "confirm\tfailed\t1\treceiver_550\nserver\tas usual\n")
    assert "kommun" not in said
