"""Unsubscribing: a link by which the recipient of a mail stops further ones, without signing in.

Its token names the member and the channel and is signed, so that nobody can unsubscribe another; it
never expires, because a mail may be read years later.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.kernel import tokens
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
"""Subjects of a token, by number: new ones are added only at the end."""

_SAID_BYTES = 33


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription of a member: for example, mail of a purpose."""

    programme_id: UUID
    member_id: UUID
    purpose: Purpose
    channel: Channel


@dataclass(frozen=True, slots=True)
class Unsubscribing:
    """Makes and reads tokens, under its own key, derived from this one."""

    key: bytes

    def token(self, subscription: Subscription) -> str:
        place = _PLACES.index((subscription.purpose, subscription.channel))
        said = subscription.programme_id.bytes + subscription.member_id.bytes + bytes([place])
        return tokens.sign(self._own, said)

    def read(self, token: str) -> Subscription | None:
        """The subject of a token; None for one that was not made here."""
        said = tokens.read(self._own, token, _SAID_BYTES)
        if said is None:
            return None
        purpose, channel = _PLACES[said[32]]
        return Subscription(UUID(bytes=said[:16]), UUID(bytes=said[16:32]), purpose, channel)

    @property
    def _own(self) -> bytes:
        return tokens.own_key(self.key, "unsubscribing")


async def stop(subscription: Subscription, now: datetime) -> None:
    """Record the member's refusal, at a real instant; an erased member gets nothing more anyway.

    Raises: ConcurrentRequest.
    """
    programme = await programmes.get(await programmes.code_of(subscription.programme_id))
    member_id = subscription.member_id
    caller = Caller(
        CallerKind.MEMBER, programme.id, programme.code, str(member_id), member_id=member_id
    )
    # each is a separate request: a repeated refusal adds nothing
    request = Request(caller, f"unsubscribe:{new_id()}", programme.now(now))
    sent = ConsentSent(subscription.purpose, granted=False, channel=subscription.channel)
    try:
        await consents.record(request, programme, MemberKey.of_id(member_id), sent)
    except MemberSuspended:
        return
