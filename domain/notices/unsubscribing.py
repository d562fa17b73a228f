"""Unsubscribing: an address by which whoever has a mail stops more of them, without signing in.

Its token names the member and the channel and is signed, so that nobody stops another's; it never
ends, because a mail may be read years later.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.kernel.callers import Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.members import consents
from domain.members.consents import Channel, ConsentSent, Purpose
from domain.members.identity import MemberKey
from domain.members.refusals import MemberSuspended
from domain.programmes import programmes

PATH = "/u/"

_PLACES = tuple(
    (purpose, channel) for purpose in (Purpose.ACCOUNT, Purpose.MARKETING) for channel in Channel
)
"""What a token may be about, by its number: it only grows at its end."""

_MAC_BYTES = 16
_TOKEN_BYTES = 33 + _MAC_BYTES


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a member gets: mail of a purpose, say."""

    programme_id: UUID
    member_id: UUID
    purpose: Purpose
    channel: Channel


@dataclass(frozen=True, slots=True)
class Unsubscribing:
    """Makes and reads tokens, under a key of its own that is made of this one."""

    key: bytes

    def token(self, subscription: Subscription) -> str:
        place = _PLACES.index((subscription.purpose, subscription.channel))
        said = subscription.programme_id.bytes + subscription.member_id.bytes + bytes([place])
        return urlsafe_b64encode(said + self._mac(said)).decode().rstrip("=")

    def read(self, token: str) -> Subscription | None:
        """What a token is about; None for one that was not made here."""
        try:
            found = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        said, mac = found[:-_MAC_BYTES], found[-_MAC_BYTES:]
        if len(found) != _TOKEN_BYTES or not hmac.compare_digest(mac, self._mac(said)):
            return None
        purpose, channel = _PLACES[said[32]]
        return Subscription(UUID(bytes=said[:16]), UUID(bytes=said[16:32]), purpose, channel)

    def _mac(self, said: bytes) -> bytes:
        own = hmac.new(self.key, b"unsubscribing", hashlib.sha256).digest()
        return hmac.new(own, said, hashlib.sha256).digest()[:_MAC_BYTES]


async def stop(subscription: Subscription, now: datetime) -> None:
    """Record that the member refuses it, at a real instant; whoever was erased gets nothing more.

    Raises: ConcurrentRequest.
    """
    programme = await programmes.get(await programmes.code_of(subscription.programme_id))
    member_id = subscription.member_id
    caller = Caller(
        CallerKind.MEMBER, programme.id, programme.code, str(member_id), member_id=member_id
    )
    # each is a request of its own: a no that repeats a no adds nothing
    request = Request(caller, f"unsubscribe:{new_id()}", programme.now(now))
    sent = ConsentSent(subscription.purpose, granted=False, channel=subscription.channel)
    try:
        await consents.record(request, programme, MemberKey.of_id(member_id), sent)
    except MemberSuspended:
        return
