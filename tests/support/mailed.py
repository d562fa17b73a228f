"""A real SMTP server, which answers as a test chooses and keeps all mails."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from ops.mailing import MailServer, Tls


@dataclass
class Mailbox:
    """Accepts mail for every address unless `answer` refuses the address."""

    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    answer: Callable[[str], str] = lambda _: "250 OK"

    @property
    def server(self) -> MailServer:
        sender, public = "Club <club@ota.example>", "https://api.ota.example"
        return MailServer("127.0.0.1", self.port, None, None, Tls.OFFERED, sender, public)

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        said = self.answer(address)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        made = message_from_bytes(content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.got.append(made)
        return "250 queued"


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    made, loop = Mailbox(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(made, hostname="mail.example", loop=loop), "127.0.0.1", 0
    )
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
