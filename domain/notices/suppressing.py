"""Suppression: addresses to which nothing is sent any more, because it would not arrive or is not
wanted.

They are stored as digests under the secret key, so that the rows identify nobody. One is suppressed
by a hard bounce, a complaint, or a third soft bounce in seven days, until staff lift it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from uuid import UUID

import orjson

from domain.accounts import accounts
from domain.kernel import secrecy
from domain.kernel.database import row, rows, transact, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import check_identifier
from domain.members import consents, contacts, statuses
from domain.members.consents import Channel, ConsentSent, Purpose
from domain.members.contacts import ContactKind
from domain.members.statuses import GONE
from domain.programmes.programmes import Programme

SOFT_MAX = 3
SOFT_WITHIN = timedelta(days=7)
"""This many soft bounces within this time suppress an address."""

PUSH_CHARACTERS_MAX = 254


class BounceKind(StrEnum):
    HARD = "HARD"
    SOFT = "SOFT"
    COMPLAINT = "COMPLAINT"


CONTACTS = {Channel.EMAIL: ContactKind.EMAIL, Channel.SMS: ContactKind.PHONE}


def digests(programme_id: UUID, channel: Channel, address: str) -> list[str]:
    """Digests of an address, the newest key first; nobody can find the address by trying."""
    # a provider's name of a device is case-sensitive
    known = (address,) if channel is Channel.PUSH else contacts.keys(address)
    said = [f"{programme_id}:{channel.value}:{one}" for one in known]
    return [digest.hex() for one in said for digest in secrecy.digests("suppression", one)]


def soft_bounces(before: Sequence[datetime], now: datetime) -> list[datetime]:
    """The soft bounces that count, including a new one now."""
    return [*(at for at in before if at > now - SOFT_WITHIN), now]


async def suppressed(programme_id: UUID, addresses: Mapping[Channel, str]) -> frozenset[Channel]:
    """The channels whose address here is suppressed; one statement for all."""
    return frozenset(
        channel for channel, _ in await _suppressed(programme_id, list(addresses.items()))
    )


async def among(programme_id: UUID, channel: Channel, addresses: Sequence[str]) -> frozenset[str]:
    """Those of these addresses of a channel that are suppressed."""
    of_channel = [(channel, address) for address in addresses]
    return frozenset(address for _, address in await _suppressed(programme_id, of_channel))


async def _suppressed(
    programme_id: UUID, addresses: Sequence[tuple[Channel, str]]
) -> list[tuple[Channel, str]]:
    """One query, and none without addresses."""
    if not addresses:
        return []
    named = [(said, one) for one in addresses for said in digests(programme_id, *one)]
    found = await rows(
        "SELECT digest FROM suppression WHERE programme_id = $1 AND digest = ANY($2::text[]) "
        "AND kind IS NOT NULL",
        programme_id,
        [said for said, _ in named],
    )
    there = {one["digest"] for one in found}
    return [one for said, one in named if said in there]


async def bounced(
    programme_id: UUID, channel: Channel, address: str, kind: BounceKind, now: datetime
) -> bool:
    """Record a bounce, in the current transaction, at an instant of the programme's clock; returns
    whether the address is suppressed from now on.
    """
    key = await _key(programme_id, channel, address)
    await rows(
        "INSERT INTO suppression (programme_id, channel, digest, soft, changed_at) "
        "VALUES ($1, $2, $3, '[]', $4) ON CONFLICT DO NOTHING",
        *key,
        now,
    )
    found = await row(
        "SELECT kind, soft FROM suppression WHERE programme_id = $1 AND channel = $2 "
        "AND digest = $3 FOR UPDATE",
        *key,
    )
    if found is None or found["kind"] is not None:
        # lifted between the two statements, or suppressed before
        return found is not None
    before = [datetime.fromisoformat(at) for at in orjson.loads(found["soft"])]
    soft = soft_bounces(before, now) if kind is BounceKind.SOFT else before
    ends = kind is not BounceKind.SOFT or len(soft) >= SOFT_MAX
    await update(
        "UPDATE suppression SET kind = $4, soft = $5, changed_at = $6 "
        "WHERE programme_id = $1 AND channel = $2 AND digest = $3",
        *key,
        kind.value if ends else None,
        orjson.dumps(soft).decode(),
        now,
    )
    return ends


async def _key(programme_id: UUID, channel: Channel, address: str) -> tuple[UUID, str, str]:
    """The key of an address's row: by the previous secret key, if it has a row from then."""
    newest, *older = digests(programme_id, channel, address)
    found = older and await row(
        "SELECT digest FROM suppression WHERE programme_id = $1 AND channel = $2 "
        "AND digest = ANY($3::text[])",
        programme_id,
        channel.value,
        older,
    )
    return programme_id, channel.value, found["digest"] if found else newest


async def suppress(programme: Programme, channel: Channel, address: str, now: datetime) -> None:
    """Note a hard bounce of a message sent by us, at a real instant, in a transaction.

    Raises: ConcurrentRequest.
    """
    at = programme.now(now)
    await transact(partial(bounced, programme.id, channel, address, BounceKind.HARD, at))


def check(channel: Channel, address: str) -> str:
    """An address in its stored form. Raises: InvalidInput."""
    if channel is Channel.PUSH:
        check_identifier(address, ("address",), PUSH_CHARACTERS_MAX)
        return address
    return contacts.check(CONTACTS[channel], address, ("address",))


async def report(
    request: Request, programme: Programme, channel: Channel, address: str, kind: BounceKind
) -> Outcome:
    """Record another system's report about an address: a complaint also withdraws the recipient's
    consent to news and marketing by that channel. Figures: `suppressed`.

    Raises: InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    known = check(channel, address)

    async def work() -> Figures:
        if kind is BounceKind.COMPLAINT and channel in CONTACTS:
            for member_id in await contacts.members_of(programme.id, known):
                await _refuse(request, programme, member_id, channel)
        ends = await bounced(programme.id, channel, known, kind, request.now)
        return {"suppressed": ends}

    return await once(request, "reportBounce", [channel, known, kind], work)


async def _refuse(
    request: Request, programme: Programme, member_id: UUID, channel: Channel
) -> None:
    async with accounts.opened(programme, member_id, request.now) as account:
        if await statuses.of(member_id) not in GONE:
            sent = [
                ConsentSent(purpose, granted=False, channel=channel)
                for purpose in (Purpose.ACCOUNT, Purpose.MARKETING)
            ]
            await consents.add(account, sent, request.caller.actor)


async def lift(request: Request, programme: Programme, channel: Channel, address: str) -> Outcome:
    """End the suppression of an address, and forget its bounces. Figures: `suppressed`.

    Raises: InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    known = check(channel, address)

    async def work() -> Figures:
        await update(
            "DELETE FROM suppression WHERE programme_id = $1 AND channel = $2 "
            "AND digest = ANY($3::text[])",
            programme.id,
            channel.value,
            digests(programme.id, channel, known),
        )
        return {"suppressed": False}

    return await once(request, "liftSuppression", [channel, known], work)
