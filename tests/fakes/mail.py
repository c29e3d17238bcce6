"""A mail server on loopback that keeps what it takes, and refuses what a test has it refuse."""

import email
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from fairhand.people import mail
from fairhand.people.models import Mail, MailState
from fairhand.settings import _mail


class Keeper:
    """What the server does with a mail. `says` are answers to DATA before it takes any."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.says: list[str] = []
        self.receivers_refused: dict[str, str] = {}
        self.slow = Event()
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, to: str, _options: list[str]
    ) -> str:
        if to in self.receivers_refused:
            return self.receivers_refused[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.says:
            return self.says.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        found: Any = email.message_from_bytes(content, policy=default)
        self.taken.append(found)
        return "250 taken"


class _Anywhere(Controller):
    """A server on a port that is free, which it learns once it listens."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server(settings: Settings) -> Iterator[Keeper]:
    """Run a server, and have this installation send by it."""
    keeper = Keeper()
    controller = _Anywhere(keeper, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        keeper.port = controller.port
        use(settings, keeper.port)
        yield keeper
    finally:
        controller.stop()


def use(settings: Settings, port: int, **more: object) -> None:
    """Have this installation send by the server at a port of this machine."""
    settings.SENDS_MAIL = True
    found = _mail(f"smtp://127.0.0.1:{port}?tls=no&from=work@example.org")
    for name, value in {**found, **more}.items():
        setattr(settings, name, value)


def deliver() -> int:
    """Do what the job of each waiting mail does; how many were taken."""
    waiting = Mail.objects.filter(state=MailState.WAITING).order_by("pk")
    return sum(mail.send(pk) for pk in waiting.values_list("pk", flat=True))


def words_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
