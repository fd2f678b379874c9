"""The one client for mail: encrypted, certificates checked, with time limits. Nothing of what it says is logged."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from service.settings import Settings

# Seconds that one answer may take, and a whole conversation.
ANSWER_SECONDS = 15.0
TOTAL_SECONDS = 120.0
_PERMANENT = range(500, 600)
_ABOUT_THE_BOX = frozenset({550, 551, 553})
_READY = 220


class ServerAway(Exception):
    """The server does not answer, or does not want us: nothing can be sent now. The message is a short word."""


class Refused(Exception):
    """The server did not take one mail. The message is a short word; `for_good` when trying again would not help.

    `no_such_box` when it was the receiver that it did not take.
    """

    def __init__(self, word: str, *, for_good: bool, no_such_box: bool = False) -> None:
        super().__init__(word)
        self.for_good = for_good
        self.no_such_box = no_such_box


class Line:
    """An open conversation with the server."""

    def __init__(self, client: smtplib.SMTP, sender: str) -> None:
        self._client, self._sender = client, sender

    def send(self, mail: EmailMessage, to: str) -> None:
        """Hands one mail over: when this returns, the server has taken it. Raises Refused or ServerAway."""
        try:
            self._client.send_message(mail, self._sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            code, why = error.recipients[to]
            raise Refused(
                f"receiver_{code}", for_good=code in _PERMANENT, no_such_box=_no_such_box(code, why)
            ) from None
        except smtplib.SMTPDataError as error:
            raise Refused(f"mail_{error.smtp_code}", for_good=error.smtp_code in _PERMANENT) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise ServerAway(_word(error)) from None


@contextmanager
def line(settings: Settings, *, answer: float = ANSWER_SECONDS, total: float = TOTAL_SECONDS) -> Iterator[Line]:
    """A conversation with the settings' server, logged in and encrypted as they say. Raises ServerAway.

    After `total` seconds the connection is cut, however slowly the other side still talks.
    """
    host, port = settings.smtp_host, settings.smtp_port
    client: _Client | _EncryptedClient
    # Our own name is not looked up: a machine without one would wait for it.
    if settings.smtp_security == "tls":
        client = _EncryptedClient(local_hostname="localhost", timeout=answer, context=_trust(settings))
    else:
        client = _Client(local_hostname="localhost", timeout=answer)
    cut = threading.Timer(total, _cut, [client])
    cut.daemon = True
    cut.start()
    try:
        _begin(client, settings, host, port)
        yield Line(client, settings.smtp_from)
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
    finally:
        cut.cancel()
        client.close()


class _Client(smtplib.SMTP):
    """Connects when it is told to, and knows then whose certificate it wants to see."""

    def connect(self, host: str = "", port: int = 0, source_address: object = None) -> tuple[int, bytes]:
        """Connects; raises what smtplib raises."""
        self._host = host
        return super().connect(host, port, source_address)  # type: ignore[arg-type]  # as given, None


class _EncryptedClient(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def connect(self, host: str = "", port: int = 0, source_address: object = None) -> tuple[int, bytes]:
        """Connects; raises what smtplib raises."""
        self._host = host
        return super().connect(host, port, source_address)  # type: ignore[arg-type]  # as given, None


def _begin(client: smtplib.SMTP, settings: Settings, host: str, port: int) -> None:
    try:
        code, _greeting = client.connect(host, port)
        if code != _READY:
            raise ServerAway(f"server_{code}")
        if settings.smtp_security == "starttls":
            client.starttls(context=_trust(settings))
        if settings.smtp_user:
            client.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise ServerAway(_word(error)) from None


def _no_such_box(code: int, why: bytes) -> bool:
    """Whether a refusal is about the mailbox and not about us (RFC 3463: 5.1 is the address, 5.7 is policy)."""
    return why.startswith(b"5.1.") or (code in _ABOUT_THE_BOX and not why.startswith(b"5.7."))


def _trust(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(settings.smtp_authorities or DEFAULT_CA_BUNDLE_PATH))


def _cut(client: smtplib.SMTP) -> None:
    sock = client.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _word(error: Exception) -> str:
    """A short word for a failure: what the server answered may name people, so it is not passed on."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"login_{error.smtp_code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "no_encryption"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"server_{error.smtp_code}"
    return "connection"
