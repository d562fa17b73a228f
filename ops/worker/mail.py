"""The carrier of mail: notices to proved addresses, at least once, each with its delivery's id."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from html import escape
from time import perf_counter
from uuid import UUID

import aiosmtplib

from api.wording.catalogues import DEFAULT_LANGUAGE, LANGUAGES, sentence
from api.wording.messages import instant_text, language_of
from api.wording.notice_words import stopping
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import ANSWER_CHARACTERS_MAX, Result
from domain.delivery.retrying import AttemptOutcome
from domain.members.consents import Channel
from domain.notices import contacting, suppressing
from domain.notices.channels import Withheld
from domain.notices.contacting import Contact
from domain.notices.unsubscribing import PATH, Subscription, Unsubscribing
from domain.programmes.programmes import Programme
from ops.mailing import MailServer, Tls
from ops.worker import codes, wording
from ops.worker.carriers import Never, Post
from ops.worker.wording import Words

SECONDS = 30.0
"""Longest duration of an attempt in seconds, less than the lease of a lane."""

MAILBOX_RETRY = timedelta(hours=1)
"""Time before the next attempt for a mailbox that is full, or asks for a retry."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Hands mail in at a server, by a connection for each."""

    server: MailServer
    unsubscribing: Unsubscribing
    key: bytes = field(repr=False)
    at_most_once: bool = False

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never:
        if event.of_no_member:
            return await self._to_contact(programme, event, delivery)
        letter = await codes.letter(programme, event, delivery, Channel.EMAIL, self.key, now)
        if letter is None or isinstance(letter, Withheld):
            return Never(letter)
        said = await wording.words(programme, letter, Channel.EMAIL)
        made = message(self.server, letter.address, said, delivery.id)
        if made is None:
            return Never(Withheld.NO_ADDRESS)
        if (purpose := letter.notice.kind.purpose) is not None:
            subscription = Subscription(programme.id, lane.member_id, purpose, Channel.EMAIL)
            path = f"{PATH}{self.unsubscribing.token(subscription)}"
            made = unsubscribable(made, f"{self.server.public_url}{path}", letter.locale)
        made["Content-Language"] = letter.locale
        post = partial(self._post, programme, letter.address, made)
        return codes.sent_once(event, letter, post)

    async def _to_contact(
        self, programme: Programme, event: NumberedEvent, delivery: Delivery
    ) -> Post | Never:
        """Mail to the contact of an endpoint, in both languages."""
        contact = await contacting.contact_of(programme, event)
        if contact is None:
            return Never()
        made = message(self.server, contact.address, endpoint_off(programme, contact), delivery.id)
        if made is None:
            return Never(Withheld.NO_ADDRESS)
        return partial(self._post, programme, contact.address, made)

    async def _post(
        self, programme: Programme, address: str, made: EmailMessage, now: datetime
    ) -> Result:
        began = perf_counter()
        made["Date"] = format_datetime(now)
        answer = await self._hand_in(made)
        if answer.no_mailbox:
            await suppressing.suppress(programme, Channel.EMAIL, address, now)
        # servers write addresses in letters of their own
        said = re.sub(re.escape(address), "(the address)", answer.said, flags=re.IGNORECASE)
        shown = said[:ANSWER_CHARACTERS_MAX]
        return Result(
            at=now,
            milliseconds=round((perf_counter() - began) * 1000),
            outcome=answer.outcome,
            status=answer.status,
            error=None if answer.status else shown,
            answer=shown if answer.status else None,
            retry_after=answer.retry_after,
        )

    async def _hand_in(self, message: EmailMessage) -> "_Answer":
        """Submit one message; every failure is an answer."""
        server = self.server
        try:
            async with asyncio.timeout(SECONDS):
                _, said = await aiosmtplib.send(
                    message,
                    hostname=server.host,
                    port=server.port,
                    username=server.username,
                    password=server.password,
                    use_tls=server.tls is Tls.FIRST,
                    start_tls={Tls.FIRST: False, Tls.UPGRADED: True}.get(server.tls),
                    timeout=SECONDS,
                )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            # one mailbox is at fault: others are not to wait for it
            [one, *_] = refused.recipients
            gone = one.code // 100 == 5
            later = None if gone else MAILBOX_RETRY
            return _Answer(AttemptOutcome.REFUSED, one.message, one.code, gone, later)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPAuthenticationError) as refused:
            # it is not this member's mail that the server does not take
            return _Answer(AttemptOutcome.FAILED, refused.message, refused.code)
        except aiosmtplib.SMTPResponseException as refused:
            return _refused(refused.code, refused.message)
        except (aiosmtplib.SMTPNotSupported, ValueError) as error:
            # the server does not take what this address or text needs
            return _Answer(AttemptOutcome.REFUSED, f"{type(error).__name__}: cannot be sent")
        except (aiosmtplib.SMTPException, OSError) as error:
            return _Answer(AttemptOutcome.FAILED, f"{type(error).__name__}: no answer")
        return _Answer(AttemptOutcome.ACCEPTED, said, 250)

    async def close(self) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """A server's answer, with its code if there is one."""

    outcome: AttemptOutcome
    said: str
    status: int | None = None
    no_mailbox: bool = False
    retry_after: timedelta | None = None


def _refused(code: int, said: str) -> _Answer:
    """A mail that is not taken now, by 4yz, or never will be, by 5yz."""
    return _Answer(
        AttemptOutcome.REFUSED if code // 100 == 5 else AttemptOutcome.FAILED, said, code
    )


def unsubscribable(made: EmailMessage, address: str, locale: str) -> EmailMessage:
    """The mail with where to stop more of them, for clients (RFC 8058) and for people."""
    language = language_of(locale) or DEFAULT_LANGUAGE
    last = stopping(address, language)
    plain = made.get_body(("plain",))
    if plain is not None:
        plain.set_content(f"{plain.get_content()}\n{last}\n")
    html = made.get_body(("html",))
    if html is not None:
        html.set_content(f"{html.get_content()}<p>{escape(last)}</p>\n", subtype="html")
    made["List-Unsubscribe"] = f"<{address}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return made


def message(
    server: MailServer, address: str, said: Words, delivery_id: UUID
) -> EmailMessage | None:
    """One mail, whose id is the delivery's: sent twice it is the same. None if the stored address
    is no valid address of mail.
    """
    made = EmailMessage()
    try:
        made["From"] = server.sender
        made["To"] = Address(addr_spec=address)
        made["Subject"] = said.title
        made["Message-ID"] = f"<{delivery_id}@{server.domain}>"
    except (ValueError, IndexError, MessageError):
        return None
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(f"{said.body}\n")
    if said.own is not None:
        made.add_alternative(f"{said.own}\n", subtype="html")
    return made


def endpoint_off(programme: Programme, contact: Contact) -> Words:
    """The mail that an endpoint is off, in both languages, as the reader's is unknown."""
    policy = programme.versions[-1].policy
    titles, bodies = [], []
    for language in LANGUAGES:
        facts = {
            "host": contact.host,
            "programme": policy.name.in_locale(language),
            "since": instant_text(contact.since.astimezone(policy.zone), language),
        }
        titles.append(sentence("mail.endpoint_off.title", language, **facts))
        bodies.append(sentence("mail.endpoint_off.body", language, **facts))
    return Words(" / ".join(titles), "\n\n".join(bodies))
