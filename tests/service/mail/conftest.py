"""A real SMTP server on loopback that keeps what it takes, and people who gave an address."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from service.jobs import work as jobs
from service.jobs.models import Job
from service.mail import notices
from service.settings import Settings
from tests.conftest import settings_for
from tests.support import OffsetClock, parts

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
PASSWORD = "hemligtlosenord7"


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Postbox:
    """What the server answers, and what it took."""

    receiver: str = ""
    data: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if self.receiver:
            return self.receiver
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        if self.data:
            return self.data
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.to += envelope.rcpt_tos
        return "250 OK"

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@dataclass
class Certificates:
    """A certificate for localhost that signs itself, and the server's side of it."""

    file: Path
    server: ssl.SSLContext


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Certificates(folder / "cert.pem", context)


@pytest.fixture
def serve(certificates: Certificates) -> Iterator[Callable[..., tuple[Postbox, int]]]:
    """Starts servers; plain ones, or encrypted ones that ask for a login."""
    started: list[Controller] = []

    def start(port: int = 0, **options: Any) -> tuple[Postbox, int]:
        box, port = Postbox(), port or free_port()
        if options.pop("tls", False):
            options |= {
                "tls_context": certificates.server, "require_starttls": True, "auth_required": True,
                "authenticator": box.login, "auth_exclude_mechanism": ["LOGIN"],
            }  # fmt: skip
        controller = Controller(box, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return box, port

    yield start
    for controller in started:
        controller.stop(no_assert=True)


@pytest.fixture
def silent() -> Iterator[int]:
    """A server that never greets: it sends a byte now and then, so that no single wait is long."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        over = threading.Event()

        def drip() -> None:
            while not over.is_set():
                try:
                    taken, _address = listening.accept()
                except OSError:
                    return
                with closing(taken):
                    taken.settimeout(1)
                    try:
                        while not over.wait(0.05):
                            taken.sendall(b"2")
                    except OSError:
                        continue

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.fixture
def post(serve: Callable[..., tuple[Postbox, int]]) -> tuple[Postbox, int]:
    """A server without encryption, on loopback."""
    return serve()


@pytest.fixture
def box(post: tuple[Postbox, int]) -> Postbox:
    return post[0]


def mailing(folder: Path, database_url: str, port: int, **changes: Any) -> Settings:
    return settings_for(
        folder, database_url=database_url,
        **{"smtp_host": "localhost", "smtp_port": port, "smtp_security": "none", "smtp_from": "stegvis@skola.example", **changes},
    )  # fmt: skip


@pytest.fixture
def settings(database_url: str, tmp_path: Path, post: tuple[Postbox, int]) -> Settings:
    """Settings with a mail server."""
    return mailing(tmp_path, database_url, post[1])


@pytest.fixture
def clock(clock: OffsetClock) -> OffsetClock:
    """A Tuesday at noon in Stockholm."""
    clock.put(NOON)
    return clock


def work(app: Flask) -> None:
    """Does what a worker would: decides on the job when something is due, and does it."""
    with app.app_context():
        if not notices.decide_due(parts(app).units):
            return
        with parts(app).units.reading() as unit:
            [job_id] = unit.session.scalars(sa.select(Job.id).where(Job.kind == notices.KIND, Job.state == "queued"))
    jobs.perform(app, job_id)


def word_in(mail: EmailMessage) -> str:
    """The last address of ours in a mail's plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return next(part for part in reversed(body.get_content().split()) if "/t/" in part)
